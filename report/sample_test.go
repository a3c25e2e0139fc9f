package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/flowdeed/flowdeed/check"
	"github.com/flowdeed/flowdeed/classify"
	"github.com/flowdeed/flowdeed/graph"
	"github.com/flowdeed/flowdeed/report/doc"
)

// estate describes a made-up account for tests.
type estate struct {
	systems  int                          // each has seven nodes
	findings int                          // about that many
	rename   func(i int, s string) string // changes every foreign string
}

var sampleNames = []string{"orders", "billing", "newsletter", "Łódź-kurier", "Αθήνα-παραγγελίες", "София-заявки", "loyalty-programme-eu-members", "claims"}

func (e estate) name(i int, s string) string {
	if e.rename != nil {
		return e.rename(i, s)
	}
	return s
}

// build makes the input.
func (e estate) build() Input {
	m, held := graph.NewModel(), map[graph.ID]*classify.Held{}
	m.AddNode(graph.Node{ID: graph.Internet, Class: graph.InternetClass, Kind: "internet", Name: "Internet", External: true})
	m.AddNode(graph.Node{ID: "external:https://api.mailer.example/v3", Class: graph.ExternalEndpoint, Kind: "external.endpoint", Name: "api.mailer.example", External: true})
	for s := range e.systems {
		e.system(m, held, s)
	}
	m.Freeze()
	grade := func(l classify.Label) classify.Profile {
		if strings.HasPrefix(l.Category, "user.health") {
			return classify.ProfileSpecial
		}
		return classify.ProfilePersonal
	}
	in := Input{
		Organisation: e.name(1, "Kurier Łódź sp. z o.o."), Tool: "flowdeed 0.1.0", Graph: m, Labels: classify.NewLabels(held, grade),
		Scan: Scan{Accounts: []Account{{"111122223333", e.name(2, "production")}, {"444455556666", "analytics"}}, Regions: []string{"eu-central-1", "eu-west-1", "us-east-1"},
			Callers: []string{"arn:aws:sts::111122223333:assumed-role/flowdeed-scan/ci"}, Started: time.Date(2026, 11, 23, 9, 58, 12, 0, time.UTC),
			Finished: time.Date(2026, 11, 23, 10, 1, 40, 0, time.UTC), Requests: 1024, SnapshotHash: strings.Repeat("4f2a9c01b7", 6) + "d3e5",
			Annotations: []File{{e.name(3, "privacy/orders.yaml"), strings.Repeat("ab12", 16)}}},
	}
	in.Completeness = e.completeness(in.Graph)
	in.Findings = e.judge(in)
	in.Activities = []Activity{{Key: "order-handling", Name: e.name(4, "Order handling"), Purpose: "Deliver what was ordered", Basis: "Art. 6(1)(b)", Subjects: []string{"customers"}, Owner: "Team Αθήνα"}}
	in.Parties = []Party{{Name: e.name(5, "Mailer Inc."), Role: "processor", Country: "US", Nodes: []graph.ID{"external:https://api.mailer.example/v3"}}}
	in.Figures = []Figure{sampleFigure(m, 1500, 620), sampleFigure(m, 620, 520)}
	return in
}

func arn(service, account, rest string) graph.ID {
	return graph.ID("arn:aws:" + service + ":eu-central-1:" + account + ":" + rest)
}

