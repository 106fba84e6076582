package document

import (
	"slices"

	"griot/internal/extraction/rules/english"
	"griot/internal/extraction/rules/linear"
)

// Judged is a document annotated with the sentences on which each line of its
// summary rests.
type Judged struct {
	Sentences []english.Sentence
	Speakers  []string // of each sentence
	Items     [][]int  // the sentences of each line, by their numbers
}

// LearnWorth returns the model of the documents. A line of a summary counts the
// same whether it rests on one sentence or on ten.
func LearnWorth(docs []Judged) *linear.Model {
	var all []linear.Example
	for _, d := range docs {
		weights := map[int]float64{}
		for _, item := range d.Items {
			for _, n := range item {
				weights[n] += perItem / float64(len(item))
			}
		}
		d.read(func(n int, f features) {
			e := linear.Example{Features: slices.Clone(f), Weight: 1}
			if w, gold := weights[n]; gold {
				e.Class, e.Weight = 1, 1+w
			}
			all = append(all, e)
		})
	}
	return linear.Learn(all, linear.Learning{Bits: 13, Classes: 1, Rounds: 8, Rate: 0.02, Decay: 3e-3})
}

// perItem is what a line of a summary adds to the weight of its sentences.
const perItem = 4

// Scores judges the sentences of a document by a model.
func (d Judged) Scores(m *linear.Model) []float64 {
	scores := make([]float64, len(d.Sentences))
	d.read(func(n int, f features) { scores[n] = m.Score(f) })
	return scores
}

// WorthModel is the model that is part of the program.
func WorthModel() *linear.Model { return learnt() }

func (d Judged) read(see func(n int, f features)) {
	topics := NewTopics()
	for i, s := range d.Sentences {
		topics.Learn(s, d.Speakers[i])
	}
	r := judge{topics: topics, see: see}
	for i, s := range d.Sentences {
		r.read(s, d.Speakers[i])
	}
	r.end()
}
