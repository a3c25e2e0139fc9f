package main

import (
	"io"

	"github.com/flowdeed/flowdeed/report"
)

// drawn is a picture of the report with its SVG.
type drawn struct {
	figure report.Figure
	svg    func(io.Writer) error
}

func (a *analysis) figures() ([]drawn, error) { return nil, nil }

func (o *output) picture(s *streams, a *analysis) error { return nil }
