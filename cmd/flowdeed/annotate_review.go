package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/flowdeed/flowdeed/annotations"
)

func newAnnotateReview(s *streams) *cobra.Command {
	var in input
	var o output
	var on day
	var due string
	var lock bool
	c := &cobra.Command{
		Use:   "review",
		Short: "List what is to be reviewed soon, by owner",
		Long: `Lists every statement that ends within a time, and those that have ended, by who has
to look at them: reviews, removals, protections, acceptances, contracts.

With --lock it writes .lock.yaml beside the annotation files: what every annotated
resource of the snapshot looks like now. From then on a resource that is gone, became
something else or has other fields is reported. Write it after a review.

Exit status 5 when something has ended.`,
		Example: "  flowdeed annotate review --due 30d\n  flowdeed annotate review --lock prod.snapshot",
	}
	c.RunE = func(_ *cobra.Command, args []string) error {
		if lock {
			return writeLock(s, &in, args)
		}
		if len(args) > 0 {
			return usagef("flowdeed annotate review --lock "+args[0], "only --lock needs a snapshot")
		}
		span, err := spanOf(due)
		if err != nil {
			return err
		}
		now, err := on.time()
		if err != nil {
			return err
		}
		f := annotationFolder{cmp.Or(in.annotations, "annotations")}
		set, diags, err := f.load()
		if err != nil {
			return err
		}
		if annotations.HasErrors(diags) {
			return failf("flowdeed annotate lint --annotations "+f.dir+" lists them", "the annotations in %s have errors", f.dir)
		}
		list := dueWithin(set, now, span)
		if err := o.print(s, func(w io.Writer) error { return writeDue(w, set, list, o.format) }); err != nil {
			return err
		}
		if slices.ContainsFunc(list, func(d dueJSON) bool { return d.Over }) {
			return &failure{status: statusExpired, err: errors.New("a review has expired"), silent: true}
		}
		return nil
	}
	c.Flags().StringVar(&due, "due", "30d", "how far to look ahead: 30d, 4w, or P1M")
	c.Flags().BoolVar(&lock, "lock", false, "write down what the annotated resources look like now")
	on.add(c)
	addOutput(c, &o, "text", "text", "json")
	addInput(c, &in, 0)
	return c
}

var spanPattern = regexp.MustCompile(`^(\d{1,5})([dw])$`)

// spanOf reads 30d, 4w or an ISO 8601 duration as days.
func spanOf(text string) (int, error) {
	if m := spanPattern.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1]) // five digits
		if m[2] == "w" {
			n *= 7
		}
		return n, nil
	}
	if n, ok := annotations.Days(text); ok {
		return n, nil
	}
	return 0, usagef("flowdeed annotate review --due 30d", "%q is no time span", text)
}

type dueJSON struct {
	Owner   string `json:"owner"`
	What    string `json:"what"`
	On      string `json:"reviewed,omitempty"`
	Expires string `json:"expires"`
	Over    bool   `json:"expired"`
	Place   string `json:"place"`
}

// dueWithin lists what ends within some days, by owner, the first to end on top.
func dueWithin(set *annotations.Set, now time.Time, span int) []dueJSON {
	list := []dueJSON{}
	for _, d := range set.Deadlines() {
		end, err := time.Parse(time.DateOnly, d.Expires)
		if err == nil && !end.After(now.AddDate(0, 0, span)) {
			list = append(list, dueJSON{d.Owner, d.What, d.On, d.Expires, annotations.Review{Expires: d.Expires}.Expired(now), d.Place})
		}
	}
	slices.SortStableFunc(list, func(a, b dueJSON) int { return cmp.Compare(a.Owner, b.Owner) })
	return list
}

func writeDue(w io.Writer, set *annotations.Set, list []dueJSON, format string) error {
	if format == "json" {
		return writeJSON(w, list)
	}
	if len(list) == 0 {
		fmt.Fprintln(w, "nothing ends in this time")
	}
	owner := "\x00"
	for _, d := range list {
		if d.Owner != owner {
			owner = d.Owner
			contact := ""
			if p, ok := set.Person(owner); ok && p.Contact != "" {
				contact = " <" + p.Contact + ">"
			}
			fmt.Fprintf(w, "%s%s\n", cmp.Or(owner, "nobody is named"), contact)
		}
		verb := "ends"
		if d.Over {
			verb = "ended"
		}
		fmt.Fprintf(w, "  %-5s %s  %s  (%s)\n", verb, d.Expires, d.What, d.Place)
	}
	return nil
}

// writeLock signs what is there: the lock file is written whole.
func writeLock(s *streams, in *input, args []string) error {
	in.take(args)
	in.annotations = cmp.Or(in.annotations, "annotations")
	a, err := in.load(s)
	if err != nil {
		return err
	}
	path := filepath.Join(in.annotations, annotations.LockName)
	err = s.writeFile(path, func(w io.Writer) error { _, err := w.Write(a.set.Lock(a.targets())); return err })
	if err == nil {
		fmt.Fprintln(s.out, path)
	}
	return inAnnotations(err)
}
