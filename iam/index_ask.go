package iam

import (
	"encoding/binary"
	"slices"
	"strings"
)

// Verdict is an answer without its proof, shared by all pairs that get it.
type Verdict struct {
	Outcome   Outcome
	If        []Alternative
	Truncated bool
}

// asker asks the questions of one worker. It remembers answers by what they hang on.
type asker struct {
	ix       *Index
	answers  map[string]*Verdict
	rows     map[string]row
	admitted map[admissionKey]string
	key      []byte
	used     []bool // statements of the holder that take part
	numbers  map[*Verdict]uint32
	byAction bool // the answer hangs on which action is asked
}

type admissionKey struct {
	s      *Statement
	holder int32
}

// row holds the verdicts on the questions about an asset, in their order; a nil
// verdict stands for no. A nil row is all no.
type row []*Verdict

func newAsker(ix *Index) *asker {
	return &asker{ix: ix, answers: map[string]*Verdict{}, rows: map[string]row{}, admitted: map[admissionKey]string{}, numbers: map[*Verdict]uint32{}}
}

// view says how much a question looks at: narrow statements of the holder about the
// asset, and about its key.
type view struct{ asset, key bool }

// row asks all questions, or those of some actions where no other can be allowed.
// single says that the answers hold for this asset only.
func (x *asker) row(holder, asset int32, v view, among *actionSet) (r row, single bool) {
	a := x.ix.assets[asset]
	found := make([]*Verdict, len(a.kind.questions))
	some := false
	for i := range a.kind.questions {
		q := &a.kind.questions[i]
		if q.hidden || among != nil && !among.has(q.bit) {
			continue
		}
		answer, one := x.ask(holder, asset, q, v)
		single = single || one
		if answer != nil {
			found[i], some = answer, true
		}
	}
	if !some {
		return nil, single
	}
	return x.same(found), single
}

// same keeps one copy of equal rows.
func (x *asker) same(found []*Verdict) row {
	x.key = x.key[:0]
	for _, v := range found {
		n := uint32(0)
		if v != nil {
			n = x.numbers[v]
		}
		x.key = binary.BigEndian.AppendUint32(x.key, n)
	}
	if r, ok := x.rows[string(x.key)]; ok {
		return r
	}
	x.rows[string(x.key)] = found
	return found
}

// ask answers one question; nil when nothing reaches and nothing is unknown.
func (x *asker) ask(holder, asset int32, q *indexQuestion, v view) (answer *Verdict, single bool) {
	h, a := x.ix.holders[holder], x.ix.assets[asset]
	x.used = slices.Grow(x.used[:0], len(h.statements))[:len(h.statements)]
	clear(x.used)
	x.key = binary.BigEndian.AppendUint32(x.key[:0], uint32(h.traits))
	x.key = binary.BigEndian.AppendUint32(x.key, uint32(a.traits))
	x.key = binary.BigEndian.AppendUint32(x.key, uint32(q.class))
	x.byAction = q.special || len(a.a.S3.ACL) > 0 || len(a.a.Grants) > 0
	allowed, single := x.collect(holder, asset, q, v.asset)
	if !allowed && !a.openBeside() && h.p.Kind != Root && h.h.Missing[LayerIdentity] == "" {
		return nil, single
	}
	if a.key >= 0 {
		for _, bit := range q.key {
			x.key = append(x.key, 1)
			kq := x.ix.assets[a.key].kind.question(bit)
			if _, one := x.collect(holder, a.key, kq, v.key); one {
				x.key = append(x.key, "key@"...)
				x.key = binary.BigEndian.AppendUint32(x.key, uint32(holder))
			}
		}
	}
	if single {
		x.key = binary.BigEndian.AppendUint32(append(x.key, '@'), uint32(asset))
	}
	if single || x.byAction {
		x.key = append(x.key, '!', byte(q.bit), byte(q.suffix))
	}
	answer, ok := x.answers[string(x.key)]
	if !ok {
		answer = x.decide(h, a, q)
		x.answers[string(x.key)] = answer
		if answer != nil {
			x.numbers[answer] = uint32(len(x.numbers) + 1)
		}
	}
	return answer, single
}

