package annotations

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Importer reads what another tool says about data. Source: privacy model, "Import and
// export".
type Importer struct {
	Name string // as the command and the key "imported" name it
	Doc  string
	// Rank is the layer of what it says, RankImport or RankObserved.
	Rank int
	// looks tells whether a file is of this kind, for files that settings include.
	looks func(*node) bool
	// read grows an annotation tree for each file; the files of one call may name each
	// other.
	read func([]*reading)
}

// Importers returns every importer, in the order in which they are tried on a file.
func Importers() []*Importer {
	return []*Importer{
		{"fides", "fideslang manifests: organization, dataset, system, policy, taxonomy", RankImport, looksFides, readFides},
		{"dbt", "dbt properties files and manifest.json: meta and tags of columns", RankImport, looksDBT, eachFile(readDBT)},
		{"threagile", "Threagile models: data assets and where they are stored and processed", RankImport, looksThreagile, eachFile(readThreagile)},
		{"openmetadata", "OpenMetadata tables, topics and containers: tags of columns", RankImport, looksOpenMetadata, eachFile(readOpenMetadata)},
		{"macie", "Amazon Macie findings", RankObserved, looksMacie, eachFile(readMacie)},
		{"logs", "CloudWatch Logs data protection findings", RankObserved, looksLogs, eachFile(readLogs)},
	}
}

func eachFile(read func(*reading)) func([]*reading) {
	return func(list []*reading) {
		for _, r := range list {
			read(r)
		}
	}
}

func importerNamed(name string) *Importer {
	for _, i := range Importers() {
		if i.Name == name {
			return i
		}
	}
	return nil
}

// ImportFile is one file of another tool.
type ImportFile struct {
	Name string // for messages and comments
	Data []byte
}

// Imported is what files of another tool say, in the words of annotation files.
type Imported struct {
	from  *Importer
	trees []source
}

// Import reads files of another tool. All problems come back in one list, sorted: what
// has no counterpart as I601, each with its place. With errors among them Imported holds
// what could be read. An importer that does not exist gives nil.
func (s *Set) Import(name string, files []ImportFile) (*Imported, []Diagnostic) {
	from := importerNamed(name)
	if from == nil {
		return nil, nil
	}
	report := &reporter{}
	var list []*reading
	for _, f := range files {
		if root := readForeign(f.Name, f.Data, report); root != nil {
			list = append(list, newReading(s, f.Name, root, report))
		}
	}
	out := &Imported{from: from, trees: grow(from, list)}
	s.checkImported(out.trees, report)
	return out, report.sorted()
}

// grow runs an importer and keeps what it left out.
func grow(from *Importer, list []*reading) []source {
	from.read(list)
	var out []source
	for _, r := range list {
		out = append(out, source{r.file, r.out})
	}
	return out
}

