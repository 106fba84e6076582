package entity

import (
	"context"
	_ "embed"
	"math"
	"sync"

	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
	"griot/internal/extraction/rules/linear"
	"griot/internal/transcript"
)

//go:embed entity.model
var encoded []byte

var learnt = sync.OnceValue(func() *linear.Model { return linear.MustDecode(encoded) })

// Known is a document whose names are annotated.
type Known struct {
	Segments []transcript.Segment
	Weight   float64 // how much each of its names counts
	Work     bool    // a talk about work, as those that are to be read
	// Classes are those that a name in these spellings may belong to; none if
	// that is not known.
	Classes func(spellings []string) []string
}

// Learn returns the model of the documents.
func Learn(ctx context.Context, docs []Known) (*linear.Model, error) {
	var all []linear.Example
	for _, d := range docs {
		examples, err := d.examples(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, examples...)
	}
	return linear.Learn(all, linear.Learning{Bits: 15, Classes: len(classes), Rounds: 6, Rate: 0.1, Decay: 1e-3}), nil
}

func (d Known) examples(ctx context.Context) ([]linear.Example, error) {
	g, err := d.read(ctx)
	if err != nil {
		return nil, err
	}
	var all []linear.Example
	for _, c := range g.all {
		right := d.Classes(append(c.order[:len(c.order):len(c.order)], c.titled...))
		if len(right) == 0 || !c.judged() {
			continue
		}
		e := linear.Example{Features: g.features(c, d.Work), Class: class(right[0]), Weight: d.Weight}
		for _, r := range right[1:] {
			e.Or = append(e.Or, class(r))
		}
		all = append(all, e)
	}
	return all, nil
}

// read gathers the names of the document with what a model is learnt from.
func (d Known) read(ctx context.Context) (*Gatherer, error) {
	doc, err := document.Read(ctx, "", d.Segments)
	if err != nil {
		return nil, err
	}
	g := newGatherer()
	g.learns, g.work = true, d.Work
	if err := doc.Lines(ctx, func(l document.Line) { g.Line(l, english.NounPhrases(l.Sentence)) }); err != nil {
		return nil, err
	}
	g.merge()
	return g, nil
}

// features are all of a candidate's: those of its places, and its role.
func (g *Gatherer) features(c *candidate, work bool) []linear.Feature {
	t := make(features, 0, len(c.features)+40)
	for _, f := range c.features {
		t = append(t, linear.Feature{Key: f.Key, Value: f.Value / math.Sqrt(float64(max(1, c.places)))})
	}
	t.usage(c, g.lines, work)
	return t
}
