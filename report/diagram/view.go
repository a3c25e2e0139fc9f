package diagram

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
	"github.com/flowdeed/flowdeed/report/layout"
)

// Options say what to draw.
type Options struct {
	// Child is the command line of the layout process; empty: in this process.
	Child []string
	// Area says in which country a region is and what Chapter V GDPR says of it.
	Area func(region string) (country, status string, known bool)
	// Label gives the words for a category.
	Label func(category string) string
	// AsOf is the time of the snapshot, for the caption.
	AsOf string
}

// Usable page in points, A4 with margins, caption and legend taken off.
const (
	pageLong  = 725.0
	pageShort = 400.0
	portraitW = 485.0
	portraitH = 610.0
)

// Build draws the personal data of a graph: as few pictures as are readable, each with
// at most 40 boxes.
func Build(m *graph.Model, labels *classify.Labels, findings []check.Finding, opt Options) []Picture {
	v := newView(m, labels, findings, opt)
	defer v.engine.Close()
	var out []Picture
	for _, part := range v.parts() {
		out = append(out, v.fit(part)...)
	}
	for i := range out {
		out[i].ID = fmt.Sprintf("map-%d", i+1)
		out[i].Title = fmt.Sprintf("Data map, part %d of %d", i+1, len(out))
	}
	v.captions(out)
	return out
}

// view is what is drawn, over all pictures.
type view struct {
	m      *graph.Model
	labels *classify.Labels
	opt    Options
	worst  map[graph.ID]check.Severity // of failing findings about a node
	nodes  []graph.ID                  // in the pictures, sorted
	flows  []*graph.Flow               // in the pictures
	all    int                         // flows that carry data
	shown  map[graph.ID]bool
	folded int
	rule   *ruler
	engine *layout.Engine
}

func newView(m *graph.Model, labels *classify.Labels, findings []check.Finding, opt Options) *view {
	v := &view{m: m, labels: labels, opt: opt, worst: map[graph.ID]check.Severity{}, shown: map[graph.ID]bool{}, rule: newRuler(), engine: &layout.Engine{Argv: opt.Child}}
	mark := func(id graph.ID, s check.Severity) {
		if have, ok := v.worst[id]; !ok || s > have {
			v.worst[id] = s
		}
	}
	for i := range findings {
		f := &findings[i]
		if f.Status != check.Fail {
			continue
		}
		if f.Node != nil {
			mark(f.Node.ID, f.Severity)
		}
		if f.Flow != nil {
			mark(f.Flow.From, f.Severity)
			mark(f.Flow.To, f.Severity)
		}
	}
	v.choose()
	return v
}

// grave tells whether a node has an open finding that no picture may hide.
func (v *view) grave(id graph.ID) bool { return v.worst[id] >= check.High && v.has(id) }

func (v *view) has(id graph.ID) bool { _, ok := v.worst[id]; return ok }

// choose applies the lens: flows with personal data at an end, and the nodes at their
// ends; log groups that hold no label and no grave finding are folded away.
func (v *view) choose() {
	set := map[graph.ID]bool{}
	for _, f := range v.m.Flows() {
		if !f.Kind.Carries() {
			continue
		}
		v.all++
		personal := v.labels.Profile(f.From).Personal() || v.labels.Profile(f.To).Personal()
		if !personal && !(v.grave(f.From) && v.grave(f.To)) {
			continue
		}
		if v.plumbing(f.From) || v.plumbing(f.To) {
			v.folded++
			continue
		}
		v.flows = append(v.flows, f)
		set[f.From], set[f.To] = true, true
	}
	for _, n := range v.m.Nodes() {
		role := n.Class.Role()
		loner := !set[n.ID] && (v.labels.Profile(n.ID).Personal() && n.Class.KeepsData() || v.grave(n.ID) && role != graph.RoleSupport && role != graph.RolePlace)
		if loner && !v.plumbing(n.ID) {
			set[n.ID] = true
		}
	}
	v.nodes = slices.Sorted(maps.Keys(set))
}