// system adds a front door, a function, a queue, a table, a bucket, a log group and a key.
func (e estate) system(m *graph.Model, held map[graph.ID]*classify.Held, s int) {
	base := fmt.Sprintf("%s-%02d", sampleNames[s%len(sampleNames)], s)
	acct := []string{"111122223333", "444455556666"}[s%2]
	node := func(c graph.Class, kind, service, name string) *graph.Node {
		name = e.name(s, name)
		return m.AddNode(graph.Node{ID: arn(service, acct, kind+"/"+name), Class: c, Kind: service + "." + kind, Name: name, Account: acct, Region: "eu-central-1"})
	}
	api := node(graph.API, "restapi", "apigateway", base+"-api")
	fn := node(graph.Function, "function", "lambda", base+"-handler-with-a-rather-long-name-that-teams-give-to-their-functions-in-practice")
	queue := node(graph.Queue, "queue", "sqs", base+"-queue")
	table := node(graph.Table, "table", "dynamodb", base+"-table")
	bucket := node(graph.Bucket, "bucket", "s3", base+"-archive")
	log := node(graph.LogGroup, "log-group", "logs", "/aws/lambda/"+base)
	key := node(graph.EncryptionKey, "key", "kms", fmt.Sprintf("1234abcd-12ab-34cd-56ef-%012d", s))
	facts(s, queue, table, bucket, log, key)
	flow := func(from, to *graph.Node, k graph.FlowKind, via string, t graph.Transit) {
		f := m.AddFlow(graph.Flow{From: from.ID, To: to.ID, Kind: k, Via: e.name(s, via), Layers: graph.Possible, Evidence: []graph.Evidence{
			{Source: "lambda:ListEventSourceMappings EventSourceMappings[].EventSourceArn", Detail: e.name(s, via), Kind: "configuration", Confidence: 0.99}}})
		if t != graph.TransitUnknown {
			graph.InTransit.Set(&f.Facts, t, "sqs:GetQueueAttributes Attributes.Policy")
		} else {
			graph.InTransit.Unknown(&f.Facts, "s3:GetBucketPolicy was refused", "s3:GetBucketPolicy Policy")
		}
	}
	net := m.Node(graph.Internet)
	flow(net, api, graph.Exposes, "", graph.TransitEnforced)
	flow(api, queue, graph.Publishes, "POST /"+base, graph.TransitInternal)
	flow(queue, fn, graph.Triggers, fmt.Sprintf("mapping-%d", s), graph.TransitEnforced)
	flow(fn, table, graph.Writes, "", graph.TransitOffered)
	flow(fn, bucket, graph.Writes, "", graph.TransitUnknown)
	flow(fn, log, graph.LogsTo, "", graph.TransitInternal)
	m.AddFlow(graph.Flow{From: table.ID, To: key.ID, Kind: graph.EncryptsWith, Layers: graph.Possible})
	if s%3 == 0 {
		flow(fn, m.Node("external:https://api.mailer.example/v3"), graph.Delivers, "", graph.TransitPlain)
	}
	e.label(held, s, queue, fn, table)
}

func (e estate) label(held map[graph.ID]*classify.Held, s int, queue, fn, table *graph.Node) {
	cat := []string{"user.contact.email", "user.health_and_medical", "user.payment"}[s%3]
	if s%4 == 3 {
		held[table.ID] = &classify.Held{State: classify.None, Why: e.name(s, "test data only"), Stated: true}
		return
	}
	said := classify.Label{Category: cat, Subjects: []string{"customer"}, State: classify.Declared, Origin: fmt.Sprintf("privacy/orders.yaml:%d", 10+s)}
	carried := said
	carried.State, carried.Path, carried.MayContain = classify.Inferred, []graph.ID{queue.ID, fn.ID, table.ID}, s%2 == 1
	held[queue.ID] = &classify.Held{State: classify.Declared, Labels: []classify.Label{said}, Owner: e.name(s, "team-λ"), Retention: 30, Stated: true}
	held[table.ID] = &classify.Held{State: classify.Inferred, Labels: []classify.Label{carried}}
}

func facts(s int, queue, table, bucket, log, key *graph.Node) {
	if s%3 == 0 {
		graph.AtRest.Set(&queue.Facts, graph.NotEncrypted, "sqs:GetQueueAttributes Attributes.SqsManagedSseEnabled")
	} else {
		graph.AtRest.Set(&queue.Facts, graph.Encrypted, "sqs:GetQueueAttributes Attributes.KmsMasterKeyId")
		graph.AtRestHow.Set(&queue.Facts, "SSE-SQS", "sqs:GetQueueAttributes Attributes.SqsManagedSseEnabled")
		graph.KeyOwner.Set(&queue.Facts, graph.KeyProviderOwned, "sqs:GetQueueAttributes Attributes.KmsMasterKeyId")
	}
	graph.RetentionDays.Set(&queue.Facts, 14, "sqs:GetQueueAttributes Attributes.MessageRetentionPeriod")
	graph.PublicStatements.Set(&queue.Facts, nil, "sqs:GetQueueAttributes Attributes.Policy")
	graph.AtRest.Set(&table.Facts, graph.Encrypted, "dynamodb:DescribeTable Table.SSEDescription")
	graph.KeyOwner.Set(&table.Facts, graph.KeyCustomer, "kms:DescribeKey KeyMetadata.KeyManager")
	graph.KeyID.Set(&table.Facts, string(key.ID), "dynamodb:DescribeTable Table.SSEDescription.KMSMasterKeyArn")
	graph.TTLOn.Set(&table.Facts, s%2 == 0, "dynamodb:DescribeTimeToLive TimeToLiveDescription.TimeToLiveStatus")
	graph.AtRest.Unknown(&bucket.Facts, "s3:GetBucketEncryption was refused (AccessDenied)", "s3:GetBucketEncryption ServerSideEncryptionConfiguration")
	graph.PublicStatements.Unknown(&bucket.Facts, "s3:GetBucketPolicy was refused", "s3:GetBucketPolicy Policy")
	if s%5 == 0 {
		graph.PublicACL.Set(&bucket.Facts, []string{"AllUsers READ"}, "s3:GetBucketAcl Grants[]")
	}
	graph.RetentionDays.Set(&log.Facts, 0, "logs:DescribeLogGroups logGroups[].retentionInDays")
}

