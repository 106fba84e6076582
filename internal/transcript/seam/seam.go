// Package seam joins what was written down of the overlapping parts of one
// recording.
package seam

import (
	"strings"
	"unicode"

	"griot/internal/transcript"
)

// word is a piece of a turn, and when it was said: exactly where the turn is
// one word, else in proportion to where it stands.
type word struct {
	turn       int
	from, to   int // bytes of the turn's text
	start, end int64
	key        string // what is compared
}

func (w word) middle() int64 { return w.start + (w.end-w.start)/2 }

const (
	// near is how far apart in time the same word may be in two parts, since
	// times of words are guessed from those of turns.
	near = 2500 // ms
	// alone is that of a word whose neighbours differ.
	alone = 400 // ms
	// half is at what distance in time a run counts half.
	half = 500 // ms
	// most is how many words of an overlap are compared.
	most = 256
	// longest is what the halves of a turn are put together to, in bytes.
	longest = 2000
)

// Join returns the turns of a recording up to the end of a part: before are
// those up to the part's beginning and somewhat further, part are its own. All
// times are of the recording; the seam lies in the middle of what overlaps. In
// the overlap both have the same words, more or less: up to the one nearest to
// the seam that both have it is as before, from there on as in part. Where
// they agree in none, a word belongs to the side of the seam that its middle
// is on. Turns without times follow each other. Neither slice is changed.
func Join(before, part []transcript.Turn, seam int64) []transcript.Turn {
	if len(before) == 0 || len(part) == 0 || !timed(before) || !timed(part) {
		return append(before[:len(before):len(before)], part...)
	}
	head := words(part, 0, func(w word) bool { return w.start <= lastEnd(before)+near })
	first := len(before)
	for first > 0 && end(before[first-1]) > *part[0].StartMS-near {
		first--
	}
	tail := words(before, first, func(word) bool { return true })
	if len(tail) > most {
		tail = tail[len(tail)-most:]
	}
	head = head[:min(len(head), most)]
	i, j, agreed := meet(tail, head, seam)
	if !agreed {
		i, j = split(tail, seam), split(head, seam)
	}
	kept, left := upTo(before, tail, i)
	rest, cutPart := behind(part, head, j)
	if len(rest) == 0 {
		return kept
	}
	if len(kept) == 0 {
		return rest
	}
	last, next := &kept[len(kept)-1], rest[0]
	if agreed && cutPart && last.Speaker == next.Speaker && last.Role == next.Role && len(last.Text)+len(next.Text) < longest {
		last.Text = last.Text + left + next.Text
		last.EndMS = later(last.EndMS, next.EndMS)
		rest = rest[1:]
	} else if cutPart { // a guessed time
		rest[0].StartMS = later(next.StartMS, last.StartMS)
		rest[0].EndMS = later(next.EndMS, rest[0].StartMS)
	}
	return append(kept, rest...)
}

func timed(turns []transcript.Turn) bool {
	for _, t := range turns {
		if t.StartMS == nil {
			return false
		}
	}
	return true
}

func end(t transcript.Turn) int64 {
	if t.EndMS != nil {
		return max(*t.StartMS, *t.EndMS)
	}
	return *t.StartMS
}

func lastEnd(turns []transcript.Turn) (last int64) {
	for _, t := range turns[max(0, len(turns)-most):] {
		last = max(last, end(t))
	}
	return last
}

func later(a, b *int64) *int64 {
	if a == nil || b != nil && *b > *a {
		a = b
	}
	return a
}

// words divides turns from one on, as long as they are wanted.
func words(turns []transcript.Turn, from int, wanted func(word) bool) (all []word) {
	for i, t := range turns[from:] {
		start, long := *t.StartMS, end(t)-*t.StartMS
		at := func(offset int) int64 { return start + long*int64(offset)/int64(max(1, len(t.Text))) }
		for _, span := range spans(t.Text) {
			w := word{from + i, span[0], span[1], at(span[0]), at(span[1]), key(t.Text[span[0]:span[1]])}
			if !wanted(w) {
				return all
			}
			all = append(all, w)
		}
	}
	return all
}

// spans are the words of a text: what stands between spaces, and single
// characters in scripts that write none.
func spans(s string) (all [][2]int) {
	from := -1
	for i, r := range s {
		switch {
		case unicode.IsSpace(r):
			if from >= 0 {
				all = append(all, [2]int{from, i})
			}
			from = -1
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
			if from >= 0 {
				all = append(all, [2]int{from, i})
			}
			from = i
		case from < 0:
			from = i
		}
	}
	if from >= 0 {
		all = append(all, [2]int{from, len(s)})
	}
	return all
}

// key is a word without what two hearings of it may differ in.
func key(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return r
		}
		return -1
	}, s))
}

// meet finds a run of words that both have at about the same time, and in it the
// word nearest to the seam: tail counts up to it, and head from the next one
// on. A long run counts for more than a short one, and less the further its
// times are apart: the same words may be said again and again.
func meet(tail, head []word, seam int64) (i, j int, ok bool) {
	runs := make([][]int, len(tail)+1) // how many words agree from there on
	runs[len(tail)] = make([]int, len(head)+1)
	best, most := 0, 0.0
	for a := len(tail) - 1; a >= 0; a-- {
		runs[a] = make([]int, len(head)+1)
		for b := len(head) - 1; b >= 0; b-- {
			apart := distance(tail[a].middle(), head[b].middle())
			if tail[a].key == "" || tail[a].key != head[b].key || apart > near {
				continue
			}
			n := runs[a+1][b+1] + 1
			runs[a][b] = n
			if n == 1 && apart > alone {
				continue
			}
			if weight := (float64(n) - 0.5) / (1 + float64(apart)/half); weight > most {
				best, most, i, j = n, weight, a, b
			}
		}
	}
	if best == 0 {
		return 0, 0, false
	}
	k := 0
	for n := range best {
		if distance(tail[i+n].middle(), seam) < distance(tail[i+k].middle(), seam) {
			k = n
		}
	}
	return i + k + 1, j + k + 1, true
}

func distance(a, b int64) int64 { return max(a-b, b-a) }

// split counts the words before the seam.
func split(words []word, seam int64) (n int) {
	for n < len(words) && words[n].middle() < seam {
		n++
	}
	return n
}

// upTo returns the turns before the n-th word, and the space behind the last
// of them.
func upTo(turns []transcript.Turn, words []word, n int) (kept []transcript.Turn, left string) {
	if n == len(words) {
		return append(kept, turns...), " "
	}
	next := words[n]
	kept = append(kept, turns[:next.turn]...)
	t := turns[next.turn]
	text := strings.TrimRightFunc(t.Text[:next.from], unicode.IsSpace)
	if text == "" {
		return kept, " "
	}
	left = t.Text[len(text):next.from]
	stop := next.start
	t.Text, t.EndMS = text, &stop
	return append(kept, t), left
}

// behind returns the turns from the n-th word on; cut is true if the first of
// them is not whole.
func behind(turns []transcript.Turn, words []word, n int) (rest []transcript.Turn, cut bool) {
	if n == 0 {
		return append(rest, turns...), false
	}
	last := words[n-1]
	t := turns[last.turn]
	text := strings.TrimLeftFunc(t.Text[last.to:], unicode.IsSpace)
	if text != "" {
		start := last.end
		t.Text, t.StartMS = text, &start
		rest, cut = append(rest, t), true
	}
	return append(rest, turns[last.turn+1:]...), cut
}