// plumbing is what is folded into its owner.
func (v *view) plumbing(id graph.ID) bool {
	n := v.m.Node(id)
	if n == nil {
		return true
	}
	switch n.Class {
	case graph.LogGroup, graph.Trail, graph.Snapshot, graph.Backup:
		return !v.labels.Profile(id).Personal() && !v.grave(id)
	}
	return n.Class.Role() == graph.RoleSupport || n.Class.Role() == graph.RolePlace
}

// parts splits the nodes into connected components, the large ones first; small ones
// share a picture.
func (v *view) parts() [][]graph.ID {
	next := map[graph.ID][]graph.ID{}
	for _, f := range v.flows {
		// The internet joins everything; it does not make one thing of it.
		if f.From == graph.Internet || f.To == graph.Internet || f.From == graph.Schedule {
			continue
		}
		next[f.From], next[f.To] = append(next[f.From], f.To), append(next[f.To], f.From)
	}
	seen := map[graph.ID]bool{graph.Internet: true, graph.Schedule: true}
	var parts [][]graph.ID
	var small []graph.ID
	for _, id := range v.nodes {
		if seen[id] {
			continue
		}
		part := walk(id, next, seen)
		if len(part) <= 4 {
			small = append(small, part...)
			continue
		}
		parts = append(parts, part)
	}
	slices.SortStableFunc(parts, func(a, b []graph.ID) int { return cmp.Compare(len(b), len(a)) })
	if len(small) > 0 {
		parts = append(parts, small)
	}
	return parts
}

// walk collects a component breadth first, so that neighbours stay together when it
// is split further.
func walk(start graph.ID, next map[graph.ID][]graph.ID, seen map[graph.ID]bool) []graph.ID {
	seen[start] = true
	list := []graph.ID{start}
	for i := 0; i < len(list); i++ {
		around := slices.Clone(next[list[i]])
		slices.Sort(around)
		for _, id := range around {
			if !seen[id] {
				seen[id] = true
				list = append(list, id)
			}
		}
	}
	return list
}

// mostBoxes is how many boxes a picture may hold.
const mostBoxes = 40

// sizes are the numbers of boxes tried for a picture, the most first.
var sizes = []int{mostBoxes, 32, 26, 21, 18, 15, 13, 11, 9, 8, 7, 6, 5, 4, 3, 2, 1}

// fit lays out a part: it grows each picture along the strongest ties and gives it as
// many boxes as fit a page in readable text.
func (v *view) fit(part []graph.ID) []Picture {
	var out []Picture
	for len(part) > 0 {
		order := v.grow(part)
		for i, size := range sizes {
			if size > len(order) {
				if i+1 < len(sizes) && sizes[i+1] >= len(order) {
					continue
				}
				size = len(order)
			}
			p := v.draw(order[:size])
			if fits(p) || size == 1 {
				out = append(out, p)
				part = order[size:]
				break
			}
		}
	}
	return out
}

func fits(p Picture) bool {
	return p.W <= pageLong && p.H <= pageShort || p.W <= portraitW && p.H <= portraitH
}

// grow orders a part so that every beginning of it hangs together: from the least
// connected node, always the node with the most ties to what is there and the fewest
// elsewhere.
func (v *view) grow(part []graph.ID) []graph.ID {
	in := map[graph.ID]bool{}
	for _, id := range part {
		in[id] = true
	}
	ties := map[graph.ID]map[graph.ID]bool{}
	for _, f := range v.flows {
		if !in[f.From] || !in[f.To] || f.From == f.To {
			continue
		}
		for _, x := range [][2]graph.ID{{f.From, f.To}, {f.To, f.From}} {
			if ties[x[0]] == nil {
				ties[x[0]] = map[graph.ID]bool{}
			}
			ties[x[0]][x[1]] = true
		}
	}
	left := slices.Clone(part)
	slices.SortStableFunc(left, func(x, y graph.ID) int { return cmp.Or(len(ties[x])-len(ties[y]), cmp.Compare(x, y)) })
	pull := map[graph.ID]int{}
	var out []graph.ID
	for len(left) > 0 {
		best := 0
		for i, id := range left {
			if 1000*pull[id]-len(ties[id]) > 1000*pull[left[best]]-len(ties[left[best]]) {
				best = i
			}
		}
		id := left[best]
		left = slices.Delete(left, best, best+1)
		out = append(out, id)
		for other := range ties[id] {
			pull[other]++
		}
	}
	return out
}

