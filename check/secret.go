package check

import (
	"regexp"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

var secretControls = []*Control{
	{
		ID: "SECRET-ENV-001", Title: "No secrets in environment variables or definitions", Severity: High, Moves: WithData, Articles: []string{"32(1)(a)", "32(1)(b)"},
		Doc:     "Matches the values of variables in memory: formats of keys, and literals under names that promise a secret. Values are never kept. References (ARN, path, resolve syntax) pass.",
		Why:     "Whoever may read the configuration reads the secret, and with it the data it opens.",
		Fix:     "Put the value into Secrets Manager or a SecureString parameter and pass its name.",
		Reads:   []Read{{"lambda:ListFunctions", "Functions[].Environment.Variables{}"}, {"apigateway:GetStages", "item[].variables{}"}},
		Classes: []graph.Class{graph.Function, graph.API, graph.ETLJob},
		Never:   everyNode,
		Node: func(in *Input, n *graph.Node) Result {
			return literals(in, n, graph.SecretVariables, "holds what looks like a secret: ")
		},
	},
	{
		ID: "SECRET-PII-001", Title: "No personal data in configuration", Severity: Low, Moves: Fixed, Articles: []string{"5(1)(c)", "32(1)(a)"},
		Doc:     "Matches values of variables, schedule inputs and rule inputs in memory for e-mail addresses, phone numbers, IBANs and card numbers with right check digits.",
		Why:     "Configuration is copied into templates, logs and bills; nobody erases it there (Art. 17).",
		Fix:     "Keep the value in a store and pass a reference.",
		Reads:   []Read{{"lambda:ListFunctions", "Functions[].Environment.Variables{}"}, {"events:ListTargetsByRule", "Targets[].Input"}, {"scheduler:GetSchedule", "Target.Input"}},
		Classes: []graph.Class{graph.Function, graph.EventRule, graph.ScheduleClass, graph.API, graph.ETLJob},
		Node: func(in *Input, n *graph.Node) Result {
			return literals(in, n, graph.PersonalVariables, "holds what looks like personal data: ")
		},
	},
	{
		ID: "SECRET-STORE-001", Title: "Credentials are held in a protected store", Severity: Medium, Moves: WithData, Articles: []string{"32(1)(a)", "32(1)(b)"},
		Doc:     "A plain parameter whose name promises a secret.",
		Why:     "A plain parameter is readable in clear by everybody who may read parameters at all.",
		Fix:     "Create it anew as SecureString, or move it to Secrets Manager.",
		Reads:   []Read{{"ssm:DescribeParameters", "Parameters[].Type"}},
		Classes: []graph.Class{graph.Parameter},
		Node: func(_ *Input, n *graph.Node) Result {
			t := graph.ParameterType.Get(&n.Facts)
			switch {
			case !t.Known:
				return missing(t.Fact)
			case t.V == "SecureString":
				return passes("encrypted with KMS", t.Fact)
			case namesSecret(n.Name):
				return fails("its name promises a secret and it is stored as "+t.V, t.Fact)
			}
			return doesNotApply("nothing says that it holds a secret", t.Fact)
		},
	},
}

// literals is the decision on values in configuration that were matched in memory.
// Nothing is matched for a schedule without an input: it has none if it was read.
func literals(in *Input, n *graph.Node, key graph.Key[[]string], saying string) Result {
	v := key.Get(&n.Facts)
	switch {
	case n.Class == graph.ScheduleClass && !v.Known && !askedInVain(&n.Facts, v.Name):
		if in.Refused == nil {
			return missing(v.Fact)
		}
		if why, refused := in.Refused(n.Account, n.Region, "scheduler:GetSchedule"); refused {
			return cannotTell(v.Name+" is not known: "+why, v.Fact)
		}
		return doesNotApply("it has no input")
	case !v.Known:
		return missing(v.Fact)
	case len(v.V) > 0:
		return fails(saying+strings.Join(v.V, ", "), v.Fact)
	}
	return passes("no value looks like one", v.Fact)
}

var (
	// wordBreaks split camelCase, so that a name can be read word by word.
	wordBreaks = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	// secretWord matches words that promise a secret, whole words only: a secretary and
	// a tokenizer are none.
	secretWord = regexp.MustCompile(`(?:^|[^a-z0-9])(?:pass(?:word|wd|phrase|code)s?|pwd|secrets?|tokens?|credentials?|creds|(?:api|private|access|auth|signing|encryption|master)[^a-z0-9]?keys?)(?:$|[^a-z0-9])`)
	// aboutWord matches the end of names whose value is about a secret.
	aboutWord = regexp.MustCompile(`[^a-z0-9](?:ttl|length|size|count|min|max|age|days|hours|minutes|seconds|expiry|expiration|expires|lifetime|timeout|policy|rotation|interval|arn|name|id|path|prefix|url|uri|endpoint|host|issuer|audience|algorithm|type|version|enabled|required)$`)
)

// namesSecret tells whether a name promises a secret.
func namesSecret(name string) bool {
	words := strings.ToLower(wordBreaks.ReplaceAllString(name, "${1}_${2}"))
	return secretWord.MatchString(words) && !aboutWord.MatchString(words)
}
