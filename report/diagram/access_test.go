package diagram

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"image/png"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/iam"
	"github.com/flowdeed/flowdeed/reach"
	"github.com/flowdeed/flowdeed/report/doc"
	"github.com/flowdeed/flowdeed/report/layout"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	roleARN  = "arn:aws:iam::111122223333:role/"
	userARN  = "arn:aws:iam::111122223333:user/"
	tableARN = "arn:aws:dynamodb:eu-west-1:111122223333:table/"
)

// world is a small graph to draw answers over.
type world struct {
	m       *graph.Model
	answers []reach.Answer
}

func newWorld() *world { return &world{m: graph.NewModel()} }

func (w *world) principal(arn string) string {
	if w.m.Node(graph.ID(arn)) == nil {
		kind := "iam.role"
		if strings.Contains(arn, ":user/") {
			kind = "iam.user"
		}
		w.m.AddNode(graph.Node{ID: graph.ID(arn), Class: graph.Principal, Kind: kind, Name: arn[strings.LastIndexByte(arn, '/')+1:], Account: "111122223333", Region: "global"})
	}
	return arn
}

func (w *world) table(name string) string {
	id := graph.ID(tableARN + name)
	if w.m.Node(id) == nil {
		w.m.AddNode(graph.Node{ID: id, Class: graph.Table, Kind: "dynamodb.table", Name: name, Account: "111122223333", Region: "eu-west-1"})
	}
	return string(id)
}

// way adds an answer: a principal, then steps.
func (w *world) way(who string, access iam.Access, steps ...reach.Step) {
	x := reach.Answer{Principal: who, Store: steps[len(steps)-1].To, Access: []iam.Access{access}, Decision: iam.Allowed, Via: reach.Direct, Steps: steps}
	if x.If = reach.Conditions(steps); len(x.If) > 0 {
		x.Decision = iam.AllowedIf
	}
	w.answers = append(w.answers, x)
}

func may(to string, access iam.Access, conditions ...string) reach.Step {
	s := reach.Step{To: to, How: string(access)}
	for _, c := range conditions {
		s.If = append(s.If, iam.Alternative{{Text: c}})
	}
	return s
}

func assumes(to string, conditions ...string) reach.Step {
	s := may(to, "", conditions...)
	s.How = "assumes"
	return s
}

func (w *world) draw(t testing.TB, to ...string) []Picture {
	t.Helper()
	list, err := Access(w.m, w.labels(), Question{Title: "Who can read it", To: to, Result: reach.Result{Answers: w.answers}}, Options{AsOf: "2026-11-01"})
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		readable(t, &list[i])
	}
	return list
}