// draw makes the picture of some nodes: boxes, zones, lines between them, and a note
// at a box for lines that leave the picture.
func (v *view) draw(ids []graph.ID) Picture {
	p := Picture{}
	at := map[graph.ID]int{}
	outside := v.needInternet(ids)
	ids = slices.Clone(ids)
	slices.Sort(ids)
	for _, id := range append(ids, outside...) {
		at[id] = len(p.Boxes)
		p.Boxes = append(p.Boxes, v.box(&p, v.m.Node(id)))
	}
	v.lines(&p, at)
	v.size(&p)
	v.place(&p)
	return p
}

// needInternet adds the internet and the clock to a picture whose nodes they feed.
func (v *view) needInternet(ids []graph.ID) []graph.ID {
	in := map[graph.ID]bool{}
	for _, id := range ids {
		in[id] = true
	}
	extra := map[graph.ID]bool{}
	for _, f := range v.flows {
		if (f.From == graph.Internet || f.From == graph.Schedule) && in[f.To] {
			extra[f.From] = true
		}
		if f.To == graph.Internet && in[f.From] {
			extra[f.To] = true
		}
	}
	return slices.Sorted(maps.Keys(extra))
}

func (v *view) box(p *Picture, n *graph.Node) Box {
	b := Box{Node: n.ID, Role: n.Class.Role(), Service: serviceWords(n), Name: doc.Clean(cmp.Or(n.Name, string(n.ID))), Zone: v.zone(p, n)}
	if n.Class.KeepsData() && !n.External {
		b.Rest, b.Clear = restWords(n)
	}
	switch pr := v.labels.Profile(n.ID); {
	case n.Class == graph.InternetClass:
		// Anybody: what reaches the internet is said at the lines.
	case pr == classify.ProfileSpecial:
		b.Badge = "ART. 9"
	case pr == classify.ProfileCriminal:
		b.Badge = "ART. 10"
	case pr == classify.ProfileChildren:
		b.Badge = "CHILDREN"
	case pr == classify.ProfilePersonal:
		b.Badge = "PERSONAL"
	case pr == classify.ProfileUnlabelled && n.Class.KeepsData() && !n.External:
		b.Badge = "DATA ?"
	}
	if s, ok := v.worst[n.ID]; ok && s >= check.High {
		b.Worst = s.String()
	}
	return b
}

var serviceNames = map[string]string{
	"lambda.function": "Lambda function", "dynamodb.table": "DynamoDB table", "s3.bucket": "S3 bucket", "sqs.queue": "SQS queue", "sns.topic": "SNS topic",
	"events.bus": "event bus", "events.rule": "event rule", "events.archive": "event archive", "events.api_destination": "API destination", "pipes.pipe": "pipe",
	"scheduler.schedule": "schedule", "states.state_machine": "state machine", "kinesis.stream": "Kinesis stream", "firehose.delivery_stream": "delivery stream",
	"rds.instance": "RDS database", "rds.cluster": "RDS cluster", "rds.snapshot": "RDS snapshot", "elasticache.replication_group": "cache", "logs.group": "log group",
	"cognito.user_pool": "user pool", "apigateway.rest_api": "REST API", "apigateway.http_api": "HTTP API", "apigateway.websocket_api": "WebSocket API",
	"appsync.api": "GraphQL API", "elbv2.load_balancer": "load balancer", "cloudfront.distribution": "CDN", "glue.crawler": "crawler", "glue.job": "ETL job",
	"athena.workgroup": "query work group", "external.endpoint": "outside AWS", "party": "declared party", "internet": "anybody", "time.schedule": "clock", "account": "other account",
}

func serviceWords(n *graph.Node) string {
	if w, ok := serviceNames[n.Kind]; ok {
		return w
	}
	return strings.ReplaceAll(n.Kind, ".", " ")
}

