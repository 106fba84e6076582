package rich

// Tables makes a line of each row of a table, its cells set apart by tabs; what
// a cell has below its first line stands on lines below. A table of one column
// only frames its text. Of tables in tables the outer one has the rows.
type Tables struct {
	open    int
	columns int  // of the outer one, that it says it has; 0 where it does not
	cells   int  // of the row that are begun
	fresh   bool // nothing stands in the cell yet
}

// Begin opens a table.
func (t *Tables) Begin() {
	if t.open++; t.open == 1 {
		t.columns = 0
	}
}

// Column counts a column that the table says it has.
func (t *Tables) Column() {
	if t.open == 1 {
		t.columns++
	}
}

// Row begins a row.
func (t *Tables) Row(text *Text) {
	if t.open == 1 && t.columns != 1 {
		text.beginRow()
		t.cells, t.fresh = 0, true
	}
}

// Cell begins a cell.
func (t *Tables) Cell(text *Text) {
	if t.open > 1 || t.columns == 1 {
		return
	}
	if t.cells++; t.cells > 1 {
		text.words = append(text.words, '\t')
	}
	t.fresh = true
}

// Paragraph begins a paragraph, in a table or outside of one.
func (t *Tables) Paragraph(text *Text) {
	switch {
	case t.open == 0 || t.columns == 1:
		text.Paragraph()
	case t.fresh:
	case t.cells < t.columns: // a name and its time
		text.Write(" ", false)
	default:
		text.Break()
	}
	t.fresh = false
}

// EndParagraph ends a paragraph of HTML; in a cell more may follow it.
func (t *Tables) EndParagraph(text *Text) {
	if t.open == 0 || t.columns == 1 {
		text.Paragraph()
	}
}

// End closes a table.
func (t *Tables) End(text *Text) {
	t.open = max(0, t.open-1)
	if t.open == 0 {
		text.Paragraph()
		text.endRow()
	}
}
