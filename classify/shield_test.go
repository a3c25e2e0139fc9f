package classify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// proofs are values for all the proofs the taxonomy asks for.
var proofs = map[string]string{
	"method": "HMAC", "key_or_table_location": "k", "reviewer": "privacy", "expires": "2027-01-01", "vault": "k", "key": "k", "holders": "[x]",
	"salted_or_keyed": "keyed", "fields": "[n]", "minimum_group_size": "20", "reidentification_test": "{on: 2026-01-01, by: privacy, result: passed}", "retention": "P1D",
}

// TestEveryProofIsNeeded: a state of the taxonomy changes something only with all its
// proofs, a reviewer and a date.
func TestEveryProofIsNeeded(t *testing.T) {
	tax, err := annotations.BuiltinTaxonomy()
	if err != nil {
		t.Fatal(err)
	}
	arrives := func(state, without string) string {
		entry := "state: " + state + ", inputs: [user.name]"
		if len(tax.Protection[state].Becomes) == 0 && tax.Protection[state].Effect == "reduce" {
			entry += ", becomes: [user.unique_id.pseudonymous]"
		}
		for _, p := range append(tax.Protection[state].Proof, "reviewer", "expires") {
			if _, known := proofs[p]; !known {
				t.Fatalf("%s needs the proof %q, which this test does not know", state, p)
			}
			if p != without && !strings.Contains(entry, ", "+p+": ") {
				entry += ", " + p + ": " + proofs[p]
			}
		}
		text := "resources:\n" + holds("a", "data: [user.name]") + "  - {match: {name: f}, protects: [{" + entry + "}]}\n"
		set, _ := annotations.LoadFS(fstestFile(head+text), "") // a missing proof is an error of the files
		return show(Propagate(system(t, "a table\nf function\nb table\nf -reads-> a\nf -writes-> b"), set, today), "b")
	}
	states := 0
	for state, term := range tax.Protection {
		full := arrives(state, "")
		if kept := strings.Contains(full, " name"); kept != (term.Effect == "keep") {
			t.Errorf("%s with all proofs: %s", state, full)
		}
		if left := full != "unknown"; left != term.StillPersonal && state != "redacted" {
			t.Errorf("%s leaves personal data: %v, and %s arrives", state, term.StillPersonal, full)
		}
		for _, p := range append(slices.Clone(term.Proof), "reviewer", "expires") {
			if got := arrives(state, p); got != "inferred: inferred name" {
				t.Errorf("%s without %s: %s", state, p, got)
			}
		}
		states++
	}
	if states < 10 {
		t.Errorf("only %d states", states)
	}
}

func TestAHashIsNotAnonymous(t *testing.T) {
	for _, c := range []struct{ method, inputs, want string }{
		{"SHA-256 hash", "", "inferred: inferred contact.email"},
		{"sha256", ", inputs: [user.contact]", "inferred: inferred contact.email, inferred name"},
		{"k-anonymity with k = 20", "", "unknown"},
	} {
		text := "resources:\n" + holds("a", "data: [user.name, user.contact.email]") + "  - {match: {name: f}, protects: [{state: anonymised, method: " + c.method + c.inputs + ", reidentification_test: x" + vouched + "}]}\n"
		set, _ := annotations.LoadFS(fstestFile(head+text), "")
		if got := show(Propagate(system(t, "a table\nf function\nb table\nf -reads-> a\nf -writes-> b"), set, today), "b"); got != c.want {
			t.Errorf("%s%s: %s, want %s", c.method, c.inputs, got, c.want)
		}
	}
}

