package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowdeed/flowdeed/annotations"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
)

// usedStores are the stores a processor uses, by what is known of their content.
type usedStores struct {
	personal, unlabelled, none []graph.ID
}

func (u usedStores) total() int { return len(u.personal) + len(u.unlabelled) + len(u.none) }

// storesUsed sorts the stores a node reads or writes.
func storesUsed(in *Input, id graph.ID) usedStores {
	var u usedStores
	last := graph.ID("")
	for _, f := range in.Graph.Out(id) {
		to := in.Graph.Node(f.To)
		if to == nil || to.ID == last || !usesStore(f.Kind) || to.Class.Role() != graph.RoleStore {
			continue
		}
		last = to.ID // the flows are sorted by target
		switch p := in.Labels.Profile(to.ID); {
		case p.Personal():
			u.personal = append(u.personal, to.ID)
		case p == classify.ProfileNone:
			u.none = append(u.none, to.ID)
		default:
			u.unlabelled = append(u.unlabelled, to.ID)
		}
	}
	return u
}

// usesStore tells whether a flow of this kind means that its source reads or writes its target.
func usesStore(k graph.FlowKind) bool {
	return k == graph.Reads || k == graph.Writes || k == graph.Accesses || k == graph.Mounts
}

// readsStore tells whether a flow of this kind means that its source reads its target.
func readsStore(k graph.FlowKind) bool {
	return k == graph.Reads || k == graph.Accesses || k == graph.Mounts
}

var flowControls = []*Control{
	openPaths, blastRadius,
	{
		ID: "FLOW-DOWN-001", Title: "Protection does not drop along the flow",
		Doc: "Every flow of personal data is compared with where the same categories were kept before it: the class of the key of the target is no lower, the target keeps the data no longer than a store it came from, and the flow is not in plaintext. " +
			"What a queue or stream keeps for a few days sets no limit for the store behind it. Who else may read the target is judged by XACCT and IAM controls.",
		Why:      "Art. 5(1)(f): data is as safe as its weakest copy. Each resource may look good enough for itself; only next to its source one sees that a copy lost its key or its period.",
		Severity: Medium, Moves: OnlyWithData, Articles: []string{"5(1)(f)", "25", "32(1)(a)"},
		Fix:   "Raise the target to the level of the source: the same key, no longer period, TLS required.",
		Reads: []Read{{"kms:DescribeKey", "KeyMetadata.KeyManager"}, {"s3:GetBucketEncryption", "ServerSideEncryptionConfiguration.Rules[].ApplyServerSideEncryptionByDefault.KMSMasterKeyID"}, {"s3:GetBucketLifecycleConfiguration", "Rules[].Expiration.Days"}, {"logs:DescribeLogGroups", "logGroups[].retentionInDays"}},

		Kinds: movingKinds, Flow: protectionHolds,
	},
	{
		ID: "FLOW-UNTAG-001", Title: "Nodes reached by personal data are annotated",
		Doc: "A store or channel that personal data reaches has an annotation of its own, whose review has not expired and which does not say none. Processors that only pass data on count as low. " +
			"A store nobody says anything about, and that no labelled data reaches, is unknown.",
		Why:      "Art. 30 and 5(2): the record of processing names every place the data is. A place that nobody declared is missing from the record, from access answers and from erasure.",
		Severity: Medium, Moves: Fixed, Articles: []string{"30", "5(2)"},
		Fix:   "Annotate the resource with its fields and period, or stop the flow. For a wrong label say so with not: and a reason.",
		Reads: []Read{{"annotations", "resources"}, {"dynamodb:ListTagsOfResource", "Tags[]"}},

		Classes: annotatedClasses, Node: annotated,
	},
	{
		ID: "FLOW-MIN-001", Title: "Processors can reach only the data classes they declare",
		Doc:      "Every category known at a store the processor reads is covered by the needs of its annotation. Processors that declare no needs are left out.",
		Why:      "Art. 5(1)(c) and 25(2): access to more than the task needs is a breach waiting for an error. The declared need is the yardstick, and only people can set it.",
		Severity: Medium, Moves: OnlyWithData, Articles: []string{"5(1)(c)", "25"},
		Fix:   "Split the store, narrow the role to the attributes and prefixes needed, or add the category to needs with its reason.",
		Reads: []Read{{"annotations", "resources[].needs"}, {"iam:GetAccountAuthorizationDetails", "RoleDetailList[].RolePolicyList[].PolicyDocument"}},

		Classes: []graph.Class{graph.Function, graph.ContainerService, graph.ETLJob}, Node: needsOnly,
	},
	{
		ID: "FLOW-THIRD-001", Title: "Special-category data does not reach third parties or other accounts undeclared",
		Doc:      "A flow that carries data of Art. 9 or 10 out of the scanned accounts ends at a declared party or a known account. The legal basis of the party is judged in the record of processing, not here.",
		Why:      "Art. 9 forbids processing health, belief, orientation and similar data unless an exception is named. Handing it to somebody nobody declared has none, and cannot be undone.",
		Severity: Critical, Moves: OnlyWithData, Articles: []string{"9", "28", "44"},
		Fix:   "Stop the flow, or declare the recipient under parties: with contract, country and the condition of Art. 9(2).",
		Reads: []Read{{"events:ListApiDestinations", "ApiDestinations[].InvocationEndpoint"}, {"sns:ListSubscriptions", "Subscriptions[].Endpoint"}, {"events:ListTargetsByRule", "Targets[].Arn"}},

		Kinds: movingKinds, Flow: specialStaysIn,
	},
}

