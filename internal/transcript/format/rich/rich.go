// Package rich keeps the words of a document with its styles (Word,
// LibreOffice, a web page) as lines for the layouts.
package rich

import (
	"iter"
	"strings"
	"unicode"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/turn"
)

// Text takes the words of a document in their order. Paragraphs and lines
// without any vanish, as does white space around a line.
type Text struct {
	limit int64
	words []byte
	lines []line

	// The line that is being written:
	heading  int
	para     bool
	time     *clock.Mark
	from     int // in words
	boldFrom int // in words: the first bold type of the line, -1 without
	boldTo   int
	closed   bool // what is not bold followed it
}

// A line is a piece of words.
type line struct {
	from, to int
	lead     int
	heading  int
	para     bool
	time     *clock.Mark
}

// New takes at most limit bytes of words.
func New(limit int64) *Text { return &Text{limit: limit, para: true, boldFrom: -1} }

// Over reports whether there were more words or lines than are taken. It is
// for the caller to stop then.
func (t *Text) Over() bool { return int64(len(t.words)) > t.limit || len(t.lines) > turn.MaxPieces }

// Paragraph begins a paragraph.
func (t *Text) Paragraph() {
	t.Break()
	t.para, t.heading = true, 0
}

// Heading says that the paragraph that was begun is a heading, with 0 that it
// is none.
func (t *Text) Heading(level int) { t.heading = level }

// Reset forgets all that was written.
func (t *Text) Reset() { *t = *New(t.limit) }

// Time says when the line that is being written begins, as the markup has it.
// The first one counts.
func (t *Text) Time(m clock.Mark) {
	if t.time == nil {
		t.time = &m
	}
}

// Write adds words to the line; line ends in them begin another one.
func (t *Text) Write(s string, bold bool) {
	for i, part := range strings.Split(s, "\n") {
		if i > 0 {
			t.Break()
		}
		t.write(part, bold)
	}
}

func (t *Text) write(s string, bold bool) {
	if s == "" {
		return
	}
	if strings.TrimSpace(s) != "" {
		switch {
		case bold && t.boldFrom < 0:
			t.boldFrom, t.boldTo = len(t.words), len(t.words)+len(s)
		case bold && !t.closed:
			t.boldTo = len(t.words) + len(s)
		case !bold && t.boldFrom >= 0:
			t.closed = true
		}
	}
	t.words = append(t.words, s...)
}

// Flow adds words whose white space only sets them apart.
func (t *Text) Flow(s string, bold bool) {
	const space = " \t\n\r\f"
	for s != "" {
		n := strings.IndexAny(s, space)
		if n < 0 {
			n = len(s)
		}
		t.write(s[:n], bold)
		if s = s[n:]; s == "" {
			return
		}
		s = strings.TrimLeft(s, space)
		if n := len(t.words); n > t.from && t.words[n-1] != ' ' && t.words[n-1] != '\t' {
			t.words = append(t.words, ' ')
		}
	}
}

// Break begins a line of the same paragraph.
func (t *Text) Break() {
	to := len(t.words)
	whole := string(t.words[t.from:to])
	text := strings.TrimLeftFunc(whole, unicode.IsSpace)
	from := to - len(text)
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	if !turn.IsBlank(text) {
		t.lines = append(t.lines, line{from, from + len(text), t.lead(from, text), t.heading, t.para, t.time})
		t.para, t.time = false, nil
	}
	t.from, t.boldFrom, t.closed = to, -1, false
}

// lead is how many bytes at the front of the line are bold, with a time that
// may stand before them.
func (t *Text) lead(from int, text string) int {
	if t.boldFrom < 0 {
		return 0
	}
	if before := strings.TrimSpace(text[:min(max(0, t.boldFrom-from), len(text))]); before != "" {
		if _, n := clock.Front(before); n != len(before) {
			return 0
		}
	}
	return len(strings.TrimRightFunc(text[:min(t.boldTo-from, len(text))], unicode.IsSpace))
}

// Lines are what was written. Where every line is bold, none of it is set off.
func (t *Text) Lines() iter.Seq[layout.Line] {
	t.Paragraph()
	plain := false
	for _, l := range t.lines {
		plain = plain || l.heading == 0 && l.lead < l.to-l.from
	}
	words := string(t.words)
	return func(yield func(layout.Line) bool) {
		for _, l := range t.lines {
			out := layout.Line{Text: words[l.from:l.to], Heading: l.heading, Para: l.para, Time: l.time}
			if plain {
				out.Lead = l.lead
			}
			if !yield(out) {
				return
			}
		}
	}
}
