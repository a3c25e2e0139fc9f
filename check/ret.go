package check

import (
	"fmt"
	"time"

	"github.com/flowdeed/flowdeed/graph"
)

var retControls = []*Control{
	{
		ID: "RET-S3-001", Title: "Objects expire within the declared period, including old versions",
		Doc:      "A lifecycle rule for the whole bucket expires objects within the declared period; where old versions are kept, they expire too, and the days of both together stay within the period; the default lock is no longer than the period. Rules for a prefix only do not cover the bucket.",
		Why:      "Art. 5(1)(e): personal data may be kept no longer than needed. Deleting an object in a versioned bucket only hides it; without a second rule it stays for ever.",
		Severity: Medium, Moves: OnlyWithData, Articles: []string{"5(1)(e)", "17", "25"},
		Fix:   "Add a lifecycle rule with Expiration.Days and NoncurrentVersionExpiration.NoncurrentDays that together stay within the declared period: aws s3api put-bucket-lifecycle-configuration --bucket NAME --lifecycle-configuration file://rules.json.",
		Reads: []Read{{"s3:GetBucketLifecycleConfiguration", "Rules[].Expiration.Days"}, {"s3:GetBucketLifecycleConfiguration", "Rules[].NoncurrentVersionExpiration.NoncurrentDays"}, {"s3:GetBucketVersioning", "Status"}, {"s3:GetObjectLockConfiguration", "ObjectLockConfiguration.Rule.DefaultRetention.Days"}},

		Classes: []graph.Class{graph.Bucket}, Node: objectsExpire,
	},
	{
		ID: "RET-TBL-001", Title: "Table rows expire within the declared period",
		Doc:      "Time-to-live is on, or the annotations name a job that erases rows. Whether every row carries an expiry time, and which, is not seen.",
		Why:      "Art. 5(1)(e) and 17: a period in the record of processing that nothing enforces is a promise, not a measure.",
		Severity: Low, Moves: OnlyWithData, Articles: []string{"5(1)(e)", "17"},
		Fix:   "Turn time-to-live on: aws dynamodb update-time-to-live --table-name NAME --time-to-live-specification Enabled=true,AttributeName=expires; or name the erasure job in the annotation of the table.",
		Reads: []Read{{"dynamodb:DescribeTimeToLive", "TimeToLiveDescription.TimeToLiveStatus"}},

		Classes: []graph.Class{graph.Table}, Node: rowsExpire,
	},
	{
		ID: "RET-LOG-001", Title: "Logs expire, neither too early nor too late",
		Doc:      "The retention of a log group that personal-data nodes write to lies between the policy's shortest and longest period; a period declared for the group replaces the longest. Other groups are reported only when they never expire, as info.",
		Why:      "Art. 5(1)(e) bounds how long logs with personal data stay; Art. 33 needs them long enough to investigate a breach.",
		Severity: Low, Moves: WithData, Articles: []string{"5(1)(e)", "33"},
		Fix:   "Set a period: aws logs put-retention-policy --log-group-name GROUP --retention-in-days 90.",
		Reads: []Read{{"logs:DescribeLogGroups", "logGroups[].retentionInDays"}},

		Classes: []graph.Class{graph.LogGroup}, Node: logsExpire,
	},
	{
		ID: "RET-MSG-001", Title: "Message and stream retention is bounded",
		Doc:      "Queues, streams and archives drop what they hold within the declared period; without a declared period it is enough that they drop it at all. An archive without a period keeps events for ever.",
		Why:      "Art. 5(1)(e) and 17: copies in transit count. An archive of all events is a shadow of every store behind the bus and is forgotten when somebody asks for erasure.",
		Severity: Low, Moves: OnlyWithData, Articles: []string{"5(1)(e)", "17"},
		Fix:   "Shorten the period: MessageRetentionPeriod of the queue, retention period of the stream, RetentionDays of the archive.",
		Reads: []Read{{"sqs:GetQueueAttributes", "Attributes.MessageRetentionPeriod"}, {"kinesis:DescribeStreamSummary", "StreamDescriptionSummary.RetentionPeriodHours"}, {"events:DescribeArchive", "RetentionDays"}},

		Classes: []graph.Class{graph.Queue, graph.Stream, graph.Archive}, Node: messagesExpire,
	},
	{
		ID: "RET-BKP-001", Title: "Backups and snapshots are deleted in time",
		Doc:      "A copy has a day of deletion within the declared period. A copy made by hand has none: it fails when it is older than the period (or than the policy's limit where none is declared). A copy whose store no longer exists fails always.",
		Why:      "Art. 17 reaches backups too. A snapshot that outlives its database keeps every person who was ever deleted from it.",
		Severity: Medium, Moves: OnlyWithData, Articles: []string{"5(1)(e)", "17"},
		Fix:   "Delete orphans and old copies (aws rds delete-db-snapshot, aws dynamodb delete-backup) and let a backup plan with DeleteAfterDays make the next ones.",
		Reads: []Read{{"backup:ListRecoveryPointsByBackupVault", "RecoveryPoints[].CalculatedLifecycle.DeleteAt"}, {"rds:DescribeDBSnapshots", "DBSnapshots[].SnapshotCreateTime"}, {"rds:DescribeDBSnapshots", "DBSnapshots[].SnapshotType"}, {"dynamodb:ListBackups", "BackupSummaries[].BackupCreationDateTime"}},

		Classes: []graph.Class{graph.Backup, graph.Snapshot}, Node: copiesDeleted,
	},
}

