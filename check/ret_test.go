package check

import "github.com/flowdeed/flowdeed/graph"

// shelf adds a bucket whose objects are gone after 30 + 5 days of the 90 declared.
func (s *scene) shelf(set ...func(*graph.Node)) {
	s.node("b", graph.Bucket, append([]func(*graph.Node){
		with(graph.RetentionDays, 30), with(graph.RetentionOld, 5), with(graph.Versioned, true), with(graph.LockDays, 0),
	}, set...)...)
	s.holds("b", email).Retention = 90
}

// copied adds a snapshot with personal data.
func (s *scene) copied(set ...func(*graph.Node)) {
	s.node("c", graph.Snapshot, append([]func(*graph.Node){
		with(graph.SourcePresent, true), with(graph.ManualCopy, true), with(graph.CreatedAt, "2026-11-01T00:00:00Z"),
	}, set...)...)
	s.holds("c", email)
}

var retTrials = []trial{
	{"RET-S3-001", "expires", "b", Pass, 0, "gone after 30 days, 90 days are declared", func(s *scene) { s.shelf() }},
	{"RET-S3-001", "never", "b", Fail, Medium, "no rule", func(s *scene) { s.shelf(with(graph.RetentionDays, 0)) }},
	{"RET-S3-001", "too late, health", "b", Fail, High, "expire after 91 days", func(s *scene) {
		s.shelf(with(graph.RetentionDays, 91))
		s.holds("b", health).Retention = 90
	}},
	{"RET-S3-001", "old versions stay", "b", Fail, Medium, "old versions are kept for ever", func(s *scene) { s.shelf(with(graph.RetentionOld, 0)) }},
	{"RET-S3-001", "together too long", "b", Fail, Low, "stays 61 days more", func(s *scene) { s.shelf(with(graph.RetentionOld, 61)) }},
	{"RET-S3-001", "locked too long", "b", Fail, Medium, "locked for 365 days", func(s *scene) { s.shelf(with(graph.LockDays, 365)) }},
	{"RET-S3-001", "not versioned", "b", Pass, 0, "", func(s *scene) { s.shelf(with(graph.Versioned, false), with(graph.RetentionOld, 0)) }},
	{"RET-S3-001", "nothing declared", "b", Unknown, 0, "no retention period is declared", func(s *scene) { s.shelf(); s.holds("b", email) }},
	{"RET-S3-001", "nothing declared, never", "b", Fail, Medium, "no rule", func(s *scene) { s.shelf(with(graph.RetentionDays, 0)); s.holds("b", email) }},
	{"RET-S3-001", "rules not read", "b", Unknown, 0, "retention_days", func(s *scene) { s.shelf(without(graph.RetentionDays)) }},
	{"RET-S3-001", "versioning not read", "b", Unknown, 0, "versioned", func(s *scene) { s.shelf(without(graph.Versioned)) }},
	{"RET-S3-001", "no data", "b", NotApplicable, 0, "declared", func(s *scene) { s.shelf(); s.empty("b") }},

	{"RET-TBL-001", "expires", "t", Pass, 0, "time-to-live", func(s *scene) { s.node("t", graph.Table, with(graph.TTLOn, true)); s.holds("t", email) }},
	{"RET-TBL-001", "job", "t", Pass, 0, "nightly", func(s *scene) {
		s.node("t", graph.Table, with(graph.TTLOn, false))
		s.holds("t", email)
		s.Erasure = map[graph.ID]string{"t": "nightly"}
	}},
	{"RET-TBL-001", "neither", "t", Fail, Low, "90 days are declared", func(s *scene) {
		s.node("t", graph.Table, with(graph.TTLOn, false))
		s.holds("t", email).Retention = 90
	}},
	{"RET-TBL-001", "nothing declared", "t", Unknown, 0, "no retention period", func(s *scene) { s.node("t", graph.Table, with(graph.TTLOn, false)); s.holds("t", email) }},
	{"RET-TBL-001", "not read", "t", Unknown, 0, "refused", func(s *scene) {
		s.node("t", graph.Table, without(graph.TTLOn))
		s.holds("t", email).Retention = 90
	}},
	{"RET-TBL-001", "no data", "t", NotApplicable, 0, "declared", func(s *scene) { s.node("t", graph.Table, with(graph.TTLOn, false)); s.empty("t") }},

	{"RET-LOG-001", "bounded", "g", Pass, 0, "90 days", func(s *scene) { s.node("g", graph.LogGroup, with(graph.RetentionDays, 90)); s.holds("g", email) }},
	{"RET-LOG-001", "never", "g", Fail, Medium, "never expire", func(s *scene) { s.node("g", graph.LogGroup, with(graph.RetentionDays, 0)); s.holds("g", email) }},
	{"RET-LOG-001", "never, fed by a function", "g", Fail, Low, "never expire", func(s *scene) {
		s.fn("f")
		s.holds("f", email)
		s.node("g", graph.LogGroup, with(graph.RetentionDays, 0))
		s.flow(graph.LogsTo, "f", "g")
	}},
	{"RET-LOG-001", "never, nothing known", "g", Fail, Info, "never expire; nothing with personal data", func(s *scene) { s.node("g", graph.LogGroup, with(graph.RetentionDays, 0)) }},
	{"RET-LOG-001", "too long", "g", Fail, Medium, "at most 400 days", func(s *scene) { s.node("g", graph.LogGroup, with(graph.RetentionDays, 731)); s.holds("g", email) }},
	{"RET-LOG-001", "longer than declared", "g", Fail, Medium, "at most 30 days", func(s *scene) {
		s.node("g", graph.LogGroup, with(graph.RetentionDays, 60))
		s.holds("g", email).Retention = 30
	}},
	{"RET-LOG-001", "too short", "g", Fail, Medium, "at least 7 days", func(s *scene) { s.node("g", graph.LogGroup, with(graph.RetentionDays, 1)); s.holds("g", email) }},
	{"RET-LOG-001", "short as declared", "g", Pass, 0, "1 day", func(s *scene) {
		s.node("g", graph.LogGroup, with(graph.RetentionDays, 1))
		s.holds("g", email).Retention = 3
	}},
	{"RET-LOG-001", "not read", "g", Unknown, 0, "retention_days", func(s *scene) { s.node("g", graph.LogGroup, without(graph.RetentionDays)) }},
	{"RET-LOG-001", "nothing known", "g", NotApplicable, 0, "nothing with personal data", func(s *scene) { s.node("g", graph.LogGroup, with(graph.RetentionDays, 30)) }},

	{"RET-MSG-001", "bounded", "q", Pass, 0, "4 days", func(s *scene) { s.node("q", graph.Queue, with(graph.RetentionDays, 4)); s.holds("q", email) }},
	{"RET-MSG-001", "for ever", "a", Fail, Low, "never expires", func(s *scene) { s.node("a", graph.Archive, with(graph.RetentionDays, 0)); s.holds("a", email) }},
	{"RET-MSG-001", "too long", "q", Fail, Low, "stays 14 days, 7 days are declared", func(s *scene) {
		s.node("q", graph.Queue, with(graph.RetentionDays, 14))
		s.holds("q", email).Retention = 7
	}},
	{"RET-MSG-001", "not read", "q", Unknown, 0, "refused", func(s *scene) { s.node("q", graph.Stream, without(graph.RetentionDays)); s.holds("q", email) }},
	{"RET-MSG-001", "no data", "a", NotApplicable, 0, "declared", func(s *scene) { s.node("a", graph.Archive, with(graph.RetentionDays, 0)); s.empty("a") }},

	{"RET-BKP-001", "young", "c", Pass, 0, "younger than 365 days", func(s *scene) { s.copied() }},
	{"RET-BKP-001", "older than the policy", "c", Fail, Medium, "2025-01-01", func(s *scene) { s.copied(with(graph.CreatedAt, "2025-01-01T00:00:00Z")) }},
	{"RET-BKP-001", "older than declared", "c", Fail, Medium, "kept 7 days", func(s *scene) { s.copied(); s.holds("c", email).Retention = 7 }},
	{"RET-BKP-001", "orphan", "c", Fail, Medium, "no longer exists", func(s *scene) { s.copied(with(graph.SourcePresent, false)) }},
	{"RET-BKP-001", "automatic", "c", Pass, 0, "after 7 days by the backup period of d", func(s *scene) {
		s.copied(with(graph.ManualCopy, false), with(graph.SourceID, "d"))
		s.node("d", graph.Database, with(graph.BackupDays, 7))
	}},
	{"RET-BKP-001", "recovery point without end", "c", Fail, Medium, "no day of deletion", func(s *scene) { s.copied(with(graph.ManualCopy, false), with(graph.RetentionDays, 0)) }},
	{"RET-BKP-001", "recovery point too long", "c", Fail, Medium, "after 400 days, 90 days are declared", func(s *scene) {
		s.copied(with(graph.ManualCopy, false), with(graph.RetentionDays, 400))
		s.holds("c", email).Retention = 90
	}},
	{"RET-BKP-001", "end not known", "c", Unknown, 0, "retention_days", func(s *scene) { s.copied(with(graph.ManualCopy, false)) }},
	{"RET-BKP-001", "age not known", "c", Unknown, 0, "created", func(s *scene) { s.copied(without(graph.CreatedAt)) }},
	{"RET-BKP-001", "age unreadable", "c", Unknown, 0, "yesterday", func(s *scene) { s.copied(with(graph.CreatedAt, "yesterday")) }},
	{"RET-BKP-001", "maker not known", "c", Unknown, 0, "manual_copy", func(s *scene) { s.copied(without(graph.ManualCopy)) }},
	{"RET-BKP-001", "no data", "c", NotApplicable, 0, "declared", func(s *scene) { s.copied(); s.empty("c") }},
}
