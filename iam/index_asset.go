package iam

import (
	"fmt"
	"slices"
	"strings"
)

// indexAsset is an asset, compiled.
type indexAsset struct {
	a         *Asset
	kind      *kindInfo
	arn       arnPattern
	resources []pattern // the last component of what is asked, for each suffix
	trait     string    // what decides beside statements, names and tags
	traits    int32     // its number
	account   int32     // number of its owner
	rules     []indexRule
	limits    []indexRule // resource control policies
	key       int32       // asset that decrypts it; -1 for none
	class     int32
}

// indexRule is a statement with principals, as it is about an asset.
type indexRule struct {
	*indexStatement
	level int
	rel   uint16 // two bits for each suffix
}

// indexClass is the assets that no broad statement tells apart.
type indexClass struct {
	assets []int32
	kind   *kindInfo
	owner  string
	wide   map[int32]uint16 // how much of its assets the wide patterns take in
	own    []string         // condition keys that differ between holders, in policies of the asset
	named  []int32          // holders that policies of the asset mean by name
	// open: callers of any account may be admitted; accounts lists those that are.
	open     bool
	accounts []string
	// points: its assets have access points, so that each holder is asked by itself.
	points bool
}

func (ix *Index) addAsset(n int32, a *Asset) {
	ix.at[a] = n
	ix.compileAsset(a, ix.kinds[assetKind(a.ARN)])
}

// findKeys finds the key of each asset. Keys that were not scanned get a place as well,
// and so does the key of which nothing could be read but that there is one: what holders
// may do with them decides, though nobody asks about them.
func (ix *Index) findKeys() {
	byARN := map[string]int32{}
	for i, x := range ix.assets {
		byARN[x.a.ARN+" "] = int32(i)
	}
	ghost := &kindInfo{name: "kms key that was not scanned", suffixes: ix.kinds["kms key"].suffixes, mask: ix.kinds["kms key"].mask}
	for _, q := range ix.kinds["kms key"].questions {
		q.hidden = true
		ghost.questions = append(ghost.questions, q)
	}
	for _, x := range ix.assets[:len(ix.assets):len(ix.assets)] {
		key := Asset{ARN: x.a.Key}
		switch {
		case x.a.Key != "":
		case x.a.Missing[LayerKey] != "":
			key = Asset{ARN: x.a.someKey(), Account: x.a.owner()}
		default:
			continue
		}
		k, ok := byARN[key.ARN+" "+key.Account]
		if !ok {
			k = int32(len(ix.assets))
			byARN[key.ARN+" "+key.Account] = k
			ix.compileAsset(&key, ghost)
		}
		x.key = k
		x.trait += "\nkey " + ix.assets[k].trait
	}
	for _, x := range ix.assets {
		x.traits = ix.shapes.number("asset " + x.trait)
	}
}

func (ix *Index) compileAsset(a *Asset, kind *kindInfo) {
	x := &indexAsset{a: a, kind: kind, arn: splitARN(globOf(a.ARN)), key: -1}
	name := string(x.arn.parts[5])
	for _, suffix := range x.kind.suffixes {
		x.resources = append(x.resources, pattern(name)+globOf(suffix))
	}
	if a.Policy != nil {
		x.rules = ix.rules(x, 0, a.Policy, false)
	}
	for i, level := range ix.w.limits(a.owner()).RCPs {
		for _, p := range level.Policies {
			x.limits = append(x.limits, ix.rules(x, i, p, true)...)
		}
	}
	x.trait = ix.traitOf(x)
	x.account = ix.shapes.number("account " + a.owner())
	ix.assets = append(ix.assets, x)
}

// rules compiles the statements of a policy about an asset. partial says that ARNs may
// end early in it.
func (ix *Index) rules(x *indexAsset, level int, p *Policy, partial bool) []indexRule {
	var out []indexRule
	for i := range p.Statements {
		st := ix.statement(p, &p.Statements[i], true)
		if !st.actions.meets(&x.kind.mask) {
			continue
		}
		if rel := x.relation(st, partial); rel != 0 {
			out = append(out, indexRule{st, level, rel})
		}
	}
	return out
}

// relation says how much of an asset a statement of its own policy takes in.
func (x *indexAsset) relation(st *indexStatement, partial bool) uint16 {
	var whole, part uint16
	for i := range st.s.resources {
		r := &st.s.resources[i]
		if !partial && r.partial() {
			continue
		}
		p := indexPattern{text: r.text.anyValue(), unsure: !r.fixed}
		p.arn = splitARN(p.text)
		if r.fixed && r.all {
			whole |= allWhole
			continue
		}
		rel := x.relations(&p)
		whole |= rel & allWhole
		part |= rel >> 1 & allWhole
	}
	if st.always {
		return allWhole
	}
	part &^= whole
	if st.not {
		if st.variables {
			return allWhole << 1 // the variable decides
		}
		whole = allWhole &^ (whole | part)
	}
	return whole | part<<1
}

// allWhole is relWhole for every suffix.
const allWhole = 0x5555

