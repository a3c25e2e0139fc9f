package classify

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/graph"
)

// atom is what is carried along the flows as one bit: a category of some people,
// surely or possibly. Subjects and certainty belong to it, because the data of
// children must not turn into the data of customers on its way, nor a category that
// free text may hold into one that is there.
type atom struct {
	category string
	subjects string // keys joined by a comma, sorted
	may      bool
	// local is what a node gets and does not hand on.
	local bool
}

func (a atom) people() []string {
	if a.subjects == "" {
		return nil
	}
	return strings.Split(a.subjects, ",")
}

// atoms numbers them.
type atoms struct {
	list   []atom
	number map[atom]int32
}

func (x *atoms) of(a atom) int32 {
	n, ok := x.number[a]
	if !ok {
		n = int32(len(x.list))
		x.number[a] = n
		x.list = append(x.list, a)
	}
	return n
}

// words is the number of 64-bit words a set of atoms takes.
func (x *atoms) words() int { return max(1, (len(x.list)+63)/64) }

// seed is an atom at the node where it was stated.
type seed struct {
	node, atom int32
	state      State
	origin     string
	passing    bool // declared to go through, not to be kept
	removable  bool // evidence, which a person's "none" contradicts
	via        *graph.Flow
}

// turn is what becomes of atoms on their way over one step. The zero number of a
// step's turn stands for: everything passes as it is.
type turn struct {
	rule   func(category string) []string
	out    [][]int32 // atom -> atoms
	pass   []uint64  // atoms that pass as they are
	change []int32   // atoms that become something else
	done   int       // atoms that pass and change tell of
}

// closeTurns runs all turns over all atoms, those that turns make included, and then
// writes them as sets of bits. Turns that are done already are only led on.
func closeTurns(x *atoms, turns []*turn) {
	for more := true; more; {
		more = false
		for _, t := range turns[1:] {
			for len(t.out) < len(x.list) {
				t.out = append(t.out, x.turned(t, x.list[len(t.out)]))
				more = true
			}
		}
	}
	for _, t := range turns[1:] {
		if t.done < len(t.out) {
			t.write(x)
		}
	}
}

// write makes the sets of bits.
func (t *turn) write(x *atoms) {
	t.pass, t.change, t.done = make([]uint64, x.words()), nil, len(t.out)
	for i, out := range t.out {
		if len(out) == 1 && out[0] == int32(i) {
			t.pass[i/64] |= 1 << (i % 64)
		} else if len(out) > 0 {
			t.change = append(t.change, int32(i))
		}
	}
	// By what they are and not by their numbers, so that a way is told the same whatever
	// came first.
	slices.SortFunc(t.change, func(a, b int32) int { return x.list[a].compare(x.list[b]) })
}

// turned runs a rule over one atom.
func (x *atoms) turned(t *turn, a atom) []int32 {
	if a.local {
		return nil
	}
	var out []int32
	for _, c := range t.rule(a.category) {
		if annotations.Personal(c) {
			out = append(out, x.of(atom{category: c, subjects: a.subjects, may: a.may}))
		}
	}
	return out
}

func (a atom) compare(b atom) int {
	return cmp.Or(cmp.Compare(a.category, b.category), cmp.Compare(a.subjects, b.subjects), annotations.FalseFirst(a.may, b.may))
}

// held is the set of atoms that do not leave their node.
func (x *atoms) held() []uint64 {
	set := make([]uint64, x.words())
	for i, a := range x.list {
		if a.local {
			set[i/64] |= 1 << (i % 64)
		}
	}
	return set
}

// makes tells whether a turn lets an atom become another.
func (t *turn) makes(from, to int32) bool { return slices.Contains(t.out[from], to) }
