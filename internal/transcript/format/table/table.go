// Package table reads transcripts whose structure is columns: CSV and TSV as
// editors, engines and tools of research export them, and tables in Markdown.
//
// What the columns are is told by their headers, which are known in a dozen
// languages, and by their content where they are not: words are long, times
// rise, names come again. A row is one segment. Without a column of speakers
// the words go to the layouts, for names may stand in them.
package table

import (
	"html"
	"iter"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// A Table is rows of cells; those above the headers and the headers are among
// them.
type Table struct {
	// Rows walks over the rows with the line on which each begins. It is walked
	// more than once; the cells of a row hold until the next one.
	Rows iter.Seq2[int, []string]
	// Separator stands between cells. A row that has more cells than the header
	// has its words torn apart where they are last.
	Separator string
}

// sampled is how many rows tell what the columns are.
const sampled = 200

// Read adds the turns of a table; false where its columns cannot be told.
func (t Table) Read(out *turn.Collector) bool {
	c, ok := columnsOf(t.sample())
	if !ok {
		return false
	}
	r := reader{Table: t, columns: c, out: out}
	r.timing = timingOf(c)
	switch {
	case c.at[from] >= 0 && turn.AreWords(c.texts):
		r.joined()
	case c.at[who] >= 0:
		r.turns(out.Add)
		out.Reading.Layout = "table"
	default:
		r.layout()
	}
	out.Reading.PassedOver += c.above
	if r.ofDay {
		out.Warn(transcript.TimesOfDay, 0, "The file has times of day; the times of the transcript count from the first of them.")
	}
	return true
}

// Is reports whether headers tell the columns of a table, words and something
// else.
func (t Table) Is() bool {
	c, ok := columnsOf(t.sample())
	return ok && c.known() > 1
}

func (t Table) sample() [][]string {
	var rows [][]string
	for _, cells := range t.Rows {
		if rows = append(rows, append([]string(nil), cells...)); len(rows) == sampled {
			break
		}
	}
	return rows
}

// A reader makes turns of the rows.
type reader struct {
	Table
	columns
	timing
	out *turn.Collector
}

// A row is what the columns that are read have in a line.
type row struct {
	who, role  string
	start, end *int64
	words      string
}

// data walks over the rows below the headers.
func (r *reader) data(yield func(row) bool) {
	n := 0
	r.wall = clock.Wall{}
	for line, cells := range r.Rows {
		if n++; n <= r.header {
			continue
		}
		d := row{who: name(r.cell(cells, who)), role: name(r.cell(cells, role)), words: r.words(cells)}
		if d.who != "" {
			d.who = r.numbered + d.who
		}
		d.start, d.end = r.times(line, cells)
		if !yield(d) {
			return
		}
	}
}

func (r *reader) cell(cells []string, role int) string {
	if i := r.at[role]; i >= 0 && i < len(cells) {
		return cells[i]
	}
	return ""
}

// words are the text of a row. Commas that should have been in quotes have
// made several cells of it; a line with one cell only goes on with a text.
func (r *reader) words(cells []string) string {
	i := r.at[text]
	switch {
	case i == r.width-1 && len(cells) > r.width:
		return unescape(strings.Join(cells[i:], r.Separator))
	case i >= len(cells):
		if len(cells) == 1 && r.width > 1 {
			return unescape(cells[0])
		}
		return ""
	}
	return unescape(cells[i])
}

var lineBreaks = strings.NewReplacer("<br>", "\n", "<br/>", "\n", "<br />", "\n")

func unescape(s string) string {
	if strings.IndexByte(s, '<') >= 0 {
		s = lineBreaks.Replace(s)
	}
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(s)
	}
	return s
}

// name reads a cell with a name; tables of programs have NaN and the like in
// cells that are empty.
func name(s string) string {
	s = label.Clean(strings.TrimSuffix(label.Trim(unescape(s)), ":"))
	switch s {
	case "NaN", "nan", "NA", "N/A", "n/a", "null", "NULL", "None", "none", "undefined":
		return ""
	}
	if label.IsNobody(s) || turn.IsBlank(s) {
		return ""
	}
	return s
}

// joined adds the turns of a table that has a row for each word.
func (r *reader) joined() {
	words := turn.NewWords(r.out.Add)
	r.turns(words.Add)
	words.Flush()
	r.out.Reading.Layout = "table"
}

// turns makes a turn of each row. Where a name stands only in the row in which
// it changes, it holds until the next.
func (r *reader) turns(add func(transcript.Turn)) {
	last := ""
	for d := range r.data {
		switch {
		case label.IsBlankAudio(label.Trim(d.words)):
			r.out.Reading.PassedOver++
			continue
		case d.who != "":
			last = d.who
		case r.onChange:
			d.who = last
		}
		add(transcript.Turn{Speaker: d.who, Role: d.role, StartMS: d.start, EndMS: d.end, Text: d.words})
	}
}

// layout gives the words to the layouts.
func (r *reader) layout() {
	timed := r.at[from] >= 0
	file := layout.File{Cues: timed, Paragraphs: true, Known: r.out.Hint.Speakers, Lines: func(yield func(layout.Line) bool) {
		for d := range r.data {
			para := true
			for line := range strings.SplitSeq(d.words, "\n") {
				if turn.IsBlank(line) {
					continue
				}
				l := layout.Line{Text: line, Para: para}
				if timed {
					l.Time = &clock.Mark{Start: -1, End: d.end}
					if d.start != nil {
						l.Time.Start = *d.start
					}
				}
				if !yield(l) {
					return
				}
				para = false
			}
		}
	}}
	layout.Read(file, r.out)
	if r.out.Reading.Layout == "prose" {
		r.out.Reading.Layout = "table"
	}
}
