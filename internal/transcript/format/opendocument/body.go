package opendocument

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"

	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/rich"
	"griot/internal/transcript/format/source"
)

// A style is what a paragraph or a piece of text has that names it.
type style struct {
	heading int
	bold    bool
	hidden  bool
}

const maxStyles = 10_000

// body takes the elements of a document.
type body struct {
	src    *source.Source
	styles map[string]style // by family and name
	text   *rich.Text
	tables rich.Tables

	styling string  // the style that is being read
	inText  bool    // the body has begun
	open    []style // of the paragraph and the spans that are open
}

// leftOut is what stands in the text and is not of it.
var leftOut = map[string]bool{
	"note": true, "annotation": true, "tracked-changes": true, "table-of-content": true, "alphabetical-index": true, "illustration-index": true,
	"table-index": true, "object-index": true, "user-index": true, "bibliography": true, "ruby-text": true, "forms": true, "sequence-decls": true,
	"variable-decls": true, "user-field-decls": true, "desc": true, "title": true, "hidden-text": true, "scripts": true, "settings": true, "meta": true,
	"master-styles": true, "object": true, "binary-data": true, "event-listeners": true,
}

// is reports whether a name is of one of OpenDocument's own namespaces, as
// "text" or "table"; prefixes that were not declared count, too.
func is(name xml.Name, space string) bool {
	return name.Space == space || strings.HasSuffix(name.Space, ":xmlns:"+space+":1.0")
}

func (b *body) read(r io.Reader) error {
	return markup.Walk(r, b.src, markup.Handler{Start: b.start, End: b.end, Text: b.chars})
}

// manifest refuses a document whose parts are encrypted.
func (b *body) manifest(e xml.StartElement) error {
	if e.Name.Local == "encryption-data" {
		return source.NewError(source.UnsupportedFormat, 0, "The file is an OpenDocument text (.odt) with a password; save it without one and upload that.")
	}
	return nil
}

func (b *body) start(e xml.StartElement) error {
	switch {
	case leftOut[e.Name.Local]:
		return markup.ErrSkip
	case is(e.Name, "office"):
		b.inText = b.inText || e.Name.Local == "text"
	case is(e.Name, "style"):
		b.style(e)
	case !b.inText:
	case is(e.Name, "table"):
		b.table(e)
	case is(e.Name, "text"):
		b.element(e)
	}
	return nil
}

// style reads what a style says, and takes what it does not say from the one
// that it is based on, which stands before it.
func (b *body) style(e xml.StartElement) {
	switch e.Name.Local {
	case "style", "default-style":
		family := markup.Attr(e, "family") + " "
		s := b.styles[family+markup.Attr(e, "parent-style-name")]
		for _, name := range []string{markup.Attr(e, "name"), markup.Attr(e, "parent-style-name")} {
			if name == "Title" || name == "Subtitle" {
				s.heading = 1
			}
		}
		if n, err := strconv.Atoi(markup.Attr(e, "default-outline-level")); err == nil {
			s.heading = n
		}
		b.styling = family + markup.Attr(e, "name")
		b.keep(s)
	case "text-properties":
		s := b.styles[b.styling]
		if w := markup.Attr(e, "font-weight"); w != "" {
			s.bold = w == "bold" || len(w) == 3 && w >= "600"
		}
		if markup.Attr(e, "display") == "none" {
			s.hidden = true
		}
		b.keep(s)
	}
}

func (b *body) keep(s style) {
	if _, known := b.styles[b.styling]; known || len(b.styles) < maxStyles {
		b.styles[b.styling] = s
	}
}

func (b *body) table(e xml.StartElement) {
	switch e.Name.Local {
	case "table":
		b.tables.Begin()
	case "table-column":
		n, _ := strconv.Atoi(markup.Attr(e, "number-columns-repeated")) // none is one
		for range max(1, min(n, maxColumns)) {
			b.tables.Column()
		}
	case "table-row":
		b.tables.Row(b.text)
	case "table-cell":
		b.tables.Cell(b.text)
	}
}

const maxColumns = 100

func (b *body) element(e xml.StartElement) {
	switch e.Name.Local {
	case "p", "h":
		b.tables.Paragraph(b.text)
		s := b.styles["paragraph "+markup.Attr(e, "style-name")]
		if n, err := strconv.Atoi(markup.Attr(e, "outline-level")); err == nil && e.Name.Local == "h" {
			s.heading = n
		}
		b.text.Heading(s.heading)
		b.open = append(b.open, s)
	case "span":
		s := b.styles["text "+markup.Attr(e, "style-name")]
		above := b.now()
		b.open = append(b.open, style{bold: s.bold || above.bold, hidden: s.hidden || above.hidden})
	case "s":
		n, _ := strconv.Atoi(markup.Attr(e, "c"))
		b.sign(strings.Repeat(" ", max(1, min(n, maxSpaces))))
	case "tab":
		b.sign("\t")
	case "line-break":
		b.sign("\n")
	}
}

const maxSpaces = 100

func (b *body) now() style {
	if len(b.open) == 0 {
		return style{hidden: true}
	}
	return b.open[len(b.open)-1]
}

// sign writes a character that an element stands for.
func (b *body) sign(s string) {
	if now := b.now(); !now.hidden {
		b.text.Write(s, now.bold)
	}
}

func (b *body) end(name xml.Name) error {
	switch {
	case !b.inText:
	case is(name, "table") && name.Local == "table":
		b.tables.End(b.text)
	case is(name, "text") && (name.Local == "p" || name.Local == "h" || name.Local == "span") && len(b.open) > 0:
		b.open = b.open[:len(b.open)-1]
	}
	return nil
}

func (b *body) chars(s string) error {
	if now := b.now(); b.inText && !now.hidden {
		b.text.Flow(s, now.bold)
	}
	if b.text.Over() {
		return b.src.TooLarge()
	}
	return nil
}
