package graph

import (
	"fmt"
	"slices"
	"sort"
)

// Source says where a fact was read: an API operation and its response field
// ("sqs:GetQueueAttributes Attributes.Policy"), or a file with line ("template.yaml:12").
type Source string

// From returns the source of a value read from a field of an operation's answer.
func From(operation, field string) Source {
	if field == "" {
		return Source(operation)
	}
	return Source(operation + " " + field)
}

// Fact is one thing known, or known to be not known, about a node or a flow.
type Fact struct {
	Name   string
	Value  any    // bool, int, string kind or []string; nil when not known
	Known  bool   //
	Why    string // why it is not known, or a remark on a known value
	Source Source
}

// Facts are the facts of one node or flow, sorted by name. The zero value is empty.
type Facts struct{ list []Fact }

// All returns the facts sorted by name. The slice must not be changed.
func (f *Facts) All() []Fact { return f.list }

// Lookup finds a fact by name.
func (f *Facts) Lookup(name string) (Fact, bool) {
	i := f.search(name)
	if i < len(f.list) && f.list[i].Name == name {
		return f.list[i], true
	}
	return Fact{Name: name}, false
}

func (f *Facts) search(name string) int {
	return sort.Search(len(f.list), func(i int) bool { return f.list[i].Name >= name })
}

func (f *Facts) put(x Fact) {
	i := f.search(x.Name)
	if i < len(f.list) && f.list[i].Name == x.Name {
		f.list[i] = x
		return
	}
	f.list = slices.Insert(f.list, i, x)
}

// Value is what a fact may hold.
type Value interface {
	~bool | ~int | ~string | ~[]string
}

// Key is the typed name of a fact. All keys are declared in keys.go, so that a
// service that sets a fact and a control that reads it cannot disagree.
type Key[T Value] struct {
	Name string
	Doc  string
}

// Set records a known value.
func (k Key[T]) Set(f *Facts, v T, src Source) {
	f.put(Fact{Name: k.Name, Value: v, Known: true, Source: src})
}

// SetNote records a known value with a remark, such as "provider-enforced".
func (k Key[T]) SetNote(f *Facts, v T, note string, src Source) {
	f.put(Fact{Name: k.Name, Value: v, Known: true, Why: note, Source: src})
}

// Unknown records that the value could not be had, and why.
func (k Key[T]) Unknown(f *Facts, why string, src Source) {
	f.put(Fact{Name: k.Name, Why: why, Source: src})
}

// Answer is what is known under a key.
type Answer[T Value] struct {
	Fact
	V T // zero unless Known
}

// Get returns what is known. A fact that nobody set is not known.
func (k Key[T]) Get(f *Facts) Answer[T] {
	x, ok := f.Lookup(k.Name)
	if !ok {
		x.Why = "nothing was read about it"
	}
	a := Answer[T]{Fact: x}
	if v, ok := x.Value.(T); ok && x.Known {
		a.V = v
	} else {
		a.Known = false
	}
	return a
}

// Is tells whether the value is known and equal to v.
func Is[T interface {
	comparable
	Value
}](a Answer[T], v T) bool {
	return a.Known && a.V == v
}

// String prints a fact for people: name, value or the reason for not knowing.
func (x Fact) String() string {
	if !x.Known {
		return fmt.Sprintf("%s: not known (%s)", x.Name, x.Why)
	}
	return fmt.Sprintf("%s: %v", x.Name, x.Value)
}