// traitOf writes down what decides beside statements, names and tags.
func (ix *Index) traitOf(x *indexAsset) string {
	a := x.a
	limits := ix.w.limits(a.owner())
	path := ""
	for _, p := range []string{"role/aws-reserved/", "role/aws-service-role/", "key/", "role/"} {
		if path == "" && strings.HasPrefix(string(x.arn.parts[5]), p) {
			path = p
		}
	}
	_, bucket := bucketOf(a.ARN)
	public := a.S3.BlockPublic && a.Policy != nil && len(PublicStatements(a.Policy, Owner{Account: a.owner()})) > 0
	trait := a.Region + fmt.Sprintf("|%s|%s|%v|%s|%v|%v|%v|%v|%v|%s|%v|%v|%v|%v|%+v|%s", x.kind.name, limits.Org+limits.OrgPath, limits.Management, missingText(limits.Missing),
		x.arn.parts[:4], path, bucket, a.Policy != nil, a.Key != "", missingText(a.Missing), a.AWSManagedKey, public, a.Tags != nil, a.PointsRead, a.S3, grantText(a.Grants))
	if len(a.AccessPoints) > 0 || len(limits.Missing) > 0 || a.owner() == "" {
		trait += "|" + a.ARN
	}
	return trait
}

func grantText(list []KeyGrant) string {
	if len(list) == 0 {
		return ""
	}
	return fmt.Sprintf("%+v", list)
}

// tell writes the value of a tag key.
func (x *indexAsset) tell(key string) string {
	if !x.a.S3.ABAC && x.arn.parts[2] == "s3" && x.arn.parts[4] == "" {
		return "-" // tags of buckets do not count
	}
	for _, begin := range resourceTagKeys(x.a.ARN) {
		name, ok := strings.CutPrefix(key, begin)
		if !ok {
			continue
		}
		for k, v := range x.a.Tags {
			if strings.EqualFold(k, name) {
				return "=" + v
			}
		}
	}
	return "-"
}

// classify puts assets that no broad statement tells apart together.
func (ix *Index) classify() {
	for _, st := range ix.statements {
		for _, k := range st.tags {
			if !slices.Contains(ix.tagKeys, k) {
				ix.tagKeys = append(ix.tagKeys, k)
			}
		}
	}
	slices.Sort(ix.tagKeys)
	wide := make([]map[int32]uint16, len(ix.assets))
	for n, p := range ix.patterns {
		if p.all || !p.wide {
			continue
		}
		for a, rel := range p.touches {
			if wide[a] == nil {
				wide[a] = map[int32]uint16{}
			}
			wide[a][int32(n)] = rel
		}
		p.touches = nil
	}
	seen := map[string]int32{}
	for _, keys := range []bool{true, false} { // first the keys, whose class is a mark of what they encrypt
		for i, x := range ix.assets {
			if x.isKey() != keys {
				continue
			}
			sign := ix.signature(x, wide[i])
			n, ok := seen[sign]
			if !ok {
				n = int32(len(ix.classes))
				seen[sign] = n
				ix.classes = append(ix.classes, ix.newClass(x, wide[i]))
			}
			x.class = n
			ix.classes[n].assets = append(ix.classes[n].assets, int32(i))
		}
	}
}

func (x *indexAsset) isKey() bool { return strings.HasPrefix(x.kind.name, "kms key") }

func (ix *Index) signature(x *indexAsset, wide map[int32]uint16) string {
	var b strings.Builder
	key := int32(-1)
	if x.key >= 0 {
		key = ix.assets[x.key].class
	}
	fmt.Fprintf(&b, "%d %d %d", x.traits, x.account, key)
	for _, list := range [][]indexRule{x.rules, x.limits} {
		b.WriteByte('\n')
		for _, r := range list {
			fmt.Fprintf(&b, "%d %d %s %x %x;", r.level, r.shape, r.who, r.actions, r.rel)
		}
	}
	numbers := make([]int32, 0, len(wide))
	for n := range wide {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		fmt.Fprintf(&b, " %d:%x", n, wide[n])
	}
	for _, k := range ix.tagKeys {
		b.WriteString("\n" + x.tell(k))
	}
	return b.String()
}

func (ix *Index) newClass(x *indexAsset, wide map[int32]uint16) *indexClass {
	c := &indexClass{kind: x.kind, owner: x.a.owner(), wide: wide, points: len(x.a.AccessPoints) > 0,
		open: len(x.a.S3.ACL) > 0 || x.a.Missing[LayerResource] != ""}
	rules := slices.Concat(x.rules, x.limits)
	if x.key >= 0 {
		k := ix.assets[x.key]
		rules = slices.Concat(rules, k.rules, k.limits)
		c.name(ix, k.a.Grants)
	}
	c.name(ix, x.a.Grants)
	for _, r := range rules {
		for _, k := range r.own {
			if !slices.Contains(c.own, k) {
				c.own = append(c.own, k)
			}
		}
		c.principals(ix, r.s)
	}
	for _, p := range x.a.AccessPoints {
		c.open = c.open || p.Policy != nil
	}
	slices.Sort(c.own)
	slices.Sort(c.named)
	c.named = slices.Compact(c.named)
	return c
}

func (c *indexClass) name(ix *Index, grants []KeyGrant) {
	for _, g := range grants {
		c.named = append(c.named, ix.named[calledBy(g.Grantee)]...)
		if account, ok := accountPrincipal(g.Grantee); ok {
			c.accounts = append(c.accounts, account)
		}
	}
}

// principals notes whom a statement of a policy of the asset means.
func (c *indexClass) principals(ix *Index, s *Statement) {
	if s.Effect != Deny && (s.NotPrincipals != nil || s.unread&principalElement != 0 || s.Principals != nil && s.Principals.Any) {
		c.open = true
	}
	for _, list := range []*Principals{s.Principals, s.NotPrincipals} {
		if list == nil {
			continue
		}
		for _, v := range slices.Concat(list.AWS, list.Service, list.Federated) {
			c.named = append(c.named, ix.named[calledBy(v)]...)
			if account, ok := accountPrincipal(v); ok {
				c.accounts = append(c.accounts, account)
			}
		}
	}
}