// restWords says how a store is encrypted, in words.
func restWords(n *graph.Node) (words string, clear bool) {
	rest, key := graph.AtRest.Get(&n.Facts), graph.KeyOwner.Get(&n.Facts)
	switch {
	case rest.Known && rest.V == graph.NotEncrypted:
		return "NOT ENCRYPTED", true
	case !rest.Known || !key.Known:
		return "at rest: not known", false
	}
	return map[graph.KeyClass]string{
		graph.KeyProviderOwned: "at rest: AWS-owned key", graph.KeyAWSManaged: "at rest: AWS-managed key", graph.KeyCustomer: "at rest: own KMS key",
		graph.KeyCustomerForeign: "at rest: FOREIGN KMS key", graph.KeyExternal: "at rest: external key", graph.KeyNone: "NOT ENCRYPTED",
	}[key.V], key.V == graph.KeyNone
}

// zone finds or makes the trust boundary of a node: account and region, or outside.
func (v *view) zone(p *Picture, n *graph.Node) int {
	if n.ID == graph.Schedule {
		return -1
	}
	if n.External && n.Account == "" || n.Class.Role() == graph.RoleExternal {
		return v.addZone(p, Zone{Title: "Outside AWS", Parent: -1, Third: true})
	}
	account := v.addZone(p, Zone{Title: "Account " + cmp.Or(n.Account, "not known"), Parent: -1, Account: true})
	region := cmp.Or(n.Region, "region not known")
	if region == "global" {
		return account
	}
	title, third := region, false
	if v.opt.Area != nil {
		country, status, known := v.opt.Area(region)
		third = !known || status != "eea" && status != "adequate"
		switch {
		case !known:
			title += ", COUNTRY ?"
		case third:
			title = "THIRD COUNTRY " + country + ", " + region
		default:
			title += " (" + country + ")"
		}
	}
	return v.addZone(p, Zone{Title: title, Parent: account, Third: third})
}

func (v *view) addZone(p *Picture, z Zone) int {
	for i, have := range p.Zones {
		if have.Title == z.Title && have.Parent == z.Parent {
			return i
		}
	}
	p.Zones = append(p.Zones, z)
	return len(p.Zones) - 1
}

// lines bundles the flows between boxes, in the direction the data moves.
func (v *view) lines(p *Picture, at map[graph.ID]int) {
	type pair struct{ a, b int }
	bundle := map[pair]*Line{}
	cats := map[pair]map[string]bool{}
	away := map[int]map[graph.ID]bool{}
	for _, f := range v.flows {
		a, okA := at[f.From]
		b, okB := at[f.To]
		if !okA || !okB {
			if okA && f.To != graph.Internet {
				note(away, a, f.To)
			}
			if okB && f.From != graph.Internet && f.From != graph.Schedule {
				note(away, b, f.From)
			}
			continue
		}
		forward, backward := f.Kind.DataMoves()
		if backward && !forward {
			a, b = b, a
		}
		k := pair{a, b}
		l := bundle[k]
		if l == nil {
			l = &Line{From: a, To: b, Verdict: graph.TransitEnforced, Declared: true}
			bundle[k], cats[k] = l, map[string]bool{}
		}
		l.Count++
		l.Both = l.Both || forward && backward
		l.Declared = l.Declared && f.Layers == graph.Declared
		l.Kinds = append(l.Kinds, string(f.Kind))
		l.Verdict = worse(l.Verdict, verdictOf(f))
		if f.Kind == graph.Exposes {
			continue // what comes in from outside is not known
		}
		for _, x := range v.labels.At(p.Boxes[a].Node).Labels {
			if x.State != classify.Weak {
				cats[k][x.Category] = true
			}
		}
	}
	keys := slices.SortedFunc(maps.Keys(bundle), func(x, y pair) int { return cmp.Or(x.a-y.a, x.b-y.b) })
	for _, k := range keys {
		l := bundle[k]
		if back, ok := bundle[pair{k.b, k.a}]; ok && k.a > k.b {
			// Both directions between two boxes are one line with two heads.
			back.Both, back.Count = true, back.Count+l.Count
			back.Verdict = worse(back.Verdict, l.Verdict)
			back.Word = transitWords[back.Verdict]
			for i := range p.Lines {
				if p.Lines[i].From == k.b && p.Lines[i].To == k.a {
					p.Lines[i].Both, p.Lines[i].Count, p.Lines[i].Verdict, p.Lines[i].Word = true, back.Count, back.Verdict, back.Word
				}
			}
			continue
		}
		l.Word = transitWords[l.Verdict]
		l.Data = v.dataWords(cats[k])
		slices.Sort(l.Kinds)
		l.Kinds = slices.Compact(l.Kinds)
		p.Lines = append(p.Lines, *l)
	}
	for i := range p.Boxes {
		if n := len(away[i]); n > 0 {
			p.Boxes[i].Off = fmt.Sprintf("+%d in other parts", n)
		}
	}
}

