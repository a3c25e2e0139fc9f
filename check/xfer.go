package check

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowdeed/flowdeed/graph"
)

var xferControls = []*Control{
	{
		ID: "XFER-REGION-001", Title: "Personal data stays in allowed regions",
		Doc:      "The Region of every store, channel and processor of personal data lies in a country of the allowed areas (EEA and adequate countries where nothing else is set), or a transfer tool is declared for it. A service without a Region, and a Region of which the country is not known, are unknown, never inside.",
		Why:      "Art. 44 lets personal data leave the EEA only under Chapter V. Where the data lies is the first thing an authority asks.",
		Severity: High, Moves: OnlyWithData, Articles: []string{"44", "45", "46"},
		Fix:   "Move the resource to an allowed Region, or declare the transfer tool of Art. 46 for the Region.",
		Reads: []Read{{"s3:GetBucketLocation", "LocationConstraint"}, {"ec2:DescribeRegions", "Regions[].RegionName"}},

		Classes: annotatedClasses, Node: inAllowedRegion,
	},
	{
		ID: "XFER-EDGE-001", Title: "No personal-data flow leaves the allowed area undeclared",
		Doc:      "The countries of both ends of a flow are compared in the direction the data moves. A flow from inside the allowed area to outside it needs a declared transfer tool. Recipients take country and tool from the declared parties; an adequacy decision for certified recipients counts while somebody has checked the certification within a year, and is unknown after that. Copies are judged by XFER-REPL-001; an answer to the person on the internet is no transfer.",
		Why:      "Art. 44 and 30(1)(e): a transfer happens on a wire, not in a store. One rule target in another Region is enough.",
		Severity: High, Moves: OnlyWithData, Articles: []string{"44", "46", "49", "30(1)(e)"},
		Fix:   "Keep the target inside the area, or declare the party with country and transfer tool.",
		Reads: []Read{{"events:ListTargetsByRule", "Targets[].Arn"}, {"lambda:ListEventSourceMappings", "EventSourceMappings[].EventSourceArn"}, {"sns:ListSubscriptions", "Subscriptions[].Endpoint"}},

		Kinds: []graph.FlowKind{
			graph.Triggers, graph.Invokes, graph.Reads, graph.Writes, graph.Accesses, graph.Publishes, graph.Delivers, graph.Streams,
			graph.Archives, graph.DeadLetters, graph.LogsTo, graph.Mounts, graph.RoutesTo, graph.SharesWith,
		},
		Flow: staysInArea,
	},
	{
		ID: "XFER-REPL-001", Title: "Replicas, copies and multi-region keys stay in allowed regions",
		Doc:      "The Regions and accounts that a store is replicated, backed up or exported to, and the Regions that hold a replica of its key, lie in the allowed areas or under a declared transfer tool. Stores that are not copied are left out.",
		Why:      "Art. 44 and 46: a replica is a transfer of everything, for as long as it runs. Checks that ask for copies in other Regions never ask which.",
		Severity: High, Moves: OnlyWithData, Articles: []string{"44", "46"},
		Fix:   "Change the destination to an allowed Region and delete the copy outside; or declare the transfer tool for that Region.",
		Reads: []Read{{"s3:GetBucketReplication", "ReplicationConfiguration.Rules[].Destination.Bucket"}, {"dynamodb:DescribeTable", "Table.Replicas[].RegionName"}, {"rds:DescribeDBInstances", "DBInstances[].ReadReplicaDBInstanceIdentifiers[]"}, {"secretsmanager:DescribeSecret", "ReplicationStatus[].Region"}, {"kms:DescribeKey", "KeyMetadata.MultiRegionConfiguration.ReplicaKeys[].Region"}},

		Classes: []graph.Class{
			graph.Bucket, graph.Table, graph.Database, graph.Cache, graph.Search, graph.FileSystem, graph.OtherStore, graph.Secret,
			graph.Queue, graph.Topic, graph.Stream, graph.Archive, graph.LogGroup, graph.Snapshot, graph.Backup, graph.UserPool,
		},
		Node: copiesStay,
	},
}

// whereabouts is where a node is, for Chapter V of the GDPR.
type whereabouts struct {
	region, country, status string
	tool                    string // declared transfer tool
	doubt                   string // why it is not known whether that tool holds
	void                    string // why a declared tool does not hold
	why                     string // why it is not known
}

func (w whereabouts) known() bool { return w.why == "" }

// String is the place in words: "eu-west-1 (IE, eea)".
func (w whereabouts) String() string {
	if w.region == "" {
		return fmt.Sprintf("%s (%s)", w.country, w.status)
	}
	return fmt.Sprintf("%s (%s, %s)", w.region, w.country, w.status)
}

