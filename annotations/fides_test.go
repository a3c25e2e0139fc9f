package annotations

import (
	"bytes"
	cli "flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var update = cli.Bool("update", false, "write golden files anew")

func importFiles(t testing.TB, pattern string) []ImportFile {
	t.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	slices.Sort(names)
	var out []ImportFile
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, ImportFile{filepath.Base(n), b})
	}
	return out
}

// written is the annotation file an import gives.
func written(t testing.TB, m *Imported) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.WriteYAML(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what it was; run with -update and look at the difference\n%s", file, got)
	}
}

// leaf is one value of a manifest with its way there and its place.
type leaf struct {
	way    string
	places []string // line:column of the key at each step, file first
	quiet  bool     // nothing, or a default
}

// leaves lists the values of a tree. Entries of lists go by their key or name, so that
// order does not matter where fideslang itself sorts.
func leaves(file string, n *node, way string, places []string, quiet bool, out map[string]leaf) {
	switch n.kind {
	case scalarNode:
		out[way+" = "+strings.ToLower(n.text)] = leaf{way, places, quiet}
	case mapNode:
		for i, k := range n.keys {
			v := n.items[i]
			here := append(slices.Clone(places), fmt.Sprintf("%s:%d:%d", file, k.line, k.column), fmt.Sprintf("%s:%d:%d", file, v.line, v.column))
			name := k.text
			if name == "fidesops_meta" {
				name = "fides_meta" // the older name of the same key
			}
			leaves(file, v, way+"/"+name, here, quiet || fidesDefault(k.text, v), out)
		}
	case listNode:
		seen := map[string]int{}
		for _, x := range n.items {
			here := append(slices.Clone(places), fmt.Sprintf("%s:%d:%d", file, x.line, x.column))
			name := ""
			for _, k := range []string{"fides_key", "name", "data_use", "dataset"} {
				if name == "" && x.kind == mapNode {
					name = x.str(k)
				}
			}
			if seen[name]++; seen[name] > 1 {
				name += fmt.Sprint("#", seen[name])
			}
			if x.kind == scalarNode {
				name = "-"
			}
			leaves(file, x, way+"/"+name, here, quiet, out)
		}
	}
}

func fidesLeaves(t *testing.T, files []ImportFile) map[string]leaf {
	out := map[string]leaf{}
	for _, f := range files {
		root := readForeign(f.Name, f.Data, &reporter{})
		if root == nil {
			t.Fatalf("%s does not parse", f.Name)
		}
		leaves(f.Name, root, "", nil, false, out)
	}
	return out
}

// throughFiles imports manifests, writes the annotation file, loads it, and exports.
func throughFiles(t *testing.T, files []ImportFile) (exported []byte, diags []Diagnostic) {
	m, diags := Empty().Import("fides", files)
	text := written(t, m)
	set, more := LoadFS(fstest.MapFS{"imported.yaml": {Data: text}}, "")
	for _, d := range more {
		if d.Severity == Error {
			t.Errorf("the written file does not load: %s", d)
		}
	}
	var b bytes.Buffer
	if _, err := set.ExportFides(&b); err != nil {
		t.Fatal(err)
	}
	if t.Failed() {
		t.Log(string(text))
	}
	return b.Bytes(), diags
}

// TestFidesRoundTrip imports public manifests and exports them again. Every value must
// come back, or be listed with its place; and nothing may come back that was not there.
func TestFidesRoundTrip(t *testing.T) {
	for _, name := range []string{"demo", "cookie_house", "fides"} {
		t.Run(name, func(t *testing.T) {
			files := importFiles(t, "testdata/import/fides/"+name+"/*.yml")
			kept, left, diags := roundTrip(t, files)
			var lost []string
			for _, d := range diags {
				lost = append(lost, d.String())
			}
			t.Logf("%s: %d values came back, %d are listed as left out or renamed", name, kept, left)
			if kept == 0 {
				t.Error("nothing came back")
			}
			golden(t, "testdata/import/fides/"+name+"/lost.golden", []byte(strings.Join(lost, "\n")+"\n"))
		})
	}
}

// roundTrip imports, exports, and compares value by value. It counts what came back and
// what was listed instead.
func roundTrip(t *testing.T, files []ImportFile) (kept, left int, diags []Diagnostic) {
	before := fidesLeaves(t, files)
	text, diags := throughFiles(t, files)
	after := fidesLeaves(t, []ImportFile{{"export.yml", text}})
	listed := map[string]bool{}
	for _, d := range diags {
		if d.Severity == Error {
			t.Errorf("unexpected: %s", d)
		}
		if d.Code == "I601" || d.Code == "W210" {
			listed[fmt.Sprintf("%s:%d:%d", d.File, d.Line, d.Column)] = true
		}
	}
	for _, way := range slices.Sorted(maps.Keys(before)) {
		l := before[way]
		_, back := after[way]
		switch {
		case back:
			kept++
		case l.quiet:
		case slices.ContainsFunc(l.places, func(p string) bool { return listed[p] }):
			left++
		default:
			t.Errorf("lost without a word: %s (%v)", way, l.places)
		}
	}
	for _, way := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[way]; !ok && !renamedLeaf(way) {
			t.Errorf("came from nowhere: %s", way)
		}
	}
	return kept, left, diags
}