// readForeign reads JSON where a file holds JSON, else YAML.
func readForeign(file string, b []byte, report *reporter) *node {
	if len(b) > maxImportBytes {
		report.add(file, 1, 1, "E109", "file is larger than 64 MiB", "split it")
		return nil
	}
	if i := firstInvalid(b); i >= 0 {
		line, col := position(b, i)
		report.add(file, line, col, "E109", fmt.Sprintf("not valid UTF-8 at byte %d", i), "")
		return nil
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(start) == 0 {
		report.add(file, 1, 1, "E101", "cannot parse: the file is empty", "")
		return nil
	}
	if start[0] != '{' && start[0] != '[' {
		return readTree(file, b, report)
	}
	faults := &reporter{}
	if root := readJSON(file, b, faults); root != nil {
		report.list = append(report.list, faults.list...)
		return root
	}
	if !strings.HasSuffix(file, ".json") && len(b) <= maxBytes { // YAML may begin with a brace, too
		if root := readTree(file, b, &reporter{}); root != nil {
			return root
		}
	}
	report.list = append(report.list, faults.list...)
	return nil
}

// checkImported holds what importers grew against the same rules as what people write.
func (s *Set) checkImported(trees []source, report *reporter) {
	mine := &reporter{}
	c := &checker{report: mine, tax: s.withoutOwn(trees), places: s.places}
	c.ownTaxonomy(trees)
	c.collectDefinitions(trees)
	for k := range s.activities {
		c.defined["activity"][k] = true
	}
	for k := range s.parties {
		c.defined["party"][k] = true
	}
	for _, f := range trees {
		c.checkFile(f)
	}
	for _, d := range mine.list {
		report.list = append(report.list, soften(d)...)
	}
}

// withoutOwn is the taxonomy less the keys the trees define: a second import of the same
// file is no conflict with the first.
func (s *Set) withoutOwn(trees []source) *Taxonomy {
	tax := s.tax.clone()
	builtin, err := BuiltinTaxonomy()
	if err != nil {
		return tax // reported when the set was loaded
	}
	for _, f := range trees {
		t := f.root.get("taxonomy")
		for _, k := range keysUnder(t.get("data_categories")) {
			if _, ok := builtin.Categories[k]; !ok {
				delete(tax.Categories, k)
			}
		}
		for _, k := range keysUnder(t.get("data_uses")) {
			if _, ok := builtin.Uses[k]; !ok {
				delete(tax.Uses, k)
			}
		}
		for _, k := range keysUnder(t.get("data_subjects")) {
			if _, ok := builtin.Subjects[k]; !ok {
				delete(tax.Subjects, k)
			}
		}
	}
	return tax
}

func keysUnder(n *node) []string {
	if n == nil || n.kind != mapNode {
		return nil
	}
	return texts(n.keys)
}

// soften makes warnings of what an import cannot know: another tool has no word for
// the legal side, may speak of one resource twice, and what it adds is better than nothing. What people are told about
// their own words, "user" and addresses, is not said of words of another tool.
func soften(d Diagnostic) []Diagnostic {
	switch {
	case d.Code == "W308" || d.Code == "W405":
		return nil
	case d.Code == "E106" || d.Code == "E301" || strings.HasPrefix(d.Code, "E4"):
		d.Severity = Warning
	}
	return []Diagnostic{d}
}

// importSections is the order in which the sections of an import are written.
var importSections = []string{"organisation", "roles_of_people", "taxonomy", "parties", "activities", "schemas", "resources", "flows", "queries"}

// Empty tells whether nothing was said.
func (m *Imported) Empty() bool {
	return !slices.ContainsFunc(m.trees, func(f source) bool {
		return slices.ContainsFunc(f.root.items, func(n *node) bool { return len(n.items) > 0 })
	})
}

// WriteYAML writes an annotation file. Each entry carries a comment with the place it
// came from. The key "imported" keeps its statements in the layer of imports: they add
// and never remove, until a person takes that key away and so makes them their own.
func (m *Imported) WriteYAML(w io.Writer) error {
	p := &printer{}
	p.b.WriteString("# Written by flowdeed annotate import; the places below are those of the imported files.\n")
	p.b.WriteString("# While the key \"imported\" stands here, these statements rank as an import: they add and\n# never remove. Take it away when somebody has reviewed them.\n")
	fmt.Fprintf(&p.b, "version: 1\nimported: {from: %s}\n", m.from.Name)
	for _, name := range importSections {
		m.section(p, name)
	}
	_, err := w.Write(p.b.Bytes())
	return err
}

func (m *Imported) section(p *printer, name string) {
	seen := map[string]bool{}
	title := "\n" + name + ":\n"
	for _, f := range m.trees {
		v := f.root.get(name)
		if v == nil || len(v.items) == 0 {
			continue
		}
		p.from = func(n *node) string { return fmt.Sprintf("%s:%d", f.file, n.line) }
		p.b.WriteString(title)
		title = ""
		switch {
		case name == "taxonomy" || name == "organisation":
			p.comment("  ", v)
			p.pairs(v, "  ", false)
		case v.kind == listNode:
			for _, x := range v.items {
				p.comment("  ", x)
				p.list(&node{kind: listNode, items: []*node{x}}, "  ")
			}
		default:
			for i, k := range v.keys {
				if !seen[k.text] { // a second one is reported as E103
					p.comment("  ", v.items[i])
					p.pair(k, v.items[i], "  ", false)
				}
				seen[k.text] = true
			}
		}
	}
}
