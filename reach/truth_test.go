package reach_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/aws"
	"github.com/flowdeed/flowdeed/aws/environments"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
)

// score compares two sets.
type score struct{ found, missing, invented []string }

func compare(want, have map[string]bool) (s score) {
	for k := range want {
		if have[k] {
			s.found = append(s.found, k)
		} else {
			s.missing = append(s.missing, k)
		}
	}
	for k := range have {
		if !want[k] {
			s.invented = append(s.invented, k)
		}
	}
	slices.Sort(s.missing)
	slices.Sort(s.invented)
	return s
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 1
	}
	return float64(a) / float64(b)
}

func (s score) recall() float64    { return ratio(len(s.found), len(s.found)+len(s.missing)) }
func (s score) precision() float64 { return ratio(len(s.found), len(s.found)+len(s.invented)) }

func (s score) log(t *testing.T, what string) {
	t.Helper()
	t.Logf("%s: found %d, missing %d, invented %d; precision %.3f, recall %.3f", what, len(s.found), len(s.missing), len(s.invented), s.precision(), s.recall())
	for _, x := range s.missing {
		t.Logf("  missing  %s", x)
	}
	for _, x := range s.invented {
		t.Logf("  invented %s", x)
	}
}

// world is one environment with the names its truth uses.
type world struct {
	t    *testing.T
	sys  *aws.System
	tr   truth
	ids  environments.IDs
	arn  map[string]string // truth id -> ARN of node or principal
	name map[string]string // and back
	f    *reach.Finder
}

func open(t *testing.T, name string) *world {
	t.Helper()
	sys, ids := scanned(t, name)
	w := &world{t: t, sys: sys, tr: readTruth(t, name), ids: ids, arn: map[string]string{}, name: map[string]string{}, f: reach.New(sys.World, sys.Graph)}
	for id := range ids {
		w.add(id, "", "")
	}
	for _, n := range w.tr.Nodes {
		w.add(n.ID, n.Type, n.Name)
	}
	return w
}

// add finds the node of a truth id by what the loader got back, or by type and name.
func (w *world) add(id, typ, name string) {
	values := map[string]bool{}
	for _, v := range w.ids[id] {
		values[v] = true
	}
	pick := func(fits func(*graph.Node) bool) bool {
		for _, n := range w.sys.Graph.Nodes() {
			if !n.External && (typ == "" || n.Type == typ) && fits(n) {
				w.arn[id], w.name[string(n.ID)] = string(n.ID), id
				return true
			}
		}
		return false
	}
	if pick(func(n *graph.Node) bool { return values[string(n.ID)] }) || typ == "" {
		return
	}
	pick(func(n *graph.Node) bool {
		return name != "" && n.Name == name || slices.ContainsFunc(n.Aliases, func(a string) bool { return values[a] })
	})
}

// listed are the kinds of access that the truth files list, by type of store. They say
// nothing of subscriptions, of writing secrets, or of deleting users.
var listed = map[graph.Class][]iam.Access{
	graph.Table: {iam.Read, iam.Write, iam.Delete, iam.Stream}, graph.Bucket: {iam.Read, iam.Write, iam.Delete, iam.List},
	graph.Secret: {iam.Read}, graph.Parameter: {iam.Read}, graph.Topic: {iam.Write}, graph.Queue: {iam.Read, iam.Write, iam.Delete},
	graph.Stream: {iam.Read, iam.Write}, graph.DeliveryStream: {iam.Write}, graph.EventBus: {iam.Write}, graph.UserPool: {iam.Read, iam.Write},
}

// wanted splits an entry of the access section: kind, under a condition, stopped by
// the key.
func wanted(entry string) (kind iam.Access, conditional, nokey bool) {
	entry, nokey = strings.CutSuffix(entry, "!nokey")
	entry, conditional = strings.CutSuffix(entry, "?")
	return iam.Access(entry), conditional, nokey
}

