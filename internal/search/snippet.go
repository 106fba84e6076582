package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/search/token"
)

const ellipsis = "…"

// Snippet returns the part of a text, of at most max characters, in which the
// terms of a Hit are densest. It is cut between words, with "…" where text is
// left out. Repeated occurrences of a term count less than the first, so that a
// part with several terms wins.
func Snippet(text string, terms []string, max int) string {
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
	if utf8.RuneCountInString(text) <= max {
		return text
	}
	width := max - 2 // both ellipses take one
	if width < 1 {
		return string([]rune(text)[:max])
	}
	first, end := densest(occurrences(text, terms), width)
	return excerpt(text, first, end, width)
}

// occurrence is a term in a text: by number, its bytes, and its characters.
type occurrence struct{ term, start, end, from, to int }

func occurrences(text string, terms []string) []occurrence {
	var found []occurrence
	bytes, chars := 0, 0 // counted so far
	for t := range token.All(text) {
		n := slices.Index(terms, t.Term)
		if n < 0 {
			continue
		}
		from := chars + utf8.RuneCountInString(text[bytes:t.Start]) // what stands for several words comes before them
		to := from + utf8.RuneCountInString(text[t.Start:t.End])
		found = append(found, occurrence{n, t.Start, t.End, from, to})
		bytes, chars = t.Start, from
	}
	return found
}

// densest returns the bytes of the best part, from its first occurrence to its
// last. A window slides over the occurrences: each enters it and leaves it
// once, so the time is linear in a text of nothing else, too.
func densest(found []occurrence, width int) (first, end int) {
	best, score, inside, oldest := 0.0, 0.0, map[int]int{}, 0
	for i, o := range found {
		score += weight(inside[o.term])
		inside[o.term]++
		for ; oldest <= i && o.to-found[oldest].from > width; oldest++ {
			inside[found[oldest].term]--
			score -= weight(inside[found[oldest].term])
		}
		if score > best+rounding {
			best, first, end = score, found[oldest].start, o.end
		}
	}
	return first, end
}

// rounding is more than what adding and subtracting weights leaves of a sum.
const rounding = 1e-9

// weight is what an occurrence counts beside earlier ones of the same term.
func weight(earlier int) float64 { return 1 / float64(1+4*earlier) }

// excerpt returns a part with the text around it, a third of that before it,
// from the beginning of a word to the end of one.
func excerpt(text string, first, end, width int) string {
	left := width - utf8.RuneCountInString(text[first:end])
	start := back(text, first, left/3)
	stop := ahead(text, first, width-utf8.RuneCountInString(text[start:first]))
	if stop == len(text) {
		start = back(text, first, width-utf8.RuneCountInString(text[first:]))
	}
	if start > 0 {
		start = wordStart(text, start, first)
	}
	if stop < len(text) {
		stop = wordEnd(text, stop, max(end, start))
	}
	out := strings.TrimSpace(text[start:stop])
	if start > 0 {
		out = ellipsis + out
	}
	if stop < len(text) {
		out += ellipsis
	}
	return out
}

// back returns the place n characters before at, or the text's beginning.
func back(text string, at, n int) int {
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}

// ahead returns the place n characters after at, or the text's end.
func ahead(text string, at, n int) int {
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// wordStart returns the first place between words from at on, or before if that
// comes first.
func wordStart(text string, at, before int) int {
	if i := strings.IndexFunc(text[at:before], unicode.IsSpace); i >= 0 {
		return at + i
	}
	return before
}

// wordEnd returns the last place between words after after and up to at, or at
// if there is none.
func wordEnd(text string, at, after int) int {
	if r, _ := utf8.DecodeRuneInString(text[at:]); unicode.IsSpace(r) {
		return at
	}
	if i := strings.LastIndexFunc(text[after:at], unicode.IsSpace); i >= 0 {
		return after + i
	}
	return at
}
