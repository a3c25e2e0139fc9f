package annotations

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestImporters holds what each importer makes of its files, and what it leaves out,
// against stored files.
func TestImporters(t *testing.T) {
	settings := `version: 1
settings:
  imports:
    means: {loyalty-number: user.account.number, employee-id: user.workplace}
`
	set, diags := LoadFS(file(settings), "")
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	for _, c := range []struct{ kind, pattern, name string }{
		{"dbt", "schema.yml", "schema"}, {"dbt", "docs.yml", "docs"}, {"dbt", "manifest.json", "manifest"}, {"openmetadata", "tables.json", "tables"},
		{"macie", "*.json", "findings"}, {"logs", "*.json", "findings"}, {"threagile", "stub.yaml", "stub"}, {"threagile", "model.yaml", "model"},
	} {
		t.Run(c.kind+"/"+c.name, func(t *testing.T) {
			dir := "testdata/import/" + c.kind + "/"
			files := importFiles(t, dir+c.pattern)
			m, diags := set.Import(c.kind, files)
			text := written(t, m)
			for _, d := range diags {
				text = append(text, ("# " + d.String() + "\n")...)
			}
			golden(t, dir+c.name+".golden", text)
			again, more := LoadFS(fstest.MapFS{"i.yaml": {Data: text}}, "")
			for _, d := range more {
				if d.Severity == Error {
					t.Errorf("the written file does not load: %s", d)
				}
			}
			if again.evidence == nil {
				t.Error("the written file says nothing")
			}
			for _, f := range files { // and the file itself is known for what it is
				if from := kindOfFile(readForeign(f.Name, f.Data, &reporter{})); from == nil || from.Name != c.kind {
					t.Errorf("%s is taken for %v", f.Name, from)
				}
			}
		})
	}
}

// TestImportLayers holds what an import may do: add with the confidence of its layer,
// never remove, never outrank people.
func TestImportLayers(t *testing.T) {
	files := fstest.MapFS{
		"own.yaml": {Data: []byte(`version: 1
roles_of_people: {team: {}, other: {}}
settings: {include: ["fides/*.yml", macie.json]}
use: [tables.json]
resources:
  - match: {name: users}
    owner: team
    fields: {plan: user.account}
  - match: {arn: "arn:aws:s3:::crm"}
    data: none
    reason: test data
    review: {by: team, on: 2026-01-01, expires: 2027-01-01}
flows:
  - {from: users, to: {name: lake}}
`)},
		"fides/m.yml": {Data: []byte(`dataset:
  - fides_key: users
    data_categories: [user]
    collections: [{name: users, fields: [{name: mail, data_categories: [user.contact.email]}, {name: plan}]}]
system:
  - fides_key: app
    system_type: Service
    administrating_department: other
    privacy_declarations: [{name: Run, data_categories: [user.contact.email], data_use: essential.service, data_subjects: [customer], dataset_references: [users]}]
`)},
		"macie.json":  {Data: []byte(`{"findings":[{"resourcesAffected":{"s3Bucket":{"name":"crm"}},"classificationDetails":{"result":{"sensitiveData":[{"category":"PERSONAL_INFORMATION","detections":[{"type":"NAME"}]}]}}}]}`)},
		"tables.json": {Data: []byte(`{"tables":[{"name":"users","columns":[{"name":"mail","tags":[{"tagFQN":"PII.Sensitive","state":"Suggested"}]},{"name":"x","tags":[{"tagFQN":"PII.None"}]}]}]}`)},
	}
	set, diags := LoadFS(files, "")
	for _, d := range diags {
		if d.Severity == Error {
			t.Errorf("unexpected: %s", d)
		}
	}
	users := set.For(Target{ARN: "arn:x:users", Name: "users", Kind: "dynamodb.table"})
	got := map[string]string{}
	for _, c := range users.Categories {
		got[c.Field+"="+c.Category] = fmt.Sprintf("%d %.2f %s", c.Rank, c.Confidence, c.State)
	}
	for what, want := range map[string]string{
		"mail=user.contact.email": "5 0.80 inferred", "=user": "5 0.80 inferred", "mail=user": "5 0.60 inferred", "plan=user.account": "2 1.00 declared",
	} {
		if got[what] != want {
			t.Errorf("%s: got %q, want %q (all: %v)", what, got[what], want, got)
		}
	}
	if users.Owner != "team" || !slices.Contains(users.Activities, "app.essential.service") || users.Hint == "" {
		t.Errorf("users: owner %q, activities %v, hint %q", users.Owner, users.Activities, users.Hint)
	}
	crm := set.For(Target{ARN: "arn:aws:s3:::crm", Name: "crm", Kind: "s3.bucket"})
	if len(crm.Categories) != 1 || crm.Categories[0].State != Disputed || crm.Categories[0].Rank != RankObserved || crm.None {
		t.Errorf("a scanner saw a name in the bucket: %+v", crm)
	}
	if len(set.Flows()) != 1 || !set.Selects(set.Flows()[0].From, Target{Name: "users"}) {
		t.Errorf("a flow may name an imported data set: %+v", set.Flows())
	}
	if !slices.Contains(set.Files(), "macie.json") || !slices.Contains(set.Files(), "fides/m.yml") {
		t.Errorf("files: %v", set.Files())
	}
	var b bytes.Buffer
	if _, err := set.ExportFides(&b); err != nil || !strings.Contains(b.String(), "fides_key: users") || !strings.Contains(b.String(), "dataset_references: [users]") {
		t.Errorf("what is included is exported, too: %v\n%s", err, b.String())
	}
	if a := set.Activities(); len(a) != 1 || a[0].Key != "app.essential.service" {
		t.Errorf("activities: %+v", a)
	}
}

