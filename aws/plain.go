package aws

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/aws/smithy-go/middleware"
)

var (
	metadataType = reflect.TypeFor[middleware.Metadata]()
	timeType     = reflect.TypeFor[time.Time]()
)

// plain turns an answer of the SDK into maps, slices and scalars under the
// response's field names. What the service did not send (nil) is left out, so that
// "false" and "not said" stay apart.
func plain(v any) any { return plainValue(reflect.ValueOf(v)) }

func plainValue(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Invalid:
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return plainValue(v.Elem())
	case reflect.Struct:
		return plainStruct(v)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil // binary content is never configuration
		}
		fallthrough
	case reflect.Array:
		out := make([]any, 0, v.Len())
		for i := range v.Len() {
			out = append(out, plainValue(v.Index(i)))
		}
		return out
	case reflect.Map:
		out := map[string]any{}
		for it := v.MapRange(); it.Next(); {
			if x := plainValue(it.Value()); x != nil {
				out[fmt.Sprint(it.Key().Interface())] = x
			}
		}
		return out
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Float32, reflect.Float64:
		return v.Float()
	}
	return nil
}

func plainStruct(v reflect.Value) any {
	if v.Type() == timeType {
		return v.Interface().(time.Time).UTC().Format(time.RFC3339)
	}
	out := map[string]any{}
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() || f.Type == metadataType {
			continue
		}
		x := plainValue(v.Field(i))
		if s, ok := x.(string); ok && s == "" && f.Type.Kind() == reflect.String {
			continue // an enum the service did not send
		}
		if l, ok := x.([]any); ok && len(l) == 0 {
			continue
		}
		if m, ok := x.(map[string]any); ok && len(m) == 0 && f.Type.Kind() == reflect.Map {
			continue
		}
		if x != nil {
			out[f.Name] = x
		}
	}
	return out
}

// joinPages appends the lists of a further page to those of the pages before.
func joinPages(into, page map[string]any) {
	for k, v := range page {
		have, ok := into[k]
		switch {
		case !ok:
			into[k] = v
		default:
			a, okA := have.([]any)
			b, okB := v.([]any)
			if okA && okB {
				into[k] = append(a, b...)
			}
		}
	}
}

// canonical prints a plain tree as JSON with sorted keys and without escapes for
// the eye.
func canonical(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		// A plain tree holds maps, slices, strings, numbers and booleans only.
		panic("aws: plain tree cannot be printed: " + err.Error())
	}
	return b
}
