package diagram

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report/doc"
)

// circle is what is drawn as one box: a node, or several that have the same ways.
type circle struct {
	lead    string   // the first of them
	members []string // sorted
}

// leastFolded is how many nodes with the same way become one box.
const leastFolded = 3

// lead is the node in whose box a node is drawn.
func (a *access) lead(id string) string {
	if c := a.of[id]; c != nil {
		return c.lead
	}
	return id
}

// folding says what may share a box beside having the same way: nothing, what looks the
// same, or whatever plays the same part at the same place with the same mark.
type folding int

const (
	unfolded folding = iota
	exactly
	loosely
)

// fold puts nodes into one box that have the same lines to the same boxes, until nothing
// is left to fold. As only exactly equal lines count, a line at a box of many holds for
// each of them.
func (a *access) fold(ways []way, f folding) {
	a.of = map[string]*circle{}
	for _, w := range ways {
		for _, h := range w {
			for _, id := range []string{h.from, h.to} {
				a.of[id] = &circle{lead: id, members: []string{id}}
			}
		}
	}
	if f == unfolded {
		return
	}
	a.foldOpened(f)
	for a.foldOnce(ways, f) {
	}
}

// foldOpened puts the stores of a key into one box when nothing else is drawn at them.
func (a *access) foldOpened(f folding) {
	keys := map[string]string{}
	for _, o := range a.opens {
		if a.of[o.store] == nil {
			keys[o.store] += o.key + "\x00"
		}
	}
	alike := map[string][]string{}
	for _, store := range slices.Sorted(maps.Keys(keys)) {
		k := keys[store] + a.looks(store, f)
		alike[k] = append(alike[k], store)
	}
	for _, stores := range alike {
		if len(stores) < leastFolded {
			continue
		}
		c := &circle{lead: stores[0], members: stores}
		for _, id := range stores {
			a.of[id] = c
		}
	}
}

// foldOnce folds what is alike now and tells whether there was anything.
func (a *access) foldOnce(ways []way, f folding) (folded bool) {
	lines := map[string]map[string]bool{} // by box
	note := func(id, line string) {
		id = a.lead(id)
		if lines[id] == nil {
			lines[id] = map[string]bool{}
		}
		lines[id][line] = true
	}
	for _, w := range ways {
		for _, h := range w {
			kind := h.kind() + "\x00" + strings.Join(h.may, ",")
			note(h.from, "to\x00"+a.lead(h.to)+"\x00"+kind)
			note(h.to, "from\x00"+a.lead(h.from)+"\x00"+kind)
		}
	}
	for _, o := range a.opens {
		if a.of[o.key] != nil {
			note(o.key, "key of\x00"+a.lead(o.store))
		}
		if a.of[o.store] != nil {
			note(o.store, "opened by\x00"+a.lead(o.key))
		}
	}
	alike := map[string][]string{}
	for _, id := range slices.Sorted(maps.Keys(lines)) {
		key := a.looks(id, f) + "\x00" + strings.Join(slices.Sorted(maps.Keys(lines[id])), "\x00")
		alike[key] = append(alike[key], id)
	}
	for _, leads := range alike {
		c := &circle{lead: leads[0]}
		for _, id := range leads {
			c.members = append(c.members, a.of[id].members...)
		}
		if len(leads) == 1 || len(c.members) < leastFolded {
			continue
		}
		slices.Sort(c.members)
		folded = true
		for _, id := range c.members {
			a.of[id] = c
		}
	}
	return folded
}

// looks is what nodes must have in common to share a box, beside their lines.
func (a *access) looks(id string, f folding) string {
	p := Picture{}
	b := a.one(&p, id)
	zone := ""
	for z := b.Zone; z >= 0; z = p.Zones[z].Parent {
		zone += "\x00" + p.Zones[z].Title
	}
	common := []string{string(b.Role), b.Badge, b.Mark, zone, fmt.Sprint(b.Outside)}
	if f == exactly || b.Role == rolePrincipal {
		common = append(append(common, b.Service), slices.Sorted(maps.Keys(a.categories(id)))...)
	}
	return strings.Join(common, "\x00")
}

