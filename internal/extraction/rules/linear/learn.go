package linear

import (
	"math"
	"math/rand/v2"
)

// Example is a thing whose class is known.
type Example struct {
	Features []Feature
	Class    int     // of a model with one class: 1 for yes, 0 for no
	Or       []int   // further classes, if all that is known is that one of them is right
	Weight   float64 // how much it counts; 0 is 1
}

// Learning says how a model is learnt.
type Learning struct {
	Bits    int // 2^Bits places
	Classes int
	Rounds  int     // over all examples
	Rate    float64 // of the first step
	Decay   float64 // how strongly weights are drawn to 0
}

// Learn returns the model of the examples. It goes through them again and
// again, in orders that are always the same ones, and moves the weights of
// each example's features against its error, by steps that become shorter the
// more a weight has been moved (AdaGrad).
func Learn(examples []Example, how Learning) *Model {
	l := learner{
		how: how, classes: how.Classes,
		weights: make([]float64, how.Classes<<how.Bits),
		moved:   make([]float64, how.Classes<<how.Bits),
	}
	order := make([]int, len(examples))
	for i := range order {
		order[i] = i
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range how.Rounds {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			l.see(examples[i])
		}
	}
	m := newModel(how.Bits, how.Classes)
	for i, w := range l.weights {
		m.weights[i] = float32(w)
	}
	return m
}

type learner struct {
	how            Learning
	classes        int
	weights, moved []float64
}

func (l *learner) at(key uint32) int {
	return int(key&(1<<l.how.Bits-1)) * l.classes
}

func (l *learner) see(e Example) {
	scores := make([]float64, l.classes)
	for _, f := range e.Features {
		at := l.at(f.Key)
		for c := range scores {
			scores[c] += float64(l.weights[at+c] * f.Value)
		}
	}
	weight := e.Weight
	if weight == 0 {
		weight = 1
	}
	for c, off := range l.errors(scores, e) {
		for _, f := range e.Features {
			i := l.at(f.Key) + c
			slope := float64(weight*float64(off*f.Value)) + float64(l.how.Decay*l.weights[i])
			l.moved[i] += float64(slope * slope)
			l.weights[i] -= float64(l.how.Rate*slope) / (math.Sqrt(l.moved[i]) + 1e-6)
		}
	}
}

// errors are the chances given to each class less those that are right. Where
// several may be right they share, as the model divides it between them.
func (l *learner) errors(scores []float64, e Example) []float64 {
	if l.classes == 1 {
		return []float64{Sigmoid(scores[0]) - float64(e.Class)}
	}
	off := Softmax(scores)
	sum := off[e.Class]
	for _, c := range e.Or {
		sum += off[c]
	}
	for _, c := range append([]int{e.Class}, e.Or...) {
		off[c] -= off[c] / sum
	}
	return off
}
