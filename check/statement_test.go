package check

import (
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

const orderSchemas = `schemas:
  order: {fields: {email: user.contact.email, note: user.content.free_text}}
  event: {extends: order, drop: [note]}
resources:
  - {match: {name: orders}, schema: order}
  - {match: {name: dlq}, schema: event}
`

// events sets up the bus "orders", a rule and the queue "dlq" behind it.
func events(set ...func(*graph.Flow)) func(*scene) {
	return func(s *scene) {
		s.node("orders", graph.EventBus)
		s.node("rule", graph.EventRule)
		s.node("dlq", graph.Queue)
		s.flow(graph.Delivers, "orders", "rule")
		s.flow(graph.Delivers, "rule", "dlq", set...)
		s.label(orderSchemas)
	}
}

// sensitive gives a table a label and an activity with the conditions named.
func sensitive(l classify.Label, activities []string, special string) func(*scene) {
	return func(s *scene) {
		s.node("t", graph.Table)
		h := s.holds("t")
		h.Labels, h.Activities = []classify.Label{l}, activities
		s.Condition = func(string) (string, string) { return special, "" }
	}
}

var statementTrials = []trial{
	{"annotation.disputed", "nothing stands against it", "t", Pass, 0, "nothing contradicts", func(s *scene) { s.node("t", graph.Table); s.holds("t", "user.name") }},
	{"annotation.disputed", "none, and nothing stands against it", "t", Pass, 0, "no personal data", func(s *scene) { s.node("t", graph.Table); s.empty("t") }},
	{"annotation.disputed", "a scanner saw it", "t", Fail, Medium, "no user.contact.email; against it stands macie.json:1", func(s *scene) {
		s.node("t", graph.Table)
		h := s.holds("t")
		h.State, h.Labels = classify.Disputed, []classify.Label{{Category: "user.contact.email", State: classify.Disputed, Origin: "macie.json:1"}}
	}},
	{"annotation.disputed", "the review has expired", "t", Unknown, 0, "expired", func(s *scene) { s.node("t", graph.Table); s.holds("t").State = classify.Stale }},
	{"annotation.disputed", "nobody speaks of it", "t", NotApplicable, 0, "nobody", func(s *scene) { s.node("t", graph.Table) }},

	{"flow.carries_more_than_declared", "no transformer leaves the note out", "dlq", Fail, High, "user.content.free_text arrives and is not listed: orders > rule > dlq", events()},
	{"flow.carries_more_than_declared", "the transformer takes a constant", "dlq", Pass, 0, "only what is listed", events(on(graph.Transformed, []string{}))},
	{"flow.carries_more_than_declared", "a program may leave it out", "dlq", Unknown, 0, "may arrive", func(s *scene) {
		s.node("orders", graph.Table)
		s.node("f", graph.Function)
		s.node("topic", graph.Topic)
		s.node("dlq", graph.Queue)
		s.flow(graph.Reads, "f", "orders")
		s.flow(graph.Publishes, "f", "topic")
		s.flow(graph.Delivers, "topic", "dlq")
		s.label(orderSchemas)
	}},
	{"flow.carries_more_than_declared", "not every flow was read", "orders", Unknown, 0, "lambda:ListFunctions", func(s *scene) {
		events()(s)
		s.Lost = func(_, _, op string) string {
			if op == "lambda:*" {
				return "lambda:ListFunctions: denied"
			}
			return ""
		}
	}},
	{"flow.carries_more_than_declared", "nothing is listed", "q", NotApplicable, 0, "no annotation", func(s *scene) { s.node("q", graph.Queue) }},

	{"special_category.no_condition", "with a condition", "t", Pass, 0, "gives a condition", sensitive(classify.Label{Category: "user.health", State: classify.Declared}, []string{"care"}, "health_care")},
	{"special_category.no_condition", "without one", "t", Fail, High, "activity care gives no condition", sensitive(classify.Label{Category: "user.health", State: classify.Declared}, []string{"care"}, "")},
	{"special_category.no_condition", "free text may hold it", "t", Unknown, 0, "ask whether it does", sensitive(classify.Label{Category: "user.health", State: classify.Declared, MayContain: true}, []string{"care"}, "")},
	{"special_category.no_condition", "no activity names it", "t", Unknown, 0, "no activity", sensitive(classify.Label{Category: "user.health", State: classify.Declared}, nil, "")},
	{"special_category.no_condition", "no such data", "t", NotApplicable, 0, "no special category", func(s *scene) { s.node("t", graph.Table); s.holds("t", "user.name") }},
}
