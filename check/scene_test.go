package check

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// scene is a small system that a case sets up and a control looks at.
type scene struct {
	*Input
	m    *graph.Model
	held map[graph.ID]*classify.Held
}

// home is the account and Region of nodes that name none.
const (
	home   = "111122223333"
	region = "eu-west-1"
)

func newScene() *scene {
	s := &scene{m: graph.NewModel(), held: map[graph.ID]*classify.Held{}}
	s.Input = &Input{
		Graph: s.m, Policy: DefaultPolicy(), Now: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC),
		KnownAccounts: map[string]string{home: "scanned"},
		Recipients:    map[string]string{"mailer.example": "mailer", "carrier.example": "carrier"},
		Refused:       func(string, string, string) (string, bool) { return "", false },
		Rights:        func(graph.ID) ([]Right, bool) { return nil, true },
		Users:         func(graph.ID, string) ([]User, []string) { return nil, nil },
		Powers:        func(graph.ID) (Powers, bool) { return Powers{}, true },
		DeclaredUsers: map[graph.ID][]string{},
		Area: func(r string) (string, string, bool) {
			c, ok := map[string][2]string{"eu-west-1": {"IE", "eea"}, "eu-central-1": {"DE", "eea"}, "eu-west-2": {"GB", "adequate"}, "us-east-1": {"US", "partial"}, "ap-south-1": {"IN", "none"}}[r]
			return c[0], c[1], ok
		},
		Party: func(who string) (string, string, string, bool) {
			switch who {
			case "mailer":
				return "US", "partial", "scc", true
			case "carrier":
				return "IN", "none", "", true
			}
			return "", "", "", false
		},
	}
	s.Register = func(who string) (RegisterEntry, bool) {
		e, ok := map[string]RegisterEntry{
			"mailer": {"processor", "US", "DPA 7"}, "carrier": {"controller", "IN", ""}, "Partner": {"processor", "DE", "DPA 8"},
			"placeless": {"processor", "", "DPA 9"}, "unbound": {"processor", "DE", ""},
		}[who]
		return e, ok
	}
	s.Labels = classify.NewLabels(s.held, gradeCategory)
	return s
}

// gradeCategory grades the categories the cases use.
func gradeCategory(l classify.Label) classify.Profile {
	switch {
	case strings.HasPrefix(l.Category, "user.health"):
		return classify.ProfileSpecial
	case strings.HasPrefix(l.Category, "user"):
		return classify.ProfilePersonal
	}
	return classify.ProfileUnlabelled
}

// node adds a node of the home account and Region; set changes it.
func (s *scene) node(id graph.ID, class graph.Class, set ...func(*graph.Node)) *graph.Node {
	n := graph.Node{ID: id, Class: class, Name: string(id), Account: home, Region: region}
	for _, f := range set {
		f(&n)
	}
	return s.m.AddNode(n)
}

func (s *scene) internet() {
	s.m.AddNode(graph.Node{ID: graph.Internet, Class: graph.InternetClass, Name: "Internet", External: true})
}

// outside adds a node seen from outside only.
func (s *scene) outside(id graph.ID, class graph.Class, account, region string) {
	s.m.AddNode(graph.Node{ID: id, Class: class, Name: string(id), Account: account, Region: region, External: true})
}

func (s *scene) flow(kind graph.FlowKind, from, to graph.ID, set ...func(*graph.Flow)) {
	f := graph.Flow{Kind: kind, From: from, To: to, Layers: graph.Possible, Evidence: []graph.Evidence{{Kind: "configuration", Confidence: 0.99}}}
	for _, x := range set {
		x(&f)
	}
	s.m.AddFlow(f)
}

// holds labels a node; a category may carry the way it came by after "@": "user.contact.email@a,b".
func (s *scene) holds(id graph.ID, categories ...string) *classify.Held {
	h := &classify.Held{State: classify.Declared, Stated: true}
	for _, c := range categories {
		l := classify.Label{Category: c, State: classify.Declared}
		if key, way, carried := strings.Cut(c, "@"); carried {
			l.Category, l.State = key, classify.Inferred
			for _, p := range strings.Split(way, ",") {
				l.Path = append(l.Path, graph.ID(p))
			}
			h.State, h.Stated = classify.Inferred, false
		}
		h.Labels = append(h.Labels, l)
	}
	s.held[id] = h
	return h
}

