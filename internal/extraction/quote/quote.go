// Package quote finds where in a transcript a quote stands that somebody else
// wrote down: a model that has read it. The words must be there, in their
// order; how they are spelt between the letters need not.
package quote

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

// Text is a transcript, ready to be looked through.
type Text struct {
	segs     []transcript.Segment
	words    []word
	at       map[string][]int // a folded word, or what it is without a possessive's s: where in words it stands
	speakers map[string]bool  // their folded names
}

// word is one word of a segment, or one character of a script without spaces.
type word struct {
	seg        int // index of the segment
	start, end int // bytes of its text
	text       string
	owner      string // "ana" of "Ana's"; "" if it has no such s
}

const (
	// near is how many segments a quote may stand away from the line that is
	// named with it.
	near = 3
	// telling is how many words a quote has that may stand anywhere, if it
	// stands only once.
	telling = 4
	// mostPieces a quote has between its gaps.
	mostPieces = 8
	// longestLabel is how many words the name of a speaker has, at most, that
	// is taken out of a quote.
	longestLabel = 6
)

// NewText takes the segments in seq order.
func NewText(segs []transcript.Segment) *Text {
	t := &Text{segs: segs, at: map[string][]int{}, speakers: map[string]bool{}}
	for i, seg := range segs {
		if name := seg.SpeakerName(); name != "" {
			t.speakers[strings.Join(folded(name), " ")] = true
		}
		for w := range split(seg.Text) {
			w.seg = i
			t.at[w.text] = append(t.at[w.text], len(t.words))
			if w.owner != "" {
				t.at[w.owner] = append(t.at[w.owner], len(t.words))
			}
			t.words = append(t.words, w)
		}
	}
	return t
}

// Find returns the evidence of a quote that is said to begin in the segment
// seq: a piece for each segment that it stands in, with the bytes as they are
// there. White space, case, punctuation, typographic variants and the numbers
// of lines among the words ("[12]") are passed over, and the names of speakers
// before what they say ("Ana:") if it does not stand with them; an ellipsis
// stands for a gap, and of such a quote each side has its own piece. It may
// begin up to three segments away from seq, and anywhere if it has four words
// and stands only once; what follows a gap, that far from what is before it.
func (t *Text) Find(seq int64, quote string) ([]extraction.Evidence, bool) {
	found, ok := t.find(seq, quote)
	if bare := t.withoutLabels(quote); !ok && bare != quote {
		return t.find(seq, bare)
	}
	return found, ok
}

// withoutLabels takes the names of speakers out of a quote, as they stand in
// the lines of a request.
func (t *Text) withoutLabels(quote string) string {
	var b strings.Builder
	for {
		before, rest, label := strings.Cut(quote, ":")
		if !label {
			b.WriteString(quote)
			return b.String()
		}
		b.WriteString(before[:t.label(before)])
		b.WriteByte(' ')
		quote = rest
	}
}

// label is where the longest name of a speaker begins that a text ends with;
// its length if it ends with none.
func (t *Text) label(text string) int {
	at := len(text)
	words := slices.Collect(split(text))
	for n := 1; n <= min(longestLabel, len(words)); n++ {
		first := words[len(words)-n].start
		if t.speakers[strings.Join(folded(text[first:]), " ")] {
			at = first
		}
	}
	return at
}

func (t *Text) find(seq int64, quote string) (found []extraction.Evidence, ok bool) {
	pieces := piecesOf(quote)
	if len(pieces) > mostPieces {
		return nil, false
	}
	at := make([]int, len(pieces))
	after := 0 // the words that pieces behind a gap must follow
	for i, words := range pieces {
		if at[i], ok = t.locate(seq, words, after); !ok {
			return nil, false
		}
		after = at[i] + len(words)
		seq = t.segs[t.words[after-1].seg].Seq
	}
	for i := len(pieces) - 2; i >= 0; i-- { // no gap is wider than it must be
		at[i] = t.latest(pieces[i], at[i], at[i+1])
	}
	for i, words := range pieces {
		found = append(found, t.evidence(at[i], at[i]+len(words))...)
	}
	return found, len(found) > 0
}

// piecesOf are the words of a quote, apart where it has a gap.
func piecesOf(quote string) (pieces [][]string) {
	for piece := range strings.SplitSeq(gaps.Replace(lineNumber().ReplaceAllString(quote, " ")), "…") {
		if words := folded(piece); len(words) > 0 {
			pieces = append(pieces, words)
		}
	}
	return pieces
}