// openBeside tells whether something beside statements may let callers in.
func (a *indexAsset) openBeside() bool {
	return len(a.a.S3.ACL) > 0 || len(a.a.Grants) > 0 || a.a.Missing[LayerResource] != "" || a.owner() == ""
}

func (a *indexAsset) owner() string { return a.a.owner() }

// collect writes down the statements that apply to a question, and tells whether one
// of them may allow it.
func (x *asker) collect(holder, asset int32, q *indexQuestion, narrow bool) (allowed, single bool) {
	h, a := x.ix.holders[holder], x.ix.assets[asset]
	x.key = append(x.key, bit(h.account == a.account))
	for i := range h.statements {
		hs := &h.statements[i]
		rel := x.relation(hs, asset, q, narrow)
		if rel == relNone {
			continue
		}
		x.used[i] = true
		single = x.part(rel, hs, holder) || single
		allowed = allowed || hs.s.Effect != Deny && !hs.boundary
		x.note(hs.indexStatement, byte(rel)<<1|bit(hs.boundary), h, a)
	}
	for n, level := range x.ix.scps[h.p.Account] {
		for i := range level.statements {
			hs := &level.statements[i]
			if rel := x.relation(hs, asset, q, false); rel != relNone {
				single = x.part(rel, hs, holder) || single
				x.note(hs.indexStatement, 16|byte(rel), h, a)
				x.key = append(x.key, byte(n))
			}
		}
	}
	byAsset, part := x.rules(holder, a, q)
	if len(a.a.Grants) > 0 {
		x.grants(holder, a)
	}
	return allowed || byAsset, single || part
}

// rules writes down the statements of the asset's own policy, and those of resource
// control policies, that apply to a question.
func (x *asker) rules(holder int32, a *indexAsset, q *indexQuestion) (allowed, single bool) {
	for i, list := range [2][]indexRule{a.rules, a.limits} {
		for j := range list {
			r := &list[j]
			rel := r.rel >> (2 * q.suffix) & 3
			if q.noResource {
				rel = r.withoutResource()
			}
			if rel == relNone || !r.actions.has(q.bit) {
				continue
			}
			how := x.admit(holder, r)
			if how == "" {
				continue
			}
			single = single || rel == relPart
			allowed = allowed || i == 0 && r.s.Effect != Deny
			x.note(r.indexStatement, byte(32+i)<<1|byte(rel), x.ix.holders[holder], a)
			x.key = append(append(x.key, byte(r.level)), how...)
		}
	}
	return allowed, single
}

func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// part notes a statement that takes in some of what is asked: names count then.
func (x *asker) part(rel int, hs *heldStatement, holder int32) bool {
	if rel == relPart && hs.own {
		x.key = binary.BigEndian.AppendUint32(append(x.key, '#'), uint32(holder))
	}
	return rel == relPart
}

// note adds a statement to the key, with the values of the condition keys it names.
func (x *asker) note(st *indexStatement, layer byte, h *indexHolder, a *indexAsset) {
	x.key = append(x.key, 2, layer)
	x.key = binary.BigEndian.AppendUint32(x.key, uint32(st.shape))
	x.byAction = x.byAction || st.byAction
	if st.byAccount {
		x.key = binary.BigEndian.AppendUint32(x.key, uint32(h.account))
		x.key = binary.BigEndian.AppendUint32(x.key, uint32(a.account))
	}
	for _, k := range st.own {
		x.key = append(append(x.key, h.tell(k)...), 0)
	}
	for _, k := range st.tags {
		x.key = append(append(x.key, a.tell(k)...), 0)
	}
}

