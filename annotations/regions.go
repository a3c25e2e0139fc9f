package annotations

import (
	_ "embed"
	"fmt"
	"io"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed regions.yaml
var regionsFile []byte

// Regions says in which country a region is and what Chapter V GDPR says of it.
type Regions struct {
	AsOf      string             `yaml:"as_of"`
	Countries map[string]Country `yaml:"countries"`
	Regions   map[string]Place   `yaml:"regions"`
}

// Country is a country with its adequacy status: eea, adequate, partial, none, unknown.
type Country struct {
	Name     string `yaml:"name"`
	EEA      bool   `yaml:"eea"`
	Adequacy string `yaml:"adequacy"`
	Decision string `yaml:"decision"`
}

// Place is where a region is.
type Place struct {
	Partition string `yaml:"partition"`
	Place     string `yaml:"place"`
	Country   string `yaml:"country"`
}

var builtinRegions = sync.OnceValues(func() (*Regions, error) { return decodeRegions(regionsFile) })

// BuiltinRegions returns the table of places this release carries, with its date.
func BuiltinRegions() (*Regions, error) { return builtinRegions() }

// ReadRegions reads a replacement of the table.
func ReadRegions(r io.Reader) (*Regions, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return decodeRegions(b)
}

func decodeRegions(b []byte) (*Regions, error) {
	var out Regions
	if err := yaml.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("the table of regions: %w", err)
	}
	return &out, nil
}

// Area returns the country of a region and its status. A region that is not in the
// table is unknown, never inside the EEA.
func (r *Regions) Area(region string) (country, status string, known bool) {
	p, ok := r.Regions[region]
	if !ok || p.Country == "" {
		return "", "unknown", false
	}
	c, ok := r.Countries[p.Country]
	if !ok || c.Adequacy == "" {
		return p.Country, "unknown", false
	}
	return p.Country, c.Adequacy, true
}
