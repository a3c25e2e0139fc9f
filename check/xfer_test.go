package check

import (
	"testing"
	"time"

	"github.com/flowdeed/flowdeed/graph"
)

func at(region string) func(*graph.Node) { return func(n *graph.Node) { n.Region = region } }

// wire adds a queue with personal data and a flow from it to a node.
func (s *scene) wire(kind graph.FlowKind, to graph.ID) {
	s.node("q", graph.Queue)
	s.holds("q", email)
	s.flow(kind, "q", to)
}

var xferTrials = []trial{
	{"XFER-REGION-001", "inside", "t", Pass, 0, "eu-west-1 (IE, eea)", func(s *scene) { s.node("t", graph.Table); s.holds("t", email) }},
	{"XFER-REGION-001", "adequate", "t", Pass, 0, "GB", func(s *scene) { s.node("t", graph.Table, at("eu-west-2")); s.holds("t", email) }},
	{"XFER-REGION-001", "partial", "t", Fail, High, "us-east-1 (US, partial)", func(s *scene) { s.node("t", graph.Table, at("us-east-1")); s.holds("t", email) }},
	{"XFER-REGION-001", "outside, health", "f", Fail, Critical, "IN", func(s *scene) { s.fn("f", at("ap-south-1")); s.holds("f", health) }},
	{"XFER-REGION-001", "tool for the country", "t", Pass, 0, "declared transfer tool: scc", func(s *scene) {
		s.node("t", graph.Table, at("us-east-1"))
		s.holds("t", email)
		s.TransferTools = map[string]string{"US": "scc"}
	}},
	{"XFER-REGION-001", "narrower choice", "t", Fail, High, "eu-west-2", func(s *scene) {
		s.node("t", graph.Table, at("eu-west-2"))
		s.holds("t", email)
		s.AllowedAreas = []string{"DE", "eu-west-1"}
	}},
	{"XFER-REGION-001", "Region not known", "t", Unknown, 0, "country of mars-1", func(s *scene) { s.node("t", graph.Table, at("mars-1")); s.holds("t", email) }},
	{"XFER-REGION-001", "no Region", "t", Unknown, 0, "no single Region", func(s *scene) { s.node("t", graph.Table, at("global")); s.holds("t", email) }},
	{"XFER-REGION-001", "no table", "t", Unknown, 0, "no table", func(s *scene) { s.node("t", graph.Table); s.holds("t", email); s.Area = nil }},
	{"XFER-REGION-001", "no data", "t", NotApplicable, 0, "", func(s *scene) { s.node("t", graph.Table, at("us-east-1")) }},

	{"XFER-EDGE-001", "same Region", "q -triggers-> f", Pass, 0, "both ends are in eu-west-1", func(s *scene) { s.fn("f"); s.wire(graph.Triggers, "f") }},
	{"XFER-EDGE-001", "inside", "q -triggers-> f", Pass, 0, "goes to eu-central-1", func(s *scene) { s.fn("f", at("eu-central-1")); s.wire(graph.Triggers, "f") }},
	{"XFER-EDGE-001", "leaves", "q -delivers-> x", Fail, High, "from eu-west-1 (IE, eea) to us-east-1 (US, partial)", func(s *scene) {
		s.node("x", graph.Queue, at("us-east-1"))
		s.wire(graph.Delivers, "x")
	}},
	{"XFER-EDGE-001", "comes back", "f -reads-> t", Fail, High, "from eu-west-1 (IE, eea) to ap-south-1", func(s *scene) {
		s.fn("f", at("ap-south-1"))
		s.node("t", graph.Table)
		s.holds("t", email)
		s.flow(graph.Reads, "f", "t")
	}},
	{"XFER-EDGE-001", "brings in", "f -reads-> t", Pass, 0, "goes to eu-west-1", func(s *scene) {
		s.fn("f")
		s.node("t", graph.Table, at("ap-south-1"))
		s.holds("t", email)
		s.flow(graph.Reads, "f", "t")
	}},
	{"XFER-EDGE-001", "party with tool", "q -delivers-> external:https://api.mailer.example/v1", Pass, 0, "declared transfer tool: scc", func(s *scene) {
		s.outside("external:https://api.mailer.example/v1", graph.ExternalEndpoint, "", "")
		s.wire(graph.Delivers, "external:https://api.mailer.example/v1")
	}},
	{"XFER-EDGE-001", "certified", mailFlow, Pass, 0, "declared transfer tool: adequacy", func(s *scene) { s.certificate(Certification{Checked: "2026-10-02", Active: true}) }},
	{"XFER-EDGE-001", "certified, looked up a year ago to the day", mailFlow, Pass, 0, "adequacy", func(s *scene) {
		s.Now = time.Date(2027, 10, 2, 0, 0, 0, 0, time.UTC)
		s.certificate(Certification{Checked: "2026-10-02", Active: true})
	}},
	{"XFER-EDGE-001", "certification looked up long ago", mailFlow, Unknown, 0, "last checked on 2025-11-23, more than 365 days before the scan; the declared fallback is scc", func(s *scene) {
		s.certificate(Certification{Checked: "2025-11-23", Active: true, Fallback: "scc"})
	}},
	{"XFER-EDGE-001", "no longer certified", mailFlow, Fail, High, "to US (partial), and it was not certified under the adequacy decision on 2026-10-02", func(s *scene) {
		s.certificate(Certification{Checked: "2026-10-02"})
	}},
	{"XFER-EDGE-001", "no longer certified, with a fallback", mailFlow, Pass, 0, "declared transfer tool: scc", func(s *scene) {
		s.certificate(Certification{Checked: "2026-10-02", Fallback: "scc"})
	}},
	{"XFER-EDGE-001", "certification never looked up", mailFlow, Unknown, 0, "nobody has checked", func(s *scene) { s.certificate(Certification{}) }},
	{"XFER-EDGE-001", "certification of an unreadable day", mailFlow, Unknown, 0, "cannot be read: soon", func(s *scene) { s.certificate(Certification{Checked: "soon", Active: true}) }},
	{"XFER-EDGE-001", "certified, day of the scan not known", mailFlow, Unknown, 0, "day of the scan", func(s *scene) {
		s.Now = time.Time{}
		s.certificate(Certification{Checked: "2026-10-02", Active: true})
	}},
	{"XFER-EDGE-001", "adequate for everybody", mailFlow, Pass, 0, "goes to GB (adequate)", func(s *scene) {
		s.certificate(Certification{})
		s.Party = func(string) (string, string, string, bool) { return "GB", "adequate", "adequacy", true }
	}},
	{"XFER-EDGE-001", "party without", "q -delivers-> external:https://carrier.example", Fail, High, "to IN (none)", func(s *scene) {
		s.outside("external:https://carrier.example", graph.ExternalEndpoint, "", "")
		s.wire(graph.Delivers, "external:https://carrier.example")
	}},
	{"XFER-EDGE-001", "nobody knows where", "q -delivers-> external:https://nowhere.example", Unknown, 0, "no country is known", func(s *scene) {
		s.outside("external:https://nowhere.example", graph.ExternalEndpoint, "", "")
		s.wire(graph.Delivers, "external:https://nowhere.example")
	}},
	{"XFER-EDGE-001", "outside already", "q -delivers-> x", NotApplicable, 0, "starts outside", func(s *scene) {
		s.node("x", graph.Queue, at("us-east-1"))
		s.node("q", graph.Queue, at("ap-south-1"))
		s.holds("q", email)
		s.flow(graph.Delivers, "q", "x")
	}},
	{"XFER-EDGE-001", "no data", "q -delivers-> x", NotApplicable, 0, "", func(s *scene) {
		s.node("x", graph.Queue, at("us-east-1"))
		s.wire(graph.Delivers, "x")
		clear(s.held)
	}},

	{"XFER-REPL-001", "inside", "t", Pass, 0, "looked at: 1", func(s *scene) { replica(s, "eu-central-1") }},
	{"XFER-REPL-001", "leaves", "t", Fail, High, "copy is in us-east-1 (US, partial)", func(s *scene) { replica(s, "us-east-1") }},
	{"XFER-REPL-001", "key leaves", "t", Fail, High, "its key has a replica in ap-south-1", func(s *scene) { multiRegionKey(s, with(graph.KeyRegions, []string{"eu-west-1", "ap-south-1"})) }},
	{"XFER-REPL-001", "key stays", "t", Pass, 0, "looked at: 1", func(s *scene) { multiRegionKey(s, with(graph.KeyRegions, []string{"eu-west-1", "eu-central-1"})) }},
	{"XFER-REPL-001", "key not read", "t", Unknown, 0, "key_regions", func(s *scene) { multiRegionKey(s, without(graph.KeyRegions)) }},
	{"XFER-REPL-001", "to a party whose certification is old", "t", Unknown, 0, "last checked on 2024-01-01", func(s *scene) {
		s.certificate(Certification{Checked: "2024-01-01", Active: true})
		s.Recipients["555555555555"] = "mailer"
		s.node("t", graph.Table)
		s.holds("t", email)
		s.outside("copy", graph.Table, "555555555555", "us-east-1")
		s.flow(graph.Replicates, "t", "copy")
	}},
	{"XFER-REPL-001", "owner not known", "t", Unknown, 0, "cannot be told", func(s *scene) { replica(s, "") }},
	{"XFER-REPL-001", "not copied", "t", NotApplicable, 0, "not copied", func(s *scene) { s.node("t", graph.Table); s.holds("t", email) }},
}

