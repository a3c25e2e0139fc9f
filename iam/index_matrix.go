package iam

import (
	"cmp"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
)

// Reach is a holder that may do an action to the data of an asset, or of which that is
// not known. World.Decide gives the proof.
type Reach struct {
	Holder *Holder
	Asset  *Asset
	Action DataAction
	*Verdict
}

// Matrix is the answers of all holders and assets, in blocks.
type Matrix struct {
	ix      *Index
	classes []*classAnswers
}

// classAnswers are the answers about the assets of a class. What is written about less
// counts more: pairs before holders before single assets before groups.
type classAnswers struct {
	groups  map[int32]row
	singles map[int32][]entry // groups, by asset
	holders map[int32]row
	pairs   map[int32][]entry // holders, by asset
}

// entry is the row of a holder, or of a group.
type entry struct {
	of  int32
	row row
}

// in finds an entry in a sorted list.
func in(list []entry, of int32) (row, bool) {
	i, ok := slices.BinarySearchFunc(list, of, func(e entry, of int32) int { return cmp.Compare(e.of, of) })
	if !ok {
		return nil, false
	}
	return list[i].row, true
}

// put sets an entry of a sorted list; one that is there already gives way.
func put(m map[int32][]entry, asset, of int32, r row) {
	list := m[asset]
	i, ok := slices.BinarySearchFunc(list, of, func(e entry, of int32) int { return cmp.Compare(e.of, of) })
	if ok {
		list[i].row = r
		return
	}
	m[asset] = slices.Insert(list, i, entry{of, r})
}

// class answers for some assets of a class.
func (x *asker) class(c *indexClass, assets []int32) *classAnswers {
	out := &classAnswers{groups: map[int32]row{}, singles: map[int32][]entry{}, holders: map[int32]row{}, pairs: map[int32][]entry{}}
	if c.points {
		x.eachHolder(c, assets, out)
		return out
	}
	named := map[int32]bool{}
	for _, h := range c.named {
		named[h] = true
	}
	for _, g := range x.ix.candidates(c) {
		x.group(c, assets, g, named, out)
	}
	for h := range named {
		x.holder(assets, h, view{}, nil, out)
	}
	x.keys(c, assets, named, out)
	for _, a := range assets {
		for _, h := range x.ix.byAsset[a] {
			r, _ := x.row(h, a, view{true, true}, nil)
			put(out.pairs, a, h, r)
		}
	}
	return out
}

// keys answers for the holders with narrow statements about the key of some assets.
func (x *asker) keys(c *indexClass, assets []int32, named map[int32]bool, out *classAnswers) {
	byKey := map[int32][]int32{}
	for _, a := range assets {
		if k := x.ix.assets[a].key; k >= 0 {
			byKey[k] = append(byKey[k], a)
		}
	}
	for k, behind := range byKey {
		for _, h := range x.ix.byKey[k] {
			among := x.ix.among(c, x.ix.holders[h].group)
			if named[h] {
				among = nil
			}
			r, single := x.row(h, behind[0], view{key: true}, among)
			for _, a := range behind {
				if single {
					r, _ = x.row(h, a, view{key: true}, among)
				}
				put(out.pairs, a, h, r)
			}
		}
	}
}

// among are the actions that may be allowed to members of a group of whom no policy of
// the asset speaks; nil for all.
func (ix *Index) among(c *indexClass, g int32) *actionSet {
	if group := ix.groups[g]; !c.open && !group.all {
		return &group.asks
	}
	return nil
}

// candidates are the groups of which somebody may reach the class.
func (ix *Index) candidates(c *indexClass) []int32 {
	var list []int32
	if c.open {
		for g := range ix.groups {
			list = append(list, int32(g))
		}
	} else {
		accounts := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(c.accounts), c.owner))))
		for _, account := range accounts {
			list = append(list, ix.byAccount[account]...)
		}
	}
	return slices.DeleteFunc(list, func(g int32) bool {
		return !c.open && !ix.groups[g].all && !ix.groups[g].asks.meets(&c.kind.mask)
	})
}