// randomManifest makes a manifest of data sets and systems with names of all kinds.
func randomManifest(r *rand.Rand, tax *Taxonomy) string {
	root := mapAt(&node{line: 1, column: 1})
	at := root
	words := []string{"id", "mail", "a.b", "x y", "q[0]", "z*", "ümlaut", "yes", "12", "a:b", "{c}", `"quoted"`, "it's", "#1", "-", "on"}
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	categories := slices.Sorted(maps.Keys(tax.Categories))
	categories = slices.DeleteFunc(categories, func(k string) bool { return tax.Categories[k].Origin != "fideslang" })
	some := func() *node {
		var list []string
		for range r.IntN(3) {
			if c := pick(categories); !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
		return textsAt(at, list...)
	}
	var fieldsOf func(depth int) *node
	fieldsOf = func(depth int) *node {
		out := listAt(at)
		for _, i := range r.Perm(len(words))[:r.IntN(5)] {
			f, meta := mapAt(at), mapAt(at)
			f.put("name", textAt(at, words[i]))
			if r.IntN(3) == 0 {
				f.put("description", textAt(at, pick(words)+" "+pick(words)))
			}
			f.put("data_categories", some())
			nested := depth < 3 && r.IntN(3) == 0
			switch {
			case nested:
				meta.put("data_type", textAt(at, pick([]string{"object", "object[]", ""})))
				f.put("fields", fieldsOf(depth+1))
			default:
				meta.put("data_type", textAt(at, pick([]string{"string", "string[]", "integer", ""})))
			}
			if f.get("fields") == nil && strings.HasPrefix(meta.str("data_type"), "object") {
				meta = mapAt(at)
			}
			if r.IntN(4) == 0 {
				meta.put("identity", textAt(at, "email"))
			}
			if r.IntN(4) == 0 {
				meta.put("primary_key", rawAt(at, "true"))
			}
			if r.IntN(5) == 0 {
				ref := mapAt(at)
				ref.put("dataset", textAt(at, "other"))
				ref.put("field", textAt(at, "t.c"))
				ref.put("direction", textAt(at, pick([]string{"from", "to", ""})))
				meta.add("references", ref)
			}
			if r.IntN(6) == 0 {
				meta.put("length", rawAt(at, "40"))
			}
			f.put("fides_meta", meta)
			out.items = append(out.items, f)
		}
		return out
	}
	for i := range r.IntN(3) {
		d := mapAt(at)
		d.put("fides_key", textAt(at, fmt.Sprint("set", i)))
		d.put("name", textAt(at, pick(words)))
		d.put("description", textAt(at, pick(words)))
		d.put("data_categories", some())
		d.put("tags", textsAt(at, "t"+pick(words)))
		for j := range r.IntN(3) {
			c := mapAt(at)
			c.put("name", textAt(at, pick(words)+fmt.Sprint(j)))
			if r.IntN(2) == 0 {
				c.put("description", textAt(at, pick(words)))
			}
			if r.IntN(3) == 0 {
				c.put("data_categories", some())
			}
			c.put("fields", fieldsOf(0))
			d.add("collections", c)
		}
		root.add("dataset", d)
	}
	for i := range r.IntN(4) {
		s := mapAt(at)
		s.put("fides_key", textAt(at, fmt.Sprint("system", i)))
		s.put("system_type", textAt(at, pick(words)))
		if r.IntN(2) == 0 {
			s.put("administrating_department", textAt(at, pick([]string{"Sales", "Engineering"})))
		}
		if r.IntN(3) == 0 {
			s.put("vendor_id", textAt(at, "gvl.1"))
			s.put("legal_name", textAt(at, pick(words)))
		}
		for _, side := range []string{"egress", "ingress"} {
			for j := range r.IntN(3) {
				f := mapAt(at)
				f.put("fides_key", textAt(at, fmt.Sprint(pick([]string{"system", "set"}), j)))
				f.put("type", textAt(at, map[bool]string{true: "system", false: "dataset"}[strings.HasPrefix(f.str("fides_key"), "system")]))
				f.put("data_categories", some())
				if !slices.ContainsFunc(s.list(side), func(x *node) bool { return x.str("fides_key") == f.str("fides_key") }) {
					s.add(side, f)
				}
			}
		}
		for j := range r.IntN(3) {
			d := mapAt(at)
			d.put("name", textAt(at, pick(words)+fmt.Sprint(j)))
			d.put("data_categories", some())
			d.put("data_use", textAt(at, pick([]string{"essential.service", "analytics.reporting"})))
			d.put("data_subjects", textsAt(at, "customer"))
			d.put("dataset_references", textsAt(at, "set0"))
			d.put("legal_basis_for_processing", textAt(at, pick([]string{"Consent", "Contract", "Legal obligations", ""})))
			d.put("retention_period", textAt(at, pick([]string{"P1Y", "a year", ""})))
			if len(s.list("egress")) > 0 && r.IntN(2) == 0 {
				d.put("egress", textsAt(at, s.list("egress")[0].str("fides_key")))
			}
			if r.IntN(3) == 0 {
				d.put("third_parties", textAt(at, pick([]string{"Carriers", "Banks"})))
				d.put("data_shared_with_third_parties", rawAt(at, "true"))
				d.put("shared_categories", some())
			}
			s.add("privacy_declarations", d)
		}
		root.add("system", s)
	}
	p := &printer{}
	p.pairs(root, "", false)
	return p.b.String()
}

// TestFidesRandom is the round trip for manifests nobody wrote by hand.
func TestFidesRandom(t *testing.T) {
	tax, err := BuiltinTaxonomy()
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for seed := range uint64(150) {
		text := randomManifest(rand.New(rand.NewPCG(seed, 1)), tax)
		if text == "" {
			continue
		}
		kept, _, _ := roundTrip(t, []ImportFile{{"m.yml", []byte(text)}})
		total += kept
		if t.Failed() {
			t.Fatalf("seed %d:\n%s", seed, text)
		}
	}
	t.Logf("%d values came back", total)
}

// renamedLeaf tells the values that stand under a newer name than in the manifest.
func renamedLeaf(way string) bool {
	return slices.ContainsFunc([]string{"/data_use = functional.service.improve", "/data_use = marketing.advertising", "/responsibility/- = ", "/data_uses/values/- = marketing.advertising.third_party"}, func(s string) bool { return strings.Contains(way, s) })
}

// own is what a team wrote by hand: finer keys, parties, flows, things fideslang has no
// place for.
const own = `version: 1
organisation: {key: acme, name: Acme, contact: privacy@acme.example}
roles_of_people: {shop: {name: Shop team}}
parties:
  mailer: {name: Mailer Inc., role: processor, country: US, contract: {ref: DPA-1}, transfer: {tool: scc, module: 2, signed: 2025-01-01, tia: T-1}}
activities:
  newsletter:
    name: Newsletter
    use: marketing.communications.email
    lawful_basis: consent
    consent_record: in the table consents
    subjects: [subscriber]
    categories: [user.contact.email, user.account.number]
    retention: [{period: P2Y}]
    recipients: [mailer]
    owner: shop
schemas:
  person: {subjects: [subscriber], fields: {id: user.account.number, mail: user.contact.email, "tags[]": {code: none}, note: {category: user.content.free_text, may_contain: [user.health_and_medical]}}}
resources:
  - id: people
    match: {arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/people"}
    schema: person
    activities: [newsletter]
    retention: {period: P2Y, enforce: ttl}
  - id: sender
    match: {kind: lambda.function, name: sender}
    passes: [user.contact.email]
flows:
  - {from: people, to: sender}
  - {from: sender, to: {party: mailer}, carries: [user.contact.email, user.account.number], purpose: newsletter}
`

// TestFidesOwn exports hand-written annotations. Keys that fideslang does not know go
// out as their fallback and come back from the tags.
func TestFidesOwn(t *testing.T) {
	set, diags := LoadFS(file(own), "")
	if HasErrors(diags) {
		t.Fatal(diags)
	}
	var b bytes.Buffer
	lost, err := set.ExportFides(&b)
	if err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		`"flowdeed:id=user.account.number"`, `resource_id: "arn:aws:dynamodb:eu-west-1:111122223333:table/people"`, "data_categories: [user.account]",
		"legal_basis_for_processing: Consent", "data_subjects: [customer]", "dataset_references: [people]", `legal_name: "Mailer Inc."`, "legal_basis_for_transfers: [SCCs]",
		"responsibility: [Processor]", "retention_period: P2Y",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the export lacks %s\n%s", want, text)
		}
	}
	if strings.Contains(text, "data_categories: [user.account.number") {
		t.Error("an extension key went out where fideslang reads it")
	}
	var left []string
	for _, d := range lost {
		if d.Code != "I601" || d.Line < 1 {
			t.Errorf("unexpected: %s", d)
		}
		left = append(left, fmt.Sprint(d.Line))
	}
	for _, want := range []string{"5", "11", "18", "24", "26", "27"} { // country and contract, consent record, may_contain, retention, kind, passes
		if !slices.Contains(left, want) {
			t.Errorf("line %s is not listed: %v", want, lost)
		}
	}
	back, diags := set.Import("fides", []ImportFile{{"export.yml", b.Bytes()}})
	for _, d := range diags {
		if d.Severity == Error && d.Code != "E103" {
			t.Errorf("importing the export: %s", d)
		}
	}
	again := string(written(t, back))
	for _, want := range []string{"id: user.account.number", "categories: [user.contact.email, user.account.number]", "subjects: [subscriber]", "lawful_basis: consent", "period: P2Y", "carries: [user.contact.email, user.account.number]"} {
		if !strings.Contains(again, want) {
			t.Errorf("the way back lacks %s\n%s\n%s", want, again, text)
		}
	}
}