// period is the longest declared time in days that data may stay at a node.
func (in *Input) period(id graph.ID) (days int, declared bool) {
	d := in.Labels.At(id).Retention
	return d, d > 0
}

// noPeriod is the gap that only a person can close.
const noPeriod = "no retention period is declared, so nobody can say whether it is kept too long"

func objectsExpire(in *Input, n *graph.Node) Result {
	if !in.mayHandle(n.ID) {
		return doesNotApply("it is declared to hold no personal data")
	}
	limit, declared := in.period(n.ID)
	t := tally{}
	kept, old := graph.RetentionDays.Get(&n.Facts), graph.RetentionOld.Get(&n.Facts)
	versioned, lock := graph.Versioned.Get(&n.Facts), graph.LockDays.Get(&n.Facts)
	current := t.known(kept.Fact)
	switch {
	case current && kept.V == 0:
		t.against(0, "no rule for the whole bucket expires objects")
	case current && declared && kept.V > limit:
		t.against(0, fmt.Sprintf("objects expire after %s, %s are declared", days(kept.V), days(limit)))
	}
	if t.known(versioned.Fact) && versioned.V && t.known(old.Fact) {
		switch {
		case old.V == 0:
			t.against(0, "old versions are kept for ever")
		case declared && old.V > limit:
			t.against(0, fmt.Sprintf("old versions expire after %s, %s are declared", days(old.V), days(limit)))
		case declared && current && kept.V > 0 && kept.V <= limit && kept.V+old.V > limit:
			t.against(-1, fmt.Sprintf("an object expires after %s and stays %s more as an old version, %s are declared", days(kept.V), days(old.V), days(limit)))
		}
	}
	if t.known(lock.Fact) && declared && lock.V > limit {
		t.against(0, fmt.Sprintf("objects are locked for %s, %s are declared", days(lock.V), days(limit)))
	}
	if !declared {
		t.gap(noPeriod)
	}
	return t.result(fmt.Sprintf("objects are gone after %s, %s are declared", days(kept.V), days(limit)))
}

func rowsExpire(in *Input, n *graph.Node) Result {
	if !in.mayHandle(n.ID) {
		return doesNotApply("it is declared to hold no personal data")
	}
	ttl := graph.TTLOn.Get(&n.Facts)
	limit, declared := in.period(n.ID)
	switch job := in.Erasure[n.ID]; {
	case job != "":
		return passes("the annotations name the job that erases rows: " + job)
	case !ttl.Known:
		return missing(ttl.Fact)
	case ttl.V:
		return passes("rows expire by time-to-live", ttl.Fact)
	case !declared:
		return cannotTell("rows do not expire and "+noPeriod, ttl.Fact)
	}
	return fails(fmt.Sprintf("%s are declared, and neither time-to-live nor an erasure job deletes rows", days(limit)), ttl.Fact)
}

func logsExpire(in *Input, n *graph.Node) Result {
	kept := graph.RetentionDays.Get(&n.Facts)
	longest, declared := in.period(n.ID)
	if !declared {
		longest = in.Policy.LogDaysMax
	}
	fed := fedWithData(in, n)
	switch {
	case !kept.Known:
		return missing(kept.Fact)
	case !fed && kept.V == 0:
		return failsBy(-1, "its entries never expire; nothing with personal data is known to write to it", kept.Fact)
	case !fed:
		return doesNotApply("nothing with personal data is known to write to it", kept.Fact)
	case kept.V == 0:
		return fails("its entries never expire", kept.Fact)
	case kept.V > longest:
		return fails(fmt.Sprintf("its entries stay %s, at most %s are allowed", days(kept.V), days(longest)), kept.Fact)
	case kept.V < in.Policy.LogDaysMin && (!declared || longest >= in.Policy.LogDaysMin):
		return fails(fmt.Sprintf("its entries stay %s, breach analysis needs at least %s", days(kept.V), days(in.Policy.LogDaysMin)), kept.Fact)
	}
	return passes(fmt.Sprintf("its entries stay %s", days(kept.V)), kept.Fact)
}

