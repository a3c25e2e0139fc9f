package iam

import (
	"slices"
	"strings"
)

// maxRegions bounds how many parts of a pattern are asked about.
const maxRegions = 64

// decidePattern answers for a pattern. Where not all of it is allowed, the parts that
// statements name inside it are asked one by one.
func decidePattern(req Request, env *Environment) Decision {
	whole, except := decideOne(req, env)
	best := whole.on(req.Resource.ARN, except).parts(req.Resource.ARN, env)
	if whole.Outcome == Allowed || whole.Outcome == ExplicitlyDenied && len(env.escapes()) == 0 {
		return best
	}
	for _, region := range regions(req, env) {
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
// names, and what a Deny leaves out.
func regions(req Request, env *Environment) []string {
	e := newEval(newAlgebra(), req, env)
	var out []string
	for _, p := range env.all() {
		for i := range p.Statements {
			s := &p.Statements[i]
			if s.coverAction(e.action) != wholly || (s.Effect == Deny) != (s.NotResources != nil) {
				continue
			}
			for j := range s.resources {
				if r, ok := e.region(&s.resources[j]); ok {
					out = append(out, r)
				}
			}
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), maxRegions)]
}

// region is the part that a resource pattern and the asked pattern share, where one
// pattern can say it. Variables without known value stay wildcards here; the question
// about the part tells what they hang on.
func (e *eval) region(r *resourcePattern) (string, bool) {
	p, ok, _ := e.resolve(r.text)
	if !ok {
		return "", false
	}
	a := splitARN(p)
	if !a.overlaps(e.query.arn) {
		return "", false
	}
	var parts []string
	for i := range a.parts {
		x, q := a.parts[i], e.query.arn.parts[i]
		switch {
		case x.covers(q):
			x = q
		case !q.covers(x):
			shared, ok := x.intersect(q)
			if !ok {
				return "", false
			}
			x = shared
		}
		parts = append(parts, x.String())
	}
	return strings.Join(parts, ":"), true
}

// intersect finds one pattern inside both of "a*b" and "c*d": the longer beginning
// and the longer end. It gives up when there are more wildcards.
func (p pattern) intersect(q pattern) (pattern, bool) {
	star := string([]byte{anyRun})
	a, b, okP := strings.Cut(string(p), star)
	c, d, okQ := strings.Cut(string(q), star)
	if !okP || !okQ || !pattern(a+b).literal() || !pattern(c+d).literal() {
		return "", false
	}
	begin, end := a, b
	if strings.HasPrefix(c, a) {
		begin = c
	} else if !strings.HasPrefix(a, c) {
		return "", false
	}
	if strings.HasSuffix(d, b) {
		end = d
	} else if !strings.HasSuffix(b, d) {
		return "", false
	}
	return pattern(begin + star + end), true
}

// all lists every policy of the environment.
func (env *Environment) all() []*Policy {
	out := slices.Concat(env.Identity, env.Boundaries, env.Sessions, env.Endpoint)
	if env.Resource != nil {
		out = append(out, env.Resource)
	}
	for _, l := range slices.Concat(env.SCPs, env.RCPs) {
		out = append(out, l.Policies...)
	}
	return out
}

// escapes lists the Deny statements with NotResource, which leave parts of a pattern
// out.
func (env *Environment) escapes() []*Statement {
	var out []*Statement
	for _, p := range env.all() {
		for _, i := range p.denies {
			if p.Statements[i].NotResources != nil {
				out = append(out, &p.Statements[i])
			}
		}
	}
	return out
}
