package table

import (
	"encoding/csv"
	"errors"
	"io"
	"iter"
	"slices"
	"strings"

	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// IsCSV recognises a table with commas, semicolons or bars between its cells.
func IsCSV(head string) bool { return separatorOf(head, ",;|") != 0 }

// IsTSV recognises a table with tabs between its cells.
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
	f := fileOf(text, sep)
	if f.tooWide() {
		return src.TooLarge()
	}
	if t := (Table{Rows: f.records(), Separator: string(sep)}); t.Read(out) {
		return nil
	}
	return source.NewError(source.UnsupportedFormat, 0, "The file is a table ("+src.Name+") whose columns cannot be told: "+
		"it needs a row of headers with a column for the words, such as Text, and one for who speaks or when, such as Speaker, Start and End.")
}

// separatorOf finds what stands between the cells, 0 where the text is no
// table. Of several, the one whose columns can be told is it.
func separatorOf(head, separators string) byte {
	if len(head) > headLen/2 { // the last line is not whole
		head = head[:strings.LastIndexAny(head, "\r\n")+1]
	}
	maybe := byte(0)
	for i := range len(separators) {
		sep := separators[i]
		f := fileOf(head, sep)
		if strings.IndexByte(f.text, sep) < 0 || f.tooWide() {
			continue
		}
		t := Table{Rows: f.records()}
		rows := t.sample()
		if slices.ContainsFunc(rows, isRule) {
			continue
		}
		if _, ok := columnsOf(rows); ok && (!f.spaced || t.Is()) {
			return sep
		}
		if maybe == 0 && !f.spaced && isTable(rows) {
			maybe = sep
		}
	}
	return maybe
}

// isRule recognises the dashes below the headers of a table in Markdown.
func isRule(cells []string) bool {
	line := strings.Join(cells, "")
	return strings.Contains(line, "--") && strings.Trim(line, "-: \t") == ""
}

// A file is the text of a table.
type file struct {
	text   string
	above  int // lines that were cut off
	sep    byte
	spaced bool // a space follows each separator, as a comma in prose
}

// fileOf cuts the line sep=; off, which Excel reads.
func fileOf(text string, sep byte) file {
	f := file{text: text, sep: sep}
	if rest, ok := strings.CutPrefix(text, "sep="); ok && len(rest) > 1 {
		f.text, f.above = strings.TrimLeft(rest[1:], "\r\n"), 1
	}
	l := source.NewLines(f.text)
	first, _ := l.Next()
	n := strings.Count(first, string(sep))
	f.spaced = sep != '\t' && n > 0 && strings.Count(first, string(sep)+" ") == n
	return f
}

// maxCells bounds the memory that one line can take.
const maxCells = 100_000

func (f file) tooWide() bool {
	for l := source.NewLines(f.text); ; {
		line, ok := l.Next()
		if !ok {
			return false
		}
		if len(line) > maxCells && strings.Count(line, string(f.sep)) > maxCells {
			return true
		}
	}
}

// records walks over the records. encoding/csv reads them, unless it finds
// quotes that it cannot read: then each line is a record. So it is in a text
// with tabs whose lines all have the same number of cells, for the programs that
// write them seldom know of quotes.
func (f file) records() iter.Seq2[int, []string] {
	if f.sep == '\t' && f.uniform() || !f.wellFormed() {
		return f.lines
	}
	return func(yield func(int, []string) bool) {
		r := f.reader()
		for {
			cells, err := r.Read()
			if err != nil {
				return
			}
			line, _ := r.FieldPos(0)
			if !yield(f.above+line, cells) {
				return
			}
		}
	}
}

func (f file) reader() *csv.Reader {
	r := csv.NewReader(strings.NewReader(f.text))
	r.Comma, r.FieldsPerRecord, r.ReuseRecord, r.TrimLeadingSpace = rune(f.sep), -1, true, f.spaced
	return r
}

func (f file) wellFormed() bool {
	r := f.reader()
	for {
		if _, err := r.Read(); err != nil {
			return errors.Is(err, io.EOF)
		}
	}
}

// uniform reports whether every line has as many cells as the first one.
func (f file) uniform() bool {
	width := 0
	for _, cells := range f.lines {
		if width == 0 {
			width = len(cells)
		}
		if len(cells) != width {
			return false
		}
	}
	return width > 1
}

// lines walks over the lines that are not blank.
func (f file) lines(yield func(int, []string) bool) {
	var cells []string
	for l := source.NewLines(f.text); ; {
		line, ok := l.Next()
		if !ok {
			return
		}
		if turn.IsBlank(line) {
			continue
		}
		cells = cutLine(cells[:0], line, f.sep, f.spaced)
		if !yield(f.above+l.No(), cells) {
			return
		}
	}
}

// cutLine cuts a line into cells. A quote that is not closed before a
// separator or the end of the line is a character.
func cutLine(cells []string, line string, sep byte, spaced bool) []string {
	for {
		if spaced {
			line = strings.TrimLeft(line, " ")
		}
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
