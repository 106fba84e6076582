package rank

import "math"

// The parameters of the ranking. They hold for meetings and for chats alike;
// decision 0010 has the measurements, infra/measure repeats them.
const (
	// k1 is how soon further occurrences of a term stop to count: the usual
	// value (Robertson and Zaragoza 2009, section 3.3). From 0.9 to 1.6 nothing
	// changes.
	k1 = 1.2
	// b is how much a conversation's length counts against it: the usual value,
	// as before; 0.6 is as good.
	b = 0.75
	// passageB is b of passages. They are about equally long, and those that
	// are short are often questions or answers, which say much in few words.
	passageB = 0.5
	// passageShare is what the best passages count beside the conversation as a
	// whole (decision 0010).
	passageShare = 0.8
)

// bestShares is what the best passages count, one after another: what a
// conversation dwells on is said more than once (decision 0010).
var bestShares = [...]float64{1, 0.5, 0.25}

// shareSum is what n passages count together that score 1 each.
func shareSum(n uint32) float64 {
	sum := 0.0
	for _, share := range bestShares[:min(n, uint32(len(bestShares)))] {
		sum += share
	}
	return sum
}

// maxShareSum is shareSum of any number of passages, at most.
const maxShareSum = 1 + 0.5 + 0.25

// bestPassages is what passages with these scores count together.
func bestPassages(scores []float64) float64 {
	var best [len(bestShares)]float64
	for _, s := range scores {
		for i := range best {
			if s > best[i] {
				s, best[i] = best[i], s
			}
		}
	}
	sum := 0.0
	for i, share := range bestShares {
		sum += share * best[i]
	}
	return sum
}

// idf is the inverse document frequency of a term that df of n texts have. It
// is above 0 for every term, also in a workspace of one conversation.
func idf(n, df int) float64 {
	return math.Log1p((float64(max(n, df)-df) + 0.5) / (float64(df) + 0.5))
}

// tf is what a term counts, before its idf, that occurs weight times in a text
// of this norm: less than k1+1, the more the greater weight and the less norm.
func tf(weight uint32, norm float64) float64 {
	w := float64(weight)
	return w * (k1 + 1) / (w + k1*norm)
}

// averages are the average lengths of conversations and of passages. A norm is
// what makes long texts count less: it is 1 for those of average length.
type averages struct{ whole, passage float64 }

func (a averages) wholeNorm(length uint32) float64 { return 1 - b + b*float64(length)/a.whole }
func (a averages) passageNorm(length uint32) float64 {
	return 1 - passageB + passageB*float64(length)/a.passage
}

// roundedUp are averages a little above these, the same for all that are near.
// Norms by them are not greater, so that bounds by them hold for many queries.
func (a averages) roundedUp() averages { return averages{roundUp(a.whole), roundUp(a.passage)} }

func roundUp(average float64) float64 {
	const steps = 16 // between a number and its double
	return math.Exp2(math.Ceil(math.Log2(average)*steps) / steps)
}