// TestAccess compares what each principal may do by its own permissions with the
// access section of every truth file.
func TestAccess(t *testing.T) {
	for _, name := range environments.Names {
		t.Run(name, func(t *testing.T) {
			w := open(t, name)
			if !slices.ContainsFunc(w.tr.Access, func(a accessEntry) bool { return len(a.Access) > 0 }) {
				t.Skip("the truth file lists no kinds of access")
			}
			s, undecided := w.access()
			s.log(t, name+" access")
			if len(undecided) > 0 {
				t.Errorf("undecided: %v", undecided)
			}
			if len(s.missing)+len(s.invented) > 0 {
				t.Errorf("%d missing, %d invented", len(s.missing), len(s.invented))
			}
		})
	}
}

func (w *world) access() (s score, undecided []string) {
	want, have := map[string]bool{}, map[string]bool{}
	for _, a := range w.tr.Access {
		for _, e := range a.Access {
			k, conditional, nokey := wanted(e)
			label := fmt.Sprintf("%s %s %s", a.Principal, k, a.Store)
			switch {
			case nokey:
				label += " !nokey"
			case conditional:
				label += " ?"
			}
			want[label] = true
		}
	}
	for _, r := range w.tr.Reach {
		for _, p := range r.Principals {
			for _, k := range p.Access {
				want[fmt.Sprintf("%s %s %s", p.Principal, k, r.Store)] = true
			}
		}
	}
	for _, n := range w.sys.Graph.Nodes() {
		kinds := listed[n.Class]
		if n.External || len(kinds) == 0 || w.name[string(n.ID)] == "" {
			continue
		}
		r := w.f.WhoCan(string(n.ID), kinds...)
		for _, a := range slices.Concat(r.Answers, r.Undecided, r.Denied) {
			h := w.f.Holder(a.Principal)
			if a.Via != reach.Direct || h == nil || h.Principal.Account != n.Account || !own(&a) && a.Decision.Reaches() {
				continue
			}
			for _, k := range a.Access {
				label := fmt.Sprintf("%s %s %s", w.label(a.Principal), k, w.name[string(n.ID)])
				switch {
				case a.Decision == iam.Unknown:
					undecided = append(undecided, label+": "+a.Why)
				case a.Decision == iam.Allowed:
					have[label] = true
				case a.Decision == iam.AllowedIf:
					have[label+" ?"] = true
				case (a.BlockedBy == iam.LayerKey || a.Decision == iam.ExplicitlyDenied) && want[label+" !nokey"]:
					have[label+" !nokey"] = true
				}
			}
		}
	}
	for _, x := range beyondTruth {
		if !want[x.label] && have[x.label] {
			w.t.Logf("  beyond the truth: %s: %s", x.label, x.why)
			delete(have, x.label)
		}
	}
	return compare(want, have), undecided
}

// beyondTruth is where the truth files are narrower than AWS, with the reason.
var beyondTruth = []struct{ label, why string }{
	{"unicorn-approvals-service/ContractStatusChangedHandlerFunctionRole delete unicorn-approvals-service/ContractStatusTable", batch},
	{"unicorn-contracts-service/ContractEventHandlerFunctionRole delete unicorn-contracts-service/ContractsTable", batch},
	{"streamproc/EventProcessorExecutionRole delete streamproc/EventDataTable", batch},
	{"fileproc/ApplyS3NotificationLambdaFunctionRole delete fileproc/ConversionQueue", purge},
	{"fileproc/ApplyS3NotificationLambdaFunctionRole delete fileproc/SentimentQueue", purge},
	{"shop/DataAdminRole write shop/OrderEvents ?", "the default policy of a topic admits principals of the account; the access section is about identity policies alone"},
}

const (
	batch = "dynamodb:BatchWriteItem deletes items as well (DynamoDB API Reference, \"BatchWriteItem\")"
	purge = "sqs:PurgeQueue deletes all messages (SQS API Reference, \"PurgeQueue\")"
)

func (w *world) label(arn string) string {
	if n := w.name[arn]; n != "" {
		return n
	}
	return arn
}

// own tells whether a principal's own policies allow: the access section is about them
// alone, and what resource policies give is in the sections on reach.
func own(a *reach.Answer) bool {
	return slices.ContainsFunc(a.Steps, func(s reach.Step) bool {
		return slices.ContainsFunc(s.Because, func(r iam.Reason) bool { return r.Layer == iam.LayerIdentity && r.Effect == iam.Allow })
	})
}
