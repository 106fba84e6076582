package search

import "math"

// Ranking is BM25 twice: over a conversation as one text, and over its
// passages, of which the best ones count. The first tells what a conversation
// is about, the second finds the one place where something is said in a long
// one. (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25
// and Beyond", 2009.) The numbers hold for meetings and for chats alike; see
// infra/measure.
const (
	saturation     = 1.2
	lengthPenalty  = 0.75
	passagePenalty = 0.5
	passageMix     = 0.8 // what the best passages count beside the whole
)

// shares is what the best passages count, one after another: what a
// conversation dwells on is said more than once (decision 0010).
var shares = [...]float64{1, 0.5, 0.25}

// together is what passages count with these scores.
func together(scores []float64) float64 {
	var best [len(shares)]float64
	for _, s := range scores {
		for i := range best {
			if s > best[i] {
				s, best[i] = best[i], s
			}
		}
	}
	sum := 0.0
	for i, share := range shares {
		sum += share * best[i]
	}
	return sum
}

// anyNumber is what passages count together at most, if none scores over 1.
var anyNumber = alike(uint32(len(shares)))

// alike is what so many passages count together that score 1 each.
func alike(passages uint32) float64 {
	sum := 0.0
	for _, share := range shares[:min(passages, uint32(len(shares)))] {
		sum += share
	}
	return sum
}

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

// norms makes the relative length of a text. The greater the averages, the
// less it is.
type norms struct{ whole, passage float64 } // average lengths

func (n norms) ofWhole(length uint32) float64 {
	return 1 - lengthPenalty + lengthPenalty*float64(length)/n.whole
}

func (n norms) ofPassage(length uint32) float64 {
	return 1 - passagePenalty + passagePenalty*float64(length)/n.passage
}

// roundedUp are averages a little above these, the same for all that are
// near, so that what is reckoned with them serves many queries.
func (n norms) roundedUp() norms { return norms{roundUp(n.whole), roundUp(n.passage)} }

func roundUp(average float64) float64 {
	const steps = 16 // between a number and its double
	return math.Exp2(math.Ceil(math.Log2(average)*steps) / steps)
}