func (e estate) completeness(m *graph.Model) Completeness {
	c := Completeness{Operations: []Operation{
		{"dynamodb", "DescribeTable", e.systems, e.systems, 0}, {"kms", "DescribeKey", e.systems, e.systems - 1, 1},
		{"lambda", "ListFunctions", 6, 6, 0}, {"s3", "GetBucketPolicy", e.systems, e.systems - 2, 2}, {"sqs", "GetQueueAttributes", e.systems, e.systems, 0}},
		NotAsked: []Omission{{"Region ap-east-1", "switched off in account 111122223333"}, {"service: Amazon Connect", "not supported"}}}
	n := 0
	for _, x := range m.Nodes() {
		if x.Class != graph.Bucket || n == 3 {
			continue
		}
		n++
		c.Refused = append(c.Refused, Refusal{"s3:GetBucketPolicy", x.Account, x.Region, string(x.ID), "denied",
			e.name(n, "AccessDenied: User: arn:aws:sts::111122223333:assumed-role/flowdeed-scan/ci is not authorized to perform: s3:GetBucketPolicy"), "s3:GetBucketPolicy"})
	}
	return c
}

var sampleControls = []*check.Control{
	{ID: "ENC-REST-009", Title: "Queue encrypted", Doc: "The encryption of the queue itself; what producers put into a message body is not read.",
		Why: "Messages rest on disk until they are consumed. Without encryption whoever gets at the storage reads them.", Severity: check.Medium, Moves: check.WithData,
		Articles: []string{"32(1)(a)"}, Fix: "Set a customer key on the queue, or at least switch managed encryption on",
		Reads: []check.Read{{Operation: "sqs:GetQueueAttributes", Field: "Attributes.KmsMasterKeyId"}, {Operation: "sqs:GetQueueAttributes", Field: "Attributes.SqsManagedSseEnabled"}}},
	{ID: "EXPOSE-BUCKET-001", Title: "Bucket not open to everybody", Why: "A bucket that anybody may read is a disclosure of everything in it.", Severity: check.High, Moves: check.WithData,
		Articles: []string{"5(1)(f)", "32(1)(b)"}, Fix: "Switch the public access block on for the account", Reads: []check.Read{{Operation: "s3:GetBucketAcl", Field: "Grants[]"}}},
	{ID: "RET-LOG-001", Title: "Log group expires", Why: "Personal data in logs may not be kept longer than its purpose needs.", Severity: check.Low, Moves: check.WithData,
		Articles: []string{"5(1)(e)"}, Fix: "Set a retention period on the log group", Reads: []check.Read{{Operation: "logs:DescribeLogGroups", Field: "logGroups[].retentionInDays"}}},
	{ID: "ENC-TRANSIT-014", Title: "Deliveries outside use TLS", Why: "Data sent in plaintext can be read on the way.", Severity: check.High, Moves: check.WithData,
		Articles: []string{"32(1)(a)"}, Fix: "Change the endpoint to https", Reads: []check.Read{{Operation: "events:DescribeApiDestination", Field: "InvocationEndpoint"}}},
	{ID: "KMS-ROTATE-001", Title: "Own keys rotate", Why: "Rotation limits what a lost key opens.", Severity: check.Info, Articles: []string{"32(1)(a)"}, Fix: "Enable rotation",
		Reads: []check.Read{{Operation: "kms:GetKeyRotationStatus", Field: "KeyRotationEnabled"}}},
}

