package check

import "github.com/flowdeed/flowdeed/graph"

const (
	backedUp = "t -backs-up-> c"
	exported = "t -exports-> b"
)

// original adds a table with personal data that may stay 90 days.
func (s *scene) original() {
	s.node("t", graph.Table)
	s.holds("t", email).Retention = 90
}

// backup adds a backup of the table.
func (s *scene) backup(set ...func(*graph.Node)) {
	s.original()
	s.node("c", graph.Backup, set...)
	s.flow(graph.BacksUp, "t", "c")
}

// export adds a bucket that the table is exported to.
func (s *scene) export(set ...func(*graph.Node)) {
	s.original()
	s.node("b", graph.Bucket, set...)
	s.flow(graph.Exports, "t", "b")
}

// worked names activities that work with the table, which declares no period itself.
func (s *scene) worked(periods map[string][]Period, activities ...string) {
	h := s.held["t"]
	h.Retention, h.Activities = 0, activities
	s.Kept = func(a string) []Period { return periods[a] }
}

var copyTrials = []trial{
	{"retention.copy_outlives_original", "deleted in time", backedUp, Pass, 0, "kept 35 days; 90 days are declared for the original", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 35))
	}},
	{"retention.copy_outlives_original", "kept longer", backedUp, Fail, Medium, "kept 1826 days; 90 days", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 1826))
	}},
	{"retention.copy_outlives_original", "kept longer, health", backedUp, Fail, High, "kept 91 days", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 91))
		s.holds("t", health).Retention = 90
	}},
	{"retention.copy_outlives_original", "kept for ever", backedUp, Fail, Medium, "kept for ever", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 0))
	}},
	{"retention.copy_outlives_original", "declared for the copy does not help", backedUp, Fail, Medium, "kept 400 days; 90 days", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 400))
		s.holds("c", email).Retention = 500
	}},
	{"retention.copy_outlives_original", "by the backup period of the original", backedUp, Fail, Medium, "kept 120 days", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.SourceID, "t"))
		graph.BackupDays.Set(&s.m.Node("t").Facts, 120, "test")
	}},
	{"retention.copy_outlives_original", "backups of the original are off by now", backedUp, Unknown, 0, "makes no backups now", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.SourceID, "t"))
		graph.BackupDays.Set(&s.m.Node("t").Facts, 0, "test")
	}},
	{"retention.copy_outlives_original", "made by hand, young", backedUp, Pass, 0, "made by hand on 2026-11-01", func(s *scene) {
		s.backup(with(graph.ManualCopy, true), with(graph.CreatedAt, "2026-11-01T00:00:00Z"))
	}},
	{"retention.copy_outlives_original", "made by hand, old", backedUp, Fail, Medium, "on 2026-01-01 and is still there", func(s *scene) {
		s.backup(with(graph.ManualCopy, true), with(graph.CreatedAt, "2026-01-01T00:00:00Z"))
	}},
	{"retention.copy_outlives_original", "period not read", backedUp, Unknown, 0, "retention_days", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), without(graph.RetentionDays))
	}},
	{"retention.copy_outlives_original", "maker not read", backedUp, Unknown, 0, "manual_copy", func(s *scene) { s.backup(without(graph.ManualCopy)) }},
	{"retention.copy_outlives_original", "age not read", backedUp, Unknown, 0, "created", func(s *scene) {
		s.backup(with(graph.ManualCopy, true), without(graph.CreatedAt))
	}},
	{"retention.copy_outlives_original", "age unreadable", backedUp, Unknown, 0, "yesterday", func(s *scene) {
		s.backup(with(graph.ManualCopy, true), with(graph.CreatedAt, "yesterday"))
	}},
	{"retention.copy_outlives_original", "no period declared", backedUp, Unknown, 0, "no retention period is declared", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 35))
		s.worked(nil)
	}},

	{"retention.copy_outlives_original", "shortest category of an activity", backedUp, Fail, Medium, "kept 1826 days; activity orders keeps user.contact.email for 1095 days", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 1826))
		s.holds("t", "user.contact.email", "user.payment")
		s.worked(map[string][]Period{"orders": {{[]string{"user"}, 1095}, {[]string{"user.behavior", "user.payment"}, 3650}}}, "orders")
	}},
	{"retention.copy_outlives_original", "longest of two activities", backedUp, Pass, 0, "activity tax keeps user.contact.email for 3650 days", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 1826))
		s.holds("t", "user.contact.email")
		s.worked(map[string][]Period{"orders": {{[]string{"user"}, 1095}}, "tax": {{[]string{"user.contact"}, 3650}}}, "orders", "tax")
	}},
	{"retention.copy_outlives_original", "one of two activities says nothing", backedUp, Unknown, 0, "no retention period", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 1826))
		s.holds("t", "user.contact.email")
		s.worked(map[string][]Period{"orders": {{[]string{"user"}, 1095}}, "tax": {{[]string{"user.contacts"}, 3650}}}, "orders", "tax")
	}},

	{"retention.copy_outlives_original", "export, in time", exported, Pass, 0, "kept 60 days", func(s *scene) {
		s.export(with(graph.RetentionDays, 60), with(graph.Versioned, false))
	}},
	{"retention.copy_outlives_original", "export, old versions", exported, Fail, Medium, "kept 120 days", func(s *scene) {
		s.export(with(graph.RetentionDays, 60), with(graph.Versioned, true), with(graph.RetentionOld, 60))
	}},
	{"retention.copy_outlives_original", "export, old versions for ever", exported, Fail, Medium, "for ever", func(s *scene) {
		s.export(with(graph.RetentionDays, 60), with(graph.Versioned, true), with(graph.RetentionOld, 0))
	}},
	{"retention.copy_outlives_original", "export, versions not read", exported, Unknown, 0, "versioned", func(s *scene) {
		s.export(with(graph.RetentionDays, 60), without(graph.Versioned))
	}},
	{"retention.copy_outlives_original", "replica in a bucket without end", "t -replicates-> b", Fail, Medium, "for ever", func(s *scene) {
		s.original()
		s.node("b", graph.Bucket, with(graph.RetentionDays, 0))
		s.flow(graph.Replicates, "t", "b")
	}},
	{"retention.copy_outlives_original", "replica of a table", "t -replicates-> r", NotApplicable, 0, "deleted in the replica", func(s *scene) {
		s.original()
		s.node("r", graph.Table)
		s.flow(graph.Replicates, "t", "r")
	}},
	{"retention.copy_outlives_original", "outside the scan", exported, Unknown, 0, "outside the scan", func(s *scene) {
		s.original()
		s.outside("b", graph.Bucket, "555555555555", "")
		s.flow(graph.Exports, "t", "b")
	}},
	{"retention.copy_outlives_original", "no data", backedUp, NotApplicable, 0, "", func(s *scene) {
		s.backup(with(graph.ManualCopy, false), with(graph.RetentionDays, 1826))
		s.empty("t")
	}},
}
