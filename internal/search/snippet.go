package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/search/token"
)

const ellipsis = "…"

// Snippet returns the part of text, at most max characters of it, in which
// the terms of a Hit are densest, cut at words, with "…" where something is
// left out. Terms that occur more than once count less from the second time
// on, so that a part with several of them wins.
func Snippet(text string, terms []string, max int) string {
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD")
	if utf8.RuneCountInString(text) <= max {
		return text
	}
	room := max - 2 // for both ellipses
	if room < 1 {
		return string([]rune(text)[:max])
	}
	marks := marksOf(text, terms)
	first, end := densest(text, marks, room)
	return cut(text, first, end, room)
}

// mark is an occurrence of a term.
type mark struct{ term, start, end int }

func marksOf(text string, terms []string) []mark {
	var marks []mark
	for t := range token.All(text) {
		if n := slices.Index(terms, t.Term); n >= 0 {
			marks = append(marks, mark{n, t.Start, t.End})
		}
	}
	return marks
}

// densest returns the bytes from the first to the last mark of the best part.
func densest(text string, marks []mark, room int) (first, end int) {
	best := 0.0
	for i, m := range marks {
		worth, seen := 0.0, map[int]int{}
		for _, n := range marks[i:] {
			if utf8.RuneCountInString(text[m.start:n.end]) > room {
				break
			}
			worth += 1 / float64(1+4*seen[n.term])
			if seen[n.term]++; worth > best {
				best, first, end = worth, m.start, n.end
			}
		}
	}
	return first, end
}

// cut shows a part with what stands around it, from a word's beginning to a
// word's end, and two thirds of the room behind it.
func cut(text string, first, end, room int) string {
	left := room - utf8.RuneCountInString(text[first:end])
	start := back(text, first, left/3)
	stop := ahead(text, first, room-utf8.RuneCountInString(text[start:first]))
	if stop == len(text) {
		start = back(text, first, room-utf8.RuneCountInString(text[first:]))
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

// back returns the place n characters in front of another.
func back(text string, at, n int) int {
	for ; n > 0 && at > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return at
}

// ahead returns the place n characters behind another.
func ahead(text string, at, n int) int {
	for ; n > 0 && at < len(text); n-- {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return at
}

// wordStart returns the first beginning of a word from a place on, before
// another; the latter if there is none.
func wordStart(text string, at, before int) int {
	if i := strings.IndexFunc(text[at:before], unicode.IsSpace); i >= 0 {
		return at + i
	}
	return before
}

// wordEnd returns the last end of a word up to a place, behind another; the
// place itself if there is none.
func wordEnd(text string, at, behind int) int {
	if r, _ := utf8.DecodeRuneInString(text[at:]); unicode.IsSpace(r) {
		return at
	}
	if i := strings.LastIndexFunc(text[behind:at], unicode.IsSpace); i >= 0 {
		return behind + i
	}
	return at
}