func (w *world) labels() *classify.Labels {
	w.m.Freeze()
	return classify.Propagate(w.m, annotations.Empty(), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
}

// readable holds the rules of pictures: at most 40 boxes and 60 lines on an A4 page, no
// words over words or boxes, no text wider than its box, none below 8 points.
func readable(t testing.TB, p *Picture) {
	t.Helper()
	if len(p.Boxes) > mostBoxes || len(p.Lines) > mostLines || !p.fits() {
		t.Errorf("%s: %d boxes, %d lines, %.0f by %.0f points do not keep to a page", p.Title, len(p.Boxes), len(p.Lines), p.W, p.H)
	}
	var taken []layout.Rect
	put := func(what string, r layout.Rect) {
		if r.X < 0 || r.Y < 0 || r.X+r.W > p.W+0.01 || r.Y+r.H > p.H+0.01 {
			t.Errorf("%s: %s is cut off", p.Title, what)
		}
		if slices.ContainsFunc(taken, func(o layout.Rect) bool { return overlap(r, o) }) {
			t.Errorf("%s: %s lies over something else", p.Title, what)
		}
		taken = append(taken, r)
	}
	for i := range p.Boxes {
		b := &p.Boxes[i]
		put(b.Name, layout.Rect{X: b.X, Y: b.Y, W: b.W, H: b.H})
		for k, r := range b.rows() {
			w := r.width() + b.indent()
			if k == 0 {
				w += b.badgeWidth()
			}
			if w > b.W {
				t.Errorf("%s: %q is wider than its box", p.Title, r.text)
			}
		}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		put(strings.Join(l.texts(true), " "), l.rect())
		for _, r := range l.rows() {
			if r.width() > l.LW {
				t.Errorf("%s: %q is wider than its plate", p.Title, r.text)
			}
		}
	}
	small := math.Inf(1)
	p.Paint(&leastText{least: &small}, nil)
	if small < 8 {
		t.Errorf("%s: text of %.1f points", p.Title, small)
	}
}

// leastText is a canvas that notes the smallest text.
type leastText struct{ least *float64 }

func (s *leastText) Line(x1, y1, x2, y2 float64, p doc.Pen)                  {}
func (s *leastText) Rect(x, y, w, h, r float64, p doc.Pen, fill *doc.Colour) {}
func (s *leastText) Path(steps []doc.Step, p doc.Pen, fill *doc.Colour)      {}
func (s *leastText) Link(x, y, w, h float64, id string)                      {}
func (s *leastText) Text(x, y float64, t string, f doc.Font)                 { *s.least = min(*s.least, f.Size) }

func box(p *Picture, name string) *Box {
	for i := range p.Boxes {
		if p.Boxes[i].Name == name {
			return &p.Boxes[i]
		}
	}
	return nil
}

func line(p *Picture, from, to string) *Line {
	for i := range p.Lines {
		if p.Boxes[p.Lines[i].From].Name == from && p.Boxes[p.Lines[i].To].Name == to {
			return &p.Lines[i]
		}
	}
	return nil
}

// sample has every kind of hop but flows, which only a finder gives.
func sample() *world {
	w := newWorld()
	store := w.table("customers")
	alice, support, admin, ci := w.principal(userARN+"alice"), w.principal(roleARN+"support"), w.principal(roleARN+"data-admin"), w.principal(roleARN+"ci")
	w.way(alice, iam.Read, assumes(support, "aws:MultiFactorAuthPresent Bool [true]"), assumes(admin), may(store, iam.Read))
	w.way(admin, iam.Read, may(store, iam.Read))
	w.way(admin, iam.Write, may(store, iam.Write))
	pass := may(admin, "")
	pass.How, pass.Rule = "iam:PassRole and lambda:CreateFunction", "pass-lambda"
	w.way(ci, iam.Read, pass, may(store, iam.Read))
	lift := may(support, "")
	lift.How, lift.Rule = "iam:PutRolePolicy on itself", "role-inline"
	w.way(support, iam.Delete, lift, may(store, iam.Delete))
	opening := may(store, iam.Read)
	opening.How, opening.Rule = "dynamodb:PutResourcePolicy", "dynamodb:PutResourcePolicy"
	w.way(w.principal(userARN+"carol"), iam.Read, opening)
	w.way("arn:aws:iam::999999999999:root", iam.Read, may(store, iam.Read, "account 999999999999 allows it"))
	w.way("internet", iam.Read, may(store, iam.Read))
	w.way("sns.amazonaws.com", iam.Write, may(store, iam.Write))
	w.way("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com", iam.Read, assumes(ci, "token.actions.githubusercontent.com:aud StringEquals [sts.amazonaws.com]"), pass, may(store, iam.Read))
	return w
}

func TestAccessSaysEveryHop(t *testing.T) {
	w := sample()
	list := w.draw(t, tableARN+"customers")
	all := map[string]string{}
	for i := range list {
		p := &list[i]
		for k := range p.Lines {
			l := &p.Lines[k]
			if !l.Access {
				t.Errorf("%s is drawn as a flow", l.Word)
			}
			all[fmt.Sprintf("%s > %s: %s", p.Boxes[l.From].Name, p.Boxes[l.To].Name, l.Word)] = fmt.Sprintf("if=%v gained=%v %s", l.Conditional, l.Gained, strings.Join(l.More, " "))
		}
		if b := box(p, "customers"); b == nil || b.Mark != "TARGET" || b.Badge != "DATA ?" {
			t.Errorf("the target is not marked: %+v", b)
		}
	}
	want := map[string]string{
		"alice > support: assumes":                                       "if=true gained=false if it signed in with a second factor (MFA)",
		"support > data-admin: assumes":                                  "if=false gained=false ",
		"data-admin > customers: may read, write":                        "if=false gained=false ",
		"ci > data-admin: passes role: pass-lambda":                      "if=false gained=true by iam:PassRole and lambda:CreateFunction",
		"support > customers: escalates by role-inline, then may delete": "if=false gained=true by iam:PutRolePolicy on itself",
		"carol > customers: may read":                                    "if=false gained=true by dynamodb:PutResourcePolicy",
		"999999999999 > customers: may read":                             "if=true gained=false if account 999999999999 allows it",
		"internet > customers: may read":                                 "if=false gained=false ",
		"sns.amazonaws.com > customers: may write":                       "if=false gained=false ",
	}
	for k, v := range want {
		if all[k] != v {
			t.Errorf("%s: %q, want %q", k, all[k], v)
		}
	}
	for k := range all {
		if _, ok := want[k]; !ok && !strings.Contains(k, "githubusercontent") && !strings.HasPrefix(k, "token.") {
			t.Errorf("%s was not asked for", k)
		}
	}
}

func TestAccessFoldsOnlyWhatIsTheSame(t *testing.T) {
	const many = 50
	w := newWorld()
	store := w.table("customers")
	for i := range many {
		w.way(w.principal(fmt.Sprintf("%sreader-%02d", roleARN, i)), iam.Read, may(store, iam.Read))
	}
	for _, x := range []string{"a", "b"} {
		w.way(w.principal(userARN+"user-"+x), iam.Read, assumes(w.principal(roleARN+"role-"+x)), may(store, iam.Read))
	}
	w.way(w.principal(roleARN+"guarded"), iam.Read, may(store, iam.Read, "it is Monday"))
	list := w.draw(t, store)
	if len(list) != 1 {
		t.Fatalf("%d pictures", len(list))
	}
	p := &list[0]
	if b := box(p, "50 with the same way"); b == nil || len(b.members) != many {
		t.Errorf("the equal readers are no box: %+v", p.Boxes)
	}
	for _, name := range []string{"user-a", "user-b", "role-a", "role-b", "guarded"} {
		if box(p, name) == nil {
			t.Errorf("%s, which has a way of its own, was folded away", name)
		}
	}
	for _, x := range [][2]string{{"user-a", "role-b"}, {"user-b", "role-a"}} {
		if line(p, x[0], x[1]) != nil {
			t.Errorf("%s was never said to become %s", x[0], x[1])
		}
	}
	if l := line(p, "guarded", "customers"); l == nil || !l.Conditional {
		t.Error("the condition is gone")
	}
	if !strings.Contains(p.Caption, "49 with the same way as others are folded") || !strings.Contains(strings.Join(p.notes, " "), "reader-00, reader-01") {
		t.Errorf("what was folded is not said: %s %v", p.Caption, p.notes)
	}
}

// randomWorld has principals that reach stores themselves or through others, many of them
// in the same way.
func randomWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 1))
	w := newWorld()
	for i := range 4 + r.IntN(20) {
		who := w.principal(fmt.Sprintf("%sp-%02d", roleARN, i))
		for range 1 + r.IntN(3) {
			store := w.table(fmt.Sprintf("s-%d", r.IntN(3)))
			last := may(store, iam.Read)
			if r.IntN(3) == 0 {
				last = may(store, iam.Read, "it is Monday")
			}
			if r.IntN(2) == 0 {
				w.way(who, iam.Read, last)
				continue
			}
			w.way(who, iam.Read, assumes(w.principal(fmt.Sprintf("%sr-%d", roleARN, r.IntN(4)))), last)
		}
	}
	return w
}