// TestBypass: one unprotected path, and the original category arrives.
func TestBypass(t *testing.T) {
	const through = "a table\nf function\ns delivery-stream\nb bucket\nf -reads-> a\nf -publishes-> s\ns -delivers-> b\n"
	protects := func(more string) string {
		return "  - {id: f, match: {name: f}, protects: [{state: pseudonymised, inputs: [user.contact, user.name], becomes: [user.unique_id.pseudonymous], method: HMAC, key_or_table_location: k" + more + "}]}\n"
	}
	for _, c := range []struct{ name, system, said, want string }{
		{"every path is protected", through, protects(vouched), "b: ; s: "},
		{"a function around it", through + "g function\ng -reads-> a\ng -writes-> b\n", protects(vouched), "b: contact.email by a>g>b inferred, name by a>g>b inferred; s: "},
		{"a copy around it", through + "a -exports-> b\n", protects(vouched), "b: contact.email by a>b inferred, name by a>b inferred; s: "},
		{"a second pseudonymiser is a cut too", through + "g function\ng -reads-> a\ng -writes-> b\n", protects(vouched) + strings.ReplaceAll(protects(vouched), "f", "g"), "b: ; s: |b: "},
		{"a way hardly believed", through + "g function\ng -reads-> a @0.5\ng -writes-> b\n", protects(vouched), "b: contact.email by a>g>b weak, name by a>g>b weak; s: "},
		{"the target states it itself", through + "g function\ng -reads-> a\ng -writes-> b\n", protects(vouched) + holds("b", "data: [user.contact.email, user.name], subjects: [customer]"), "b: ; s: "},
		{"what it does not act on is no bypass", through + "c table\ng function\ng -reads-> c\ng -writes-> b\n", protects(vouched) + holds("c", "data: [user.financial.bank_account]"), "b: ; s: "},
		{"other people's", through + "c table\ng function\ng -reads-> c\ng -writes-> b\n", protects(vouched) + holds("c", "data: [user.name], subjects: [employee]"), "b: ; s: "},
		{"nobody vouches", through, protects(""), "b: contact.email by a>f>s>b inferred, name by a>f>s>b inferred; s: contact.email by a>f>s inferred, name by a>f>s inferred"},
		{"for one target only", through + "b2 bucket\nf -writes-> b2\n", protects(vouched+", on: [s]") + holds("s", "owner: privacy"), "b: ; s: "},
		{"its own failed events", through + "q queue\nf -dead-letters-> q\ng function\nq -triggers-> g\ng -writes-> b\n", protects(vouched), "b: contact.email by a>f>q>g>b inferred, name by a>f>q>g>b inferred; s: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := "resources:\n" + holds("a", "data: [user.name, user.contact.email], subjects: [customer]") + c.said
			set, _ := annotations.LoadFS(fstestFile(head+text), "")
			var all []string
			for _, s := range Propagate(system(t, c.system), set, today).Shields() {
				var list []string
				for _, x := range s.Targets {
					var ways []string
					for _, l := range x.Bypass {
						ways = append(ways, fmt.Sprintf("%s by %s %s", strings.TrimPrefix(l.Category, "user."), wayOf(l.Path), l.State))
					}
					list = append(list, strings.TrimPrefix(string(x.Node), "id:")+": "+strings.Join(ways, ", "))
				}
				all = append(all, strings.Join(list, "; "))
			}
			if got := strings.Join(all, "|"); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func wayOf(path []graph.ID) string {
	var out []string
	for _, id := range path {
		out = append(out, strings.TrimPrefix(string(id), "id:"))
	}
	return strings.Join(out, ">")
}

// reachesAround is the oracle of the bypass: depth-first over all paths that never leave
// a protecting node by a protected step.
func reachesAround(m *graph.Model, from, to graph.ID, protecting map[graph.ID]bool, seen map[graph.ID]bool) bool {
	if from == to {
		return true
	}
	if seen[from] || protecting[from] {
		return false
	}
	seen[from] = true
	for _, f := range m.Flows() {
		forward, backward := f.Kind.DataMoves()
		if forward && f.From == from && reachesAround(m, f.To, to, protecting, seen) || backward && f.To == from && reachesAround(m, f.From, to, protecting, seen) {
			return true
		}
	}
	return false
}

// TestBypassIsAVertexCut compares the shields of random graphs with the oracle.
func TestBypassIsAVertexCut(t *testing.T) {
	bypassed, held := 0, 0
	for seed := range uint64(150) {
		m := randomSystem(seed, 14, 18)
		text := "resources:\n" + holds("n00", "data: [user.name]")
		protecting := map[graph.ID]bool{}
		for _, name := range []string{"n01", "n02"} {
			protecting[graph.ID("id:"+name)] = true
			text += "  - {id: " + name + ", match: {name: " + name + "}, protects: [{state: pseudonymised, inputs: [user.name], becomes: [user.unique_id.pseudonymous], method: HMAC, key_or_table_location: k" + vouched + "}]}\n"
		}
		l := Propagate(m, said(t, text), today)
		for _, s := range l.Shields() {
			for _, x := range s.Targets {
				if x.Node == "id:n00" || protecting[x.Node] {
					continue
				}
				want := len(s.Acts) > 0 && reachesAround(m, "id:n00", x.Node, protecting, map[graph.ID]bool{})
				if got := len(x.Bypass) > 0; got != want {
					t.Fatalf("seed %d: %s behind %s is bypassed: %v, the paths say %v", seed, x.Node, s.Node, got, want)
				}
				if want {
					bypassed++
				} else {
					held++
				}
			}
		}
	}
	if bypassed < 50 || held < 50 {
		t.Errorf("%d bypassed, %d held: the graphs say too little", bypassed, held)
	}
}

func TestSmallGroupsArePersonal(t *testing.T) {
	text := "resources:\n" + holds("a", "data: [user.name]") + "  - {match: {name: f}, protects: [{state: aggregated, minimum_group_size: 8" + vouched + "}]}\n"
	for limit, want := range map[string]string{"": "unknown", "settings: {small_group: 8}\n": "unknown", "settings: {small_group: 10}\n": "inferred: inferred name"} {
		l := Propagate(system(t, "a table\nf function\nb table\nf -reads-> a\nf -writes-> b"), said(t, text+limit), today)
		if got := show(l, "b"); got != want {
			t.Errorf("%q: %s, want %s", limit, got, want)
		}
	}
}
