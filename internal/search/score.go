package search

import "math"

// Ranking is BM25 twice: over a conversation as one text, and over its
// passages, of which the best one counts. The first tells what a conversation
// is about, the second finds the one place where something is said in a long
// one. (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25
// and Beyond", 2009.) The numbers hold for meetings and for chats alike; see
// infra/measure.
const (
	saturation        = 1.2
	lengthPenalty     = 0.75
	passagePenalty    = 0.5
	passageMix        = 0.5 // what the best passage counts beside the whole
	roundingTolerance = 1 + 1e-9
)

// rarity is the inverse document frequency of a term that df of n
// conversations have. It is above 0 for every term, also in a workspace of
// one conversation.
func rarity(n, df int) float64 {
	return math.Log1p((float64(max(n, df)-df) + 0.5) / (float64(df) + 0.5))
}

// saturated is how much a term counts that occurs weight times in a text of
// relative length norm.
func saturated(weight uint32, norm float64) float64 {
	w := float64(weight)
	return w * (saturation + 1) / (w + saturation*norm)
}

// norms makes the relative length of a text.
type norms struct{ whole, passage float64 } // average lengths

func (n norms) ofWhole(length uint32) float64 {
	return 1 - lengthPenalty + lengthPenalty*float64(length)/n.whole
}

func (n norms) ofPassage(length uint32) float64 {
	return 1 - passagePenalty + passagePenalty*float64(length)/n.passage
}

// grades are what terms count, as saturated makes it, worked out for the
// weights and lengths that nearly all have: a division less for each of a
// hundred thousand conversations.
type grades struct {
	norms
	wholes, passages []float64 // by weight and length
}

const (
	gradedWeights  = 4
	gradedWholes   = 1024
	gradedPassages = 128
)

func newGrades(n norms) grades {
	g := grades{norms: n}
	for weight := range uint32(gradedWeights) {
		for length := range uint32(gradedWholes) {
			g.wholes = append(g.wholes, saturated(weight+1, n.ofWhole(length)))
		}
		for length := range uint32(gradedPassages) {
			g.passages = append(g.passages, saturated(weight+1, n.ofPassage(length)))
		}
	}
	return g
}

func (g *grades) whole(weight, length uint32) float64 {
	if weight-1 < gradedWeights && length < gradedWholes {
		return g.wholes[(weight-1)*gradedWholes+length]
	}
	return saturated(weight, g.ofWhole(length))
}

func (g *grades) passage(weight, length uint32) float64 {
	if weight-1 < gradedWeights && length < gradedPassages {
		return g.passages[(weight-1)*gradedPassages+length]
	}
	return saturated(weight, g.ofPassage(length))
}
