package check

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// protectControls are about declared protections: pseudonymisation, masking,
// aggregation and the like. Their ids are those of the privacy model.
var protectControls = []*Control{
	{
		ID: "protection.bypassed", Title: "Nothing goes around a protection",
		Doc: "For every declared protection (pseudonymised, masked, aggregated, ...) and every store, channel and outside party behind it: does a category it changes or stops also arrive as it was, by a path on which no node protects it? " +
			"A target whose annotation states the category is a source itself and is not counted. A path of flows that are hardly believed makes the answer unknown, and so does a protection without reviewer, date or proof.",
		Why:      "Art. 4(5) and 25(1): data is pseudonymised or anonymous only where nobody gets the original by another way. One export that goes around the protecting function makes the promise of the whole data set untrue.",
		Severity: Medium, Moves: WithData, Articles: []string{"4(5)", "25", "32(1)(a)"},
		Fix:   "Stop the flow that goes around, lead it through the protecting node, or declare the category at the target if it is meant to be there.",
		Reads: []Read{{"annotations", "resources[].protects[]"}, {"lambda:ListEventSourceMappings", "EventSourceMappings[].EventSourceArn"}, {"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}},

		System: func(in *Input) []SystemResult { return eachTarget(in, bypassed) },
	},
	{
		ID: "protection.reidentification_path", Title: "Nobody reads both protected data and what undoes the protection",
		Doc: "For every protection with a key or mapping table, and every store behind it: may a role, user or program read the store and also use the key, the secret or the table? Read from permissions and from flows. " +
			"A role that only the protecting node runs under has the original anyway and is left out. Rights that hang on conditions make the answer unknown.",
		Why:      "Art. 4(5): data is pseudonymised only if what attributes it to a person is kept separately. Whoever reaches both can undo it, alone and unseen.",
		Severity: Medium, Moves: WithData, Articles: []string{"4(5)", "25", "32(1)(a)"},
		Fix:   "Take one of the two rights away: deny the key or table to readers of the protected store, or move it to an account of its own.",
		Reads: []Read{{"annotations", "resources[].protects[].key_or_table_location"}, {"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}, {"kms:GetKeyPolicy", "Policy"}},

		System: func(in *Input) []SystemResult {
			keys := newKeyHolders(in)
			return eachTarget(in, keys.judge)
		},
	},
}

// eachTarget asks about every target of every protection and keeps the worst answer for
// a target that several protections are meant for. judge tells whether it was asked.
func eachTarget(in *Input, judge func(*Input, *classify.Shield, *classify.Shielded) (Result, bool)) []SystemResult {
	worst := map[graph.ID]Result{}
	note := func(id graph.ID, r Result) {
		if old, ok := worst[id]; !ok || gravity(r) > gravity(old) {
			worst[id] = r
		}
	}
	for _, s := range in.Labels.Shields() {
		asked := false
		for i := range s.Targets {
			if r, ok := judge(in, &s, &s.Targets[i]); ok {
				asked = true
				note(s.Targets[i].Node, r)
			}
		}
		if !asked {
			note(s.Node, doesNotApply("its protection \""+s.State+"\" reaches no store or party it could be judged at"))
		}
	}
	var out []SystemResult
	for id, r := range worst {
		out = append(out, SystemResult{Subject: string(id), Result: r})
	}
	slices.SortFunc(out, func(a, b SystemResult) int { return cmp.Compare(a.Subject, b.Subject) })
	return out
}

func gravity(r Result) int {
	return slices.Index([]Status{NotApplicable, Pass, Unknown, Fail}, r.Status)
}

func bypassed(in *Input, s *classify.Shield, t *classify.Shielded) (Result, bool) {
	by := fmt.Sprintf("%s at %s", s.State, name(in, s.Node))
	if s.Doubt != "" {
		return cannotTell("nobody can rely on the protection " + by + ": " + s.Doubt), true
	}
	if len(s.Acts) == 0 {
		return cannotTell("no category that " + by + " acts on is known to come to it"), true
	}
	var sure, weak []classify.Label
	for _, l := range t.Bypass {
		if l.State == classify.Weak || l.MayContain {
			weak = append(weak, l)
		} else {
			sure = append(sure, l)
		}
	}
	switch {
	case len(sure) > 0:
		r := fails(fmt.Sprintf("%s arrives as it was, around %s: %s", categoryList(sure), by, wayThrough(in, sure[0].Path)))
		r.Path = sure[0].Path
		return r, true
	case len(weak) > 0:
		r := cannotTell(fmt.Sprintf("%s may arrive around %s: %s", categoryList(weak), by, wayThrough(in, weak[0].Path)))
		r.Path = weak[0].Path
		return r, true
	}
	if lost := in.lost("", "", pathServices); lost != "" {
		return cannotTell("no way around " + by + " was seen, but not every flow is known: " + lost), true
	}
	return passes(fmt.Sprintf("every path of %s leads through %s", strings.Join(s.Acts, ", "), by)), true
}

func categoryList(labels []classify.Label) string {
	var out []string
	for _, l := range labels {
		out = append(out, l.Category)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), ", ")
}

// route writes a path for people.
func wayThrough(in *Input, path []graph.ID) string {
	var out []string
	for _, id := range path {
		out = append(out, name(in, id))
	}
	return strings.Join(out, " > ")
}

// keyHolders knows who may read what, by permissions and by flows.
type keyHolders struct {
	principals []graph.ID
	rights     map[graph.ID]map[graph.ID]Right // store -> principal
	partial    graph.ID                        // the first principal whose rights are not known whole
}

func newKeyHolders(in *Input) *keyHolders {
	k := &keyHolders{rights: map[graph.ID]map[graph.ID]Right{}}
	if in.Rights == nil {
		return k
	}
	for _, n := range in.Graph.Nodes() {
		if n.Class != graph.Principal {
			continue
		}
		rights, complete := in.Rights(n.ID)
		if !complete && k.partial == "" {
			k.partial = n.ID
		}
		k.principals = append(k.principals, n.ID)
		for _, r := range rights {
			if k.rights[r.Store] == nil {
				k.rights[r.Store] = map[graph.ID]Right{}
			}
			k.rights[r.Store][n.ID] = r
		}
	}
	return k
}

// judge answers for one protected store. Outside parties are not asked about: who reads
// there is not known here.
func (k *keyHolders) judge(in *Input, s *classify.Shield, t *classify.Shielded) (Result, bool) {
	n := in.Graph.Node(t.Node)
	if s.Key == "" || n == nil || n.External || t.Node == s.KeyNode {
		return Result{}, false
	}
	store, by := name(in, t.Node), fmt.Sprintf("%s at %s", s.State, name(in, s.Node))
	if s.KeyNode == "" {
		return cannotTell("what undoes " + by + " is not in the map: " + s.Key), true
	}
	key := name(in, s.KeyNode)
	sure, maybe := k.both(in, s, t.Node)
	switch {
	case len(sure) > 0:
		r := fails(fmt.Sprintf("%s can read %s and use %s, which undoes %s", names(in, sure), store, key, by))
		r.Path = []graph.ID{t.Node, sure[0], s.KeyNode}
		return r, true
	case in.Rights == nil:
		return cannotTell("who may read " + store + " and use " + key + " was not worked out"), true
	case len(maybe) > 0:
		r := cannotTell(fmt.Sprintf("%s may be able to read %s and use %s, under conditions that are not known", names(in, maybe), store, key))
		r.Path = []graph.ID{t.Node, maybe[0], s.KeyNode}
		return r, true
	case k.partial != "":
		return cannotTell("what " + name(in, k.partial) + " may do is not known in full"), true
	case len(k.rights[s.KeyNode]) == 0:
		return cannotTell("nobody is known who may use " + key + ", so who may was not worked out"), true
	}
	return passes(fmt.Sprintf("nobody who reads %s may use %s", store, key)), true
}

// both lists who reaches the store and what undoes its protection.
func (k *keyHolders) both(in *Input, s *classify.Shield, store graph.ID) (sure, maybe []graph.ID) {
	for _, p := range k.principals {
		a, b := k.rights[store][p], k.rights[s.KeyNode][p]
		switch {
		case !a.Read || !b.Read || ownRole(in, s.Node, p):
		case a.Conditional || b.Conditional:
			maybe = append(maybe, p)
		default:
			sure = append(sure, p)
		}
	}
	for _, f := range in.Graph.In(store) {
		if readsStore(f.Kind) && f.From != s.Node && usesKey(in, f.From, s.KeyNode) {
			sure = append(sure, f.From)
		}
	}
	slices.Sort(sure)
	return slices.Compact(sure), maybe
}

// usesKey tells whether a flow shows that a program reads or uses a key, secret or table.
func usesKey(in *Input, who, key graph.ID) bool {
	return slices.ContainsFunc(in.Graph.Out(who), func(f *graph.Flow) bool {
		return f.To == key && (readsStore(f.Kind) || f.Kind == graph.UsesSecret)
	})
}

// ownRole tells whether a role is that of the protecting node and of nobody else.
func ownRole(in *Input, node, role graph.ID) bool {
	own := false
	for _, f := range in.Graph.In(role) {
		if f.Kind != graph.Assumes && f.Kind != graph.CanAssume {
			continue
		}
		if f.From != node {
			return false
		}
		own = true
	}
	return own
}