// fedWithData tells whether a log group holds personal data or is written to by a
// node that does.
func fedWithData(in *Input, n *graph.Node) bool {
	if in.Labels.Profile(n.ID).Personal() {
		return true
	}
	for _, f := range in.Graph.In(n.ID) {
		if f.Kind == graph.LogsTo && in.Labels.Profile(f.From).Personal() {
			return true
		}
	}
	return false
}

func messagesExpire(in *Input, n *graph.Node) Result {
	if !in.mayHandle(n.ID) {
		return doesNotApply("it is declared to pass no personal data")
	}
	kept := graph.RetentionDays.Get(&n.Facts)
	limit, declared := in.period(n.ID)
	switch {
	case !kept.Known:
		return missing(kept.Fact)
	case kept.V == 0:
		return fails("what it holds never expires", kept.Fact)
	case declared && kept.V > limit:
		return fails(fmt.Sprintf("what it holds stays %s, %s are declared", days(kept.V), days(limit)), kept.Fact)
	}
	return passes("what it holds stays "+days(kept.V), kept.Fact)
}

func copiesDeleted(in *Input, n *graph.Node) Result {
	if !in.mayHandle(n.ID) {
		return doesNotApply("it is declared to hold no personal data")
	}
	source, manual := graph.SourcePresent.Get(&n.Facts), graph.ManualCopy.Get(&n.Facts)
	t := tally{}
	if t.known(source.Fact) && !source.V {
		t.against(0, "the store it was taken from no longer exists")
	}
	limit, declared := in.period(n.ID)
	if !t.known(manual.Fact) {
		return t.result("")
	}
	if manual.V {
		if !declared {
			limit = in.Policy.SnapshotDays
		}
		t.notOlder(in.Now, graph.CreatedAt.Get(&n.Facts), limit)
		return t.result("it was made by hand and is younger than " + days(limit))
	}
	kept, from := copyPeriod(in, n)
	switch {
	case !t.known(kept.Fact):
	case kept.V == 0:
		t.against(0, "it has no day of deletion")
	case declared && kept.V > limit:
		t.against(0, fmt.Sprintf("it is deleted after %s, %s are declared", days(kept.V), days(limit)))
	}
	return t.result(fmt.Sprintf("it is deleted after %s%s", days(kept.V), from))
}

// copyPeriod is how long an automatic copy is kept: by its own lifecycle, otherwise
// by the backup period of the store it was taken from.
func copyPeriod(in *Input, n *graph.Node) (graph.Answer[int], string) {
	own := graph.RetentionDays.Get(&n.Facts)
	if own.Known || askedInVain(&n.Facts, own.Name) {
		return own, ""
	}
	if s := in.Graph.Node(graph.ID(graph.SourceID.Get(&n.Facts).V)); s != nil {
		return graph.BackupDays.Get(&s.Facts), " by the backup period of " + name(in, s.ID)
	}
	return own, ""
}

// notOlder notes when a copy is older than the limit in days.
func (t *tally) notOlder(now time.Time, created graph.Answer[string], limit int) {
	if made, older := t.olderThan(now, created, limit); older {
		t.against(0, fmt.Sprintf("it was made by hand on %s and nothing deletes it; copies may be kept %s", made.Format(time.DateOnly), days(limit)))
	}
}

// olderThan tells when a copy was made, and whether that is more than so many days ago.
// What is not known is noted as a gap.
func (t *tally) olderThan(now time.Time, created graph.Answer[string], limit int) (made time.Time, older bool) {
	if !t.known(created.Fact) {
		return time.Time{}, false
	}
	made, err := time.Parse(time.RFC3339, created.V)
	switch {
	case err != nil:
		t.gap("the day it was made cannot be read: " + created.V)
	case now.IsZero():
		t.gap("the day of the scan is not known")
	default:
		older = now.Sub(made) > time.Duration(limit)*24*time.Hour
	}
	return made, older
}
