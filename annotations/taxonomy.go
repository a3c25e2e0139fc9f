package annotations

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed taxonomy.yaml
var taxonomyFile []byte

// Flags grade a data category. Source: head of taxonomy.yaml.
type Flags struct {
	Art9        string `yaml:"art9"`    // never, possible, always: special categories, Art. 9(1)
	Art10       string `yaml:"art10"`   // never, possible, always: convictions and offences
	ID          string `yaml:"id"`      // direct, indirect, quasi, attribute, none
	Context     string `yaml:"context"` // none, simple, behavioural, financial, sensitive
	Sensitivity int    `yaml:"sensitivity"`
}

// Category is a data category.
type Category struct {
	Key      string   `yaml:"-"`
	Label    string   `yaml:"label"`
	About    string   `yaml:"about"`
	Origin   string   `yaml:"origin"`
	Fallback string   `yaml:"fallback"`
	Flags    Flags    `yaml:"flags"`
	Aliases  []string `yaml:"aliases"`
}

// Subject is a kind of person.
type Subject struct {
	About      string `yaml:"about"`
	Vulnerable bool   `yaml:"vulnerable"`
	Child      bool   `yaml:"child"`
	Fallback   string `yaml:"fallback"`
}

// Term is any other word of the taxonomy.
type Term struct {
	Article       string   `yaml:"article"`
	About         string   `yaml:"about"`
	Needs         []string `yaml:"needs"`
	Effect        string   `yaml:"effect"` // protections: keep, reduce, drop
	Becomes       []string `yaml:"becomes"`
	StillPersonal bool     `yaml:"still_personal"`
	Proof         []string `yaml:"proof"`
	Fallback      string   `yaml:"fallback"`
	Fides         string   `yaml:"fides"` // the words of fideslang for it
}

// Taxonomy holds the words annotations may use.
type Taxonomy struct {
	Categories map[string]*Category `yaml:"data_categories"`
	Renamed    map[string]string    `yaml:"renamed_keys"`
	Uses       map[string]Term      `yaml:"data_uses"`
	Subjects   map[string]Subject   `yaml:"data_subjects"`
	Bases      map[string]Term      `yaml:"lawful_bases"`
	Special    map[string]Term      `yaml:"special_conditions"`
	Criminal   map[string]Term      `yaml:"criminal_conditions"`
	Tools      map[string]Term      `yaml:"transfer_tools"`
	Roles      map[string]Term      `yaml:"roles"`
	Protection map[string]Term      `yaml:"protections"`
	Measures   map[string]Term      `yaml:"measures"`
	// Crosswalk turns identifiers of other tools, or patterns of them, into categories.
	Crosswalk map[string]map[string]string `yaml:"crosswalk"`
}

var builtin = sync.OnceValues(func() (*Taxonomy, error) {
	var t Taxonomy
	if err := yaml.Unmarshal(taxonomyFile, &t); err != nil {
		return nil, fmt.Errorf("the built-in taxonomy: %w", err)
	}
	for k, c := range t.Categories {
		c.Key = k
	}
	return &t, nil
})

// BuiltinTaxonomy returns the taxonomy this release carries. It must not be changed.
func BuiltinTaxonomy() (*Taxonomy, error) { return builtin() }

// clone makes a copy that own keys may be added to.
func (t *Taxonomy) clone() *Taxonomy {
	c := *t
	c.Categories, c.Uses, c.Subjects = maps.Clone(t.Categories), maps.Clone(t.Uses), maps.Clone(t.Subjects)
	return &c
}

// Category finds a category by key.
func (t *Taxonomy) Category(key string) (*Category, bool) {
	c, ok := t.Categories[key]
	return c, ok
}

// Label gives the words for a category key, or the key where it is unknown.
func (t *Taxonomy) Label(key string) string {
	if c, ok := t.Categories[key]; ok && c.Label != "" {
		return c.Label
	}
	return key
}

// Covers tells whether a key covers another: itself and every key below it.
func Covers(parent, key string) bool {
	return parent == key || strings.HasPrefix(key, parent+".")
}

// Personal tells whether a category is about people at all.
func Personal(key string) bool { return Covers("user", key) }

// ancestorFlag returns the flags of a category, or of its nearest known ancestor.
func (t *Taxonomy) flags(key string) Flags {
	for k := key; k != ""; k = parentOf(k) {
		if c, ok := t.Categories[k]; ok {
			return c.Flags
		}
	}
	return Flags{}
}

func parentOf(key string) string {
	i := strings.LastIndexByte(key, '.')
	if i < 0 {
		return ""
	}
	return key[:i]
}

// Special tells whether a category is of Art. 9 GDPR by itself.
func (t *Taxonomy) SpecialCategory(key string) bool { return t.flags(key).Art9 == "always" }

// CriminalCategory tells whether a category is of Art. 10 GDPR by itself.
func (t *Taxonomy) CriminalCategory(key string) bool { return t.flags(key).Art10 == "always" }

// Sensitivity is the rank of a category, 0 to 4.
func (t *Taxonomy) Sensitivity(key string) int { return t.flags(key).Sensitivity }

// ChildSubject tells whether a kind of person is a child.
func (t *Taxonomy) ChildSubject(key string) bool {
	return t.Subjects[key].Child || key == "minor" || key == "child" || key == "patient_minor"
}

// canonicalCategory follows renamed keys and aliases; renamed tells whether it did.
func (t *Taxonomy) canonicalCategory(key string) (found string, renamed, ok bool) {
	if _, ok := t.Categories[key]; ok {
		return key, false, true
	}
	if to, ok := t.Renamed[key]; ok {
		return to, true, true
	}
	for _, k := range slices.Sorted(maps.Keys(t.Categories)) {
		if slices.Contains(t.Categories[k].Aliases, key) {
			return k, true, true
		}
	}
	return "", false, false
}
