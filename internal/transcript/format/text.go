package format

import (
	"html"
	"strings"

	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// parseText hands the lines of plain text to the layouts as they are, but for
// character references, which text from the web has, and the numbers at the
// margin of a court's pages.
func parseText(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	numbered, pages := hasMargin(text)
	if numbered {
		out.Reading.PassedOver += pages
	}
	layout.Read(layout.File{Lines: func(yield func(layout.Line) bool) {
		l, blank, m := source.NewLines(text), true, margin{}
		for {
			line, ok := l.Next()
			if !ok {
				return
			}
			if numbered {
				if cut, ok := m.cut(line); ok {
					line = cut
				} else if isPageNumber(line) {
					line = ""
				}
			}
			if turn.IsBlank(line) {
				blank = true
				continue
			}
			if strings.IndexByte(line, '&') >= 0 {
				line = html.UnescapeString(line)
			}
			if !yield(layout.Line{Text: line, Para: blank}) {
				return
			}
			blank = false
		}
	}, Known: out.Hint.Speakers}, out)
	return nil
}