// TestFidesRules covers what the public manifests do not hold.
func TestFidesRules(t *testing.T) {
	manifest := `organization: []
dataset:
  - fides_key: users
    fides_meta: {resource_id: "arn:aws:dynamodb:eu-west-1:111122223333:table/users", namespace: {db: x}, after: [other]}
    data_categories: [user.contact]
    collections:
      - name: users
        fides_meta: {erase_after: [a.b], skip_processing: true}
        fields:
          - name: id
            data_categories: [user.unique_id]
            fides_meta: {primary_key: true, length: 40}
          - {name: mail.main, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: ip, data_categories: [user.ip_address]}
          - {name: what, data_categories: [user.nothing]}
system:
  - fides_key: vendor
    system_type: Third Party
    vendor_id: gvl.1
    legal_name: Vendor Ltd
    responsibility: [Processor, Controller]
    does_international_transfers: true
    legal_basis_for_transfers: [SCCs, Supplementary Measures]
    privacy_declarations:
      - {data_categories: [user.contact.email], data_use: essential.service, data_subjects: [customer], retention_period: three years, features: [x], legal_basis_for_processing: Contract}
  - fides_key: shop
    system_type: Application
    fidesctl_meta: {resource_id: "arn:aws:lambda:eu-west-1:111122223333:function:shop", endpoint_address: db.internal, endpoint_port: 5432}
    egress: [{fides_key: vendor, type: system, data_categories: [user.contact.email]}, {fides_key: user, type: user}]
    ingress: [{fides_key: users, type: dataset}]
    privacy_declarations:
      - name: Selling
        data_categories: [user.health_and_medical]
        data_use: essential.service
        egress: [vendor]
        processes_special_category_data: true
        special_category_legal_basis: Explicit consent
        legal_basis_for_processing: Legitimate interests
        impact_assessment_location: LIA-1
        third_parties: Carriers
        data_shared_with_third_parties: true
        shared_categories: [user.contact.address]
`
	m, diags := Empty().Import("fides", []ImportFile{{"m.yml", []byte(manifest)}})
	var got []string
	for _, d := range diags {
		got = append(got, d.String())
	}
	all := strings.Join(got, "\n")
	for _, want := range []string{
		`m.yml:4:86: info I601: m.yml: "namespace"`, `"after" has no`, `"erase_after" has no`, `"skip_processing" has no`, `"length" has no`,
		`m.yml:14:42: warning W210: "user.ip_address" is now "user.device.ip_address"`, `m.yml:15:44: error E201: unknown data category "user.nothing"`,
		`m.yml:21:33: info I601: m.yml: "Controller"`, `"Supplementary Measures"`, `warning W212: "three years" is not a duration; shown in the record, not checked`,
		`"features" has no`, `"endpoint_address" has no`, `"endpoint_port" has no`, `"egress user" has no`,
		`warning E106: parties "vendor" needs "country"`,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if strings.Contains(all, "W211") {
		t.Error("a resource id was there: nothing is matched by name")
	}
	text := string(written(t, m))
	for _, want := range []string{
		`match: {arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/users"}`, "rest: user.contact", `'"mail.main"': {category: user.contact.email, identifier: email}`,
		`identity_key: '"mail.main"'`, "ip: user.device.ip_address", "lawful_basis: contract", `      - note: "three years"`, "transfer: {tool: scc}", "role: processor", "special_condition: explicit_consent", "balancing_test: LIA-1", "recipients: [carriers]",
		"purpose: shop.essential.service", "to: {party: vendor}", "from: users", "carries: [user.contact.address]",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing in the file: %s", want)
		}
	}
	if t.Failed() {
		t.Log(all + "\n" + text)
	}
}
