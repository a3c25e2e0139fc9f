package check

import (
	"testing"

	"github.com/flowdeed/flowdeed/graph"
)

// trail adds a trail that has everything right.
func (s *scene) trail(id graph.ID, set ...func(*graph.Node)) {
	s.node(id, graph.Trail, append([]func(*graph.Node){
		with(graph.MultiRegion, true), with(graph.LoggingOn, true), with(graph.Validation, true),
		with(graph.ManagementEvents, "all"), with(graph.KeyOwner, graph.KeyCustomer),
	}, set...)...)
}

// auditBucket adds a bucket a trail delivers to that has everything right.
func (s *scene) auditBucket(set ...func(*graph.Node)) {
	s.node("logs", graph.Bucket, append([]func(*graph.Node){
		with(graph.AuditStore, true), with(graph.PublicBlocked, false), with(graph.PublicStatements, []string{}), with(graph.PublicACL, []string{}),
		with(graph.ObjectLock, true), with(graph.LoggingOn, true),
	}, set...)...)
}

func refuse(s *scene) {
	s.Refused = func(account, region, operation string) (string, bool) {
		return "AccessDenied", account == home && region == "" && operation == "cloudtrail:DescribeTrails"
	}
}

func table(s *scene, reads, writes func(*graph.Node)) {
	s.node("t", graph.Table, reads, writes)
	s.holds("t", email)
}