// latest is the last place of words that begin at word from or later and end
// before the word end; they stand at from.
func (t *Text) latest(words []string, from, end int) int {
	last := from
	for _, i := range t.at[words[0]] {
		if i > last && i+len(words) <= end && t.stands(i, words) {
			last = i
		}
	}
	return last
}

// lineNumber is that of a line, as models copy it with the words.
var lineNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\[\d+\]`) })

// gaps are the ways to write that words were left out.
var gaps = strings.NewReplacer("[...]", "…", "[…]", "…", "...", "…", ". . .", "…")

// locate returns where in t.words the words stand, nearest to the segment seq
// and not before the word after: first among the segments near to it.
func (t *Text) locate(seq int64, words []string, after int) (at int, ok bool) {
	all := t.at[words[0]]
	from, _ := slices.BinarySearch(all, after)
	all = all[from:]
	first := sort.Search(len(all), func(k int) bool { return t.segs[t.words[all[k]].seg].Seq >= seq-near })
	best := -1
	for _, i := range all[first:] {
		if t.segs[t.words[i].seg].Seq > seq+near {
			break
		}
		if (best < 0 || t.away(i, seq) < t.away(best, seq)) && t.stands(i, words) {
			best = i
		}
	}
	if best >= 0 || len(words) < telling {
		return best, best >= 0
	}
	for k, i := range all {
		if k == mostLooks {
			return 0, false
		}
		if t.stands(i, words) {
			if best >= 0 { // more than once
				return 0, false
			}
			best = i
		}
	}
	return best, best >= 0
}

// mostLooks is how often a word may stand that words are looked for by. What
// begins with a commoner one is found near its line only.
const mostLooks = 20_000

func (t *Text) stands(i int, words []string) bool {
	if i+len(words) > len(t.words) {
		return false
	}
	for k, w := range words {
		if t.words[i+k].text != w {
			return false
		}
	}
	return true
}

// named reports whether a name stands at word i, alone or with a possessive's s.
func (t *Text) named(i int, words []string) bool {
	last := len(words) - 1
	if i+last >= len(t.words) || last > 0 && !t.stands(i, words[:last]) {
		return false
	}
	w := t.words[i+last]
	return w.text == words[last] || w.owner == words[last]
}

func (t *Text) away(i int, seq int64) int64 {
	return max(t.segs[t.words[i].seg].Seq-seq, seq-t.segs[t.words[i].seg].Seq)
}

// evidence is the text from word i up to word end, cut at segments.
func (t *Text) evidence(i, end int) (pieces []extraction.Evidence) {
	for i < end {
		first, last := t.words[i], t.words[i]
		for i < end && t.words[i].seg == first.seg {
			last = t.words[i]
			i++
		}
		seg := t.segs[first.seg]
		pieces = append(pieces, extraction.Evidence{Seq: seg.Seq, At: first.start, Quote: seg.Text[first.start:last.end]})
	}
	return pieces
}

// First returns the first place where one of the names stands, the longest of
// them if there are several; nil if there is none.
func (t *Text) First(names ...string) []extraction.Evidence {
	for _, words := range patterns(names) {
		for _, i := range t.at[words[0]] {
			if t.named(i, words) {
				return t.evidence(i, i+len(words))[:1]
			}
		}
	}
	return nil
}

// Has reports whether a name stands in the text. It looks where the rarest of
// its words stands.
func (t *Text) Has(name string) bool {
	words := folded(name)
	if len(words) == 0 {
		return false
	}
	rarest := 0
	for k, w := range words {
		if len(t.at[w]) < len(t.at[words[rarest]]) {
			rarest = k
		}
	}
	places := t.at[words[rarest]]
	return slices.ContainsFunc(places[:min(len(places), mostLooks)], func(i int) bool { return i >= rarest && t.named(i-rarest, words) })
}

// Count returns how often one of the names stands in the text, the longest
// first: "Ana Ruiz" is one mention, not one of Ana, too.
func (t *Text) Count(names ...string) int {
	taken, n := map[int]bool{}, 0
	for _, words := range patterns(names) {
		for _, i := range t.at[words[0]] {
			if !t.named(i, words) || taken[i] || taken[i+len(words)-1] {
				continue
			}
			n++
			for k := range words {
				taken[i+k] = true
			}
		}
	}
	return n
}
