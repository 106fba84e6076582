// Package rich keeps the words of a document with its styles (Word,
// LibreOffice, a web page) as lines for the layouts, or as the rows of a table.
package rich

import (
	"iter"
	"strings"
	"unicode"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/table"
	"griot/internal/transcript/format/turn"
)

// Text takes the words of a document in their order. Paragraphs and lines
// without any vanish, as does white space around a line.
type Text struct {
	limit int64
	words []byte // lines end with \n in it, cells with \t
	lines []line
	rows  [][2]int // of tables, in words
	row   int      // where the row that is being written begins, -1 without

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

// New takes the words of a text of at most limit bytes, and the names and times
// that are not counted as text.
func New(limit int64) *Text { return &Text{limit: limit, para: true, row: -1, boldFrom: -1} }

// Over reports whether there were more words or lines than are taken. It is
// for the caller to stop then.
func (t *Text) Over() bool { return int64(len(t.words)) > 2*t.limit || len(t.lines) > turn.MaxPieces }

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
	if t.row >= 0 { // a tab sets the cells apart
		s = strings.ReplaceAll(s, "\t", " ")
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
	if to == t.from {
		return
	}
	whole := string(t.words[t.from:to])
	text := strings.TrimLeftFunc(whole, unicode.IsSpace)
	from := to - len(text)
	text = strings.TrimRightFunc(text, unicode.IsSpace)
	if !turn.IsBlank(text) {
		t.lines = append(t.lines, line{from, from + len(text), t.lead(from, text), t.heading, t.para, t.time})
		t.para, t.time = false, nil
	}
	t.words = append(t.words, '\n')
	t.from, t.boldFrom, t.closed = len(t.words), -1, false
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

// Read adds the turns of what was written: those of its tables where most of
// it is one, and else what the layouts make of the lines.
func (t *Text) Read(out *turn.Collector) {
	t.Paragraph()
	t.endRow()
	inRows := 0
	for _, r := range t.rows {
		inRows += r[1] - r[0]
	}
	if len(t.rows) > 1 && inRows*2 > len(t.words) && (table.Table{Rows: t.cells(), Separator: "\t"}).Read(out) {
		return
	}
	layout.Read(layout.File{Lines: t.lineSeq(), Known: out.Hint.Speakers}, out)
}

// cells walks over the rows of the tables.
func (t *Text) cells() iter.Seq2[int, []string] {
	words := string(t.words)
	return func(yield func(int, []string) bool) {
		for i, r := range t.rows {
			cells := strings.Split(words[r[0]:r[1]], "\t")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			if !yield(i+1, cells) {
				return
			}
		}
	}
}

// beginRow begins a row of a table.
func (t *Text) beginRow() {
	t.Paragraph()
	t.endRow()
	t.row = len(t.words)
}

// endRow ends the row that was begun, if there is one and it has words.
func (t *Text) endRow() {
	if t.row >= 0 && strings.TrimSpace(string(t.words[t.row:])) != "" {
		t.rows = append(t.rows, [2]int{t.row, len(t.words)})
	}
	t.row = -1
}

// lineSeq walks over the lines. Where every one is bold, none of it is set off.
func (t *Text) lineSeq() iter.Seq[layout.Line] {
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
