package reach

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/iam"
)

// arnOf makes something of a service that a rule can take over.
var arnOf = map[string]string{
	"lambda": "arn:aws:lambda:eu-west-1:111122223333:function:f", "ec2": "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "ecs": "arn:aws:ecs:eu-west-1:111122223333:service/c/s",
	"glue": "arn:aws:glue:eu-west-1:111122223333:job/j", "states": "arn:aws:states:eu-west-1:111122223333:stateMachine:m", "codebuild": "arn:aws:codebuild:eu-west-1:111122223333:project/p",
	"apprunner": "arn:aws:apprunner:eu-west-1:111122223333:service/s/1", "cloudformation": "arn:aws:cloudformation:eu-west-1:111122223333:stack/s/1",
	"glue devEndpoint/": "arn:aws:glue:eu-west-1:111122223333:devEndpoint/d", "sagemaker": "arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/n",
	"bedrock-agentcore": "arn:aws:bedrock-agentcore:eu-west-1:111122223333:code-interpreter-custom/c",
}

// actionsOf are all permissions a rule takes.
func actionsOf(r *Rule) []string {
	var out []string
	if r.pass != "" {
		out = append(out, "iam:PassRole")
	}
	for _, n := range r.needs {
		out = append(out, n.action)
	}
	return out
}

// stage sets up a target that reads the table, and somebody with the given actions.
func stage(t *testing.T, r *Rule, actions []string) *Finder {
	s := newSmall(t)
	s.asset(table, "")
	trust := trusts(`{"Service":"nobody.amazonaws.com"}`)
	if r.pass != "" {
		trust = trusts(`{"Service":"` + r.pass + `"}`)
	}
	read := allow(table, "dynamodb:GetItem")
	if r.user {
		s.user("target", read)
	} else {
		target := s.role("target", trust, read)
		if r.service != "" {
			service, _, _ := strings.Cut(r.service, " ")
			s.runs(cmp.Or(arnOf[r.service], arnOf[service]), target.Principal.ARN)
		}
	}
	s.user("ann", allow("*", actions...))
	return s.finder()
}

// TestEveryRule: whoever holds all permissions of a rule becomes the target by it, and
// whoever lacks one does not.
func TestEveryRule(t *testing.T) {
	for _, r := range slices.Concat(passRules, workloadRules, becomeRules) {
		t.Run(r.ID, func(t *testing.T) {
			if r.Source == "" {
				t.Error("the rule names no source")
			}
			all := actionsOf(r)
			got := stage(t, r, all).WhoCan(table, iam.Read)
			if !slices.ContainsFunc(got.Answers, func(a Answer) bool {
				return strings.HasSuffix(a.Principal, "/ann") && a.Via == Escalation && a.Steps[0].Rule == r.ID && a.Decision == iam.Allowed
			}) {
				t.Errorf("not found: %v", says(got.Answers))
			}
			for i := range all {
				less := slices.Delete(slices.Clone(all), i, i+1)
				if len(less) == 0 {
					less = []string{"s3:ListAllMyBuckets"}
				}
				for _, a := range stage(t, r, less).WhoCan(table, iam.Read).Answers {
					if strings.HasSuffix(a.Principal, "/ann") {
						t.Errorf("without %s still: %v", all[i], says([]Answer{a}))
					}
				}
			}
		})
	}
}

// TestPassRoleIsBound: iam:PassedToService holds a pass to its service.
func TestPassRoleIsBound(t *testing.T) {
	for service, want := range map[string]int{"lambda.amazonaws.com": 1, "ec2.amazonaws.com": 0} {
		s := newSmall(t)
		s.asset(table, "")
		s.role("target", trusts(`{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]}`), allow(table, "dynamodb:GetItem"))
		s.user("ann", `{"Effect":"Allow","Action":"iam:PassRole","Resource":"*","Condition":{"StringEquals":{"iam:PassedToService":"`+service+`"}}}`,
			allow("*", "lambda:CreateFunction", "lambda:InvokeFunction"))
		r := s.finder().WhoCan(table, iam.Read)
		found := 0
		for _, a := range r.Answers {
			if a.Via == Escalation {
				found++
			}
		}
		if found != want {
			t.Errorf("passed to %s: %d escalations, want %d: %v", service, found, want, says(r.Answers))
		}
	}
}

