package report

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// The files that belong to every report.
const (
	dataFile     = "evidence.json"
	findingsFile = "findings.csv"
)

// DataVersion is the version of the JSON format. It changes when a field is
// renamed or removed, not when one is added.
const DataVersion = 1

// attach adds findings and evidence as files.
func (b *builder) attach() {
	b.doc.Attachments = []doc.Attachment{
		{Name: findingsFile, Description: "Findings, one a row", Content: b.csv()},
		{Name: dataFile, Description: "Findings, nodes, flows, facts and labels", Content: b.data()},
	}
}

type dataReport struct {
	Format       string         `json:"format"`
	Version      int            `json:"version"`
	Title        string         `json:"title"`
	Organisation string         `json:"organisation,omitempty"`
	Tool         string         `json:"tool,omitempty"`
	Scan         dataScan       `json:"scan"`
	Totals       map[string]int `json:"totals"`
	Findings     []dataFinding  `json:"findings"`
	Nodes        []dataNode     `json:"nodes"`
	Flows        []dataFlow     `json:"flows"`
	Operations   []dataCalls    `json:"operations"`
	Refused      []dataRefusal  `json:"refused"`
	NotAsked     []dataOmission `json:"not_asked"`
}

type dataScan struct {
	Accounts    []dataAccount `json:"accounts"`
	Regions     []string      `json:"regions"`
	Callers     []string      `json:"callers"`
	Templates   []string      `json:"templates,omitempty"`
	Started     string        `json:"started,omitempty"`
	Finished    string        `json:"finished,omitempty"`
	Requests    int           `json:"requests"`
	Endpoint    string        `json:"endpoint,omitempty"`
	Snapshot    string        `json:"snapshot_sha256,omitempty"`
	Annotations []dataHash    `json:"annotations"`
}

type dataAccount struct {
	ID    string `json:"id"`
	Alias string `json:"alias,omitempty"`
}

type dataHash struct {
	Path string `json:"path"`
	Hash string `json:"sha256"`
}

type dataFact struct {
	Name   string `json:"name"`
	Known  bool   `json:"known"`
	Value  any    `json:"value,omitempty"`
	Why    string `json:"why,omitempty"`
	Source string `json:"source,omitempty"`
}

type dataFinding struct {
	Control  string     `json:"control"`
	Title    string     `json:"title"`
	Articles []string   `json:"articles"`
	Subject  string     `json:"subject"`
	Status   string     `json:"status"`
	Severity string     `json:"severity"`
	Data     string     `json:"data"`
	Reason   string     `json:"reason"`
	Fix      string     `json:"fix,omitempty"`
	Facts    []dataFact `json:"facts"`
	Path     []graph.ID `json:"path,omitempty"`
}

type dataNode struct {
	ID       graph.ID    `json:"id"`
	Class    string      `json:"class"`
	Kind     string      `json:"kind,omitempty"`
	Name     string      `json:"name,omitempty"`
	Account  string      `json:"account,omitempty"`
	Region   string      `json:"region,omitempty"`
	External bool        `json:"external,omitempty"`
	Data     string      `json:"data"`
	State    string      `json:"state"`
	Labels   []dataLabel `json:"labels,omitempty"`
	Facts    []dataFact  `json:"facts"`
}

type dataLabel struct {
	Category   string     `json:"category"`
	Subjects   []string   `json:"subjects,omitempty"`
	State      string     `json:"state"`
	MayContain bool       `json:"may_contain,omitempty"`
	Origin     string     `json:"origin,omitempty"`
	Path       []graph.ID `json:"path,omitempty"`
}

type dataFlow struct {
	From       graph.ID       `json:"from"`
	To         graph.ID       `json:"to"`
	Kind       string         `json:"kind"`
	Via        string         `json:"via,omitempty"`
	Carries    bool           `json:"carries_data"`
	Data       string         `json:"data"`
	Layers     []string       `json:"layers"`
	Confidence float64        `json:"confidence"`
	Evidence   []dataEvidence `json:"evidence"`
	Facts      []dataFact     `json:"facts"`
}

type dataEvidence struct {
	Source     string  `json:"source"`
	Detail     string  `json:"detail,omitempty"`
	Kind       string  `json:"kind,omitempty"`
	Confidence float64 `json:"confidence"`
}

type dataCalls struct {
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Asked     int    `json:"asked"`
	Answered  int    `json:"answered"`
	Refused   int    `json:"refused"`
}