// TestFoldedLinesHoldForEach draws random ways and asks that whatever a line of a folded
// box says was said of each of its members.
func TestFoldedLinesHoldForEach(t *testing.T) {
	for seed := range 60 {
		w := randomWorld(uint64(seed))
		a := &access{scene: newScene(w.m, w.labels(), Options{}), ways: waysOf(w.answers)}
		said := map[string]bool{}
		for _, x := range a.ways {
			for _, h := range x {
				said[h.from+" "+h.to+" "+h.kind()] = true
			}
		}
		for _, f := range []folding{exactly, loosely} {
			a.fold(a.ways, f)
			for _, x := range a.ways {
				for _, h := range x {
					for _, from := range a.of[h.from].members {
						for _, to := range a.of[h.to].members {
							if !said[from+" "+to+" "+h.kind()] {
								t.Fatalf("seed %d: a line says that %s %s %s", seed, from, h.words, to)
							}
						}
					}
				}
			}
		}
	}
}

// drawn are the nodes that are in one of the pictures.
func drawn(list []Picture) map[string]bool {
	out := map[string]bool{}
	for _, p := range list {
		for _, b := range p.Boxes {
			out[string(b.Node)] = true
			for _, id := range b.members {
				out[id] = true
			}
		}
	}
	return out
}

