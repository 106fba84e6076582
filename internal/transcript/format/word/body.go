package word

import (
	"encoding/xml"

	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/rich"
	"griot/internal/transcript/format/source"
)

// body takes the elements of the main part.
type body struct {
	src    *source.Source
	styles map[string]style
	text   *rich.Text
	tables rich.Tables

	paragraph  style
	properties int  // elements of properties that are open
	run        bool // a run is open
	bold       bool // the run is
	hidden     bool
	words      bool // w:t is open
}

// leftOut is what was deleted or moved away, the reading of characters, the
// second of two ways to draw a thing, and what is no text.
var leftOut = map[string]bool{
	"del": true, "moveFrom": true, "rt": true, "Fallback": true, "instrText": true, "sdtPr": true, "sectPr": true, "tblPr": true, "trPr": true, "tcPr": true,
}

func (b *body) start(e xml.StartElement) error {
	if leftOut[e.Name.Local] {
		return markup.ErrSkip
	}
	if !isWord(e.Name) {
		return nil
	}
	switch e.Name.Local {
	case "p":
		b.tables.Paragraph(b.text)
		b.paragraph = style{}
	case "pPr", "rPr":
		b.properties++
	case "pStyle":
		b.paragraph = resolve(b.styles, markup.Attr(e, "val"))
		b.text.Heading(b.paragraph.heading)
	case "outlineLvl":
		b.text.Heading(outlineLevel(e))
	case "r":
		b.run, b.bold, b.hidden = true, b.paragraph.bold, false
	case "rStyle":
		b.bold = b.bold || b.run && resolve(b.styles, markup.Attr(e, "val")).bold
	case "b":
		b.bold = isOn(e)
	case "vanish":
		b.hidden = b.run && isOn(e)
	case "t":
		b.words = true
	case "gridCol":
		b.tables.Column()
	case "tbl":
		b.tables.Begin()
	case "tr":
		b.tables.Row(b.text)
	case "tc":
		b.tables.Cell(b.text)
	default:
		b.sign(e.Name.Local)
	}
	return nil
}

// sign takes an element that stands for a character.
func (b *body) sign(name string) {
	if !b.run || b.properties > 0 || b.hidden || b.paragraph.contents {
		return
	}
	switch name {
	case "tab", "ptab":
		b.text.Write("\t", b.bold)
	case "br", "cr":
		b.text.Break()
	case "noBreakHyphen":
		b.text.Write("-", b.bold)
	}
}

func (b *body) end(name xml.Name) error {
	if !isWord(name) {
		return nil
	}
	switch name.Local {
	case "pPr", "rPr":
		b.properties--
	case "r":
		b.run = false
	case "t":
		b.words = false
	case "tbl":
		b.tables.End(b.text)
	}
	return nil
}

func (b *body) chars(s string) error {
	if b.words && !b.hidden && !b.paragraph.contents {
		b.text.Write(s, b.bold)
	}
	if b.text.Over() {
		return b.src.TooLarge()
	}
	return nil
}
