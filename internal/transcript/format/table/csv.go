package table

import (
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"strings"

	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// IsCSV is true for a table with commas, semicolons or bars between its cells.
func IsCSV(head string) bool { return separatorOf(head, ",;|") != 0 }

// IsTSV is true for a table with tabs between its cells.
func IsTSV(head string) bool { return separatorOf(head, "\t") != 0 }

// CSV reads a table with commas, semicolons or bars between its cells.
func CSV(src *source.Source, out *turn.Collector) error { return read(src, out, ",;|") }

// TSV reads a table with tabs between its cells.
func TSV(src *source.Source, out *turn.Collector) error { return read(src, out, "\t") }

// headLen is how much of a file is looked at.
const headLen = 32 << 10

func read(src *source.Source, out *turn.Collector, separators string) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	sep := separatorOf(text[:min(len(text), headLen)], separators)
	if sep == 0 {
		sep = separators[0]
	}
	body, skipped := cutPragma(text)
	if tooWide(body, sep) {
		return src.TooLarge()
	}
	if t := (Table{Rows: records(body, skipped, sep), Separator: string(sep)}); t.Read(out) {
		return nil
	}
	return source.NewError(source.UnsupportedFormat, 0, "The file is a table ("+src.Name+") whose columns cannot be told: "+
		"it needs a row of headers with a column for the words, such as Text, and one for who speaks or when, such as Speaker, Start and End.")
}

// separatorOf finds what stands between the cells, 0 where the text is no
// table. Of several, the one whose columns can be told is it.
func separatorOf(head, separators string) byte {
	head, _ = cutPragma(head)
	if len(head) > headLen/2 { // the last line is not whole
		head = head[:strings.LastIndexAny(head, "\r\n")+1]
	}
	maybe := byte(0)
	for i := range len(separators) {
		sep := separators[i]
		if strings.IndexByte(head, sep) < 0 || tooWide(head, sep) {
			continue
		}
		rows := Table{Rows: records(head, 0, sep)}.sample()
		if _, ok := columnsOf(rows); ok {
			return sep
		}
		if maybe == 0 && isTable(rows) {
			maybe = sep
		}
	}
	return maybe
}

// cutPragma cuts the line sep=; which Excel reads.
func cutPragma(text string) (body string, lines int) {
	if rest, ok := strings.CutPrefix(text, "sep="); ok && len(rest) > 1 {
		return strings.TrimLeft(rest[1:], "\r\n"), 1
	}
	return text, 0
}

// maxCells bounds the memory that one line can take.
const maxCells = 100_000

func tooWide(text string, sep byte) bool {
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			return false
		}
		if len(line) > maxCells && strings.Count(line, string(sep)) > maxCells {
			return true
		}
	}
}

// records walks over the records of a text that begins after some lines.
// encoding/csv reads it, unless it finds quotes that it cannot read: then each
// line is a record. So it is in a text with tabs whose lines all have the same
// number of cells, for the programs that write them seldom know of quotes.
func records(text string, skipped int, sep byte) iter.Seq2[int, []string] {
	if !(sep == '\t' && uniform(text, sep)) && wellFormed(text, sep) {
		return func(yield func(int, []string) bool) {
			r := newReader(text, sep)
			for {
				cells, err := r.Read()
				if err != nil {
					return
				}
				line, _ := r.FieldPos(0)
				if !yield(skipped+line, cells) {
					return
				}
			}
		}
	}
	return func(yield func(int, []string) bool) {
		var cells []string
		for l := source.NewLines(text); ; {
			line, ok := l.Next()
			if !ok {
				return
			}
			if turn.IsBlank(line) {
				continue
			}
			cells = cutLine(cells[:0], line, sep)
			if !yield(skipped+l.No(), cells) {
				return
			}
		}
	}
}

func newReader(text string, sep byte) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord = rune(sep), -1, true
	return r
}

func wellFormed(text string, sep byte) bool {
	r := newReader(text, sep)
	for {
		if _, err := r.Read(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// uniform is true where every line has as many cells as the first one.
func uniform(text string, sep byte) bool {
	width := 0
	var cells []string
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			return width > 1
		}
		if turn.IsBlank(line) {
			continue
		}
		cells = cutLine(cells[:0], line, sep)
		if width == 0 {
			width = len(cells)
		}
		if len(cells) != width {
			return false
		}
	}
}

// cutLine cuts a line into cells. A quote that is not closed before a
// separator or the end of the line is a character.
func cutLine(cells []string, line string, sep byte) []string {
	for {
		if cell, rest, ok := cutQuoted(line, sep); ok {
			if cells = append(cells, cell); rest == "" {
				return cells
			}
			line = rest[1:]
			continue
		}
		cell, rest, ok := strings.Cut(line, string(sep))
		cells = append(cells, cell)
		if !ok {
			return cells
		}
		line = rest
	}
}

// cutQuoted reads a cell in quotes; what follows begins with the separator.
func cutQuoted(s string, sep byte) (cell, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", s, false
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 == len(s) || s[i+1] == sep {
			return strings.ReplaceAll(s[1:i], `""`, `"`), s[i+1:], true
		}
		if s[i+1] != '"' {
			return "", s, false
		}
		i++
	}
	return "", s, false
}
