package aws

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// System is what a snapshot says, as a graph, with the permissions beside it.
type System struct {
	Graph *graph.Model
	// Identities are the roles and users with their policies, by ARN.
	Identities map[string]*iam.Identity
	// World is what questions about who can reach what are asked of.
	World *iam.World
	// Accounts names every account the scan was in or the organisation lists.
	Accounts map[string]string
	// Refusals are the calls that gave no fact, sorted.
	Refusals []Refusal
	Ledger   []LedgerLine
}

// Refusal is a call that gave no fact.
type Refusal struct {
	Account, Region, Operation, Subject string
	Outcome                             Outcome
	Error                               string
	Action                              string // IAM action that would allow it
	Optional                            bool
}

// LedgerLine counts the calls of one operation in one account and region.
type LedgerLine struct {
	Account, Region, Service, Operation string
	Asked, Answered, Absent, Refused    int
}

// Builder turns a snapshot into a System. Services add nodes and flows under the
// names the API used; references are resolved when all nodes are there.
type Builder struct {
	sys       *System
	pending   []*pendingFlow
	keys      []keyUse
	later     []func()
	audits    []auditTrail
	index     index
	workloads []*workload
	dynamics  []dynamicTask
	listeners map[place][]*listener
	admitted  map[place][]admission
	// managedSecret is the secret a database manages for itself.
	managedSecret map[graph.ID]string
	// scanned are the accounts and Regions of the snapshot.
	scanned map[place]bool
	// memberOf is the cluster of an instance.
	memberOf map[graph.ID]graph.ID
	// conversions are the delivery streams that write by a table of the catalog.
	conversions []conversion
	// afterBus is what events go to from each bus, once it was asked for.
	afterBus map[graph.ID][]*graph.Node
	// sides is what policies, grants and lists say of each resource.
	sides map[graph.ID]*resourceSide
	// points are the access points of buckets.
	points pointLists
	// limits is what limits each scanned account, once it was asked for.
	limits map[string]*iam.AccountLimits
}

// auditTrail is what a trail records, to be joined with the stores.
type auditTrail struct {
	node     *graph.Node
	patterns []string
}

// Region gives a service the answers of one account and region.
type Region struct {
	*Builder
	Account   string
	Region    string
	Partition string
	Service   *Service
	answers   map[string][]*Answer // by operation, sorted by subject
}

// Build makes the graph of a snapshot. It does no I/O and gives the same graph for
// the same snapshot.
func Build(snap *Snapshot) *System { return BuildWith(snap, Services()) }

// BuildBy is Build by another table of AWS actions; nil is the built-in one.
func BuildBy(snap *Snapshot, actions *iam.ActionData) *System {
	return build(snap, Services(), actions)
}

// BuildWith is Build with a choice of services.
func BuildWith(snap *Snapshot, services []*Service) *System { return build(snap, services, nil) }

func build(snap *Snapshot, services []*Service, actions *iam.ActionData) *System {
	b := &Builder{
		sys:           &System{Graph: graph.NewModel(), Identities: map[string]*iam.Identity{}, Accounts: map[string]string{}, World: &iam.World{Actions: actions}},
		managedSecret: map[graph.ID]string{}, memberOf: map[graph.ID]graph.ID{}, scanned: map[place]bool{},
		listeners: map[place][]*listener{}, admitted: map[place][]admission{}, index: newIndex(), sides: map[graph.ID]*resourceSide{},
		points: pointLists{byBucket: map[string][]*bucketPoint{}, buckets: map[string]string{}, unread: map[place]string{}},
	}
	partition := map[string]string{}
	for _, c := range snap.Run.Callers {
		partition[c.Account] = partitionOf(c.ARN)
		b.sys.Accounts[c.Account] = "scanned"
	}
	byName := map[string]*Service{}
	for _, s := range services {
		byName[s.Name] = s
	}
	for _, sh := range snap.Shards {
		b.scanned[place{sh.Account, sh.Region}] = true
	}
	b.ledger(snap, byName)
	for _, s := range services {
		for i := range snap.Shards {
			sh := &snap.Shards[i]
			if sh.Service != s.Name || s.Build == nil {
				continue
			}
			r := &Region{Builder: b, Account: sh.Account, Region: sh.Region, Partition: partition[sh.Account], Service: s, answers: map[string][]*Answer{}}
			for j := range sh.Answers {
				a := &sh.Answers[j]
				r.answers[a.Operation] = append(r.answers[a.Operation], a)
			}
			b.addRegion(r)
			s.Build(r)
		}
	}
	b.finish()
	return b.sys
}

