package check

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// pseudonyms sets up orders -> pseudonymise -> lake, with a key and two roles.
func pseudonyms(protection string, more func(*scene)) func(*scene) {
	return func(s *scene) {
		s.node("orders", graph.Table)
		s.node("pseudonymise", graph.Function)
		s.node("lake", graph.Bucket)
		s.node("the-key", graph.EncryptionKey)
		s.node("analyst", graph.Principal)
		s.node("own-role", graph.Principal)
		s.flow(graph.Reads, "pseudonymise", "orders")
		s.flow(graph.Writes, "pseudonymise", "lake")
		s.flow(graph.Assumes, "pseudonymise", "own-role")
		s.Rights = rightsOf(map[graph.ID][]Right{"own-role": {{Store: "lake", Read: true}, {Store: "the-key", Read: true}}, "analyst": {{Store: "lake", Read: true}}})
		if more != nil {
			more(s)
		}
		s.label(`resources:
  - {id: orders, match: {name: orders}, data: [user.contact.email, user.payment]}
  - {id: lake, match: {name: lake}, owner: nobody}
  - {id: p, match: {name: pseudonymise}, protects: [` + protection + `]}
`)
	}
}

const (
	reviewed = `{state: pseudonymised, inputs: [user.contact], becomes: [user.unique_id.pseudonymous], method: HMAC, key_or_table_location: the-key, reviewer: privacy, expires: 2027-03-01}`
	lapsed   = `{state: pseudonymised, inputs: [user.contact], becomes: [user.unique_id.pseudonymous], method: HMAC, key_or_table_location: the-key, reviewer: privacy, expires: 2026-03-01}`
	elsewhat = `{state: pseudonymised, inputs: [user.contact], becomes: [user.unique_id.pseudonymous], method: HMAC, key_or_table_location: "arn:aws:kms:eu-west-1:999999999999:key/1", reviewer: privacy, expires: 2027-03-01}`
	redacted = `{state: redacted, inputs: [user.contact], fields: [email], reviewer: privacy, expires: 2027-03-01}`
)

// label carries what annotations say along the flows of the scene.
func (s *scene) label(text string) {
	s.m.Freeze()
	set, _ := annotations.LoadFS(fstest.MapFS{"a.yaml": {Data: []byte("version: 1\nroles_of_people:\n  privacy: {contact: a@b.example}\n  nobody: {contact: a@b.example}\n" + text)}}, "")
	s.Labels = classify.Propagate(s.m, set, s.Now)
}

func rightsOf(of map[graph.ID][]Right) func(graph.ID) ([]Right, bool) {
	return func(p graph.ID) ([]Right, bool) { return of[p], true }
}

func around(s *scene) {
	s.node("export", graph.Function)
	s.flow(graph.Reads, "export", "orders")
	s.flow(graph.Writes, "export", "lake")
}

func weakly(f *graph.Flow) { f.Evidence[0].Confidence = 0.5 }