// group answers for the members of a group of whom nothing special is said. Where
// policies of the asset ask for something that differs between them, each value is
// asked once.
func (x *asker) group(c *indexClass, assets []int32, g int32, named map[int32]bool, out *classAnswers) {
	byValue := map[string]int32{}
	among := x.ix.among(c, g)
	for _, h := range x.ix.groups[g].holders {
		if named[h] {
			continue
		}
		if len(c.own) == 0 {
			r, single := x.row(h, assets[0], view{}, among)
			if r != nil {
				out.groups[g] = r
			}
			for _, a := range assets {
				if !single {
					break
				}
				r, _ := x.row(h, a, view{}, among)
				put(out.singles, a, g, r)
			}
			return
		}
		value := ""
		for _, k := range c.own {
			value += x.ix.holders[h].tell(k) + "\x00"
		}
		if first, ok := byValue[value]; ok {
			x.copyHolder(assets, first, h, out)
			continue
		}
		byValue[value] = h
		x.holder(assets, h, view{}, among, out)
	}
}

// holder answers for one holder by itself.
func (x *asker) holder(assets []int32, h int32, v view, among *actionSet, out *classAnswers) {
	r, single := x.row(h, assets[0], v, among)
	out.holders[h] = r
	for _, a := range assets {
		if !single {
			break
		}
		r, _ := x.row(h, a, v, among)
		put(out.pairs, a, h, r)
	}
}

func (x *asker) copyHolder(assets []int32, from, to int32, out *classAnswers) {
	out.holders[to] = out.holders[from]
	for _, a := range assets {
		if r, ok := in(out.pairs[a], from); ok {
			put(out.pairs, a, to, r)
		}
	}
}

// eachHolder asks the world about assets with access points, which have several ways in.
func (x *asker) eachHolder(c *indexClass, assets []int32, out *classAnswers) {
	for n, h := range x.ix.holders {
		for _, a := range assets {
			asset := x.ix.assets[a]
			found, some := make(row, len(c.kind.questions)), false
			for i := range c.kind.questions {
				q := &c.kind.questions[i]
				if q.hidden || !x.mayAsk(h, asset, q) {
					continue
				}
				if found[i] = verdictOf(x.ix.w.Decide(h.h, asset.a, q.DataAction)); found[i] != nil {
					some = true
				}
			}
			if some {
				put(out.pairs, a, int32(n), found)
			}
		}
	}
}

// mayAsk tells whether anything could let a holder in through an access point.
func (x *asker) mayAsk(h *indexHolder, a *indexAsset, q *indexQuestion) bool {
	if !h.p.hasIdentity() || h.p.Kind == Root || len(h.h.Missing) > 0 || a.a.Policy != nil || a.openBeside() {
		return true
	}
	for _, p := range a.a.AccessPoints {
		if p.Policy != nil {
			return true
		}
	}
	return slices.ContainsFunc(h.statements, func(hs heldStatement) bool {
		return !hs.boundary && hs.s.Effect != Deny && hs.actions.has(q.bit)
	})
}

// find returns the row of a pair.
func (c *classAnswers) find(asset, holder, group int32) row {
	if r, ok := in(c.pairs[asset], holder); ok {
		return r
	}
	if r, ok := c.holders[holder]; ok {
		return r
	}
	return c.ofGroup(asset, group)
}

// ofGroup returns the row of the members of a group of whom nothing special is said.
func (c *classAnswers) ofGroup(asset, group int32) row {
	if r, ok := in(c.singles[asset], group); ok {
		return r
	}
	return c.groups[group]
}

