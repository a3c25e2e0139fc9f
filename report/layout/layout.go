// Package layout gives boxes and lines their places. It is the only package that
// knows Graphviz, uses it for positions alone, and never hands it a text of a user.
//
// Graphviz runs in a child process of this program, which is killed when it takes too
// long; then, and where there is no child, a plain layout in layers takes over.
package layout

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-graphviz"

	"github.com/flowdeed/flowdeed/report/layout/cachedir"
)

// Input is what is to be placed. Lengths are points.
type Input struct {
	Boxes     []Box   `json:"boxes"`
	Lines     []Line  `json:"lines"`
	Zones     []Zone  `json:"zones"`
	TopToDown bool    `json:"top_to_down"`
	NodeGap   float64 `json:"node_gap"`
	LayerGap  float64 `json:"layer_gap"`
}

// Box is a rectangle of fixed size in a zone.
type Box struct {
	W, H float64
	Zone int // index, -1 for none
}

// Line joins two boxes and may carry a label of fixed size.
type Line struct {
	From, To int
	W, H     float64 // of the label; 0 for none
}

// Zone is a frame around boxes; Parent is -1 at the top.
type Zone struct {
	Parent int
	Head   float64 // height of its title
	Wide   float64 // width of its title; 0 when it may be cut
}

// Point is a place; the origin is the top left corner, y grows downwards.
type Point struct{ X, Y float64 }

// Rect is a rectangle by its top left corner and size.
type Rect struct{ X, Y, W, H float64 }

// Placed is the result: boxes by top left corner, lines as Bézier splines (first point,
// then three a piece), labels by their middle.
type Placed struct {
	W, H   float64
	Boxes  []Point
	Lines  [][]Point
	Labels []Point
	Zones  []Rect
	// Plain is true when the plain layout was used.
	Plain bool
}

// limit is how long one layout may take.
const limit = 10 * time.Second

// Engine places boxes in a child process that it starts when first needed and ends
// when a layout takes too long. The zero Engine lays out in this process.
type Engine struct {
	Argv []string // command line of the child, see Serve

	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// Run places the boxes of an input; where Graphviz cannot, plainly in layers.
func (e *Engine) Run(in Input) Placed {
	if len(in.Boxes) == 0 {
		return Placed{}
	}
	drawn, err := e.draw(in)
	if err != nil {
		return plainLayout(in)
	}
	p, err := read(in, drawn)
	if err != nil {
		return plainLayout(in)
	}
	return p
}

func (e *Engine) draw(in Input) ([]byte, error) {
	if len(e.Argv) == 0 {
		var out bytes.Buffer
		err := draw(in, &out)
		return out.Bytes(), err
	}
	if e.cmd == nil {
		if err := e.start(); err != nil {
			return nil, err
		}
	}
	b, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	child := e.cmd
	timer := time.AfterFunc(limit, func() { child.Process.Kill() })
	defer timer.Stop()
	if _, err := e.in.Write(append(b, '\n')); err != nil {
		e.Close()
		return nil, err
	}
	line, err := e.out.ReadBytes('\n')
	if err != nil {
		e.Close()
		return nil, err
	}
	var answer struct {
		Drawn json.RawMessage
		Error string
	}
	if err := json.Unmarshal(line, &answer); err != nil || answer.Error != "" {
		return nil, fmt.Errorf("the layout process: %s", answer.Error)
	}
	return answer.Drawn, nil
}

func (e *Engine) start() error {
	cmd := exec.Command(e.Argv[0], e.Argv[1:]...)
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	e.cmd, e.in, e.out = cmd, in, bufio.NewReaderSize(out, 1<<20)
	return nil
}

// Close ends the child.
func (e *Engine) Close() {
	if e.cmd == nil {
		return
	}
	e.in.Close()
	e.cmd.Process.Kill()
	_ = e.cmd.Wait() // it was killed: its status says nothing
	e.cmd = nil
}

// Serve is the child: one line of JSON with an Input in, one line with what Graphviz
// says out, until the input ends.
func Serve(r io.Reader, w io.Writer) error {
	lines := bufio.NewReaderSize(r, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		}
		var in Input
		if err := json.Unmarshal(line, &in); err != nil {
			return fmt.Errorf("reading the boxes to place: %w", err)
		}
		var out bytes.Buffer
		answer := struct {
			Drawn json.RawMessage `json:",omitempty"`
			Error string          `json:",omitempty"`
		}{}
		if err := draw(in, &out); err != nil {
			answer.Error = err.Error()
		} else {
			answer.Drawn = out.Bytes()
		}
		b, err := json.Marshal(answer)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(b, '\n')); err != nil {
			return err
		}
	}
}

// one guards Graphviz: its module has a single instance without a lock.
var one sync.Mutex

func draw(in Input, w io.Writer) error {
	cachedir.Restore()
	one.Lock()
	defer one.Unlock()
	ctx := context.Background()
	g, err := graphviz.New(ctx)
	if err != nil {
		return err
	}
	defer g.Close()
	tree, err := graphviz.ParseBytes([]byte(dot(in)))
	if err != nil {
		return err
	}
	defer tree.Close()
	return g.Render(ctx, tree, "json", w)
}

