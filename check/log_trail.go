package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/graph"
)

var accountRecorded = &Control{
	ID: "LOG-TRAIL-001", Title: "Account activity is recorded in all regions and cannot be altered unnoticed",
	Doc:      "One trail of the account or its organisation covers all regions, is switched on, signs its files and records management events of both kinds. A trail under a key the customer does not hold counts as low. An account without a trail fails only when the list of trails was answered in every region.",
	Why:      "Art. 5(2), 32(1)(d) and 33: the trail is the record of who changed access to personal data. What happened in a region without it cannot be shown to anybody.",
	Severity: High, Moves: WithData, Articles: []string{"32(1)(d)", "33", "5(2)"},
	Fix:   "Create an organisation trail: aws cloudtrail create-trail --name NAME --s3-bucket-name BUCKET --is-multi-region-trail --is-organization-trail --enable-log-file-validation --kms-key-id KEY, then aws cloudtrail start-logging --name NAME.",
	Reads: []Read{{"cloudtrail:DescribeTrails", "trailList[].IsMultiRegionTrail"}, {"cloudtrail:DescribeTrails", "trailList[].LogFileValidationEnabled"}, {"cloudtrail:DescribeTrails", "trailList[].KmsKeyId"}, {"cloudtrail:GetTrailStatus", "IsLogging"}, {"cloudtrail:GetEventSelectors", "EventSelectors[].IncludeManagementEvents"}},

	System: accountsRecorded,
}

// describeTrails is the call whose answer shows that an account has no trail.
const describeTrails = "cloudtrail:DescribeTrails"

func accountsRecorded(in *Input) []SystemResult {
	own, trails := map[string]bool{}, map[string][]*graph.Node{}
	for _, n := range in.Graph.Nodes() {
		if n.Account == "" {
			continue
		}
		own[n.Account] = own[n.Account] || !n.External
		if n.Class != graph.Trail || n.External {
			continue
		}
		seen := append([]string{n.Account}, graph.RecordsAccounts.Get(&n.Facts).V...)
		slices.Sort(seen)
		for _, a := range slices.Compact(seen) {
			trails[a] = append(trails[a], n)
		}
	}
	var out []SystemResult
	for _, account := range slices.Sorted(maps.Keys(own)) {
		r := doesNotApply("it is not an account of this scan")
		if own[account] {
			r = accountTrails(in, account, trails[account])
		}
		out = append(out, SystemResult{Subject: account, Result: r})
	}
	return out
}

// accountTrails is the best answer any trail of the account gives.
func accountTrails(in *Input, account string, trails []*graph.Node) Result {
	unheard, refused := "it is not known which regions were asked for trails", true
	if in.Refused != nil {
		unheard, refused = in.Refused(account, "", describeTrails)
	}
	best := fails("account " + account + " has no trail")
	for _, n := range trails {
		r := trailRecords(n)
		if rank(r) > rank(best) || len(best.Facts) == 0 {
			best = r
		}
	}
	if best.Status == Fail && best.Lift == 0 && refused {
		return cannotTell(best.Reason+"; a trail may be where the list was not answered: "+unheard, best.Facts...)
	}
	return best
}

// rank orders answers from worst to best.
func rank(r Result) int {
	switch {
	case r.Status == Pass:
		return 3
	case r.Status == Fail && r.Lift < 0:
		return 2
	case r.Status == Unknown:
		return 1
	}
	return 0
}

func trailRecords(n *graph.Node) Result {
	t := tally{}
	for _, x := range []struct {
		fact graph.Answer[bool]
		lack string
	}{
		{graph.MultiRegion.Get(&n.Facts), "covers one region only"},
		{graph.LoggingOn.Get(&n.Facts), "is switched off"},
		{graph.Validation.Get(&n.Facts), "does not sign its files"},
	} {
		if t.known(x.fact.Fact) && !x.fact.V {
			t.against(0, "trail "+n.Name+" "+x.lack)
		}
	}
	events := graph.ManagementEvents.Get(&n.Facts)
	if t.known(events.Fact) && events.V != "all" {
		t.against(0, "trail "+n.Name+" records of management events: "+events.V)
	}
	key := graph.KeyOwner.Get(&n.Facts)
	if t.known(key.Fact) && key.V.Rank() < graph.KeyCustomer.Rank() {
		t.against(-2, fmt.Sprintf("the files of trail %s are encrypted with a key the customer does not hold (%s)", n.Name, key.V))
	}
	return t.onlyLightWhenRead("trail " + n.Name + " records all regions, signed, under a customer key")
}

