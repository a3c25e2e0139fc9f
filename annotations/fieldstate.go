package annotations

import (
	"cmp"
	"slices"
	"strings"
)

// Field is a data field that was seen, with its type where that is known.
type Field struct{ Path, Type string }

// FieldState is what all layers together say of one field of a resource.
type FieldState struct {
	Path, Type string
	State      State
	// Own is true where somebody said what this very field holds (a file, a tag's schema, a
	// template or an import). What is said of the resource as a whole, or of the rest of
	// a schema, is a fallback and does not count as coverage.
	Own    bool
	Seen   bool // among the fields that were seen
	Stated []Stated
	Origin string // of a field that is none or unknown by a statement
	Reason string
}

// Fields gives the state of every field of a target: those that were seen, those people
// listed and those evidence names, sorted by path. A field nobody named has what is
// said of the resource as a whole; without that it is unknown, never clean.
func (s *Set) Fields(t Target) []FieldState {
	c := s.collect(t)
	merged := c.merge()
	fields := map[string]*FieldState{}
	put := func(path string) *FieldState {
		f, ok := fields[path]
		if !ok {
			f = &FieldState{Path: path, State: Unknown}
			fields[path] = f
		}
		return f
	}
	for _, x := range t.Fields {
		f := put(x.Path)
		f.Type, f.Seen = x.Type, true
	}
	for _, x := range merged {
		if x.Field != "" && !wildPath(x.Field) {
			put(x.Field)
		}
	}
	for _, r := range c.entries {
		for _, x := range s.fieldsOf(r) {
			if !wildPath(x.path) {
				put(x.path)
			}
		}
	}
	out := make([]FieldState, 0, len(fields))
	for _, f := range fields {
		c.fieldState(f, merged)
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b FieldState) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

func wildPath(p string) bool { return strings.ContainsAny(p, "*?{") }

// fieldState fills in what is known of one field: its own statements first, then what
// is said of the whole.
func (c *collected) fieldState(f *FieldState, merged []Stated) {
	for _, x := range merged {
		if x.Field == "" || x.Field != f.Path && !fieldMatch(x.Field, f.Path) {
			continue
		}
		f.Stated = append(f.Stated, x)
		f.Own = f.Own || x.Rank <= RankImport
	}
	said, named := c.namedField(f.Path)
	f.Own = f.Own || named && said.state != string(Unknown) // "unknown" says that nobody looked
	if best := bestState(f.Stated); best != Unknown {
		f.State = best
		return
	}
	if named {
		f.Origin, f.Reason = said.origin, said.reason
		f.State = State(cmp.Or(said.state, string(Unknown)))
		if f.State == None && said.stale {
			f.State = Stale
		}
		return
	}
	c.fallback(f, merged)
}

// namedField is the most exact statement about a field that names no category.
type namedField struct {
	state, origin, reason string
	stale                 bool
}

func (c *collected) namedField(path string) (namedField, bool) {
	var found namedField
	var by *resource
	for _, r := range c.entries {
		if by != nil && r.match.lessExact(&by.match) {
			break
		}
		for _, x := range c.set.fieldsOf(r) {
			// Of equally exact ones "unknown" counts: a disagreement is no clean answer.
			if (x.path == path || fieldMatch(x.path, path)) && (by == nil || x.state == string(Unknown) && found.state != x.state) {
				found, by = namedField{x.state, x.origin, x.reason, c.set.staleEntry(r)}, r
			}
		}
	}
	if by != nil {
		return found, true
	}
	for i := range c.removals {
		if x := &c.removals[i]; !x.whole && !x.field && x.Category == "" && fieldMatch(x.Field, path) {
			if y := (namedField{string(None), x.Origin, x.Reason, x.expired}); found.state == "" || found.stale && !y.stale {
				found = y
			}
		}
	}
	return found, found.state != ""
}

// fallback gives a field what is said of the resource as a whole, or of the rest of
// its schema.
func (c *collected) fallback(f *FieldState, merged []Stated) {
	if c.set.locked.newField(c.target, f.Path) {
		return // it came after the review: nobody looked at it
	}
	for _, x := range merged {
		if x.Field == "" {
			f.Stated = append(f.Stated, x)
		}
	}
	for _, r := range c.entries {
		sc := c.set.schemas[r.schema]
		if sc == nil {
			continue
		}
		switch rest := c.set.restOf(r.schema); {
		case rest == string(None) && len(f.Stated) == 0:
			f.State, f.Origin = None, sc.origin
			if c.set.staleEntry(r) {
				f.State = Stale
			}
			return
		case rest != "" && rest != string(None) && rest != string(Unknown):
			state := Declared
			if c.set.staleEntry(r) {
				state = Stale
			}
			f.Stated = append(f.Stated, Stated{Category: rest, Field: "", Confidence: 1, Origin: sc.origin, Rank: r.rank(), State: state})
		}
	}
	if f.State = bestState(f.Stated); f.State != Unknown {
		return
	}
	if c.none != nil && !c.set.forgotten(c.none.review) {
		f.State, f.Origin, f.Reason = None, c.none.origin, c.none.reason
		if c.set.lasting(c.none.review).Expired(c.set.now) {
			f.State = Stale
		}
	}
}

// restOf is what a schema, or what it extends, says of fields it does not list.
func (s *Set) restOf(name string) string {
	for seen := map[string]bool{}; name != "" && !seen[name]; {
		seen[name] = true
		sc := s.schemas[name]
		if sc == nil {
			return ""
		}
		if sc.rest != "" {
			if to, _, ok := s.tax.canonicalCategory(sc.rest); ok {
				return to
			}
			return sc.rest
		}
		name = sc.extends
	}
	return ""
}

// statesByWeight orders what counts for a field with several categories.
var statesByWeight = []State{Unknown, Weak, Inferred, Stale, Declared, Disputed}

func bestState(list []Stated) State {
	best := Unknown
	for _, x := range list {
		if slices.Index(statesByWeight, x.State) > slices.Index(statesByWeight, best) {
			best = x.State
		}
	}
	return best
}