type dataRefusal struct {
	Operation string `json:"operation"`
	Account   string `json:"account,omitempty"`
	Region    string `json:"region,omitempty"`
	Subject   string `json:"subject,omitempty"`
	Outcome   string `json:"outcome"`
	Why       string `json:"why,omitempty"`
	Action    string `json:"action,omitempty"`
}

type dataOmission struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// data prints everything for other programs: stored values, sorted, nothing translated.
func (b *builder) data() []byte {
	d := dataReport{Format: "flowdeed-report", Version: DataVersion, Title: b.in.Title, Organisation: b.in.Organisation, Tool: b.in.Tool,
		Scan: b.dataScan(), Totals: map[string]int{}, Findings: []dataFinding{}, Nodes: []dataNode{}, Flows: []dataFlow{},
		Operations: []dataCalls{}, Refused: []dataRefusal{}, NotAsked: []dataOmission{}}
	for _, s := range []check.Status{check.Pass, check.Fail, check.Unknown, check.NotApplicable, check.Accepted} {
		d.Totals[string(s)] = b.counts()[s]
	}
	for _, f := range b.answers {
		c := controlOf(f)
		d.Findings = append(d.Findings, dataFinding{Control: c.ID, Title: c.Title, Articles: list(c.Articles), Subject: f.Subject,
			Status: string(f.Status), Severity: f.Severity.String(), Data: f.Profile.String(), Reason: f.Reason, Fix: c.Fix,
			Facts: dataFacts(f.Facts), Path: f.Path})
	}
	for _, n := range b.in.Graph.Nodes() {
		d.Nodes = append(d.Nodes, b.dataNode(n))
	}
	for _, f := range b.in.Graph.Flows() {
		d.Flows = append(d.Flows, b.dataFlow(f))
	}
	for _, o := range b.in.Completeness.Operations {
		d.Operations = append(d.Operations, dataCalls(o))
	}
	for _, r := range b.in.Completeness.Refused {
		d.Refused = append(d.Refused, dataRefusal(r))
	}
	for _, o := range b.in.Completeness.NotAsked {
		d.NotAsked = append(d.NotAsked, dataOmission(o))
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetIndent("", " ")
	if err := enc.Encode(d); err != nil {
		// Facts hold booleans, numbers, strings and lists of strings only.
		panic(err)
	}
	return out.Bytes()
}

func (b *builder) dataScan() dataScan {
	s := b.in.Scan
	d := dataScan{Accounts: []dataAccount{}, Regions: list(s.Regions), Callers: list(s.Callers), Templates: s.Templates,
		Started: stamp(s.Started), Finished: stamp(s.Finished), Requests: s.Requests, Endpoint: s.Endpoint, Snapshot: s.SnapshotHash, Annotations: []dataHash{}}
	for _, a := range s.Accounts {
		d.Accounts = append(d.Accounts, dataAccount(a))
	}
	for _, f := range s.Annotations {
		d.Annotations = append(d.Annotations, dataHash(f))
	}
	return d
}

func (b *builder) dataNode(n *graph.Node) dataNode {
	h := b.in.Labels.At(n.ID)
	d := dataNode{ID: n.ID, Class: string(n.Class), Kind: n.Kind, Name: n.Name, Account: n.Account, Region: n.Region, External: n.External,
		Data: b.in.Labels.Profile(n.ID).String(), State: orText(string(h.State), string(classify.Unknown)), Facts: dataFacts(n.Facts.All())}
	for _, l := range h.Labels {
		d.Labels = append(d.Labels, dataLabel{l.Category, l.Subjects, string(l.State), l.MayContain, l.Origin, l.Path})
	}
	return d
}

func (b *builder) dataFlow(f *graph.Flow) dataFlow {
	d := dataFlow{From: f.From, To: f.To, Kind: string(f.Kind), Via: f.Via, Carries: f.Kind.Carries(), Data: b.in.Labels.FlowProfile(f).String(),
		Layers: list(f.Layers.Names()), Confidence: round2(f.Confidence()), Evidence: []dataEvidence{}, Facts: dataFacts(f.Facts.All())}
	for _, e := range f.Evidence {
		d.Evidence = append(d.Evidence, dataEvidence{string(e.Source), e.Detail, e.Kind, round2(e.Confidence)})
	}
	return d
}

func dataFacts(facts []graph.Fact) []dataFact {
	out := make([]dataFact, 0, len(facts))
	for _, x := range facts {
		d := dataFact{Name: x.Name, Known: x.Known, Why: x.Why, Source: string(x.Source)}
		if x.Known {
			d.Value = x.Value
		}
		out = append(out, d)
	}
	return out
}

// list never is null in JSON.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func round2(x float64) float64 { return float64(int(x*100+0.5)) / 100 }
