package search

import (
	"math"
	"slices"

	"griot/internal/search/posting"
	"griot/internal/search/segment"
)

// impacts is the list of a term in a segment, made ready for many queries: of
// each conversation the most that the term may count in it, and where its
// entries are. What it counts is a grade, as saturated makes it, in steps and
// rounded up: 100,000 conversations are gone through in a fraction of a
// millisecond.
type impacts struct {
	list            *segment.List
	convs           []uint32
	at              []uint32 // where the entries of each begin, and one more
	weights         []uint8  // at most mostWeight
	whole, passages []uint8  // grades: of the conversation as one text, of its best passages
}

const (
	gradeSteps = 60 // of 1; the greatest grade is (saturation+1)*anyNumber
	mostWeight = math.MaxUint8
)

// readImpacts reads a list. Lengths are those of the conversations as they
// are in this segment; n is not below the averages of any query that asks.
func readImpacts(list *segment.List, lengths []uint32, n norms) (*impacts, error) {
	count := list.Conversations()
	l := &impacts{list: list, convs: make([]uint32, 0, count), at: make([]uint32, 0, count+1)}
	l.weights, l.whole, l.passages = make([]uint8, 0, count), make([]uint8, 0, count), make([]uint8, 0, count)
	err := list.Items(func(item segment.Item, at uint32) {
		l.convs, l.at = append(l.convs, item.Conversation), append(l.at, at)
		l.weights = append(l.weights, uint8(min(item.Weight, mostWeight)))
		whole := saturated(item.Weight, n.ofWhole(lengths[item.Conversation]))
		passage := saturated(item.Most, n.ofPassage(item.Shortest))
		l.whole, l.passages = append(l.whole, grade(whole)), append(l.passages, grade(passage*alike(item.Passages)))
	})
	l.at = append(l.at, list.End())
	return l, err
}

func grade(counts float64) uint8 { return uint8(math.Ceil(counts * gradeSteps)) }

func (l *impacts) size() int64 { return int64(11*len(l.convs)) + l.list.Size() }

// entries appends those of a conversation to dst; none when it has not the
// term.
func (l *impacts) entries(dst []posting.Entry, conv uint32) ([]posting.Entry, error) {
	if i, found := slices.BinarySearch(l.convs, conv); found {
		return l.list.Entries(dst, conv, l.at[i], l.at[i+1])
	}
	return dst, nil
}

// grades is what every grade is worth.
type grades [math.MaxUint8 + 1]float32

func newGrades(worth float64) *grades {
	var g grades
	for i := range g {
		g[i] = float32(worth * float64(i) / gradeSteps)
	}
	return &g
}
