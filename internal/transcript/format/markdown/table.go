package markdown

import (
	"strings"

	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/table"
	"griot/internal/transcript/format/turn"
)

// isTable reports whether most of what there is to read are the rows of a table
// with columns for the words and for who says them or when.
func isTable(text string) bool {
	t := piped(text)
	return t.rows*10 >= t.lines*6 && table.Table{Rows: t.walk}.Is()
}

// readTable adds the rows of such a table; what stands around it is passed over.
func readTable(text string, out *turn.Collector) {
	t := piped(text)
	table.Table{Rows: t.walk}.Read(out)
	out.Reading.PassedOver += t.lines - t.rows
}

// A pipeTable is the first table of a text; the rows of later ones with as many
// columns belong to it.
type pipeTable struct {
	text  string
	width int
	lines int // that are not blank
	rows  int // of them, rows of tables, and what is under their headers
}

// piped looks for a line of dashes with bars between, below the headers.
func piped(text string) pipeTable {
	t := pipeTable{text: text}
	before := ""
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			return t
		}
		if line = strings.TrimSpace(line); line == "" {
			before = ""
			continue
		}
		t.lines++
		switch n := len(cells(line)); {
		case t.width > 0 && n == t.width:
			t.rows++
		case t.width == 0 && n > 1 && isDashes(line) && len(cells(before)) == n:
			t.width, t.rows = n, 2
		}
		before = line
	}
}

// walk walks over the headers and the rows, whose cells come without markup.
func (t *pipeTable) walk(yield func(int, []string) bool) {
	if t.width == 0 {
		return
	}
	var headers string
	for l := source.NewLines(t.text); ; {
		line, ok := l.Next()
		if !ok {
			return
		}
		line = strings.TrimSpace(line)
		row := cells(line)
		if len(row) != t.width || isDashes(line) || line == headers {
			continue
		}
		if headers == "" {
			headers = line
		}
		for i, cell := range row {
			row[i] = plainCell(cell)
		}
		if !yield(l.No(), row) {
			return
		}
	}
}

// cells cuts a line at its bars, nil without any; a backslash hides one.
func cells(line string) []string {
	if strings.IndexByte(line, '|') < 0 {
		return nil
	}
	line = strings.TrimPrefix(line, "|")
	var row []string
	for {
		i := indexUnescaped(line, "|")
		if i < 0 {
			break
		}
		row = append(row, strings.TrimSpace(line[:i]))
		line = line[i+1:]
	}
	if line = strings.TrimSpace(line); line != "" {
		row = append(row, line)
	}
	return row
}

// isDashes recognises |---|:-:|.
func isDashes(line string) bool {
	return strings.Contains(line, "-") && strings.Trim(line, "|-: \t") == ""
}

// plainCell takes the markup off; a time in brackets stays where it is all.
func plainCell(cell string) string {
	var lines []string
	inline(cell, func(l layout.Line) { lines = append(lines, l.Text) })
	if s := strings.Join(lines, "\n"); s != "" {
		return s
	}
	return strings.ReplaceAll(cell, `\`, "")
}
