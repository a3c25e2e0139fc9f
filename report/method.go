package report

import (
	"fmt"
	"time"

	"github.com/flowdeed/flowdeed/report/doc"
)

// method says how the report was made and where its limits are.
func (b *builder) method() {
	b.appendix("method", "How this report was made, and its limits")
	b.add(&doc.List{Items: []doc.Text{
		doc.T("The program asked the account with read-only calls, or read templates, and wrote the answers into a snapshot. Everything in this report comes from that snapshot and from the annotation files."),
		doc.T("No program code was read, and no stored record, message, object or log line. Names and settings were read; which data really is in a field is known only where a person said so or where evidence of another kind is named."),
		doc.T("A flow drawn from configuration or permissions says that data can take this way, not that it did. Only the observed layer says that it did."),
		doc.T("Labels are carried along the flows from the place where somebody stated them. A carried label means that the data may be held, until a person confirms or removes it."),
		doc.T("Every control is asked about every node or flow it is for, and always answers. A fact that could not be read leads to an unknown answer, never to a pass."),
		doc.T("Where a provider encrypts always and leaves no switch, the answer is a pass, with that remark."),
		doc.T("Permissions were judged from the policies that could be read. Conditions that depend on the moment of the request are named, not guessed."),
		doc.T("The same snapshot and the same annotations give the same report, to the byte."),
		doc.T("The report names the articles a measure supports. Whether processing is lawful, a basis holds or a transfer is allowed is for people to judge."),
	}})
	b.add(&doc.Paragraph{KeepNext: true, Text: doc.B("The run")})
	b.add(b.run())
}

// run is the evidence of the scan itself.
func (b *builder) run() *doc.Evidence {
	s := b.in.Scan
	e := &doc.Evidence{ID: "run"}
	put := func(name, value, source string) {
		e.Items = append(e.Items, doc.Observed{Name: name, Value: value, Known: value != "", Source: source})
	}
	put("started", momentOrNone(s, true), "snapshot")
	put("finished", momentOrNone(s, false), "snapshot")
	for _, a := range s.Accounts {
		put("account", joinWords(a.ID, a.Alias), "sts:GetCallerIdentity Account")
	}
	for _, r := range s.Regions {
		put("Region", r, "snapshot")
	}
	for _, c := range s.Callers {
		put("identity used", c, "sts:GetCallerIdentity Arn")
	}
	for _, t := range s.Templates {
		put("template", t, "command line")
	}
	put("endpoint", orText(s.Endpoint, "the public endpoints of AWS"), "snapshot")
	put("requests sent", number(s.Requests), "snapshot")
	put("program", b.in.Tool, "program")
	if b.in.Actions != (ActionTable{}) {
		put("table of AWS actions", b.in.Actions.String(), orText(b.in.Actions.File, "program"))
	}
	put("snapshot SHA-256", s.SnapshotHash, "snapshot file")
	for _, f := range s.Annotations {
		put("annotations SHA-256", f.Hash, f.Path)
	}
	for i, x := range e.Items {
		if !x.Known {
			e.Items[i].Value = "the snapshot does not say"
		}
	}
	return e
}

// String says of what day the facts of the table are, and where they come from.
func (t ActionTable) String() string {
	day := t.Date
	if moment, err := time.Parse(time.RFC3339, day); err == nil {
		day = moment.Format(time.DateOnly)
	}
	return "facts of " + orText(day, "a day it does not name") + ", from " + orText(t.Source, "a source it does not name")
}

func momentOrNone(s Scan, start bool) string {
	t := s.Finished
	if start {
		t = s.Started
	}
	if t.IsZero() {
		return ""
	}
	return moment(t)
}

func joinWords(a, b string) string {
	if b == "" {
		return a
	}
	return fmt.Sprintf("%s (%s)", a, b)
}

// glossary explains the words and signs of the report.
func (b *builder) glossary() {
	b.appendix("glossary", "Words and signs")
	d := &doc.Definition{}
	put := func(name string, t doc.Text) { d.Items = append(d.Items, doc.Term{Name: name, Text: t}) }
	put("Results", doc.Lines(
		doc.Join(doc.S("pass"), doc.T(" the facts were read and satisfy the rule")),
		doc.Join(doc.S("fail"), doc.T(" the facts were read and do not")),
		doc.Join(doc.S("unknown"), doc.T(" the facts could not be read, or only a person can answer")),
		doc.Join(doc.S("not-applicable"), doc.T(" the rule does not concern the subject")),
		doc.Join(doc.S("accepted"), doc.T(" the rule fails; a named person accepted that until a date"))))
	put("Severity", doc.Join(doc.Sev("critical"), doc.T("  "), doc.Sev("high"), doc.T("  "), doc.Sev("medium"), doc.T("  "),
		doc.Sev("low"), doc.T("  "), doc.Sev("info"), doc.NL(), doc.T("It follows the rule and the personal data at the subject.")))
	for _, w := range stateWords {
		put("State: "+w.word, doc.T(sentence(w.means)))
	}
	for _, x := range [][2]string{
		{"Node", "A resource, an outside party or the internet: a box of the map."},
		{"Flow", "A way in which data passes from one node to another: a line of the map."},
		{"Fact", "One thing that was read about a node or flow, with the operation and field it was read from."},
		{"Store", "A node in which data stays until it is deleted: table, bucket, database, log group, backup."},
		{"Channel", "A node that holds data until it is consumed: queue, topic, stream, bus."},
		{"Special categories", "Data of Art. 9 GDPR: health, biometric and genetic data, beliefs, sex life, ethnic origin, trade-union membership."},
		{"Key: AWS-owned", "The service encrypts with a key of AWS that the customer neither sees nor controls."},
		{"Key: AWS-managed", "The key lies in the customer's account; AWS sets its policy and rotation."},
		{"Key: own KMS key", "The customer made the key and decides who may use it."},
		{"In transit: enforced", "A request without encryption is refused."},
		{"In transit: offered", "Encryption is possible, a request without it is not refused."},
		{"In transit: inside AWS", "The data does not leave the network of the provider, who protects it; the customer has no setting."},
		{"ARN", "Amazon Resource Name: the full identifier of a resource."},
		{"IAM action", "The permission that allows a call, such as s3:GetBucketPolicy."},
	} {
		put(x[0], doc.T(x[1]))
	}
	b.add(d)
}
