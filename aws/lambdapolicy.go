package aws

import (
	"encoding/json"
	"fmt"
)

// permissionConditions are the parameters of AddPermission that stand in a policy as
// conditions. Source: AWS Lambda API Reference, "AddPermission"; AWS Lambda Developer
// Guide, "Control access to Lambda function URLs".
var permissionConditions = []struct{ parameter, operator, key string }{
	{"FunctionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"},
	{"InvokedViaFunctionUrl", "Bool", "lambda:InvokedViaFunctionUrl"},
}

// conditionsInPlace moves parameters of AddPermission that an emulator keeps beside the
// Condition element into it. A document without them stays as it is, letter by letter.
func conditionsInPlace(doc string) string {
	var p map[string]any
	if json.Unmarshal([]byte(doc), &p) != nil {
		return doc
	}
	list, _ := p["Statement"].([]any)
	moved := false
	for _, x := range list {
		s, _ := x.(map[string]any)
		for _, c := range permissionConditions {
			v, there := s[c.parameter]
			if !there {
				continue
			}
			delete(s, c.parameter)
			within(within(s, "Condition"), c.operator)[c.key] = fmt.Sprint(v)
			moved = true
		}
	}
	if !moved {
		return doc
	}
	out, err := json.Marshal(p)
	if err != nil {
		return doc
	}
	return string(out)
}

// within is the object of a name inside another, made if it is not there.
func within(o map[string]any, name string) map[string]any {
	inner, ok := o[name].(map[string]any)
	if !ok {
		inner = map[string]any{}
		o[name] = inner
	}
	return inner
}
