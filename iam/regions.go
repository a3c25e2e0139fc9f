package iam

import (
	"maps"
	"slices"
	"strings"
)

// maxRegions bounds how many parts of a pattern are asked about.
const maxRegions = 256

// decidePattern answers for a pattern. Where not all of it is allowed, the parts that
// statements name inside it are asked one by one.
func decidePattern(req Request, env *Environment) Decision {
	whole, except := decideOne(req, env)
	best := whole.on(req.Resource.ARN, except).parts(req.Resource.ARN, env)
	if whole.Outcome == Allowed || whole.Outcome == ExplicitlyDenied && len(env.escapes()) == 0 {
		return best
	}
	list, complete := regions(req, env)
	for _, region := range list {
		part := req
		part.Resource.ARN = region
		d, except := decideOne(part, env)
		d = d.on(region, except).parts(region, env)
		switch {
		case d.Outcome.rank() > best.Outcome.rank():
			best = d
		case d.Outcome == best.Outcome && d.Outcome.Reaches():
			best = best.join(d)
		}
	}
	best.Patterns = widestOnly(best.Patterns)
	if !complete && best.Outcome != Unknown && !best.Outcome.Reaches() {
		return Decision{Truncated: true, Why: "the policies name too many parts of " + req.Resource.ARN + "; ask about one of them"}
	}
	return best
}

// rank orders outcomes by how much they let through.
func (o Outcome) rank() int {
	switch o {
	case Allowed:
		return 4
	case AllowedIf:
		return 3
	case Unknown:
		return 2
	case ExplicitlyDenied:
		return 1
	}
	return 0
}

func (d Decision) on(pattern string, except []string) Decision {
	if d.Outcome.Reaches() {
		d.Patterns, d.Except = []string{pattern}, except
	}
	return d
}

// parts notes what was asked by itself.
func (d Decision) parts(resource string, env *Environment) Decision {
	if d.Outcome.Reaches() {
		d.Parts = []Part{{Resource: resource, Except: d.Except, If: d.If}}
		if a := env.S3.AccessPoint; a != nil {
			d.Parts[0].Through = a.ARN
		}
	}
	return d
}

func (d Decision) join(o Decision) Decision {
	d.Patterns = append(slices.Clone(d.Patterns), o.Patterns...)
	d.Except = append(slices.Clone(d.Except), o.Except...)
	slices.Sort(d.Except)
	d.Except = slices.Compact(d.Except)
	d.Because = tidy(append(slices.Clone(d.Because), o.Because...))
	d.Parts = append(d.Parts[:len(d.Parts):len(d.Parts)], o.Parts...)
	for _, a := range o.If {
		if !slices.ContainsFunc(d.If, func(b Alternative) bool { return b.String() == a.String() }) {
			d.If = append(d.If[:len(d.If):len(d.If)], a)
		}
	}
	return d
}

// widestOnly sorts patterns and drops those inside another one.
func widestOnly(list []string) []string {
	slices.Sort(list)
	list = slices.Compact(list)
	var out []string
	for i, p := range list {
		if !slices.ContainsFunc(list, func(q string) bool {
			return q != list[i] && splitARN(globOf(q)).covers(splitARN(globOf(p)))
		}) {
			out = append(out, p)
		}
	}
	return out
}

// regions lists the parts of the asked pattern that statements name: what an Allow
// names, what a Deny leaves out, and what parts of several layers share, since all of
// them have to let a request through. complete is false when there are more.
func regions(req Request, env *Environment) (list []string, complete bool) {
	e := newEval(newAlgebra(), req, env)
	found := parts{known: map[string]region{}, complete: true}
	if !e.query.arn.parts[2].literal() { // "*": which services, the action tells
		found.within = env.actionData().arnsOf(req.Action)
	}
	bit := 0
	for _, layer := range env.layers() {
		allows := found.layer(&bit)
		for _, p := range layer {
			for i := range p.Statements {
				s := &p.Statements[i]
				switch {
				case s.coverAction(e.action) != wholly || (s.Effect == Deny) != (s.NotResources != nil):
				case s.Effect == Deny: // each by itself has to leave a part out
					e.regions(s, found.layer(&bit), &found)
				default:
					e.regions(s, allows, &found)
				}
			}
		}
	}
	found.cross()
	return found.names(), found.complete
}

