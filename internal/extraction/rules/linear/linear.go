// Package linear has models that add up the weights of a thing's features:
// logistic regressions over features that are known by their hash alone.
// Both learning and scoring are deterministic, and scores are the same on every
// kind of machine: products are rounded before they are added, which the
// language would not ask for. Chances may differ there in their last digits, as
// math.Exp does.
package linear

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Feature is one of a thing's features and how much of it there is.
type Feature struct {
	Key   uint32
	Value float64
}

// Key names a feature by the parts of its name, in any number.
func Key(parts ...string) uint32 {
	h := uint32(2166136261) // FNV-1a
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint32(p[i])) * 16777619
		}
		h = (h ^ 0xff) * 16777619 // no byte of UTF-8: "ab", "c" is not "a", "bc"
	}
	return h ^ h>>15
}

// Model has a row of weights, one for each class, at every place that a
// feature's key may lead to. With one class it answers yes or no.
type Model struct {
	bits    int
	classes int
	weights []float32 // place after place
}

// maxBits bounds what Decode allocates.
const maxBits = 20

func newModel(bits, classes int) *Model {
	return &Model{bits: bits, classes: classes, weights: make([]float32, classes<<bits)}
}

// Classes is how many classes the model tells apart.
func (m *Model) Classes() int { return m.classes }

func (m *Model) row(key uint32) []float32 {
	at := int(key&(1<<m.bits-1)) * m.classes
	return m.weights[at : at+m.classes]
}

// Add adds the weights of a feature to the scores of the classes.
func (m *Model) Add(scores []float64, f Feature) {
	for c, w := range m.row(f.Key) {
		scores[c] += float64(float64(w) * f.Value)
	}
}

// Scores are the sums of the features' weights for each class.
func (m *Model) Scores(x []Feature) []float64 {
	scores := make([]float64, m.classes)
	for _, f := range x {
		m.Add(scores, f)
	}
	return scores
}

// Score is that of a model with one class.
func (m *Model) Score(x []Feature) float64 {
	sum := 0.0
	for _, f := range x {
		sum += float64(float64(m.row(f.Key)[0]) * f.Value)
	}
	return sum
}

// Sigmoid makes a chance of the score of a model with one class.
func Sigmoid(score float64) float64 { return 1 / (1 + math.Exp(-score)) }

// Softmax makes chances that add up to 1 of the scores of several classes.
func Softmax(scores []float64) []float64 {
	top, sum := math.Inf(-1), 0.0
	for _, s := range scores {
		top = max(top, s)
	}
	chances := make([]float64, len(scores))
	for i, s := range scores {
		chances[i] = math.Exp(s - top)
		sum += chances[i]
	}
	for i := range chances {
		chances[i] /= sum
	}
	return chances
}

// levels is how many steps a weight has on either side of 0.
const levels = 127

// header of an encoded model, after which a byte stands for each weight.
type header struct {
	Bits, Classes uint32
	Step          float32 // what a byte's unit stands for
}

// Encode returns the model with its weights rounded to steps of a 127th of the
// largest, compressed.
func (m *Model) Encode() []byte {
	h := header{uint32(m.bits), uint32(m.classes), 0}
	for _, w := range m.weights {
		h.Step = max(h.Step, float32(math.Abs(float64(w)))/levels)
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic("linear: " + err.Error()) // the level is a constant
	}
	steps := make([]int8, len(m.weights))
	for i, w := range m.weights {
		if h.Step > 0 {
			steps[i] = int8(math.Round(float64(w / h.Step)))
		}
	}
	for _, v := range []any{h, steps} {
		if err := binary.Write(z, binary.LittleEndian, v); err != nil {
			panic("linear: " + err.Error()) // a buffer takes all
		}
	}
	if err := z.Close(); err != nil {
		panic("linear: " + err.Error())
	}
	return b.Bytes()
}

// Decode reads what Encode has written.
func Decode(data []byte) (*Model, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("reading a model: %w", err)
	}
	var h header
	if err := binary.Read(z, binary.LittleEndian, &h); err != nil {
		return nil, fmt.Errorf("reading a model's head: %w", err)
	}
	if h.Bits > maxBits || h.Classes < 1 || h.Classes > 64 {
		return nil, errors.New("reading a model: impossible size")
	}
	m := newModel(int(h.Bits), int(h.Classes))
	steps := make([]byte, len(m.weights))
	if _, err := io.ReadFull(z, steps); err != nil {
		return nil, fmt.Errorf("reading a model's weights: %w", err)
	}
	for i, s := range steps {
		m.weights[i] = float32(int8(s)) * h.Step
	}
	return m, nil
}

// MustDecode is Decode for models that are part of the program.
func MustDecode(data []byte) *Model {
	m, err := Decode(data)
	if err != nil {
		panic("linear: " + err.Error())
	}
	return m
}