// judge makes findings of every status until there are enough.
func (e estate) judge(in Input) []check.Finding {
	var out []check.Finding
	for round := 0; len(out) < e.findings && round < 1000; round++ {
		for i, n := range in.Graph.Nodes() {
			c := e.controlFor(n, round)
			if c == nil || len(out) >= e.findings {
				continue
			}
			out = append(out, e.finding(in, c, n, i+round))
		}
		for i, f := range in.Graph.Flows() {
			if f.Kind == graph.Delivers && round == 0 {
				out = append(out, check.Finding{Control: sampleControls[3], Subject: f.ID(), Flow: f, Status: check.Fail, Severity: check.Critical,
					Profile: in.Labels.FlowProfile(f), Reason: e.name(i, "the endpoint is addressed with http"), Facts: f.Facts.All(), Path: []graph.ID{graph.Internet, f.From, f.To}})
			}
		}
	}
	return append(out, check.Finding{Control: sampleControls[4], Subject: "account 111122223333", Status: check.Unknown, Severity: check.Info, Reason: "kms:ListKeys was refused"})
}

func (e estate) controlFor(n *graph.Node, round int) *check.Control {
	at := map[graph.Class]int{graph.Queue: 0, graph.Bucket: 1, graph.LogGroup: 2, graph.EncryptionKey: 4}
	i, ok := at[n.Class]
	if !ok {
		return nil
	}
	if round == 0 {
		return sampleControls[i]
	}
	c := *sampleControls[i]
	c.ID = fmt.Sprintf("%s-%02d", c.ID, round%40)
	return &c
}

func (e estate) finding(in Input, c *check.Control, n *graph.Node, i int) check.Finding {
	f := check.Finding{Control: c, Subject: string(n.ID), Node: n, Severity: c.Severity, Profile: in.Labels.Profile(n.ID), Status: check.Fail,
		Reason: e.name(i, "the setting that the rule asks for is not there"), Facts: n.Facts.All()}
	if f.Profile.Personal() && c.Moves == check.WithData {
		f.Severity = min(f.Severity+1, check.Critical)
	}
	switch i % 7 {
	case 2:
		f.Status, f.Reason = check.Pass, "as the rule asks"
	case 4:
		f.Status, f.Reason = check.Unknown, e.name(i, "whether it is encrypted is not known: s3:GetBucketEncryption was refused (AccessDenied)")
	case 5:
		f.Status = check.NotApplicable
	case 6:
		if i%5 == 0 {
			f.Status, f.Reason = check.Accepted, e.name(i, "accepted by M. Kowalska until 2027-03-31: the queue is emptied in seconds")
		}
	}
	return f
}

// sampleFigure is a picture of boxes and lines of the given size.
func sampleFigure(m *graph.Model, w, h float64) Figure {
	names := m.Nodes()
	return Figure{ID: fmt.Sprintf("figure-%.0f", w), Caption: doc.T("Overview. Scope: everything; level 0; 12 boxes of 58 nodes."), Alt: "People at the left send orders to a queue.",
		Width: w, Height: h, Paint: func(c doc.Canvas) {
			blue, white := doc.Colour{R: 0x15, G: 0x54, B: 0x85}, doc.Colour{R: 255, G: 255, B: 255}
			c.Rect(1, 1, w-2, h-2, 12, doc.Pen{Colour: blue, Width: 1.8}, nil)
			for i := range 12 {
				x, y := 30+float64(i%4)*(w-60)/4, 40+float64(i/4)*(h-60)/3
				c.Rect(x, y, (w-60)/4-40, 60, 6, doc.Pen{Colour: blue, Width: 1.2}, &white)
				c.Text(x+8, y+24, string([]rune(names[i%len(names)].Name)[:min(12, len([]rune(names[i%len(names)].Name)))]), doc.Font{Size: 11, Bold: true})
				c.Line(x+(w-60)/4-40, y+30, x+(w-60)/4, y+30, doc.Pen{Colour: blue, Width: 1.6, Dash: []float64{7, 4}})
				c.Path([]doc.Step{{Op: doc.MoveTo, P: [3][2]float64{{x, y + 70}}}, {Op: doc.CurveTo, P: [3][2]float64{{x + 20, y + 90}, {x + 40, y + 50}, {x + 60, y + 70}}}},
					doc.Pen{Colour: blue, Width: 1}, nil)
			}
		}}
}