func note(away map[int]map[graph.ID]bool, box int, id graph.ID) {
	if away[box] == nil {
		away[box] = map[graph.ID]bool{}
	}
	away[box][id] = true
}

func verdictOf(f *graph.Flow) graph.Transit {
	t := graph.InTransit.Get(&f.Facts)
	if !t.Known {
		return graph.TransitUnknown
	}
	return t.V
}

func worse(a, b graph.Transit) graph.Transit {
	if slices.Index(badness, b) > slices.Index(badness, a) {
		return b
	}
	return a
}

// dataWords names the categories of a line: the last parts of their keys, the first with a count.
func (v *view) dataWords(set map[string]bool) string {
	var words []string
	for _, k := range slices.Sorted(maps.Keys(set)) {
		words = append(words, strings.ReplaceAll(k[strings.LastIndexByte(k, '.')+1:], "_", " "))
	}
	words = slices.Compact(words)
	if len(words) > 1 {
		return fmt.Sprintf("%s +%d", words[0], len(words)-1)
	}
	return strings.Join(words, "")
}

// captions say what a picture shows and what it leaves out.
func (v *view) captions(list []Picture) {
	for i := range list {
		p := &list[i]
		p.Caption = fmt.Sprintf("%s. Resources and outside parties that personal data passes, and what guards it. %d boxes, %d lines; all parts together show %d of %d nodes and %d of %d flows that move data",
			p.Title, len(p.Boxes), len(p.Lines), len(v.nodes), len(v.m.Nodes()), len(v.flows), v.all)
		if v.folded > 0 {
			p.Caption += fmt.Sprintf("; %d flows to logs and copies without personal data are folded away", v.folded)
		}
		if v.opt.AsOf != "" {
			p.Caption += ". As of " + v.opt.AsOf
		}
		if p.Plain {
			p.Caption += ". Plain layout: the layout program could not be used"
		}
		p.Caption += "."
	}
}

// size measures the boxes and labels.
func (v *view) size(p *Picture) {
	for i := range p.Boxes {
		b := &p.Boxes[i]
		b.Name = v.rule.middle(b.Name, nameSize, true, 122)
		b.Service = v.rule.middle(b.Service, smallSize, false, 122)
		b.W = max(v.rule.width(b.Name, nameSize, true), v.rule.width(b.Service, smallSize, false)+v.badgeWidth(b), v.rule.width(b.Rest, smallSize, b.Clear), v.rule.width(b.footer(), smallSize, false)) + 2*pad + 6
		lines := 2
		if b.Rest != "" {
			lines++
		}
		if b.footer() != "" {
			lines++
		}
		b.H = float64(lines)*10.6 + 2*pad
		if b.Role == graph.RoleStore {
			b.H += 7
		}
		if b.Role == graph.RoleChannel {
			b.W += 10
		}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		l.LW = max(v.rule.width(l.Data, smallSize, false), v.rule.width(l.Word, smallSize, true)) + 4
		l.LH = 11
		if l.Data != "" {
			l.LH = 21
		}
	}
}

func (v *view) badgeWidth(b *Box) float64 {
	if b.Badge == "" {
		return 0
	}
	return v.rule.width(b.Badge, smallSize, true) + 12
}

// footer is the last line of a box: the worst finding, and lines that lead elsewhere.
func (b *Box) footer() string {
	switch {
	case b.Worst != "" && b.Off != "":
		return severityMark[b.Worst] + " " + b.Worst + "   " + b.Off
	case b.Worst != "":
		return severityMark[b.Worst] + " " + b.Worst
	}
	return b.Off
}

