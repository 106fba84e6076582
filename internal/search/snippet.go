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
	first, end := densest(marks, room)
	return cut(text, first, end, room)
}

// mark is an occurrence of a term: its bytes, and its characters.
type mark struct{ term, start, end, from, to int }

func marksOf(text string, terms []string) []mark {
	var marks []mark
	bytes, chars := 0, 0 // that were counted
	for t := range token.All(text) {
		n := slices.Index(terms, t.Term)
		if n < 0 {
			continue
		}
		from := chars + utf8.RuneCountInString(text[bytes:t.Start])
		to := from + utf8.RuneCountInString(text[t.Start:t.End])
		marks = append(marks, mark{n, t.Start, t.End, from, to})
		bytes, chars = t.End, to
	}
	return marks
}

// densest returns the bytes from the first to the last mark of the best part.
// Marks enter it and leave it once each, so a text of nothing else is as fast.
func densest(marks []mark, room int) (first, end int) {
	best, worth, seen, oldest := 0.0, 0.0, map[int]int{}, 0
	for i, m := range marks {
		worth += repeated(seen[m.term])
		seen[m.term]++
		for ; oldest <= i && m.to-marks[oldest].from > room; oldest++ {
			seen[marks[oldest].term]--
			worth -= repeated(seen[marks[oldest].term])
		}
		if worth > best+rounding {
			best, first, end = worth, marks[oldest].start, m.end
		}
	}
	return first, end
}

// rounding is more than what adding and subtracting leave behind.
const rounding = 1e-9

// repeated is the worth of a term that was seen so often before.
func repeated(before int) float64 { return 1 / float64(1+4*before) }

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