// regions notes the parts that the resources of a statement and the asked pattern
// share. Variables without known value stay wildcards here; the question about the part
// tells what they hang on.
func (e *eval) regions(s *Statement, layer uint64, found *parts) {
	for i := range s.resources {
		p, ok, _ := e.resolve(s.resources[i].text)
		if !ok {
			continue
		}
		if a := splitARN(p); !a.covers(e.query.arn) && a.overlaps(e.query.arn) {
			found.add(region{a, layer}, region{e.query.arn, 0})
		}
	}
}

// region is a part of the asked pattern, with the layers that name it as a set of bits.
type region struct {
	arnPattern
	layers uint64
}

// parts collects parts of a pattern, each once, by name.
type parts struct {
	known    map[string]region
	within   []arnPattern // ARNs of the resources of the action; empty when not known
	complete bool
}

// layer gives the next layer its bit.
func (p *parts) layer(bit *int) uint64 {
	if *bit == 64 {
		p.complete = false
		return 1 << 63
	}
	*bit++
	return 1 << (*bit - 1)
}

func (p *parts) names() []string { return slices.Sorted(maps.Keys(p.known)) }

// cross adds what parts of different layers share.
func (p *parts) cross() {
	names := p.names()
	for i := 0; i < len(names); i++ {
		for j := 0; j < i; j++ {
			a, b := p.known[names[i]], p.known[names[j]]
			both := a.layers | b.layers
			if both == a.layers || both == b.layers || a.covers(b.arnPattern) || b.covers(a.arnPattern) || !a.overlaps(b.arnPattern) {
				continue
			}
			names = append(names, p.add(a, b)...)
		}
	}
}

// add notes what two parts share, component by component, and returns the names of
// what is new.
func (p *parts) add(a, b region) (added []string) {
	shared := []region{{arnPattern{n: len(a.parts)}, a.layers | b.layers}}
	for i := range a.parts {
		options, complete := a.parts[i].crossings(b.parts[i])
		p.complete = p.complete && complete
		var next []region
		for _, s := range shared {
			for _, x := range options {
				s.parts[i] = x
				next = append(next, s)
			}
		}
		shared = next
	}
	for _, s := range shared {
		name := s.String()
		old, there := p.known[name]
		switch {
		case there:
			s.layers |= old.layers
		case len(p.within) > 0 && !slices.ContainsFunc(p.within, s.overlaps):
			continue
		case len(p.known) == maxRegions:
			p.complete = false
			return added
		default:
			added = append(added, name)
		}
		p.known[name] = s
	}
	return added
}

// String writes the pattern as an ARN.
func (a arnPattern) String() string {
	var parts []string
	for _, p := range a.parts {
		parts = append(parts, p.String())
	}
	return strings.Join(parts, ":")
}

// layers lists every policy of the environment, by layer.
func (env *Environment) layers() [][]*Policy {
	out := [][]*Policy{env.Identity, env.Boundaries, env.Sessions, env.Endpoint}
	if env.Resource != nil {
		out = append(out, []*Policy{env.Resource})
	}
	for _, l := range slices.Concat(env.SCPs, env.RCPs) {
		out = append(out, l.Policies)
	}
	return out
}

// escapes lists the Deny statements with NotResource, which leave parts of a pattern
// out.
func (env *Environment) escapes() []*Statement {
	var out []*Statement
	for _, p := range slices.Concat(env.layers()...) {
		for _, i := range p.denies {
			if p.Statements[i].NotResources != nil {
				out = append(out, &p.Statements[i])
			}
		}
	}
	return out
}