var protectTrials = []trial{
	{"protection.bypassed", "every path is protected", "lake", Pass, 0, "every path of user.contact.email", pseudonyms(reviewed, nil)},
	{"protection.bypassed", "an export goes around", "lake", Fail, High, "orders > export > lake", pseudonyms(reviewed, around)},
	{"protection.bypassed", "a replica goes around", "lake", Fail, High, "user.contact.email arrives as it was", pseudonyms(reviewed, func(s *scene) { s.flow(graph.Exports, "orders", "lake") })},
	{"protection.bypassed", "health data goes around", "lake", Fail, Critical, "around pseudonymised at pseudonymise", func(s *scene) {
		pseudonyms(reviewed, around)(s)
		s.label(`resources:
  - {match: {name: orders}, data: [user.contact.email, user.health_and_medical]}
  - {match: {name: pseudonymise}, protects: [` + reviewed + `]}
`)
	}},
	{"protection.bypassed", "an outside party gets the original", "external:https://stats.example", Fail, High, "orders > export", pseudonyms(reviewed, func(s *scene) {
		around(s)
		s.outside("external:https://stats.example", graph.ExternalEndpoint, "", "")
		s.flow(graph.Invokes, "pseudonymise", "external:https://stats.example")
		s.flow(graph.Invokes, "export", "external:https://stats.example")
	})},
	{"protection.bypassed", "a flow hardly believed goes around", "lake", Unknown, 0, "may arrive around", pseudonyms(reviewed, func(s *scene) {
		s.node("export", graph.Function)
		s.flow(graph.Reads, "export", "orders", weakly)
		s.flow(graph.Writes, "export", "lake")
	})},
	{"protection.bypassed", "the review has expired", "lake", Unknown, 0, "its review expired on 2026-03-01", pseudonyms(lapsed, nil)},
	{"protection.bypassed", "not every flow was read", "lake", Unknown, 0, "lambda:ListFunctions", pseudonyms(reviewed, func(s *scene) {
		s.Lost = func(_, _, op string) string {
			if op == "lambda:*" {
				return "lambda:ListFunctions: denied"
			}
			return ""
		}
	})},
	{"protection.bypassed", "nothing it acts on comes to it", "lake", Unknown, 0, "no category", func(s *scene) {
		pseudonyms(reviewed, nil)(s)
		s.label("resources:\n  - {match: {name: pseudonymise}, protects: [" + reviewed + "]}\n")
	}},
	{"protection.bypassed", "nothing is behind it", "alone", NotApplicable, 0, "reaches no store", func(s *scene) {
		s.node("alone", graph.Function)
		s.label("resources:\n  - {match: {name: alone}, protects: [" + reviewed + "]}\n")
	}},

	{"protection.reidentification_path", "readers have no key", "lake", Pass, 0, "nobody who reads lake", pseudonyms(reviewed, nil)},
	{"protection.reidentification_path", "an analyst has both", "lake", Fail, High, "analyst can read lake and use the-key", pseudonyms(reviewed, func(s *scene) {
		s.Rights = rightsOf(map[graph.ID][]Right{"analyst": {{Store: "lake", Read: true}, {Store: "the-key", Read: true}}})
	})},
	{"protection.reidentification_path", "its own role is lent to another program", "lake", Fail, High, "own-role", pseudonyms(reviewed, func(s *scene) {
		s.node("other", graph.Function)
		s.flow(graph.Assumes, "other", "own-role")
	})},
	{"protection.reidentification_path", "a program shows it, whatever is known of rights", "lake", Fail, High, "report can read lake", pseudonyms(reviewed, func(s *scene) {
		s.Rights = nil
		s.node("report", graph.Function)
		s.flow(graph.Reads, "report", "lake")
		s.flow(graph.UsesSecret, "report", "the-key")
	})},
	{"protection.reidentification_path", "writing is no reading", "lake", Pass, 0, "", pseudonyms(reviewed, func(s *scene) {
		s.Rights = rightsOf(map[graph.ID][]Right{"own-role": {{Store: "the-key", Read: true}}, "analyst": {{Store: "lake", Write: true}, {Store: "the-key", Read: true}}})
	})},
	{"protection.reidentification_path", "under a condition", "lake", Unknown, 0, "under conditions", pseudonyms(reviewed, func(s *scene) {
		s.Rights = rightsOf(map[graph.ID][]Right{"analyst": {{Store: "lake", Read: true}, {Store: "the-key", Read: true, Conditional: true}}})
	})},
	{"protection.reidentification_path", "rights were not worked out", "lake", Unknown, 0, "was not worked out", pseudonyms(reviewed, func(s *scene) { s.Rights = nil })},
	{"protection.reidentification_path", "rights are known in part", "lake", Unknown, 0, "not known in full", pseudonyms(reviewed, func(s *scene) {
		s.Rights = func(graph.ID) ([]Right, bool) { return []Right{{Store: "lake", Read: true}}, false }
	})},
	{"protection.reidentification_path", "nothing is said of the key", "lake", Unknown, 0, "nobody is known who may use", pseudonyms(reviewed, func(s *scene) {
		s.Rights = rightsOf(map[graph.ID][]Right{"analyst": {{Store: "lake", Read: true}}})
	})},
	{"protection.reidentification_path", "the key is elsewhere", "lake", Unknown, 0, "is not in the map", pseudonyms(elsewhat, nil)},
	{"protection.reidentification_path", "a protection without a key", "pseudonymise", NotApplicable, 0, "", pseudonyms(redacted, nil)},
}

// TestTheWorstAnswerCounts: a store behind two protections gets one answer.
func TestTheWorstAnswerCounts(t *testing.T) {
	s := newScene()
	pseudonyms(reviewed+", "+lapsed, around)(s)
	c, _ := ByID("protection.bypassed")
	var got []string
	for _, f := range Run(s.Input, []*Control{c}) {
		got = append(got, f.Subject+" "+string(f.Status))
	}
	if !slices.Equal(got, []string{"lake fail"}) {
		t.Errorf("answers: %s", strings.Join(got, ", "))
	}
}