// reaching lists the holders with a row for an asset, in order.
func (ix *Index) reaching(c *classAnswers, asset int32) []int32 {
	var list []int32
	for h := range c.holders {
		list = append(list, h)
	}
	for _, e := range c.pairs[asset] {
		list = append(list, e.of)
	}
	groups := map[int32]bool{}
	for g := range c.groups {
		groups[g] = true
	}
	for _, e := range c.singles[asset] {
		groups[e.of] = true
	}
	for g := range groups {
		list = append(list, ix.groups[g].holders...)
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return slices.DeleteFunc(list, func(h int32) bool { return c.find(asset, h, ix.holders[h].group) == nil })
}

// expand lists the answers of a row.
func (ix *Index) expand(asset, holder int32, r row, accesses []Access) []Reach {
	var out []Reach
	a := ix.assets[asset]
	for i, v := range r {
		d := a.kind.questions[i].DataAction
		if v != nil && (len(accesses) == 0 || slices.Contains(accesses, d.Access)) {
			out = append(out, Reach{ix.holders[holder].h, a.a, d, v})
		}
	}
	return out
}

// WhoCan lists who reaches an asset by the given kinds of access, or by any, in the
// order of the holders; also those of whom it is not known. Nil for an asset that is
// not of this world.
func (ix *Index) WhoCan(a *Asset, accesses ...Access) []Reach {
	n, ok := ix.at[a]
	if !ok {
		return nil
	}
	answers := newAsker(ix).class(ix.classes[ix.assets[n].class], []int32{n})
	var out []Reach
	for _, h := range ix.reaching(answers, n) {
		out = append(out, ix.expand(n, h, answers.find(n, h, ix.holders[h].group), accesses)...)
	}
	return out
}

// Matrix answers for all holders and assets, with so many workers. Their number changes
// nothing but the time it takes.
func (ix *Index) Matrix(workers int) *Matrix {
	m := &Matrix{ix: ix, classes: make([]*classAnswers, len(ix.classes))}
	var next atomic.Int64
	var done sync.WaitGroup
	for range max(workers, 1) {
		done.Go(func() {
			x := newAsker(ix)
			for n := next.Add(1) - 1; int(n) < len(ix.classes); n = next.Add(1) - 1 {
				m.classes[n] = x.class(ix.classes[n], ix.classes[n].assets)
			}
		})
	}
	done.Wait()
	return m
}

// At lists the answers for one holder and one asset.
func (m *Matrix) At(holder, asset int) []Reach {
	a, h := int32(asset), int32(holder)
	r := m.classes[m.ix.assets[a].class].find(a, h, m.ix.holders[h].group)
	return m.ix.expand(a, h, r, nil)
}

// All expands the matrix, in the order of assets, holders and actions.
func (m *Matrix) All() iter.Seq[Reach] {
	return func(yield func(Reach) bool) {
		for n, a := range m.ix.assets {
			c := m.classes[a.class]
			for _, h := range m.ix.reaching(c, int32(n)) {
				for _, r := range m.ix.expand(int32(n), h, c.find(int32(n), h, m.ix.holders[h].group), nil) {
					if !yield(r) {
						return
					}
				}
			}
		}
	}
}

// Size counts what the matrix holds without expanding it: the rows that are kept, and
// the pairs of a holder and an asset that it reaches or may reach.
func (m *Matrix) Size() (rows, pairs int64) {
	for n, c := range m.classes {
		rows += int64(len(c.groups) + len(c.holders))
		for _, a := range m.ix.classes[n].assets {
			rows += int64(len(c.singles[a]) + len(c.pairs[a]))
			pairs += m.count(c, a)
		}
	}
	return rows, pairs
}

// count counts the holders that reach an asset: those of the groups, and what is
// different for single ones.
func (m *Matrix) count(c *classAnswers, asset int32) int64 {
	n := 0
	for g := range c.groups {
		if c.ofGroup(asset, g) != nil {
			n += len(m.ix.groups[g].holders)
		}
	}
	for _, e := range c.singles[asset] {
		if _, both := c.groups[e.of]; !both && e.row != nil {
			n += len(m.ix.groups[e.of].holders)
		}
	}
	differs := func(h int32, now row) {
		if c.ofGroup(asset, m.ix.holders[h].group) != nil {
			n--
		}
		if now != nil {
			n++
		}
	}
	for _, e := range c.pairs[asset] {
		differs(e.of, e.row)
	}
	for h, r := range c.holders {
		if _, again := in(c.pairs[asset], h); !again {
			differs(h, r)
		}
	}
	return int64(n)
}