// defaultAreas are the statuses of countries that need no transfer tool: Art. 44
// covers third countries only, Art. 45 those with a decision for all recipients.
var defaultAreas = []string{"eea", "adequate"}

// allowed tells whether a place needs no transfer tool.
func (in *Input) allowed(w whereabouts) bool {
	areas := in.AllowedAreas
	if len(areas) == 0 {
		areas = defaultAreas
	}
	return slices.ContainsFunc(areas, func(a string) bool {
		return a != "" && (strings.EqualFold(a, w.status) || strings.EqualFold(a, w.country) || strings.EqualFold(a, w.region))
	})
}

// inRegion says where a Region is.
func (in *Input) inRegion(region string) whereabouts {
	w := whereabouts{region: region}
	switch {
	case region == "" || region == "global":
		w.why = "it is in no single Region"
		return w
	case in.Area == nil:
		w.why = "no table of Regions was given"
		return w
	}
	country, status, known := in.Area(region)
	w.country, w.status = country, status
	if !known {
		w.why = "the country of " + region + " is not known"
	}
	w.tool = in.TransferTools[region]
	if w.tool == "" && country != "" {
		w.tool = in.TransferTools[country]
	}
	return w
}

// whereIs says where a node is: by its Region, or, for a recipient outside, by what is
// declared of the party.
func (in *Input) whereIs(n *graph.Node) whereabouts {
	who, declared := "", false
	if n.External {
		who, declared = in.recipient(n)
	}
	if declared && in.Party != nil {
		country, status, tool, known := in.Party(who)
		if known && country != "" {
			w := whereabouts{country: country, status: status, tool: tool}
			in.certified(&w, who)
			return w
		}
	}
	if n.Region != "" {
		return in.inRegion(n.Region)
	}
	if declared {
		return whereabouts{why: "no country is declared for " + who}
	}
	return whereabouts{why: "no country is known for " + n.Name}
}

// certified looks whether an adequacy decision that covers certified recipients only
// covers this one.
func (in *Input) certified(w *whereabouts, party string) {
	if w.tool != "adequacy" || in.allowed(*w) {
		return
	}
	var c Certification
	if in.Certified != nil {
		c, _ = in.Certified(party)
	}
	checked, err := time.Parse(time.DateOnly, c.Checked)
	limit := time.Duration(in.Policy.CertificationDays) * 24 * time.Hour
	switch {
	case c.Checked == "":
		w.doubt = "nobody has checked whether it is certified under the adequacy decision"
	case err != nil:
		w.doubt = "the day its certification was checked cannot be read: " + c.Checked
	case in.Now.IsZero():
		w.doubt = "the day of the scan is not known, so nor is the age of the check of its certification"
	case in.Now.Sub(checked) > limit:
		w.doubt = fmt.Sprintf("its certification under the adequacy decision was last checked on %s, more than %s before the scan", c.Checked, days(in.Policy.CertificationDays))
	case !c.Active && c.Fallback == "":
		w.tool, w.void = "", fmt.Sprintf("it was not certified under the adequacy decision on %s, and no fallback is declared", c.Checked)
	case !c.Active:
		w.tool = c.Fallback
	}
	if w.doubt != "" && c.Fallback != "" {
		w.doubt += "; the declared fallback is " + c.Fallback
	}
}

// noTool says why no transfer tool covers a place.
func (w whereabouts) noTool() string {
	if w.void != "" {
		return w.void
	}
	return "no transfer tool is declared"
}

// recipient finds the declared party or known account behind a node outside.
func (in *Input) recipient(n *graph.Node) (who string, declared bool) {
	if strings.HasPrefix(string(n.ID), "party:") {
		return n.Name, true
	}
	if who := in.Recipients[n.Account]; n.Account != "" && who != "" {
		return who, true
	}
	if n.Class == graph.ExternalEndpoint {
		for h := hostName(n); h != ""; h = parentHost(h) {
			if who := in.Recipients[h]; who != "" {
				return who, true
			}
		}
	}
	if who := in.KnownAccounts[n.Account]; n.Account != "" && who != "" {
		return strings.TrimPrefix(who, "party: "), true
	}
	return "", false
}

func inAllowedRegion(in *Input, n *graph.Node) Result {
	if !in.mayHandle(n.ID) {
		return doesNotApply("it is declared to hold and pass no personal data")
	}
	switch w := in.inRegion(n.Region); {
	case !w.known():
		return cannotTell("where it is cannot be told: " + w.why)
	case in.allowed(w):
		return passes("it is in " + w.String())
	case w.tool != "":
		return passes("it is in " + w.String() + "; declared transfer tool: " + w.tool)
	default:
		return fails("it is in " + w.String() + ", and no transfer tool is declared")
	}
}

