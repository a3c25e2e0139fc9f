package check

import (
	"fmt"
	"strings"
	"time"

	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// copyControls hold copies to the period of what they are copies of. Their ids are those
// of the privacy model.
var copyControls = []*Control{{
	ID: "retention.copy_outlives_original", Title: "No copy is kept longer than its original may be",
	Doc: "The time a backup, snapshot, export or replica stays is compared with the period declared for the store it was taken from; where the store declares none, with the shortest period that the activities which name it give for a category it holds. " +
		"A replica of a table, database or secret follows the deletions of its original and is left out; a replica in a bucket does not. A copy made by hand has no end and is held to its age. RET-BKP-001 holds a copy to what is declared of the copy.",
	Why:      "Art. 5(1)(e) and 17: data that is erased in time and stays in a copy is not erased. The period in the record of processing is that of the longest copy.",
	Severity: Medium, Moves: OnlyWithData, Articles: []string{"5(1)(e)", "17"},
	Fix: "Shorten the life of the copy (DeleteAfterDays of the backup plan, lifecycle rule of the bucket, backup period of the database) to the period of the original, delete older copies, or correct the declared period.",
	Reads: []Read{
		{"annotations", "resources[].retention"}, {"annotations", "activities[].retention"}, {"rds:DescribeDBSnapshots", "DBSnapshots[].SnapshotCreateTime"},
		{"dynamodb:ListBackups", "BackupSummaries[].BackupCreationDateTime"}, {"s3:GetBucketLifecycleConfiguration", "Rules[].Expiration.Days"},
	},

	Kinds: copyKinds, Flow: copyOutlives,
}}

func copyOutlives(in *Input, f *graph.Flow) Result {
	original, kept := in.Graph.Node(f.From), in.Graph.Node(f.To)
	switch {
	case original == nil || kept == nil:
		return cannotTell("one end of the flow is not in the map")
	case f.Kind == graph.Replicates && kept.Class != graph.Bucket:
		return doesNotApply("what is deleted in the original is deleted in the replica")
	}
	limit, whose := in.periodOf(original.ID)
	if limit == 0 {
		return cannotTell("of the original " + noPeriod)
	}
	if kept.External {
		return cannotTell("how long " + name(in, kept.ID) + " keeps it was not read: it is outside the scan")
	}
	t := &tally{}
	said := ageOfCopy(in, t, kept, limit, whose)
	return t.result(said + "; " + whose)
}

// ageOfCopy notes when a copy stays longer than the original may, and says how long it
// stays.
func ageOfCopy(in *Input, t *tally, kept *graph.Node, limit int, whose string) string {
	if kept.Class == graph.Snapshot || kept.Class == graph.Backup {
		manual := graph.ManualCopy.Get(&kept.Facts)
		if !t.known(manual.Fact) {
			return ""
		}
		if manual.V {
			return t.agedCopy(in.Now, graph.CreatedAt.Get(&kept.Facts), limit, whose)
		}
	}
	stays, bySource := copyPeriod(in, kept)
	switch {
	case !t.known(stays.Fact):
		return ""
	case bySource != "" && stays.V == 0: // of a store, 0 means that no backups are made
		t.gap("the store it was taken from makes no backups now, so nothing says when this copy is deleted")
		return ""
	}
	total := stays.V
	if kept.Class == graph.Bucket && stays.V > 0 {
		old, versioned := graph.RetentionOld.Get(&kept.Facts), graph.Versioned.Get(&kept.Facts)
		if t.known(versioned.Fact) && versioned.V && t.known(old.Fact) {
			total = stays.V + old.V
			if old.V == 0 {
				total = 0
			}
		}
	}
	if total == 0 || total > limit {
		t.against(0, fmt.Sprintf("the copy is kept %s; %s", days(total), whose))
	}
	return "the copy is kept " + days(total)
}

// agedCopy holds a copy without an end to its age.
func (t *tally) agedCopy(now time.Time, created graph.Answer[string], limit int, whose string) string {
	made, older := t.olderThan(now, created, limit)
	if older {
		t.against(0, fmt.Sprintf("the copy was made by hand on %s and is still there; %s", made.Format(time.DateOnly), whose))
	}
	if !created.Known {
		return ""
	}
	return "the copy was made by hand on " + made.Format(time.DateOnly) + " and is no older than that"
}

// Period is how long an activity keeps categories.
type Period struct {
	Categories []string // with all below them
	Days       int
}

// periodOf is the longest time in days that data may stay at a store, 0 when none is
// declared, and where that is declared. The period of the store itself goes first; among
// those of activities, a category may stay as long as the longest activity that works
// with it needs, and the store as a whole as long as its shortest category.
func (in *Input) periodOf(id graph.ID) (limit int, whose string) {
	if d, declared := in.period(id); declared {
		return d, days(d) + " are declared for the original"
	}
	h := in.Labels.At(id)
	for _, l := range h.Labels {
		if l.State == classify.Weak || l.MayContain || !in.Labels.Gravity(l).Personal() {
			continue
		}
		longest, by := in.keptFor(h.Activities, l.Category)
		if longest > 0 && (limit == 0 || longest < limit) {
			limit, whose = longest, fmt.Sprintf("activity %s keeps %s for %s", by, l.Category, days(longest))
		}
	}
	return limit, whose
}

// keptFor is the longest period that activities give for a category, each by the entry
// that fits it best. Without an entry for it in one of them there is none.
func (in *Input) keptFor(activities []string, category string) (longest int, by string) {
	for _, a := range activities {
		best, found := Period{}, -1
		for _, p := range in.kept(a) {
			for _, c := range p.Categories {
				if (c == category || strings.HasPrefix(category, c+".")) && len(c) > found {
					best, found = p, len(c)
				}
			}
		}
		switch {
		case found < 0 || best.Days <= 0:
			return 0, ""
		case best.Days > longest:
			longest, by = best.Days, a
		}
	}
	return longest, by
}

func (in *Input) kept(activity string) []Period {
	if in.Kept == nil {
		return nil
	}
	return in.Kept(activity)
}
