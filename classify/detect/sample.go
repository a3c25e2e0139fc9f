package detect

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// sampled is how many records of a file are looked at. Source: detectors, step E.
const sampled = 200

// ReadSample takes a sample of records from the whole of a CSV file (with a first line
// of column names) or of a file with one JSON object a line: every record has the same
// chance, and the same file gives the same sample. Nothing but the sample is kept, and
// no error says what a record holds.
func ReadSample(r io.Reader) ([]Column, error) {
	br := bufio.NewReaderSize(r, 1<<16)
	head, err := br.Peek(1)
	if errors.Is(err, io.EOF) {
		return nil, errors.New("line 1: the file is empty")
	} else if err != nil {
		return nil, err
	}
	if head[0] == '{' {
		return sampleLines(br)
	}
	return sampleCSV(br)
}

// reservoir keeps a uniform sample of what it is given.
type reservoir[T any] struct {
	kept []T
	seen int
	rng  *rand.Rand
}

func newReservoir[T any]() *reservoir[T] {
	return &reservoir[T]{rng: rand.New(rand.NewPCG(1, 2))}
}

func (r *reservoir[T]) offer(make func() T) {
	r.seen++
	if len(r.kept) < sampled {
		r.kept = append(r.kept, make())
	} else if i := r.rng.IntN(r.seen); i < sampled {
		r.kept[i] = make()
	}
}

func sampleCSV(br *bufio.Reader) ([]Column, error) {
	in := csv.NewReader(br)
	in.ReuseRecord = true
	head, err := in.Read()
	if err != nil {
		return nil, broken(err)
	}
	names := slices.Clone(head)
	keep := newReservoir[[]string]()
	for {
		rec, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, broken(err)
		}
		keep.offer(func() []string {
			out := make([]string, len(rec))
			for i, v := range rec {
				out[i] = strings.Clone(v)
			}
			return out
		})
	}
	out := make([]Column, len(names))
	for i, n := range names {
		out[i].Name = n
		for _, rec := range keep.kept {
			out[i].Values = append(out[i].Values, rec[i])
		}
	}
	return out, nil
}

func sampleLines(br *bufio.Reader) ([]Column, error) {
	keep := newReservoir[map[string][]string]()
	for line := 1; ; line++ {
		text, err := br.ReadBytes('\n')
		if len(strings.TrimSpace(string(text))) > 0 {
			var doc map[string]any
			if json.Unmarshal(text, &doc) != nil {
				return nil, fmt.Errorf("line %d: no JSON object", line)
			}
			keep.offer(func() map[string][]string {
				out := map[string][]string{}
				flatten(out, "", doc, 0)
				return out
			})
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	columns := map[string][]string{}
	for _, rec := range keep.kept {
		for _, path := range slices.Sorted(maps.Keys(rec)) {
			columns[path] = append(columns[path], rec[path]...)
		}
	}
	var out []Column
	for _, path := range slices.Sorted(maps.Keys(columns)) {
		out = append(out, Column{path, columns[path]})
	}
	return out, nil
}

func flatten(out map[string][]string, path string, v any, depth int) {
	switch x := v.(type) {
	case map[string]any:
		if depth > 32 {
			return
		}
		for k, sub := range x {
			here := k
			if path != "" {
				here = path + "." + k
			}
			flatten(out, here, sub, depth+1)
		}
	case []any:
		for _, sub := range x {
			flatten(out, path+"[]", sub, depth+1)
		}
	case string:
		out[path] = append(out[path], x)
	case float64:
		out[path] = append(out[path], strconv.FormatFloat(x, 'f', -1, 64))
	case bool:
		out[path] = append(out[path], strconv.FormatBool(x))
	}
}
