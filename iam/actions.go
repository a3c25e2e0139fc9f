package iam

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the table of actions
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ./actiondata -from iam-data.tgz -to actions.gz

// builtInActions is the table written by iam/actiondata.
//
//go:embed actions.gz
var builtInActions []byte

// ActionData knows the actions of AWS services: which resources they take and which
// condition keys their requests can carry. The facts are those of the Service
// Authorization Reference of AWS. It is read only; a service is decoded when it is
// first asked for.
type ActionData struct {
	// Date is when the facts were collected, and Source from where.
	Date, Source string

	services map[string]*serviceActions // by prefix, in lower case
}

// ActionInfo is one action.
type ActionInfo struct {
	Name  string // "s3:GetObject"
	Level ActionLevel
	// ResourceTypes are the types the action can name; those it always names end in
	// "*". Without any, the action takes no resource.
	ResourceTypes []string

	keys []int32 // of the service's key table, with those of the resource types
}

// ActionLevel is the access level of an action.
type ActionLevel string

// The access levels, as AWS names them.
const (
	LevelList        ActionLevel = "List"
	LevelRead        ActionLevel = "Read"
	LevelWrite       ActionLevel = "Write"
	LevelPermissions ActionLevel = "Permissions management"
	LevelTagging     ActionLevel = "Tagging"
)

var actionLevels = map[string]ActionLevel{"L": LevelList, "R": LevelRead, "W": LevelWrite, "P": LevelPermissions, "T": LevelTagging}

// ResourceTypeInfo is a type of resource of a service.
type ResourceTypeInfo struct {
	Name string
	ARN  string // with "${...}" for what differs

	keys []int32
}

// serviceActions is what is known of one service.
type serviceActions struct {
	prefix string
	text   []string // the lines of the table, until they are decoded
	once   sync.Once

	actions map[string]*ActionInfo // by name in lower case
	types   map[string]ResourceTypeInfo
	keys    []pattern // condition keys in lower case, what differs as a wildcard
}

// BuiltInActions returns the table that comes with this program.
var BuiltInActions = sync.OnceValue(func() *ActionData {
	d, err := ReadActionData(bytes.NewReader(builtInActions))
	if err != nil {
		panic("the embedded table of actions is broken: " + err.Error()) // a test reads it whole
	}
	return d
})

// ReadActionData reads a table of actions, compressed or not. The first line of the
// format is "flowdeed actions 1", then come the date and the source, and then, with
// tabs between the fields, for each service (S) its condition keys (K), the types of
// its resources (T: name, ARN, numbers of keys) and its actions (A: name, access level,
// resource types, numbers of keys). The error names the line.
func ReadActionData(r io.Reader) (*ActionData, error) {
	in := bufio.NewReader(r)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		in = bufio.NewReader(z)
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if lines[0] != "flowdeed actions 1" {
		return nil, errors.New("line 1: this is no table of actions; it starts with \"flowdeed actions 1\"")
	}
	d := &ActionData{services: map[string]*serviceActions{}}
	var s *serviceActions
	for i, line := range lines[1:] {
		kind, rest, _ := strings.Cut(line, "\t")
		switch {
		case s == nil && strings.HasPrefix(line, "date "):
			d.Date = line[len("date "):]
		case s == nil && strings.HasPrefix(line, "source "):
			d.Source = line[len("source "):]
		case kind == "S" && rest != "":
			s = &serviceActions{prefix: rest}
			d.services[strings.ToLower(rest)] = s
		case s == nil || !wellFormed(line):
			return nil, fmt.Errorf("line %d: not a line of a table of actions: %.60q", i+2, line)
		default:
			s.text = append(s.text, line)
		}
	}
	return d, nil
}

// wellFormed checks the fields of a line, so that decoding cannot fail later.
func wellFormed(line string) bool {
	f := strings.Split(line, "\t")
	switch {
	case f[0] == "K":
		return true
	case f[0] == "T" && len(f) == 4:
		return onlyNumbers(f[3])
	case f[0] == "A" && len(f) == 5:
		return f[1] != "" && actionLevels[f[2]] != "" && onlyNumbers(f[4])
	}
	return false
}

func onlyNumbers(list string) bool {
	for _, n := range numbers(list) {
		if n < 0 {
			return false
		}
	}
	return true
}

