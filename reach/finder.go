package reach

import (
	"slices"

	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
)

// Finder answers questions about one scan. It keeps what it worked out, so that many
// questions cost little more than one; it must not be shared between goroutines.
type Finder struct {
	world *iam.World
	graph *graph.Model

	holders   map[string]*iam.Holder
	assets    map[string]*iam.Asset
	policies  map[string]*iam.Policy // by id, for evidence
	accounts  []string               // every account known of, scanned or not, sorted
	byAccount map[string][]*iam.Holder
	// mentions caches whether any policy of a holder could allow an action at all.
	mentions map[mention]bool
	into     map[string][]edge // ways into a principal, by its ARN
	onto     map[string][]edge // escalations into it
	mayRules map[string]map[*Rule]bool
	lifted   map[string][]edge // those who can give themselves permissions, by account
	raising  map[string][]*iam.Holder
	raised   map[[2]*iam.Holder]edge // by who gives permissions, and to whom
	walked   []*walk
	// services and dataActions are of what the scan knows, in lower case.
	services, dataActions map[string]bool
	// everybodyIn is a policy that lets everybody do everything, as if one had opened
	// a store.
	everybodyIn *iam.Policy
	rights      map[string]rights
	near        map[string][]*iam.Asset // by account of the caller

	doors      map[*iam.Asset]door
	inReach    map[string][]*iam.Asset // by account that owns them or that they name
	ajar       []*iam.Asset            // with open doors
	open       map[accessTo]iam.Decision
	plainly    map[accessTo]bool
	openAsked  map[*iam.Asset]bool
	matrix     *iam.Matrix // of what is ajar
	places     places
	runsUnder  map[graph.ID][]*iam.Holder // roles by what runs under them
	byOpenDoor map[string][]openRight
	speaking   map[string][]*iam.Holder // by the actions that their policies speak of
	trusted    map[[2]string]bool       // by role and service
	permissive *Finder                  // of the same world, if unread control policies allowed everything
}

type mention struct {
	policy *iam.Policy
	action string
}

// New prepares questions about a scan: its permissions, and the flows between its
// nodes.
func New(w *iam.World, m *graph.Model) *Finder {
	f := &Finder{
		everybodyIn: supposed(`"Principal":"*",`, "policy that opens the store"),
		world:       w, graph: m, holders: map[string]*iam.Holder{}, assets: map[string]*iam.Asset{}, policies: map[string]*iam.Policy{},
		byAccount: map[string][]*iam.Holder{}, mentions: map[mention]bool{}, into: map[string][]edge{}, onto: map[string][]edge{}, mayRules: map[string]map[*Rule]bool{}, near: map[string][]*iam.Asset{}, rights: map[string]rights{}, lifted: map[string][]edge{}, raising: map[string][]*iam.Holder{}, raised: map[[2]*iam.Holder]edge{}, speaking: map[string][]*iam.Holder{},
		doors: map[*iam.Asset]door{}, inReach: map[string][]*iam.Asset{}, open: map[accessTo]iam.Decision{}, plainly: map[accessTo]bool{}, openAsked: map[*iam.Asset]bool{}, trusted: map[[2]string]bool{}, runsUnder: map[graph.ID][]*iam.Holder{},
	}
	note := func(list ...*iam.Policy) {
		for _, p := range list {
			if p != nil {
				f.policies[p.ID] = p
			}
		}
	}
	for _, h := range w.Holders {
		f.holders[h.Principal.ARN] = h
		f.byAccount[h.Principal.Account] = append(f.byAccount[h.Principal.Account], h)
		note(h.Policies...)
		note(h.Boundaries...)
		note(h.Trust)
	}
	for _, a := range w.Assets {
		f.assets[a.ARN] = a
		note(a.Policy)
		for _, p := range a.AccessPoints {
			note(p.Policy)
		}
		f.enter(a)
	}
	for _, g := range w.Groups {
		note(g.Policies...)
	}
	for id, l := range w.Accounts {
		f.accounts = append(f.accounts, id)
		for _, level := range slices.Concat(l.SCPs, l.RCPs) {
			note(level.Policies...)
		}
	}
	slices.Sort(f.accounts)
	return f
}

// enter notes who may come into question for an asset.
func (f *Finder) enter(a *iam.Asset) {
	d := doorOf(a)
	f.doors[a] = d
	f.inReach[a.Account] = append(f.inReach[a.Account], a)
	for _, id := range d.accounts {
		if id != a.Account {
			f.inReach[id] = append(f.inReach[id], a)
		}
	}
	if d.open {
		f.ajar = append(f.ajar, a)
	}
}

// Asset returns what a scan knows of a store, key, function or role; nil when it is
// none.
func (f *Finder) Asset(arn string) *iam.Asset { return f.assets[arn] }

// Holder returns a scanned user or role; nil when it is none.
func (f *Finder) Holder(arn string) *iam.Holder { return f.holders[arn] }

// could tells whether some policy of the holder might allow the action on the ARN.
func (f *Finder) could(h *iam.Holder, action, arn string) bool {
	if h.Missing[iam.LayerIdentity] != "" {
		return true
	}
	for _, p := range h.Policies {
		k := mention{p, action}
		any, ok := f.mentions[k]
		if !ok {
			any = p.MayAllow(action, "*")
			f.mentions[k] = any
		}
		if any && p.MayAllow(action, arn) {
			return true
		}
	}
	return false
}