// relation says how much of a question a statement of a holder takes in.
func (x *asker) relation(hs *heldStatement, asset int32, q *indexQuestion, narrow bool) int {
	if !hs.actions.has(q.bit) {
		return relNone
	}
	if hs.always {
		return relWhole
	}
	class := x.ix.classes[x.ix.assets[asset].class]
	best := relNone
	for _, n := range hs.patterns {
		p := x.ix.patterns[n]
		rel := relNone
		switch {
		case p.all:
			rel = relWhole
		case q.noResource:
		case p.wide:
			rel = int(class.wide[n] >> (2 * q.suffix) & 3)
		case narrow:
			rel = int(p.touches[asset] >> (2 * q.suffix) & 3)
		}
		if rel == relWhole {
			best = relWhole
			break
		}
		if rel == relPart {
			best = relPart
		}
	}
	switch {
	case !hs.not:
		return best
	case hs.own:
		return relPart
	case best == relWhole:
		return relNone
	case best == relPart:
		return relPart
	}
	return relWhole
}

// withoutResource is the relation to an action that takes no resource.
func (r *indexRule) withoutResource() uint16 {
	every := slices.ContainsFunc(r.s.resources, func(p resourcePattern) bool { return p.fixed && p.all })
	if r.always || every != r.not {
		return relWhole
	}
	return relNone
}

// admit writes down how a statement takes in a holder; empty when it does not.
func (x *asker) admit(holder int32, r *indexRule) string {
	if r.anybody {
		return "*"
	}
	k := admissionKey{r.s, holder}
	if how, ok := x.admitted[k]; ok {
		return how
	}
	h := x.ix.holders[holder]
	e := &eval{algebra: newAlgebra(), req: Request{Principal: h.p}, env: &Environment{Boundaries: h.h.Boundaries}}
	how := ""
	for _, a := range e.admissions(r.p, r.s) {
		how += string([]byte{'a' + byte(a.how)}) + e.spell(a.when)
	}
	x.admitted[k] = how
	return how
}

// spell writes a formula so that equal ones are written alike.
func (e *eval) spell(f formula) string {
	var b strings.Builder
	for _, c := range f {
		b.WriteByte('(')
		for _, lit := range c {
			if lit < 0 {
				b.WriteByte('-')
			}
			b.WriteString(e.atom(lit).identity())
		}
		b.WriteByte(')')
	}
	return b.String()
}

// grants writes down the grants of a key that are for a holder.
func (x *asker) grants(holder int32, a *indexAsset) {
	e := &eval{algebra: newAlgebra(), req: Request{Principal: x.ix.holders[holder].p}, env: &Environment{}}
	for i, g := range a.a.Grants {
		if e.isGrantee(g.Grantee) {
			x.key = append(x.key, 3, byte(i>>8), byte(i))
		}
	}
}

// decide asks Decide, with the statements of the holder that take part.
func (x *asker) decide(h *indexHolder, a *indexAsset, q *indexQuestion) *Verdict {
	req, env := x.ix.w.question(h.h, a.a, q.DataAction)
	env.Identity = x.taking(h, h.h.Policies, false)
	env.Boundaries = x.taking(h, h.h.Boundaries, true)
	return verdictOf(Decide(req, env))
}

func verdictOf(d Decision) *Verdict {
	if !d.Outcome.Reaches() && d.Outcome != Unknown {
		return nil
	}
	return &Verdict{d.Outcome, d.If, d.Truncated}
}

// taking reduces policies to the statements that take part. The rest changes nothing.
func (x *asker) taking(h *indexHolder, list []*Policy, boundary bool) []*Policy {
	if list == nil {
		return nil
	}
	out := []*Policy{}
	last := -1
	for i := range h.statements {
		hs := &h.statements[i]
		if !x.used[i] || hs.boundary != boundary {
			continue
		}
		if hs.policy != last {
			p := *list[hs.policy]
			p.Statements, p.denies = nil, nil
			out, last = append(out, &p), hs.policy
		}
		p := out[len(out)-1]
		if hs.s.Effect == Deny {
			p.denies = append(p.denies, len(p.Statements))
		}
		p.Statements = append(p.Statements, *hs.s)
	}
	return out
}