var severityMark = map[string]string{"critical": "■", "high": "▲"}

// place lays the picture out, left to right and top to bottom, and takes what fits
// its page better.
func (v *view) place(p *Picture) {
	in := layout.Input{NodeGap: 12, LayerGap: 18}
	for _, b := range p.Boxes {
		in.Boxes = append(in.Boxes, layout.Box{W: b.W, H: b.H, Zone: b.Zone})
	}
	for _, z := range p.Zones {
		in.Zones = append(in.Zones, layout.Zone{Parent: z.Parent, Head: 12})
	}
	for _, l := range p.Lines {
		in.Lines = append(in.Lines, layout.Line{From: l.From, To: l.To, W: l.LW, H: l.LH})
	}
	p.legend = legendOf(p)
	var best layout.Placed
	for i, down := range []bool{false, true} {
		in.TopToDown = down
		got := v.engine.Run(in)
		if i == 0 || overflow(got, p) < overflow(best, p) {
			best = got
		}
	}
	v.take(p, best)
}

// overflow is how much too large a layout is for its page; 0 when it fits.
func overflow(x layout.Placed, p *Picture) float64 {
	h := x.H + p.legend.height(max(x.W, 420)) + 16
	return min(max(x.W/pageLong, h/pageShort), max(x.W/portraitW, h/portraitH))
}

func (v *view) take(p *Picture, x layout.Placed) {
	const edge = 8.0
	p.Plain = x.Plain
	for i := range p.Boxes {
		p.Boxes[i].X, p.Boxes[i].Y = x.Boxes[i].X+edge, x.Boxes[i].Y+edge
	}
	for i := range p.Zones {
		z := x.Zones[i]
		p.Zones[i].Rect = layout.Rect{X: z.X + edge, Y: z.Y + edge, W: z.W, H: z.H}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		for _, q := range x.Lines[i] {
			l.Points = append(l.Points, layout.Point{X: q.X + edge, Y: q.Y + edge})
		}
		l.Label = layout.Point{X: x.Labels[i].X + edge, Y: x.Labels[i].Y + edge}
	}
	p.untangle(x.W+2*edge, x.H+2*edge)
	p.W = max(x.W+2*edge, 420)
	p.H = x.H + 2*edge + p.legend.height(p.W)
}

// untangle moves labels that overlap another label or a box to the nearest free place
// along a small spiral.
func (p *Picture) untangle(w, h float64) {
	taken := make([]layout.Rect, 0, len(p.Boxes)+len(p.Lines))
	for _, b := range p.Boxes {
		taken = append(taken, layout.Rect{X: b.X, Y: b.Y, W: b.W, H: b.H})
	}
	for _, z := range p.Zones {
		if z.Rect.W > 0 {
			taken = append(taken, layout.Rect{X: z.Rect.X, Y: z.Rect.Y, W: min(z.Rect.W, 8+newRuler().width(z.Title, smallSize, true)), H: 14})
		}
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		if l.Word == "" {
			continue
		}
		l.Label = free(l, taken, w, h)
		taken = append(taken, l.rect())
	}
}

func (l *Line) rect() layout.Rect {
	return layout.Rect{X: l.Label.X - l.LW/2, Y: l.Label.Y - l.LH/2, W: l.LW, H: l.LH}
}

func free(l *Line, taken []layout.Rect, w, h float64) layout.Point {
	start := l.Label
	for step := range 40 {
		for _, d := range [][2]float64{{0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}} {
			l.Label = layout.Point{X: start.X + d[0]*float64(step)*5, Y: start.Y + d[1]*float64(step)*5}
			r := l.rect()
			if r.X < 0 || r.Y < 0 || r.X+r.W > w || r.Y+r.H > h {
				continue
			}
			if !slices.ContainsFunc(taken, func(t layout.Rect) bool { return overlap(r, t) }) {
				return l.Label
			}
		}
	}
	return start
}

func overlap(a, b layout.Rect) bool {
	return a.X < b.X+b.W && b.X < a.X+a.W && a.Y < b.Y+b.H && b.Y < a.Y+a.H
}