// numbers reads "1,2,3"; what is no number becomes -1.
func numbers(list string) []int32 {
	if list == "" {
		return nil
	}
	var out []int32
	for _, x := range strings.Split(list, ",") {
		n, err := strconv.ParseInt(x, 10, 32)
		if err != nil {
			n = -1
		}
		out = append(out, int32(n))
	}
	return out
}

// service finds a service and decodes it when it is asked for the first time.
func (d *ActionData) service(prefix string) *serviceActions {
	s := d.services[strings.ToLower(prefix)]
	if s != nil {
		s.once.Do(s.decode)
	}
	return s
}

func (s *serviceActions) decode() {
	s.actions, s.types = map[string]*ActionInfo{}, map[string]ResourceTypeInfo{}
	for _, line := range s.text {
		f := strings.Split(line, "\t")
		switch f[0] {
		case "K":
			for _, k := range f[1:] {
				s.keys = append(s.keys, keyPattern(k))
			}
		case "T":
			s.types[f[1]] = ResourceTypeInfo{Name: f[1], ARN: f[2], keys: numbers(f[3])}
		case "A":
			a := &ActionInfo{Name: s.prefix + ":" + f[1], Level: actionLevels[f[2]], keys: numbers(f[4])}
			if f[3] != "" {
				a.ResourceTypes = strings.Split(f[3], ",")
			}
			for _, t := range a.ResourceTypes {
				a.keys = append(a.keys, s.types[strings.TrimSuffix(t, "*")].keys...)
			}
			s.actions[strings.ToLower(f[1])] = a
		}
	}
	s.text = nil
}

// keyPattern makes "aws:ResourceTag/${TagKey}" and "s3:ExistingObjectTag/<key>" match
// what is written in their place.
func keyPattern(key string) pattern {
	for _, ends := range [][2]string{{"${", "}"}, {"<", ">"}} {
		if before, rest, ok := strings.Cut(key, ends[0]); ok {
			if _, after, ok := strings.Cut(rest, ends[1]); ok {
				key = before + "*" + after
			}
		}
	}
	return globOf(strings.ToLower(key))
}

// Action finds an action by its full name, in any case.
func (d *ActionData) Action(name string) (ActionInfo, bool) {
	prefix, action, _ := strings.Cut(name, ":")
	if s := d.service(prefix); s != nil {
		if a := s.actions[strings.ToLower(action)]; a != nil {
			return *a, true
		}
	}
	return ActionInfo{}, false
}

// WithoutResource tells of a known action whether it takes no resource, so that only
// statements about "*" are about it (Service Authorization Reference, "Resource types").
func (d *ActionData) WithoutResource(action string) bool {
	a, ok := d.Action(action)
	return ok && len(a.ResourceTypes) == 0
}

// arnsOf lists the ARNs of the resources of an action, what differs as a wildcard;
// nothing where they are not known.
func (d *ActionData) arnsOf(action string) []arnPattern {
	a, ok := d.Action(action)
	if !ok {
		return nil
	}
	prefix, _, _ := strings.Cut(action, ":")
	var out []arnPattern
	for _, t := range a.ResourceTypes {
		x, ok := d.service(prefix).types[strings.TrimSuffix(t, "*")]
		if !ok {
			return nil
		}
		out = append(out, splitARN(compileText(x.ARN, true, true).anyValue()))
	}
	return out
}

// ResourceTypes lists the types of resources of a service, sorted by name.
func (d *ActionData) ResourceTypes(service string) []ResourceTypeInfo {
	s := d.service(service)
	if s == nil {
		return nil
	}
	var out []ResourceTypeInfo
	for _, name := range slices.Sorted(maps.Keys(s.types)) {
		out = append(out, s.types[name])
	}
	return out
}

// Expand lists the actions that a value of an Action element stands for, sorted:
// "s3:Get*". It is empty when no known action matches.
func (d *ActionData) Expand(value string) []string {
	p := compileAction(value)
	var out []string
	for prefix := range d.services {
		if !p.all && prefix != p.service {
			continue
		}
		for name, a := range d.service(prefix).actions {
			if p.all || p.name.match(name) {
				out = append(out, a.Name)
			}
		}
	}
	slices.Sort(out)
	return out
}