func staysInArea(in *Input, f *graph.Flow) Result {
	from, to := in.Graph.Node(f.From), in.Graph.Node(f.To)
	if from == nil || to == nil {
		return cannotTell("one end of the flow is not in the map")
	}
	if from.Class == graph.InternetClass || to.Class == graph.InternetClass || from.ID == graph.Schedule {
		return doesNotApply("one end is no recipient")
	}
	forward, backward := f.Kind.DataMoves()
	var r Result
	if forward {
		r = leaves(in, from, to)
	}
	if backward && in.Labels.Profile(to.ID).Personal() {
		if back := leaves(in, to, from); !forward || !in.Labels.Profile(from.ID).Personal() || worse(back, r) {
			r = back
		}
	}
	return r
}

// leaves compares where data comes from with where it goes.
func leaves(in *Input, from, to *graph.Node) Result {
	a, b := in.whereIs(from), in.whereIs(to)
	switch {
	case from.Region != "" && from.Region == to.Region && from.Region != "global":
		return passes("both ends are in " + from.Region)
	case b.known() && in.allowed(b):
		return passes("it goes to " + b.String())
	case a.known() && !in.allowed(a):
		return doesNotApply("it starts outside the allowed area, in " + a.String())
	case !b.known():
		return cannotTell("where " + name(in, to.ID) + " is cannot be told: " + b.why)
	case b.doubt != "":
		return cannotTell("it goes to " + b.String() + ": " + b.doubt)
	case b.tool != "":
		return passes("it goes to " + b.String() + "; declared transfer tool: " + b.tool)
	case !a.known():
		return cannotTell("where " + name(in, from.ID) + " is cannot be told: " + a.why + "; it goes to " + b.String())
	}
	return fails("it goes from " + a.String() + " to " + b.String() + ", and " + b.noTool())
}

// worse tells whether one answer is worse than another: fail, then unknown, then the rest.
func worse(a, b Result) bool {
	grade := map[Status]int{Fail: 2, Unknown: 1}
	return grade[a.Status] > grade[b.Status]
}

// copyKinds are the kinds of flows that make a copy of a store.
var copyKinds = []graph.FlowKind{graph.Replicates, graph.BacksUp, graph.Exports}

func copiesStay(in *Input, n *graph.Node) Result {
	if !in.mayHandle(n.ID) {
		return doesNotApply("it is declared to hold no personal data")
	}
	t := &tally{}
	count := 0
	var path []graph.ID
	for _, f := range in.Graph.Out(n.ID) {
		to := in.Graph.Node(f.To)
		if to == nil || !slices.Contains(copyKinds, f.Kind) {
			continue
		}
		count++
		if !in.copyStays(t, to.Name+" is", in.whereIs(to)) && path == nil {
			path = []graph.ID{n.ID, to.ID}
		}
	}
	for _, region := range in.keyRegions(t, n) {
		count++
		in.copyStays(t, "its key has a replica", in.inRegion(region))
	}
	if count == 0 && len(t.gaps) == 0 {
		return doesNotApply("it is not copied")
	}
	r := t.result(fmt.Sprintf("copies and replicas of its key looked at: %d; all are in allowed areas", count))
	r.Path = path
	return r
}

// copyStays notes a copy outside the allowed areas.
func (in *Input) copyStays(t *tally, what string, w whereabouts) bool {
	switch {
	case !w.known():
		t.gap(what + " where it cannot be told: " + w.why)
	case w.doubt != "":
		t.gap(what + " in " + w.String() + ": " + w.doubt)
	case !in.allowed(w) && w.tool == "":
		t.against(0, what+" in "+w.String()+", and "+w.noTool())
		return false
	}
	return true
}

// keyRegions are the Regions that hold a replica of the key a store is encrypted with.
func (in *Input) keyRegions(t *tally, n *graph.Node) []string {
	id := graph.KeyID.Get(&n.Facts)
	if !id.Known {
		return nil
	}
	key := in.Graph.Node(graph.ID(id.V))
	if key == nil {
		return nil
	}
	regions := graph.KeyRegions.Get(&key.Facts)
	if askedInVain(&key.Facts, regions.Name) {
		t.known(regions.Fact)
	}
	return slices.DeleteFunc(slices.Clone(regions.V), func(r string) bool { return r == n.Region })
}