func TestAccessInParts(t *testing.T) {
	w := newWorld()
	var stores []string
	for i := range 30 {
		stores = append(stores, w.table(fmt.Sprintf("store-%02d", i)))
		for k := range 1 + i%3 {
			w.way(w.principal(fmt.Sprintf("%sreader-%02d-%d", roleARN, i, k)), iam.Read, may(stores[i], iam.Read, fmt.Sprintf("the moon is in phase %d", i+k)))
		}
	}
	list := w.draw(t, stores...)
	if len(list) < 2 {
		t.Fatalf("%d pictures of %d answers with conditions of their own", len(list), len(w.answers))
	}
	seen := drawn(list)
	for i := range list {
		if want := fmt.Sprintf("part %d of %d", i+1, len(list)); !strings.Contains(list[i].Title, want) {
			t.Errorf("%q does not say %s", list[i].Title, want)
		}
	}
	for _, x := range w.answers {
		if !seen[x.Principal] || !seen[x.Store] {
			t.Errorf("%s is in no picture", x.Principal)
		}
	}
}

// TestAccessOfAKey asks for the key of many stores: they share a box, one that has
// another key does not.
func TestAccessOfAKey(t *testing.T) {
	const many = 50
	w := newWorld()
	var stores []string
	for i, name := range []string{"one", "two"} {
		key := graph.ID("arn:aws:kms:eu-west-1:111122223333:key/" + name)
		w.m.AddNode(graph.Node{ID: key, Class: graph.EncryptionKey, Kind: "kms.key", Name: name, Account: "111122223333", Region: "eu-west-1"})
		for k := range many - i*(many-1) {
			stores = append(stores, w.table(fmt.Sprintf("%s-%02d", name, k)))
			w.m.AddFlow(graph.Flow{From: graph.ID(stores[len(stores)-1]), To: key, Kind: graph.EncryptsWith})
		}
		w.way(w.principal(roleARN+"reader-"+name), iam.Decrypt, may(string(key), iam.Decrypt))
	}
	w.answers = append(w.answers, w.answers...) // one answer a store
	w.m.Freeze()
	list := w.draw(t, stores...)
	if !strings.Contains(list[0].Caption, "2 ways from 2 origins.") {
		t.Errorf("%q counts answers twice", list[0].Caption)
	}
	if len(list) != 1 {
		t.Fatalf("%d pictures", len(list))
	}
	for from, to := range map[string]string{"one": "50 with the same way", "two": "two-00"} {
		if l := line(&list[0], from, to); l == nil || !l.Relation || l.Access || l.Word != "decrypts" {
			t.Errorf("key %s: %+v", from, l)
		}
	}
	if b := box(&list[0], "50 with the same way"); b == nil || len(b.members) != many || b.Mark != "TARGET" {
		t.Errorf("the stores of one key: %+v", b)
	}
}

