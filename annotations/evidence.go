package annotations

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// The ranks of the layers that speak of a resource; a lower rank is worth more. Source:
// privacy model, "Where statements come from". Ranks 1 and 2 may remove, the others
// only add.
const (
	RankExact    = 1 // annotation file, one exact target
	RankPattern  = 2 // annotation file, pattern
	RankTag      = 3 // tag on the resource
	RankTemplate = 4 // metadata in a template
	RankImport   = 5 // another tool's declarations: fideslang, dbt, OpenMetadata, Threagile
	RankObserved = 6 // another scanner's findings: Macie, data protection of log groups
	RankSchema   = 7 // schemas held by the platform: columns, models, attributes
	RankName     = 8 // names of resources, variables, paths
)

// The bands of confidence. Source: privacy model, "Confidence".
const (
	Certain = 0.9  // strong: contradicts a removal when a schema shows it
	Likely  = 0.6  // from here on a category is inferred
	Hint    = 0.3  // from here on it is weak; below it nothing is recorded
	most    = 0.95 // what several pieces reach together without a person or a scanner
)

// Evidence is one piece of what layers below the annotation files say: an importer or a
// detector found that a resource, or one field of it, may hold a category. It never
// takes anything away.
type Evidence struct {
	// Resource is the ARN or node id the piece speaks of. Where only a name is known,
	// it is empty and Name, with Kind where that is known, must be equal.
	Resource   string
	Kind, Name string
	// Field is the path inside the resource; empty for the resource as a whole.
	Field string
	// Category is a key of the taxonomy, or "none": a hint that is shown and never
	// clears anything.
	Category   string
	Subjects   []string
	MayContain bool // free text that may hold the category

	Confidence float64 // 0 to 1; 0 stands for the default of the rank
	Rank       int     // RankTag to RankName
	// Detector is what found it. Pieces of one detector about one field are not
	// independent: the strongest counts.
	Detector string
	Source   string // file:line:column, or operation and field
	Reason   string // for people: why this category
}

// DefaultConfidence is the confidence of a layer that does not say its own.
func DefaultConfidence(rank int) float64 {
	switch rank {
	case RankExact, RankPattern:
		return 1
	case RankTag, RankTemplate, RankObserved:
		return 0.9
	case RankImport:
		return 0.8
	}
	return Hint
}

// Import is one file of another tool in the words of this model. What has no
// counterpart here is in Notes as I601, never dropped in silence.
type Import struct {
	File         string
	Organisation Organisation
	Parties      []Party
	Activities   []Activity
	Flows        []FlowRule
	Resources    []Claim
	Evidence     []Evidence
	Notes        []Diagnostic
}

// Claim is what an import says of a resource beside categories. Set-like properties are
// added, single values count where no file or tag gives one.
type Claim struct {
	Resource, Kind, Name string // as in Evidence
	Subjects, Activities []string
	Passes               []string // categories it forwards and does not keep
	Owner, IdentityKey   string
	System               string
	Retention            *Retention
	Rank                 int // RankTemplate or RankImport
	Source               string
}

// evidenceIndex finds evidence and claims by what they speak of.
type evidenceIndex struct {
	byResource, byName map[string][]Evidence
	claims, claimNames map[string][]Claim
}

// AddEvidence adds what detectors and scanners found. It must not run beside For. A
// category the taxonomy does not know is reported as E201 and left out.
func (s *Set) AddEvidence(list ...Evidence) []Diagnostic {
	report := &reporter{}
	x := s.evidenceLists()
	for _, e := range list {
		if e.Category != "none" {
			to, _, ok := s.tax.canonicalCategory(e.Category)
			if !ok {
				file, line, col := splitPlace(e.Source)
				report.add(file, line, col, "E201", fmt.Sprintf("unknown data category %q", e.Category), didYouMean(e.Category, slices.Sorted(maps.Keys(s.tax.Categories))))
				continue
			}
			e.Category = to
		}
		if e.Confidence <= 0 {
			e.Confidence = DefaultConfidence(e.Rank)
		}
		e.Rank = min(max(e.Rank, RankTag), RankName)
		if e.Resource != "" {
			x.byResource[e.Resource] = append(x.byResource[e.Resource], e)
		} else if e.Name != "" {
			x.byName[e.Name] = append(x.byName[e.Name], e)
		}
	}
	return report.sorted()
}