// movingKinds are the kinds of flows that move data between nodes. What comes in from
// the internet is judged by the EXPOSE and ENC-TRANSIT controls.
var movingKinds = []graph.FlowKind{
	graph.Triggers, graph.Invokes, graph.Reads, graph.Writes, graph.Accesses, graph.Publishes, graph.Delivers, graph.Streams,
	graph.Replicates, graph.BacksUp, graph.Archives, graph.Exports, graph.DeadLetters, graph.LogsTo, graph.Mounts, graph.RoutesTo,
}

// annotatedClasses are the classes people can say something about.
var annotatedClasses = []graph.Class{
	graph.Function, graph.ContainerService, graph.Instance, graph.ETLJob, graph.StateMachine, graph.API, graph.GraphQLAPI,
	graph.Queue, graph.Topic, graph.EventBus, graph.Stream, graph.DeliveryStream, graph.Archive, graph.Bucket, graph.Table,
	graph.Database, graph.Cache, graph.Search, graph.FileSystem, graph.OtherStore, graph.Catalog, graph.UserPool,
	graph.LogGroup, graph.Snapshot, graph.Backup,
}

func protectionHolds(in *Input, f *graph.Flow) Result {
	for _, id := range []graph.ID{f.From, f.To} {
		if n := in.Graph.Node(id); n != nil && n.External && strings.HasPrefix(string(id), "arn:") && n.Class.KeepsData() {
			return cannotTell(string(id) + " was not described, so its protection is not known")
		}
	}
	forward, backward := f.Kind.DataMoves()
	t := &tally{}
	transit := graph.InTransit.Get(&f.Facts)
	switch {
	case transit.V == graph.TransitUnknown || !transit.Known:
		transit.Known = false
		t.known(transit.Fact)
	case t.known(transit.Fact) && transit.V == graph.TransitPlain:
		t.against(0, "the flow is in plaintext")
	}
	from, to := in.Graph.Node(f.From), in.Graph.Node(f.To)
	if from == nil || to == nil {
		return cannotTell("one end of the flow is not in the map")
	}
	var before []graph.ID
	if forward && in.Labels.Profile(from.ID).Personal() {
		before = append(before, holdsUp(in, t, from, to)...)
	}
	if backward && in.Labels.Profile(to.ID).Personal() {
		before = append(before, holdsUp(in, t, to, from)...)
	}
	reason := "in transit: " + string(transit.V)
	if len(before) > 0 {
		reason += "; key and period are as good as at " + names(in, before)
	}
	return t.result(reason)
}