// ledger counts the calls and lists those that gave no fact.
func (b *Builder) ledger(snap *Snapshot, services map[string]*Service) {
	lines := map[LedgerLine]*LedgerLine{}
	for _, sh := range snap.Shards {
		for _, a := range sh.Answers {
			key := LedgerLine{Account: sh.Account, Region: sh.Region, Service: sh.Service, Operation: a.Operation}
			l, ok := lines[key]
			if !ok {
				l = &LedgerLine{Account: sh.Account, Region: sh.Region, Service: sh.Service, Operation: a.Operation}
				lines[key] = l
			}
			l.Asked++
			switch a.Outcome {
			case OutcomeValue:
				l.Answered++
				continue
			case OutcomeNotFound:
				l.Absent++
				continue
			}
			l.Refused++
			r := Refusal{Account: sh.Account, Region: sh.Region, Operation: a.Operation, Subject: a.Subject, Outcome: a.Outcome, Error: a.Error}
			if s := services[sh.Service]; s != nil {
				_, op, _ := strings.Cut(a.Operation, ":")
				if c, ok := s.call(op); ok {
					r.Action, r.Optional = c.Action, c.Optional
				}
			}
			b.sys.Refusals = append(b.sys.Refusals, r)
		}
	}
	for _, l := range lines {
		b.sys.Ledger = append(b.sys.Ledger, *l)
	}
	slices.SortFunc(b.sys.Ledger, func(a, c LedgerLine) int {
		return strings.Compare(a.Account+a.Region+a.Operation, c.Account+c.Region+c.Operation)
	})
	for _, c := range snap.Run.Callers {
		if c.Error != "" {
			b.sys.Refusals = append(b.sys.Refusals, Refusal{Account: c.Account, Operation: "sts:AssumeRole", Outcome: OutcomeDenied, Error: c.Error, Action: "sts:AssumeRole"})
		}
	}
}

// each returns the answers of an operation, sorted by subject.
func (r *Region) each(operation string) []*Answer { return r.answers[r.Service.Name+":"+operation] }

// answer returns the answer of an operation about a subject, or nil when it was not asked.
func (r *Region) answer(operation, subject string) *Answer {
	list := r.each(operation)
	i, ok := slices.BinarySearchFunc(list, subject, func(a *Answer, s string) int { return strings.Compare(a.Subject, s) })
	if !ok {
		return nil
	}
	return list[i]
}

// decode reads the fields of T out of an answer. Field names are the response's;
// what is not in T is not read.
func decode[T any](a *Answer) T {
	var v T
	if a != nil && len(a.Value) > 0 {
		// A snapshot's values are canonical JSON; a field of another type than T
		// expects stays at its zero, which every caller treats as "not said".
		_ = json.Unmarshal(a.Value, &v)
	}
	return v
}

// source names a field of this service's operation as the source of a fact.
func (r *Region) source(operation, field string) graph.Source {
	return graph.From(r.Service.Name+":"+operation, field)
}

// why says why a fact of an operation is missing.
func (r *Region) why(operation string, a *Answer) string {
	return a.Why(r.Service.Name + ":" + operation)
}

// arn makes an ARN in this account and region.
func (r *Region) arn(service, resource string) string {
	return ARN{r.Partition, service, r.Region, r.Account, resource}.String()
}

// node adds a node of this account and region.
func (r *Region) node(n graph.Node) *graph.Node {
	if n.Account == "" {
		n.Account = r.Account
	}
	if n.Region == "" {
		n.Region = r.Region
	}
	if n.Tags == nil {
		n.Tags = map[string]string{}
	}
	n.Aliases = append(n.Aliases, n.Name)
	p := r.sys.Graph.AddNode(n)
	return p
}

// fact sets a fact from a pointer of an answer: known when the service said it,
// unknown with the reason when the call failed or did not say.
func fact[T graph.Value](r *Region, n *graph.Facts, k graph.Key[T], v *T, operation string, a *Answer, field string) {
	if v == nil {
		k.Unknown(n, r.why(operation, a), r.source(operation, field))
		return
	}
	k.Set(n, *v, r.source(operation, field))
}

// setting sets a fact that has a default: when the call was answered and the field
// is absent, the documented default counts; when the call failed it is unknown.
func setting[T graph.Value](r *Region, n *graph.Facts, k graph.Key[T], v *T, byDefault T, operation string, a *Answer, field string) {
	switch {
	case v != nil:
		k.Set(n, *v, r.source(operation, field))
	case a.OK() || a.Absent():
		k.SetNote(n, byDefault, "default: the service reports no setting", r.source(operation, field))
	default:
		k.Unknown(n, r.why(operation, a), r.source(operation, field))
	}
}

// tags copies tags onto a node and reads what AWS itself writes there.
func tagNode(n *graph.Node, tags map[string]string) {
	if n.Tags == nil {
		n.Tags = map[string]string{}
	}
	maps.Copy(n.Tags, tags)
	if s := n.Tags["aws:cloudformation:stack-name"]; s != "" {
		n.Stack = s
	}
	if l := n.Tags["aws:cloudformation:logical-id"]; l != "" {
		n.Logical = l
	}
}

// keyValues turns a list of {Key, Value} pairs into a map.
type keyValue struct{ Key, Value string }

func keyValues(list []keyValue) map[string]string {
	out := map[string]string{}
	for _, t := range list {
		out[t.Key] = t.Value
	}
	return out
}

// afterNodes runs f when all services have added their nodes, in the order given.
func (b *Builder) afterNodes(f func()) { b.later = append(b.later, f) }

func (b *Builder) finish() {
	b.indexNodes()
	for _, f := range b.later {
		f()
	}
	b.infer()
	b.resolveKeys()
	b.resolveFlows()
	b.deadConditions()
	b.sys.Graph.Freeze()
	b.world()
}