// empty declares that a node holds no personal data.
func (s *scene) empty(id graph.ID) {
	s.held[id] = &classify.Held{State: classify.None, Stated: true, Why: "test data"}
}

// with sets a fact of a node, on sets one of a flow.
func with[T graph.Value](k graph.Key[T], v T) func(*graph.Node) {
	return func(n *graph.Node) { k.Set(&n.Facts, v, "test") }
}

func without[T graph.Value](k graph.Key[T]) func(*graph.Node) {
	return func(n *graph.Node) { k.Unknown(&n.Facts, "refused", "test") }
}

func on[T graph.Value](k graph.Key[T], v T) func(*graph.Flow) {
	return func(f *graph.Flow) { k.Set(&f.Facts, v, "test") }
}

func off[T graph.Value](k graph.Key[T]) func(*graph.Flow) {
	return func(f *graph.Flow) { k.Unknown(&f.Facts, "refused", "test") }
}

func via(route string) func(*graph.Flow) { return func(f *graph.Flow) { f.Via = route } }

// trial is a case: what a control must answer about a subject of a scene.
type trial struct {
	control, name string
	subject       string // node id, or the start of a flow id
	want          Status
	severity      Severity // of a fail
	says          string   // part of the reason
	set           func(*scene)
}

// trials are all cases.
func trials() []trial {
	return slices.Concat(encRestTrials, kmsTrials, encTransitTrials, exposeTrials, xacctTrials, secretTrials, funcTrials, logTrials, retTrials, copyTrials, flowTrials, availTrials, xferTrials, protectTrials, statementTrials, iamTrials, policyTrials)
}

// judge runs one control over a scene and returns the finding about a subject.
func judge(t *testing.T, tr trial, change func(*scene)) Finding {
	t.Helper()
	s := newScene()
	tr.set(s)
	if change != nil {
		change(s)
	}
	s.m.Freeze()
	c, ok := ByID(tr.control)
	if !ok {
		t.Fatalf("no control %s", tr.control)
	}
	for _, f := range Run(s.Input, []*Control{c}) {
		if f.Subject == tr.subject || f.Flow != nil && strings.HasPrefix(f.Subject, tr.subject) {
			return f
		}
	}
	t.Fatalf("%s (%s): no finding about %s", tr.control, tr.name, tr.subject)
	return Finding{}
}

func TestControlsAnswer(t *testing.T) {
	for _, tr := range trials() {
		t.Run(tr.control+"/"+tr.name, func(t *testing.T) {
			f := judge(t, tr, nil)
			if f.Status != tr.want {
				t.Errorf("got %s (%s), want %s", f.Status, f.Reason, tr.want)
			}
			if tr.want == Fail && f.Status == Fail && f.Severity != tr.severity {
				t.Errorf("severity %s, want %s (%s)", f.Severity, tr.severity, f.Reason)
			}
			if !strings.Contains(f.Reason, tr.says) {
				t.Errorf("reason %q does not say %q", f.Reason, tr.says)
			}
			if f.Reason == "" {
				t.Error("no reason is given")
			}
		})
	}
}

// TestMissingFactNeverPasses blanks, one by one, the facts a pass rests on.
func TestMissingFactNeverPasses(t *testing.T) {
	for _, tr := range trials() {
		if tr.want != Pass {
			continue
		}
		for _, x := range judge(t, tr, nil).Facts {
			f := judge(t, tr, func(s *scene) {
				s.m.Freeze()
				blank := graph.Key[string]{Name: x.Name}
				for _, n := range s.m.Nodes() {
					if _, set := n.Facts.Lookup(x.Name); set {
						blank.Unknown(&n.Facts, "blanked", "test")
					}
				}
				for _, f := range s.m.Flows() {
					if _, set := f.Facts.Lookup(x.Name); set {
						blank.Unknown(&f.Facts, "blanked", "test")
					}
				}
			})
			if f.Status == Pass {
				t.Errorf("%s (%s) passes without %s: %s", tr.control, tr.name, x.Name, f.Reason)
			}
		}
	}
}