// Add adds imports. What the annotation files define under the same key wins.
func (s *Set) Add(list ...Import) []Diagnostic {
	var out []Diagnostic
	for _, m := range list {
		out = append(out, m.Notes...)
		if s.organisation.Name == "" {
			s.organisation = m.Organisation
		}
		for _, p := range m.Parties {
			if _, ok := s.parties[p.Key]; !ok {
				s.parties[p.Key] = p
			}
		}
		for _, a := range m.Activities {
			if _, ok := s.activities[a.Key]; !ok {
				s.activities[a.Key] = a
			}
		}
		s.flows = append(s.flows, m.Flows...)
		out = append(out, s.AddEvidence(m.Evidence...)...)
		x := s.evidenceLists()
		for _, c := range m.Resources {
			if c.Resource != "" {
				x.claims[c.Resource] = append(x.claims[c.Resource], c)
			} else if c.Name != "" {
				x.claimNames[c.Name] = append(x.claimNames[c.Name], c)
			}
		}
	}
	slices.SortStableFunc(out, compareDiagnostics)
	return out
}

func (s *Set) evidenceLists() *evidenceIndex {
	if s.evidence == nil {
		s.evidence = &evidenceIndex{map[string][]Evidence{}, map[string][]Evidence{}, map[string][]Claim{}, map[string][]Claim{}}
	}
	return s.evidence
}

// EvidenceFor lists the pieces that speak of a target, the best layer first.
func (s *Set) EvidenceFor(t Target) []Evidence {
	if s.evidence == nil {
		return nil
	}
	out := slices.Clone(s.evidence.byResource[t.ARN])
	for _, e := range s.evidence.byName[t.Name] {
		if e.Kind == "" || e.Kind == t.Kind {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Evidence) int {
		return cmp.Or(a.Rank-b.Rank, cmp.Compare(a.Field, b.Field), cmp.Compare(a.Category, b.Category), cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Source, b.Source))
	})
	return out
}

func (s *Set) claimsFor(t Target) []Claim {
	if s.evidence == nil {
		return nil
	}
	out := slices.Clone(s.evidence.claims[t.ARN])
	for _, c := range s.evidence.claimNames[t.Name] {
		if c.Kind == "" || c.Kind == t.Kind {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Claim) int { return cmp.Or(a.Rank-b.Rank, cmp.Compare(a.Source, b.Source)) })
	return out
}

// Combine gives the confidence of several pieces of evidence for one category of one
// field: 1 - Π(1-c) over independent pieces, at most 0.95 unless another scanner saw
// it. Source: privacy model, "Confidence".
func Combine(list []Evidence) float64 {
	best := map[string]float64{}
	observed := false
	for _, e := range list {
		who := cmp.Or(e.Detector, e.Source)
		best[who] = max(best[who], e.Confidence)
		observed = observed || e.Rank <= RankPattern || e.Rank == RankObserved
	}
	rest := 1.0
	for _, who := range slices.Sorted(maps.Keys(best)) { // sums of floats depend on their order
		rest *= 1 - min(max(best[who], 0), 1)
	}
	if observed {
		return 1 - rest
	}
	return min(1-rest, most)
}

// contradicts tells whether evidence stands against a person's word that a category is
// not there: another scanner saw it, or a schema shows it with confidence 0.9 or more.
func contradicts(list []Evidence) bool {
	var schema []Evidence
	for _, e := range list {
		if e.Rank == RankObserved && e.Confidence >= Hint {
			return true
		}
		if e.Rank == RankSchema {
			schema = append(schema, e)
		}
	}
	return len(schema) > 0 && Combine(schema) >= Certain
}