// onlyLightWhenRead is result, except that a light point does not hide a gap which
// may turn out to be a grave one.
func (t *tally) onlyLightWhenRead(pass string) Result {
	if len(t.points) > 0 && t.lift < 0 && len(t.gaps) > 0 {
		return cannotTell(strings.Join(append(t.gaps, t.points...), "; "), t.facts...)
	}
	return t.result(pass)
}

var auditStoreProtected = &Control{
	ID: "LOG-TRAIL-002", Title: "The audit store is protected",
	Doc:      "A bucket that a trail delivers to is not open to anybody, no workload may write to it, objects are locked and reads of the bucket are logged; the last two count as low. A bucket of an account that was not scanned is unknown.",
	Why:      "Art. 5(2) and 32(1)(d): evidence that an attacker or a bug can delete is no evidence.",
	Severity: High, Moves: Fixed, Articles: []string{"32(1)(d)", "5(2)"},
	Fix:   "Keep the bucket in a separate account, block public access, let only cloudtrail.amazonaws.com write, turn object lock and access logging on.",
	Reads: []Read{{"cloudtrail:DescribeTrails", "trailList[].S3BucketName"}, {"s3:GetBucketPolicy", "Policy"}, {"s3:GetBucketAcl", "Grants[].Grantee.URI"}, {"s3:GetPublicAccessBlock", "PublicAccessBlockConfiguration"}, {"s3:GetBucketLogging", "LoggingEnabled.TargetBucket"}, {"s3:GetObjectLockConfiguration", "ObjectLockConfiguration.ObjectLockEnabled"}},

	Classes: []graph.Class{graph.Bucket}, Node: auditBucket,
}

func auditBucket(in *Input, n *graph.Node) Result {
	audit := graph.AuditStore.Get(&n.Facts)
	switch {
	case !graph.Is(audit, true) && !trailDelivers(in, n.ID):
		if askedInVain(&n.Facts, audit.Name) {
			return missing(audit.Fact)
		}
		return doesNotApply("no trail delivers to it")
	case n.External:
		return cannotTell("a trail delivers to it, and its account was not scanned")
	}
	t := tally{}
	if audit.Known {
		t.facts = append(t.facts, audit.Fact)
	}
	if !graph.Is(graph.PublicBlocked.Get(&n.Facts), true) {
		for _, open := range []graph.Answer[[]string]{graph.PublicStatements.Get(&n.Facts), graph.PublicACL.Get(&n.Facts)} {
			if t.known(open.Fact) && len(open.V) > 0 {
				t.against(0, "anybody may use the audit store: "+strings.Join(open.V, ", "))
			}
		}
	} else {
		t.facts = append(t.facts, graph.PublicBlocked.Get(&n.Facts).Fact)
	}
	if w := workloadWriters(in, n); len(w) > 0 {
		t.against(0, "workloads may write to the audit store: "+names(in, w))
	}
	if f := graph.WritersForbid.Get(&n.Facts); f.Known && len(f.V) > 0 {
		t.facts = append(t.facts, f.Fact)
		t.against(0, "workload roles may write to the audit store: "+strings.Join(f.V, ", "))
	} else if askedInVain(&n.Facts, f.Name) {
		t.known(f.Fact)
	}
	if lock := graph.ObjectLock.Get(&n.Facts); t.known(lock.Fact) && !lock.V {
		t.against(-2, "objects in the audit store are not locked")
	}
	if logged := graph.LoggingOn.Get(&n.Facts); t.known(logged.Fact) && !logged.V {
		t.against(-2, "access to the audit store is not logged")
	}
	return t.onlyLightWhenRead("the audit store is closed, locked and logged")
}

// trailDelivers tells whether a trail writes its files to a node.
func trailDelivers(in *Input, id graph.ID) bool {
	for _, f := range in.Graph.In(id) {
		if from := in.Graph.Node(f.From); f.Kind == graph.LogsTo && from != nil && from.Class == graph.Trail {
			return true
		}
	}
	return false
}

// workloadWriters are the processors that write to a node.
func workloadWriters(in *Input, n *graph.Node) []graph.ID {
	var out []graph.ID
	for _, f := range in.Graph.In(n.ID) {
		if f.Kind != graph.Writes && f.Kind != graph.Accesses {
			continue
		}
		if from := in.Graph.Node(f.From); from != nil && from.Class.Role() == graph.RoleProcess {
			out = append(out, from.ID)
		}
	}
	return slices.Compact(out)
}