// TestEveryLift: whoever may write his own policies reaches what his boundary and an
// explicit deny leave.
func TestEveryLift(t *testing.T) {
	for _, r := range liftRules {
		t.Run(r.ID, func(t *testing.T) {
			for _, c := range []struct {
				name     string
				boundary string
				deny     string
				want     bool
			}{
				{"free", "", "", true},
				{"within the boundary", allow("*", "iam:*", "dynamodb:*"), "", true},
				{"outside the boundary", allow("*", "iam:*", "s3:*"), "", false},
				{"denied", "", `{"Effect":"Deny","Action":"dynamodb:*","Resource":"*"}`, false},
			} {
				s := newSmall(t)
				s.asset(table, "")
				statements := []string{allow("*", actionsOf(r)...)}
				if c.deny != "" {
					statements = append(statements, c.deny)
				}
				var h *iam.Holder
				if r.user || r.needs[0].object == onPolicies {
					h = s.user("ann", statements...)
				} else {
					h = s.role("ann", trusts(`{"Service":"x.amazonaws.com"}`), statements...)
				}
				h.Groups = []string{"arn:aws:iam::111122223333:group/own"}
				if r.needs[0].object == onPolicies {
					h.Policies[0] = h.Policies[0].Named("arn:aws:iam::111122223333:policy/own v1")
				}
				if c.boundary != "" {
					h.Boundaries = []*iam.Policy{s.policy("boundary", c.boundary)}
				}
				f := s.finder()
				got := f.WhoCan(table, iam.Read).Answers
				if proven := provesAll(t, f, table, AllKinds...)[r.ID] > 0; proven != c.want {
					t.Errorf("%s: proven %v, want %v", c.name, proven, c.want)
				}
				found := slices.ContainsFunc(got, func(a Answer) bool { return a.Via == Escalation && a.Steps[0].Rule == r.ID })
				if found != c.want {
					t.Errorf("%s: %v, want found=%v", c.name, says(got), c.want)
				}
			}
		})
	}
}

// TestEveryOpening: whoever holds the action gets at the data, where the key lets him.
func TestEveryOpening(t *testing.T) {
	stores := map[string]string{
		"s3": "arn:aws:s3:::b", "dynamodb": table, "sqs": "arn:aws:sqs:eu-west-1:111122223333:q", "sns": "arn:aws:sns:eu-west-1:111122223333:n",
		"kinesis": "arn:aws:kinesis:eu-west-1:111122223333:stream/s", "secretsmanager": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:s-abcdef",
		"events": "arn:aws:events:eu-west-1:111122223333:event-bus/b", "logs": "arn:aws:logs:eu-west-1:111122223333:log-group:g",
		"lambda": "arn:aws:lambda:eu-west-1:111122223333:function:f", "kms": key, "rds": "arn:aws:rds:eu-west-1:111122223333:db:d",
	}
	for i := range openings {
		o := &openings[i]
		t.Run(o.Action, func(t *testing.T) {
			for _, keyed := range []bool{false, true} {
				s := newSmall(t)
				policy := ""
				if o.service() == "kms" {
					policy = `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}`
				}
				store := stores[o.service()]
				if o.Kind == "snapshot:" {
					store = "arn:aws:rds:eu-west-1:111122223333:snapshot:s"
				}
				a := s.asset(store, policy)
				if keyed && o.service() != "kms" {
					a.Key = key
					s.asset(key, `{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}`)
				}
				actions := []string{o.Action}
				for _, n := range o.needs {
					actions = append(actions, n.action)
				}
				if o.Pass != "" {
					actions = append(actions, "iam:PassRole")
					s.role("copier", trusts(`{"Service":"`+o.Pass+`"}`), allow("*", "s3:GetObject", "kms:Decrypt"))
				}
				own := []string{allow("*", actions...)}
				if len(o.needs) > 0 && o.service() == "dynamodb" { // it may read the copy, and not the table
					own = []string{allow(table, o.Action), allow(table+"/backup/*", actions...), allow("arn:aws:dynamodb:eu-west-1:111122223333:table/copy", actions...)}
				}
				s.user("ann", own...)
				f := s.finder()
				r := f.WhoCan(a.ARN, o.Gives[0])
				if proven, want := provesAll(t, f, a.ARN, o.Gives[0])[o.Action] > 0, !keyed || !o.Key && !o.Plain && (!o.Lists || o.Gives[0] != iam.Read) || o.service() == "kms"; proven != want {
					t.Errorf("keyed %v: proven %v, want %v", keyed, proven, want)
				}
				found := slices.ContainsFunc(r.Answers, func(a Answer) bool {
					return strings.HasSuffix(a.Principal, "/ann") && a.Via == Escalation && a.Steps[0].Rule == o.Action
				})
				if want := !keyed || !o.Key && !o.Plain && (!o.Lists || o.Gives[0] != iam.Read) || o.service() == "kms"; found != want {
					t.Errorf("keyed %v: %v, want found=%v", keyed, says(r.Answers), want)
				}
			}
		})
	}
}