// holdsUp compares a node that keeps data with those that kept the same data before,
// and names them.
func holdsUp(in *Input, t *tally, from, to *graph.Node) []graph.ID {
	if !to.Class.KeepsData() || to.External {
		return nil
	}
	var before []graph.ID
	for _, k := range keptBefore(in, from, to) {
		before = append(before, k.ID)
		compareKeys(in, t, k, to)
		if k.Class.Role() == graph.RoleStore {
			comparePeriods(in, t, k, to)
		}
	}
	return before
}

// keptBefore are the nodes that kept what now moves to a target: the source itself,
// or, for a processor, the last one on the way of every category that arrives.
func keptBefore(in *Input, from, to *graph.Node) []*graph.Node {
	if from.Class.KeepsData() {
		return []*graph.Node{from}
	}
	var out []*graph.Node
	for _, l := range in.Labels.At(from.ID).Labels {
		if l.State == classify.Weak || !arrives(in, l.Category, to.ID) {
			continue
		}
		for i := len(l.Path) - 1; i >= 0; i-- {
			k := in.Graph.Node(l.Path[i])
			if k != nil && k.ID != to.ID && k.Class.KeepsData() {
				if !slices.Contains(out, k) {
					out = append(out, k)
				}
				break
			}
		}
	}
	return out
}

func arrives(in *Input, category string, id graph.ID) bool {
	return slices.ContainsFunc(in.Labels.At(id).Labels, func(l classify.Label) bool { return l.Category == category })
}

// comparePeriods notes when the target keeps data longer than the store it came from.
// A store without a period sets none.
func comparePeriods(in *Input, t *tally, from, to *graph.Node) {
	limit := graph.RetentionDays.Get(&from.Facts)
	if declared, ok := in.period(from.ID); ok {
		limit.Known, limit.V = true, declared
	}
	switch {
	case askedInVain(&from.Facts, limit.Name) && !limit.Known:
		t.gap("how long " + name(in, from.ID) + " keeps data is not known: " + limit.Why)
		return
	case !limit.Known || limit.V == 0:
		return
	}
	kept := graph.RetentionDays.Get(&to.Facts)
	declared, ok := in.period(to.ID)
	switch read := kept.Known || askedInVain(&to.Facts, kept.Name); {
	case read:
		if t.known(kept.Fact) && (kept.V == 0 || kept.V > limit.V) {
			t.against(0, fmt.Sprintf("%s keeps data %s, %s keeps it %s", name(in, to.ID), days(kept.V), name(in, from.ID), days(limit.V)))
		}
	case ok && declared > limit.V:
		t.against(0, fmt.Sprintf("%s is declared to keep data %s, %s keeps it %s", name(in, to.ID), days(declared), name(in, from.ID), days(limit.V)))
	case !ok && to.Class.Role() == graph.RoleStore: // a topic or bus hands on at once
		t.gap("how long " + name(in, to.ID) + " keeps data is neither set nor declared")
	}
}

func annotated(in *Input, n *graph.Node) Result {
	h := in.Labels.At(n.ID)
	personal := in.Labels.Profile(n.ID).Personal()
	lift := 0
	if !n.Class.KeepsData() {
		lift = -1
	}
	var r Result
	switch {
	case h.State == classify.Unreadable:
		return cannotTell("what it holds could not be read: " + h.Why)
	case h.State == classify.Stale:
		r = failsBy(lift, "its annotation has passed its review date")
	case h.State == classify.Disputed:
		r = failsBy(lift, "its annotation is contradicted by what is known of its content")
	case personal && h.State == classify.None:
		r = failsBy(lift, "its annotation says that it holds no personal data, and personal data reaches it")
	case personal && !h.Stated:
		r = failsBy(lift, "personal data reaches it and nobody says so in an annotation")
	case h.Stated || h.State == classify.None:
		return passes("it is annotated")
	case len(h.Labels) > 0 && h.State != classify.Unknown:
		return cannotTell("what is known of its content is too weak to tell whether it is personal data")
	case !n.Class.KeepsData():
		return doesNotApply("no labelled data passes through it")
	default:
		return cannotTell("nobody says what it holds, and no labelled data is known to reach it")
	}
	if p := arrival(in, n.ID); len(p) > 1 {
		r.Path = p
		r.Reason += ": it arrives from " + name(in, p[0])
	}
	return r
}