// TestIncludeFaults names files that are not there, not readable, of no known kind.
func TestIncludeFaults(t *testing.T) {
	files := fstest.MapFS{
		"s.yaml":       {Data: []byte("version: 1\nsettings:\n  include: [none.yml, nothing/*.yml, what.yml.txt, \"../out.yml\", broken.json]\n")},
		"what.yml.txt": {Data: []byte("a: 1\n")}, "broken.json": {Data: []byte("{\"dataset\": [")},
	}
	_, diags := LoadFS(files, "")
	var got []string
	for _, d := range diags {
		got = append(got, d.String())
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{
		"s.yaml:3:13: error E101: cannot read none.yml: no file matches", `what.yml.txt:1:1: info I601: what.yml.txt: "the file" has no counterpart`,
		"s.yaml:3:52: error E101: cannot read ../out.yml", "broken.json:1:14: error E101: cannot parse: the file ends too early",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("missing %q in\n%s", want, all)
		}
	}
}

// TestImportFaults gives each importer files that are not its own.
func TestImportFaults(t *testing.T) {
	for _, text := range []string{"", "[]", "{}", "a", "- a", "data_assets: [1]\ntechnical_assets: {a: 1}\n", "dataset: {a: b}\nsystem: [1, {}, {fides_key: [a]}]\n", "models: [1, {name: a, columns: [1, {name: {}}]}]", `{"findings": [1, {"classificationDetails": 4}]}`, "\xff", `{"a": "\ud800"}`, `{"a":1}{"a":`} {
		for _, i := range Importers() {
			m, diags := Empty().Import(i.Name, []ImportFile{{"f", []byte(text)}})
			written(t, m)
			for _, d := range diags {
				insideFile(t, d, text)
			}
		}
	}
	if m, diags := Empty().Import("excel", nil); m != nil || diags != nil {
		t.Error("an importer that does not exist gives nothing")
	}
}

func insideFile(t *testing.T, d Diagnostic, text string) {
	t.Helper()
	lines := strings.Split(text, "\n")
	if d.Line < 1 || d.Line > len(lines) || d.Column < 1 {
		t.Errorf("position outside the file: %s\n%q", d, text)
	}
}

// FuzzImport gives random bytes to every importer: no panic, places inside the file, and
// what is written can be read.
func FuzzImport(f *testing.F) {
	for _, p := range []string{"fides/demo/*.yml", "fides/fides/*.yml", "dbt/*.yml", "dbt/*.json", "openmetadata/*.json", "macie/*.json", "logs/*.json", "threagile/*.yaml"} {
		for _, x := range importFiles(f, "testdata/import/"+p) {
			f.Add(x.Data)
		}
	}
	f.Add([]byte("dataset: [{fides_key: a, tags: ['flowdeed:a=user'], collections: [{name: c, fields: [{name: '\"', data_categories: [user]}]}]}]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, i := range Importers() {
			m, diags := Empty().Import(i.Name, []ImportFile{{"f.yml", b}})
			for _, d := range diags {
				insideFile(t, d, string(b))
			}
			text := written(t, m)
			if HasErrors(diags) {
				continue
			}
			_, more := LoadFS(fstest.MapFS{"i.yaml": {Data: text}}, "")
			for _, d := range more {
				if d.Severity == Error {
					t.Errorf("%s wrote what does not load: %s\n%s", i.Name, d, text)
				}
			}
		}
	})
}

// FuzzExport exports whatever loads: no panic, places inside the file, and the manifest
// reads back.
func FuzzExport(f *testing.F) {
	f.Add(own)
	for _, k := range []string{"demo", "cookie_house", "fides"} {
		m, _ := Empty().Import("fides", importFiles(f, "testdata/import/fides/"+k+"/*.yml"))
		f.Add(string(written(f, m)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		set, _ := LoadFS(file(text), "")
		var b bytes.Buffer
		diags, err := set.ExportFides(&b)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range diags {
			insideFile(t, d, text)
		}
		report := &reporter{}
		if readTree("export.yml", b.Bytes(), report); HasErrors(report.list) {
			t.Errorf("the export does not read back: %v\n%s", report.list, b.String())
		}
	})
}