const mailFlow = "q -delivers-> external:https://api.mailer.example/v1"

// certificate sends personal data to a party in the United States under an adequacy
// decision that covers certified recipients only.
func (s *scene) certificate(c Certification) {
	s.outside("external:https://api.mailer.example/v1", graph.ExternalEndpoint, "", "")
	s.wire(graph.Delivers, "external:https://api.mailer.example/v1")
	s.Party = func(string) (string, string, string, bool) { return "US", "partial", "adequacy", true }
	s.Certified = func(string) (Certification, bool) { return c, true }
}

func replica(s *scene, region string) {
	s.node("t", graph.Table)
	s.holds("t", email)
	s.node("copy", graph.Table, at(region))
	s.flow(graph.Replicates, "t", "copy")
}

func multiRegionKey(s *scene, regions func(*graph.Node)) {
	s.node("t", graph.Table, with(graph.KeyID, "k"))
	s.holds("t", email)
	s.node("k", graph.EncryptionKey, regions)
}

// TestTransferPathNamesTheCopy holds that a failing copy is shown as a path.
func TestTransferPathNamesTheCopy(t *testing.T) {
	f := judge(t, trial{control: "XFER-REPL-001", subject: "t", set: func(s *scene) { replica(s, "us-east-1") }}, nil)
	if len(f.Path) != 2 || f.Path[1] != "copy" {
		t.Errorf("path %v", f.Path)
	}
}