var logTrials = []trial{
	{"LOG-TRAIL-001", "recorded", home, Pass, 0, "trail tr records all regions", func(s *scene) { s.trail("tr") }},
	{"LOG-TRAIL-001", "best of two", home, Pass, 0, "trail b", func(s *scene) { s.trail("a", with(graph.LoggingOn, false)); s.trail("b") }},
	{"LOG-TRAIL-001", "organisation trail", "444455556666", Pass, 0, "trail tr", func(s *scene) {
		s.trail("tr", with(graph.RecordsAccounts, []string{home, "444455556666"}))
		s.node("x", graph.Queue, func(n *graph.Node) { n.Account = "444455556666" })
	}},
	{"LOG-TRAIL-001", "none", home, Fail, High, "has no trail", func(s *scene) { s.node("q", graph.Queue) }},
	{"LOG-TRAIL-001", "one region", home, Fail, High, "one region only", func(s *scene) { s.trail("tr", with(graph.MultiRegion, false)) }},
	{"LOG-TRAIL-001", "off", home, Fail, High, "switched off", func(s *scene) { s.trail("tr", with(graph.LoggingOn, false)) }},
	{"LOG-TRAIL-001", "not signed", home, Fail, High, "does not sign", func(s *scene) { s.trail("tr", with(graph.Validation, false)) }},
	{"LOG-TRAIL-001", "writes only", home, Fail, High, "write-only", func(s *scene) { s.trail("tr", with(graph.ManagementEvents, "write-only")) }},
	{"LOG-TRAIL-001", "own key missing", home, Fail, Low, "provider-owned", func(s *scene) { s.trail("tr", with(graph.KeyOwner, graph.KeyProviderOwned)) }},
	{"LOG-TRAIL-001", "status refused", home, Unknown, 0, "logging is not known", func(s *scene) { s.trail("tr", without(graph.LoggingOn)) }},
	{"LOG-TRAIL-001", "light point, status refused", home, Unknown, 0, "logging is not known", func(s *scene) {
		s.trail("tr", without(graph.LoggingOn), with(graph.KeyOwner, graph.KeyAWSManaged))
	}},
	{"LOG-TRAIL-001", "list refused", home, Unknown, 0, "AccessDenied", func(s *scene) { s.node("q", graph.Queue); refuse(s) }},
	{"LOG-TRAIL-001", "list refused, bad trail elsewhere", home, Unknown, 0, "AccessDenied", func(s *scene) { s.trail("tr", with(graph.MultiRegion, false)); refuse(s) }},
	{"LOG-TRAIL-001", "list refused, good trail elsewhere", home, Pass, 0, "", func(s *scene) { s.trail("tr"); refuse(s) }},
	{"LOG-TRAIL-001", "calls not known", home, Unknown, 0, "not known which regions", func(s *scene) { s.node("q", graph.Queue); s.Refused = nil }},
	{"LOG-TRAIL-001", "somebody else's account", "999988887777", NotApplicable, 0, "not an account of this scan", func(s *scene) { s.outside("x", graph.Queue, "999988887777", region) }},

	{"LOG-TRAIL-002", "protected", "logs", Pass, 0, "closed, locked and logged", func(s *scene) { s.auditBucket() }},
	{"LOG-TRAIL-002", "blocked", "logs", Pass, 0, "", func(s *scene) {
		s.auditBucket(with(graph.PublicBlocked, true), with(graph.PublicStatements, []string{"open"}))
	}},
	{"LOG-TRAIL-002", "public", "logs", Fail, High, "anybody may use", func(s *scene) { s.auditBucket(with(graph.PublicStatements, []string{"open"})) }},
	{"LOG-TRAIL-002", "public list", "logs", Fail, High, "AllUsers", func(s *scene) { s.auditBucket(with(graph.PublicACL, []string{"AllUsers READ"})) }},
	{"LOG-TRAIL-002", "workload writes", "logs", Fail, High, "workloads may write to the audit store: f", func(s *scene) {
		s.auditBucket()
		s.fn("f")
		s.flow(graph.Writes, "f", "logs")
	}},
	{"LOG-TRAIL-002", "no lock", "logs", Fail, Low, "not locked", func(s *scene) { s.auditBucket(with(graph.ObjectLock, false)) }},
	{"LOG-TRAIL-002", "no lock, policy not read", "logs", Unknown, 0, "public_statements", func(s *scene) {
		s.auditBucket(with(graph.ObjectLock, false), without(graph.PublicStatements))
	}},
	{"LOG-TRAIL-002", "lock not read", "logs", Unknown, 0, "object_lock", func(s *scene) { s.auditBucket(without(graph.ObjectLock)) }},
	{"LOG-TRAIL-002", "target by flow", "b", Unknown, 0, "object_lock", func(s *scene) {
		s.trail("tr")
		s.node("b", graph.Bucket)
		s.flow(graph.LogsTo, "tr", "b")
	}},
	{"LOG-TRAIL-002", "other bucket", "b", NotApplicable, 0, "no trail", func(s *scene) { s.node("b", graph.Bucket) }},

	{"LOG-DATA-001", "recorded", "t", Pass, 0, "reads and writes", func(s *scene) { table(s, with(graph.DataReads, true), with(graph.DataWrites, true)) }},
	{"LOG-DATA-001", "nothing", "t", Fail, Medium, "reads or writes", func(s *scene) { table(s, with(graph.DataReads, false), with(graph.DataWrites, false)) }},
	{"LOG-DATA-001", "writes only", "t", Fail, Low, "reads it", func(s *scene) { table(s, with(graph.DataReads, false), with(graph.DataWrites, true)) }},
	{"LOG-DATA-001", "reads only", "t", Fail, Medium, "writes to it", func(s *scene) { table(s, with(graph.DataReads, true), with(graph.DataWrites, false)) }},
	{"LOG-DATA-001", "no reads, writes not known", "t", Fail, Low, "reads it", func(s *scene) { table(s, with(graph.DataReads, false), without(graph.DataWrites)) }},
	{"LOG-DATA-001", "access log", "b", Fail, Medium, "access logs", func(s *scene) {
		s.node("b", graph.Bucket, with(graph.DataReads, false), with(graph.DataWrites, false), with(graph.LoggingOn, true))
		s.holds("b", health)
	}},
	{"LOG-DATA-001", "trails not read", "t", Unknown, 0, "refused", func(s *scene) { table(s, without(graph.DataReads), without(graph.DataWrites)) }},
	{"LOG-DATA-001", "half read", "t", Unknown, 0, "data_writes_recorded", func(s *scene) { table(s, with(graph.DataReads, true), without(graph.DataWrites)) }},
	{"LOG-DATA-001", "not labelled", "t", NotApplicable, 0, "", func(s *scene) {
		table(s, with(graph.DataReads, false), with(graph.DataWrites, false))
		clear(s.held)
	}},

	{"LOG-DB-001", "exported", "d", Pass, 0, "exported", func(s *scene) { s.node("d", graph.Database, with(graph.AuditExport, true)) }},
	{"LOG-DB-001", "not exported", "d", Fail, Medium, "no audit log", func(s *scene) { s.node("d", graph.Database, with(graph.AuditExport, false)); s.holds("d", email) }},
	{"LOG-DB-001", "not known", "d", Unknown, 0, "nothing was read", func(s *scene) { s.node("d", graph.Search) }},
	{"LOG-DB-001", "no data", "d", NotApplicable, 0, "declared", func(s *scene) { s.node("d", graph.Database, with(graph.AuditExport, false)); s.empty("d") }},

	{"LOG-ENTRY-001", "logged", "a", Pass, 0, "written", func(s *scene) { s.node("a", graph.API, with(graph.LoggingOn, true)) }},
	{"LOG-ENTRY-001", "not logged", "l", Fail, Low, "no access log", func(s *scene) { s.node("l", graph.LoadBalancer, with(graph.LoggingOn, false)) }},
	{"LOG-ENTRY-001", "not read", "c", Unknown, 0, "refused", func(s *scene) { s.node("c", graph.CDN, without(graph.LoggingOn)) }},
	{"LOG-ENTRY-001", "no data", "a", NotApplicable, 0, "declared", func(s *scene) { s.node("a", graph.API, with(graph.LoggingOn, false)); s.empty("a") }},

	{"LOG-FN-001", "may log", "f", Pass, 0, "may write", func(s *scene) { s.fn("f", with(graph.LogRights, true)) }},
	{"LOG-FN-001", "may not", "f", Fail, Low, "may not write", func(s *scene) { s.fn("f", with(graph.LogRights, false)) }},
	{"LOG-FN-001", "workflow off", "w", Fail, Medium, "logging is off", func(s *scene) { s.node("w", graph.StateMachine, with(graph.LoggingOn, false)); s.holds("w", email) }},
	{"LOG-FN-001", "role not read", "f", Unknown, 0, "log_rights", func(s *scene) { s.fn("f", without(graph.LogRights)) }},
	{"LOG-FN-001", "AWS's own", "f", NotApplicable, 0, "managed", func(s *scene) { s.fn("f", with(graph.LogRights, false), with(graph.ManagedBy, "AWS Control Tower")) }},

	{"LOG-PAYLOAD-001", "kept out", "w", Pass, 0, "not written", func(s *scene) {
		s.node("w", graph.StateMachine, with(graph.PayloadLogging, false))
		s.holds("w", email)
	}},
	{"LOG-PAYLOAD-001", "in full", "w", Fail, High, "in full", func(s *scene) {
		s.node("w", graph.StateMachine, with(graph.PayloadLogging, true))
		s.holds("w", health)
	}},
	{"LOG-PAYLOAD-001", "not read", "p", Unknown, 0, "refused", func(s *scene) { s.node("p", graph.Pipe, without(graph.PayloadLogging)); s.holds("p", email) }},
	{"LOG-PAYLOAD-001", "no data", "p", NotApplicable, 0, "", func(s *scene) { s.node("p", graph.Pipe, with(graph.PayloadLogging, true)) }},

	{"LOG-MASK-001", "masked", "g", Pass, 0, "masks", func(s *scene) { s.node("g", graph.LogGroup, with(graph.DataProtection, true)); s.holds("g", email) }},
	{"LOG-MASK-001", "not masked", "g", Fail, Low, "nothing masks", func(s *scene) { s.node("g", graph.LogGroup, with(graph.DataProtection, false)); s.holds("g", email) }},
	{"LOG-MASK-001", "not read", "g", Unknown, 0, "data_protection", func(s *scene) { s.node("g", graph.LogGroup, without(graph.DataProtection)); s.holds("g", email) }},
	{"LOG-MASK-001", "no data", "g", NotApplicable, 0, "", func(s *scene) { s.node("g", graph.LogGroup, with(graph.DataProtection, false)) }},
}

// TestTrailAnswersOncePerAccount holds the promise of one result for each account seen.
func TestTrailAnswersOncePerAccount(t *testing.T) {
	s := newScene()
	s.trail("tr")
	s.node("a", graph.Queue)
	s.node("b", graph.Queue, func(n *graph.Node) { n.Account = "444455556666" })
	s.outside("c", graph.Queue, home, region)
	s.m.Freeze()
	var got []string
	for _, r := range accountsRecorded(s.Input) {
		got = append(got, r.Subject+" "+string(r.Status))
	}
	if len(got) != 2 || got[0] != home+" pass" || got[1] != "444455556666 fail" {
		t.Errorf("got %q", got)
	}
}