// dot writes the input in Graphviz' language: ids and numbers, nothing else.
func dot(in Input) string {
	var b strings.Builder
	dir := "LR"
	if in.TopToDown {
		dir = "TB"
	}
	fmt.Fprintf(&b, "digraph g {\nrankdir=%s; nodesep=%.3f; ranksep=%.3f; nslimit=1; nslimit1=1; mclimit=0.5; splines=true;\nnode [shape=box, fixedsize=true, label=\"\"]; graph [fontname=Courier, fontsize=10]; edge [fontname=Courier, fontsize=10];\n", dir, in.NodeGap/72, in.LayerGap/72)
	writeZone(&b, in, -1)
	for i, l := range in.Lines {
		label := ""
		if l.W > 0 {
			label = "label=\"" + blank(l.W, l.H) + "\","
		}
		fmt.Fprintf(&b, "n%04d -> n%04d [%s id=\"l%04d\"];\n", l.From, l.To, label, i)
	}
	b.WriteString("}\n")
	return b.String()
}

func writeZone(b *strings.Builder, in Input, zone int) {
	for i, x := range in.Boxes {
		if x.Zone == zone {
			fmt.Fprintf(b, "n%04d [width=%.4f, height=%.4f];\n", i, x.W/72, x.H/72)
		}
	}
	for z, x := range in.Zones {
		if x.Parent == zone {
			fmt.Fprintf(b, "subgraph cluster_z%04d { margin=7; label=\"%s\";\n", z, blank(max(40, x.Wide), x.Head))
			writeZone(b, in, z)
			b.WriteString("}\n")
		}
	}
}

// blank is a text that takes at least w by h points in the font the graph names
// (Courier at 10: 6 a letter, 12 a line). Two labels in Graphviz' table form make
// release 0.2.10 of the library read outside its memory, so space is reserved with
// letters.
func blank(w, h float64) string {
	line := strings.Repeat("x", int(math.Ceil(w/6)))
	lines := make([]string, max(1, int(math.Ceil(h/12))))
	for i := range lines {
		lines[i] = line
	}
	return strings.Join(lines, `\n`)
}

// answer is what is read of Graphviz' JSON.
type answer struct {
	BB      string `json:"bb"`
	Objects []struct {
		Name string `json:"name"`
		Pos  string `json:"pos"`
		BB   string `json:"bb"`
	} `json:"objects"`
	Edges []struct {
		ID  string `json:"id"`
		Pos string `json:"pos"`
		LP  string `json:"lp"`
	} `json:"edges"`
}

func read(in Input, b []byte) (Placed, error) {
	var a answer
	if err := json.Unmarshal(b, &a); err != nil {
		return Placed{}, err
	}
	bb := numbers(a.BB)
	if len(bb) != 4 {
		return Placed{}, fmt.Errorf("no bounding box")
	}
	flip := func(x, y float64) Point { return Point{r2(x - bb[0]), r2(bb[3] - y)} }
	p := Placed{W: r2(bb[2] - bb[0]), H: r2(bb[3] - bb[1]), Boxes: make([]Point, len(in.Boxes)), Lines: make([][]Point, len(in.Lines)), Labels: make([]Point, len(in.Lines)), Zones: make([]Rect, len(in.Zones))}
	for _, o := range a.Objects {
		if n, ok := index(o.Name, "n"); ok && n < len(in.Boxes) {
			if v := numbers(o.Pos); len(v) == 2 {
				c := flip(v[0], v[1])
				p.Boxes[n] = Point{r2(c.X - in.Boxes[n].W/2), r2(c.Y - in.Boxes[n].H/2)}
			}
		}
		if z, ok := index(o.Name, "cluster_z"); ok && z < len(in.Zones) {
			if v := numbers(o.BB); len(v) == 4 {
				at := flip(v[0], v[3])
				p.Zones[z] = Rect{at.X, at.Y, r2(v[2] - v[0]), r2(v[3] - v[1])}
			}
		}
	}
	for _, e := range a.Edges {
		i, ok := index(e.ID, "l")
		if !ok || i >= len(in.Lines) {
			continue
		}
		p.Lines[i] = spline(e.Pos, flip)
		if v := numbers(e.LP); len(v) == 2 {
			p.Labels[i] = flip(v[0], v[1])
		}
	}
	for i, l := range p.Lines {
		if len(l) < 4 {
			return Placed{}, fmt.Errorf("line %d has no way", i)
		}
	}
	return p, nil
}

// spline reads "e,x,y x,y x,y ...": the end point stands first.
func spline(pos string, flip func(x, y float64) Point) []Point {
	var end *Point
	var out []Point
	for _, f := range strings.Fields(pos) {
		if rest, ok := strings.CutPrefix(f, "e,"); ok {
			if v := numbers(rest); len(v) == 2 {
				p := flip(v[0], v[1])
				end = &p
			}
			continue
		}
		f = strings.TrimPrefix(f, "s,")
		if v := numbers(f); len(v) == 2 {
			out = append(out, flip(v[0], v[1]))
		}
	}
	if end != nil && len(out) > 0 {
		last := out[len(out)-1]
		out = append(out, last, *end, *end)
	}
	return out
}

func index(s, prefix string) (int, bool) {
	rest, ok := strings.CutPrefix(s, prefix)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(rest)
	return n, err == nil && n >= 0
}

func numbers(s string) []float64 {
	var out []float64
	for _, f := range strings.Split(s, ",") {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return nil
		}
		out = append(out, v)
	}
	return out
}

// r2 rounds to a hundredth of a point, so that machines agree.
func r2(v float64) float64 { return math.Round(v*100) / 100 }