// arrival is the shortest way by which a carried label came to a node.
func arrival(in *Input, id graph.ID) []graph.ID {
	var best []graph.ID
	for _, l := range in.Labels.At(id).Labels {
		if l.State != classify.Weak && len(l.Path) > 1 && (best == nil || len(l.Path) < len(best)) {
			best = l.Path
		}
	}
	return best
}

func needsOnly(in *Input, n *graph.Node) Result {
	needs, stated := in.Needs[n.ID]
	if !stated {
		return doesNotApply("it declares no needs")
	}
	t := tally{}
	if n.Class == graph.Function {
		t.known(graph.RoleARN.Get(&n.Facts).Fact)
	}
	read := readable(in, &t, n)
	for _, id := range read {
		h := in.Labels.At(id)
		if h.State == classify.Unknown || h.State == classify.Unreadable {
			t.gap("nobody says what " + name(in, id) + " holds")
		}
		if extra := beyond(h.Labels, needs); len(extra) > 0 {
			t.against(0, fmt.Sprintf("it may read %s, which holds %s", name(in, id), strings.Join(extra, ", ")))
		}
	}
	if len(read) == 0 && len(t.gaps) == 0 {
		return doesNotApply("it reads no store", t.facts...)
	}
	return t.result("it reads only what it needs: " + strings.Join(needs, ", "))
}

// readable are the stores a processor reads or may read without conditions, sorted.
func readable(in *Input, t *tally, n *graph.Node) []graph.ID {
	var out []graph.ID
	for _, f := range in.Graph.Out(n.ID) {
		if readsStore(f.Kind) {
			out = append(out, f.To)
		}
	}
	for _, role := range rolesOf(in, n) {
		rights, complete := in.mayUse(role)
		if !complete {
			t.gap("what " + name(in, role) + " may read is not known in full")
		}
		for _, r := range rights {
			if r.Read && !r.Conditional {
				out = append(out, r.Store)
			}
		}
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(id graph.ID) bool {
		to := in.Graph.Node(id)
		return to == nil || to.Class.Role() != graph.RoleStore
	})
}

// beyond lists the personal categories that no need covers.
func beyond(labels []classify.Label, needs []string) []string {
	var out []string
	for _, l := range labels {
		covered := slices.ContainsFunc(needs, func(need string) bool { return annotations.Covers(need, l.Category) })
		if l.State != classify.Weak && annotations.Personal(l.Category) && !covered {
			out = append(out, l.Category)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func specialStaysIn(in *Input, f *graph.Flow) Result {
	to := in.Graph.Node(f.To)
	forward, _ := f.Kind.DataMoves()
	switch {
	case to == nil || !forward || !to.External || to.Class == graph.InternetClass || to.Class == graph.ScheduleClass:
		return doesNotApply("it stays inside the scanned accounts")
	case !in.Labels.Profile(f.From).Special():
		return doesNotApply("it is not known to carry data of Art. 9 or 10")
	}
	who, declared := in.recipient(to)
	switch {
	case declared:
		return passes(name(in, to.ID) + " is known as " + who)
	case to.Account == "" && to.Class != graph.ExternalEndpoint:
		return cannotTell("whose account " + name(in, to.ID) + " is in is not known")
	}
	r := fails(name(in, to.ID) + " gets data of Art. 9 or 10 and no party is declared for it")
	r.Path = specialPath(in, f)
	if len(r.Path) > 2 {
		r.Reason += "; it comes from " + name(in, r.Path[0])
	}
	return r
}

// specialPath is the way the special-category data came by, with the last flow.
func specialPath(in *Input, f *graph.Flow) []graph.ID {
	best := []graph.ID{f.From}
	for _, l := range in.Labels.At(f.From).Labels {
		if l.State == classify.Weak || len(l.Path) < 2 || !in.Labels.Profile(l.Path[0]).Special() {
			continue
		}
		if len(best) == 1 || len(l.Path) < len(best) {
			best = l.Path
		}
	}
	return append(slices.Clone(best), f.To)
}
