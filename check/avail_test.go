package check

import "github.com/flowdeed/flowdeed/graph"

var availTrials = []trial{
	{"AVAIL-BKP-001", "point in time", "t", Pass, 0, "point in time", func(s *scene) { s.node("t", graph.Table, with(graph.PointInTime, true)) }},
	{"AVAIL-BKP-001", "backups", "d", Pass, 0, "7 days", func(s *scene) { s.node("d", graph.Database, with(graph.BackupDays, 7)) }},
	{"AVAIL-BKP-001", "versions", "b", Pass, 0, "old versions", func(s *scene) { s.node("b", graph.Bucket, with(graph.Versioned, true)) }},
	{"AVAIL-BKP-001", "planned backup", "t", Pass, 0, "a plan makes backups", func(s *scene) {
		s.node("t", graph.Table, with(graph.PointInTime, false))
		s.node("p", graph.Backup, with(graph.ManualCopy, false))
		s.flow(graph.BacksUp, "t", "p")
	}},
	{"AVAIL-BKP-001", "copy by hand", "t", Fail, Medium, "neither", func(s *scene) {
		s.node("t", graph.Table, with(graph.PointInTime, false))
		s.node("p", graph.Backup, with(graph.ManualCopy, true))
		s.flow(graph.BacksUp, "t", "p")
	}},
	{"AVAIL-BKP-001", "none, personal data", "d", Fail, High, "neither", func(s *scene) { s.node("d", graph.Database, with(graph.BackupDays, 0)); s.holds("d", email) }},
	{"AVAIL-BKP-001", "not read", "b", Unknown, 0, "versioned", func(s *scene) { s.node("b", graph.Bucket, without(graph.Versioned)) }},
	{"AVAIL-BKP-001", "nothing set", "c", Unknown, 0, "nothing was read", func(s *scene) { s.node("c", graph.Cache) }},
	{"AVAIL-BKP-001", "no data", "b", NotApplicable, 0, "declared", func(s *scene) { s.node("b", graph.Bucket, with(graph.Versioned, false)); s.empty("b") }},
}