// box is the box of a circle.
func (a *access) box(p *Picture, lead string) Box {
	b := a.one(p, lead)
	c := a.of[lead]
	if c == nil || len(c.members) == 1 {
		return b
	}
	const shown = 3
	var names []string
	services, data := map[string]bool{}, map[string]bool{}
	for i, id := range c.members {
		x := a.one(&Picture{}, id)
		if i < shown {
			names = append(names, a.rule.middle(x.Name, smallSize, false, widest))
		}
		services[x.Service] = true
		maps.Copy(data, a.categories(id))
	}
	if more := len(c.members) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	if len(services) > 1 {
		b.Service = fmt.Sprintf("%d kinds", len(services))
	}
	if len(b.More) > 0 && !maps.Equal(data, a.categories(lead)) {
		b.More = []string{a.rule.middle("among them "+dataWords(data, 2), smallSize, false, widest+20)}
	}
	b.Name = fmt.Sprintf("%d with the same way", len(c.members))
	b.More = append(names, b.More...)
	b.members = c.members
	return b
}

// one is the box of a single node, principal or outsider.
func (a *access) one(p *Picture, id string) Box {
	b := Box{Node: graph.ID(id), Zone: -1}
	switch n := a.m.Node(graph.ID(id)); {
	case n == nil || n.Class == graph.InternetClass || n.Class == graph.Principal && n.External:
		a.outsider(p, &b, id)
	case n.Class == graph.Principal:
		b.Role, b.Service, b.Name, b.Zone = rolePrincipal, serviceWords(n), n.Name, a.zone(p, n)
	default:
		b.Role, b.Service, b.Name, b.Zone, b.Badge = n.Class.Role(), serviceWords(n), cmp.Or(n.Name, id), a.zone(p, n), a.badge(n)
		switch n.Class {
		case graph.EncryptionKey:
			b.Role = roleKey
		case graph.Secret, graph.Parameter:
			b.Role = graph.RoleStore
		}
		if words := dataWords(a.categories(id), 2); words != "" && (n.Class.KeepsData() || b.Role == graph.RoleStore) {
			b.More = []string{a.rule.middle(words, smallSize, false, widest+20)}
		}
	}
	b.Name = doc.Clean(b.Name)
	switch {
	case slices.Contains(a.q.To, id):
		b.Mark = "TARGET"
	case slices.Contains(a.q.From, id):
		b.Mark = "START"
	}
	return b
}

// categories are those that a node holds for sure.
func (a *access) categories(id string) map[string]bool {
	out := map[string]bool{}
	for _, l := range a.labels.At(graph.ID(id)).Labels {
		if l.State != classify.Weak {
			out[l.Category] = true
		}
	}
	return out
}

// outsider is the box of somebody who is not in a scanned account. The words come from
// the form of the name: nothing else is known of them.
func (a *access) outsider(p *Picture, b *Box, id string) {
	b.Role, b.Outside = rolePrincipal, true
	last := id[strings.LastIndexByte(id, '/')+1:]
	account := iam.Account(id)
	switch {
	case id == string(graph.Internet):
		b.Service, b.Name = "anybody, no sign-in", "internet"
	case id == reach.SignedIn:
		b.Service, b.Name = "signed in at the entry", id
	case strings.HasSuffix(id, ".amazonaws.com"):
		b.Service, b.Name = "AWS service", id
	case strings.Contains(id, "-provider/"):
		b.Service, b.Name = "sign-in provider", id[strings.Index(id, "-provider/")+len("-provider/"):]
	case strings.HasPrefix(id, "arn:") && strings.Contains(id, ":*:"):
		b.Service, b.Name = "other accounts", "any AWS account"
	case strings.HasSuffix(id, ":root"):
		b.Service, b.Name = "other account", account
	case strings.Contains(id, ":user/"):
		b.Service, b.Name = "IAM user of another account", last
	case strings.Contains(id, ":assumed-role/"):
		b.Service, b.Name = "session of another account", last
	case strings.Contains(id, ":role/"):
		b.Service, b.Name = "IAM role of another account", last
	default:
		b.Service, b.Name = "not in the inventory", id
	}
	zone := "Outside AWS"
	if account != "" && !strings.Contains(id, "-provider/") {
		zone = "Account " + account + ", not scanned"
	}
	if b.Service != "AWS service" {
		b.Zone = a.addZone(p, Zone{Title: zone, Parent: -1, Third: true})
	}
}
