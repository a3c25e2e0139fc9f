package check

import (
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

var availControls = []*Control{{
	ID: "AVAIL-BKP-001", Title: "Personal-data stores can be restored",
	Doc:      "A store has point-in-time recovery, automatic backups, old versions, or a backup that a plan made. A single copy made by hand is no plan. Stores declared to hold no personal data are left out. Whether a restore works is not tested.",
	Why:      "Art. 32(1)(c) asks for the ability to restore access to personal data after an incident. Data lost by mistake or ransom is a breach like data stolen.",
	Severity: Medium, Moves: WithData, Articles: []string{"32(1)(b)", "32(1)(c)"},
	Fix:   "Table: aws dynamodb update-continuous-backups --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true. Database: backup retention of at least 7 days. Bucket: versioning with expiry of old versions. File system: a backup policy.",
	Reads: []Read{{"dynamodb:DescribeContinuousBackups", "ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus"}, {"rds:DescribeDBInstances", "DBInstances[].BackupRetentionPeriod"}, {"s3:GetBucketVersioning", "Status"}, {"elasticache:DescribeReplicationGroups", "ReplicationGroups[].SnapshotRetentionLimit"}},

	Classes: []graph.Class{graph.Table, graph.Database, graph.Bucket, graph.FileSystem, graph.Cache}, Node: restorable,
}}

func restorable(in *Input, n *graph.Node) Result {
	if in.Labels.Profile(n.ID) == classify.ProfileNone {
		return doesNotApply("it is declared to hold no personal data")
	}
	point, backup, versions := graph.PointInTime.Get(&n.Facts), graph.BackupDays.Get(&n.Facts), graph.Versioned.Get(&n.Facts)
	switch {
	case graph.Is(point, true):
		return passes("it can be restored to a point in time", point.Fact)
	case backup.Known && backup.V > 0:
		return passes("backups are kept "+days(backup.V), backup.Fact)
	case graph.Is(versions, true):
		return passes("old versions are kept", versions.Fact)
	}
	if made := planned(in, n.ID); made != "" {
		return passes("a plan makes backups: " + name(in, made))
	}
	t := tally{}
	read := false
	for _, x := range []graph.Fact{point.Fact, backup.Fact, versions.Fact} {
		if x.Known || askedInVain(&n.Facts, x.Name) {
			read = t.known(x) || read
		}
	}
	switch {
	case len(t.gaps) > 0:
		return t.result("")
	case !read:
		return cannotTell("nothing was read about its backups")
	}
	return fails("it has neither point-in-time recovery nor backups nor old versions", t.facts...)
}

// planned finds a backup of a store that was not made by hand.
func planned(in *Input, id graph.ID) graph.ID {
	for _, f := range in.Graph.Out(id) {
		if to := in.Graph.Node(f.To); f.Kind == graph.BacksUp && to != nil && graph.Is(graph.ManualCopy.Get(&to.Facts), false) {
			return to.ID
		}
	}
	return ""
}