func TestAccessSaysWhatIsNotDrawn(t *testing.T) {
	w := newWorld()
	var stores []string
	for i := range 600 {
		stores = append(stores, w.table(fmt.Sprintf("store-%03d", i)))
		w.way(w.principal(fmt.Sprintf("%sreader-%03d", roleARN, i)), iam.Read, may(stores[i], iam.Read, fmt.Sprintf("condition %d", i)))
	}
	list, err := Access(w.m, w.labels(), Question{Title: "all", To: stores, Result: reach.Result{Answers: w.answers, Undecided: make([]reach.Answer, 2)}}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	there := 0
	for id := range drawn(list) {
		if strings.HasPrefix(id, tableARN) {
			there++
		}
	}
	last := list[len(list)-1].Caption
	if want := fmt.Sprintf("%d ways more are not drawn", 600-there); len(list) != mostPictures || !strings.Contains(last, want) {
		t.Errorf("%d pictures; the last says %q, want %q", len(list), last, want)
	}
	if !strings.Contains(last, "2 answers not decided") {
		t.Errorf("%q does not say what is not decided", last)
	}
}

func TestAccessWithoutAnswer(t *testing.T) {
	w := newWorld()
	r := reach.Result{Undecided: []reach.Answer{{Principal: "x"}}, Denied: []reach.Answer{{Principal: "y"}}}
	if _, err := Access(w.m, w.labels(), Question{Result: r}, Options{}); !errors.Is(err, ErrNoWay) {
		t.Errorf("%v: what is denied or not decided is no way", err)
	}
}

func TestAccessFormats(t *testing.T) {
	hostile := sample()
	bad := "</text><script>x</script> \x00\u202e\"|;]-->\n" + strings.Repeat("ü", 300)
	hostile.m.AddNode(graph.Node{ID: "arn:aws:iam::111122223333:role/bad", Class: graph.Principal, Kind: "iam.role", Name: bad, Account: "111122223333"})
	hostile.way("arn:aws:iam::111122223333:role/bad", iam.Read, may(tableARN+"customers", iam.Read, bad, bad+"2"))
	for name, w := range map[string]*world{"sample": sample(), "hostile": hostile} {
		t.Run(name, func(t *testing.T) {
			list := w.draw(t, tableARN+"customers")
			var first, second, image, dot bytes.Buffer
			if err := errors.Join(SVG(&first, list), SVG(&second, w.draw(t, tableARN+"customers")), PNG(&image, list), DOT(&dot, list)); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first.Bytes(), second.Bytes()) {
				t.Error("drawn twice, other bytes")
			}
			for dec := xml.NewDecoder(bytes.NewReader(first.Bytes())); ; {
				if _, err := dec.Token(); err == io.EOF {
					break
				} else if err != nil {
					t.Fatalf("the SVG cannot be read: %v", err)
				}
			}
			if bytes.Contains(first.Bytes(), []byte("<script")) {
				t.Error("a name became an element")
			}
			if _, err := png.Decode(&image); err != nil {
				t.Error(err)
			}
			mermaid := Mermaid(list)
			for i, l := range strings.Split(strings.TrimSpace(mermaid), "\n")[1:] {
				if !strings.HasPrefix(l, "  n") || strings.Count(l, `"`) != 2 {
					t.Errorf("line %d of the Mermaid picture: %q", i+2, l)
				}
			}
			if name == "sample" {
				golden(t, "access.svg", first.Bytes())
				golden(t, "access.mmd", []byte(mermaid))
				golden(t, "access.dot", dot.Bytes())
			}
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s has changed; look at it and run the test with -update", file)
	}
}

// TestPermissionsLookUnlikeFlows holds that no pen of a permission is one of a flow.
func TestPermissionsLookUnlikeFlows(t *testing.T) {
	for _, gained := range []bool{false, true} {
		for _, conditional := range []bool{false, true} {
			l := Line{Access: true, Gained: gained, Conditional: conditional}
			for v, pen := range pens {
				if l.pen().Colour == pen.Colour || l.pen().Width == pen.Width {
					t.Errorf("a permission looks like %s", v)
				}
			}
			if (len(l.pen().Dash) > 0) != conditional {
				t.Error("dashed is what hangs on conditions, and nothing else")
			}
		}
	}
}

// TestContrast holds 4.5 to 1 for text and 3 to 1 for lines (WCAG 2.2, 1.4.3 and 1.4.11).
func TestContrast(t *testing.T) {
	for _, x := range []struct {
		name    string
		on, of  doc.Colour
		atLeast float64
	}{
		{"text", white, ink, 4.5}, {"second text", white, second, 4.5}, {"text in a principal", accessFill, ink, 4.5}, {"second text in a principal", accessFill, second, 4.5},
		{"permission", white, accessInk, 4.5}, {"gained", white, amber, 4.5}, {"relation", white, grey, 4.5}, {"outline of a principal", accessFill, accessInk, 3},
		{"personal", amberFill, amber, 4.5}, {"special", specialFill, specialInk, 4.5}, {"not known", unknownFill, unknownInk, 4.5},
		{"third country", thirdFill, specialInk, 4.5}, {"region", zoneFill, second, 4.5}, {"account", white, accountInk, 4.5},
		{"enforced", white, blue, 4.5}, {"plaintext", white, red, 4.5},
	} {
		a, b := luminance(x.on), luminance(x.of)
		if c := (max(a, b) + 0.05) / (min(a, b) + 0.05); c < x.atLeast {
			t.Errorf("%s: contrast %.1f, at least %.1f", x.name, c, x.atLeast)
		}
	}
}

func luminance(c doc.Colour) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.03928 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}
