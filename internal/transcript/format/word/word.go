// Package word takes the words out of .docx files, as Word, Teams and Google
// Docs write them, for the layouts to read.
package word

import (
	"encoding/xml"
	"io"
	"path"
	"strings"

	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/pack"
	"griot/internal/transcript/format/rich"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// Is recognises the parts of a document.
func Is(a *pack.Archive) bool {
	if !a.Has("[Content_Types].xml") {
		return false
	}
	for _, name := range a.Files() {
		if strings.HasPrefix(name, "word/") {
			return true
		}
	}
	return false
}

// Parse reads the main part: paragraphs with their headings, bold type, tabs
// and line breaks, and the rows of tables. What was deleted, is hidden, or
// stands in notes, headers and comments is not of the text.
func Parse(a *pack.Archive, src *source.Source, out *turn.Collector) error {
	main, err := mainPart(a, src)
	if err != nil {
		return err
	}
	if !a.Has(main) {
		return source.NewError(source.UnsupportedFormat, 0, "The file is a Word document (.docx) without its text; save it again in Word and upload that.")
	}
	b := body{src: src, text: rich.New(src.Limit)}
	if b.styles, err = readStyles(a.Part(path.Join(path.Dir(main), "styles.xml")), src); err != nil {
		return err
	}
	if err := markup.Walk(a.Part(main), src, markup.Handler{Start: b.start, End: b.end, Text: b.chars}); err != nil {
		return err
	}
	b.text.Read(out)
	return nil
}

// mainPart finds the part that has the text: not everywhere has it the name
// that Word gives it.
func mainPart(a *pack.Archive, src *source.Source) (string, error) {
	main := "word/document.xml"
	err := markup.Walk(a.Part("_rels/.rels"), src, markup.Handler{Start: func(e xml.StartElement) error {
		if e.Name.Local == "Relationship" && strings.HasSuffix(markup.Attr(e, "Type"), "/officeDocument") {
			main = strings.TrimPrefix(path.Clean(markup.Attr(e, "Target")), "/")
		}
		return nil
	}})
	return main, err
}

// isWord recognises the two namespaces that Word's elements are in, and for
// its prefix where a file declares none.
func isWord(name xml.Name) bool {
	return name.Space == "w" || strings.HasSuffix(name.Space, "/wordprocessingml/2006/main") || strings.HasSuffix(name.Space, "/ooxml/wordprocessingml/main")
}

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

// A style is what a paragraph or a run has that names it.
type style struct {
	basedOn  string
	heading  int
	bold     bool
	contents bool // it is for a line of the table of contents
}

const (
	maxStyles = 10_000
	maxBased  = 10 // styles that are based on one another
)

// readStyles reads the styles by their ids. Their names are Word's English
// ones in every language, their ids are not.
func readStyles(r io.Reader, src *source.Source) (map[string]style, error) {
	styles := map[string]style{}
	var id string
	var s style
	err := markup.Walk(r, src, markup.Handler{
		Start: func(e xml.StartElement) error {
			switch {
			case !isWord(e.Name):
			case e.Name.Local == "style":
				id, s = markup.Attr(e, "styleId"), style{}
			case e.Name.Local == "name":
				name := strings.ToLower(markup.Attr(e, "val"))
				s.heading = max(s.heading, headingOf(name))
				s.contents = strings.HasPrefix(name, "toc ")
			case e.Name.Local == "basedOn":
				s.basedOn = markup.Attr(e, "val")
			case e.Name.Local == "outlineLvl":
				s.heading = outlineLevel(e)
			case e.Name.Local == "b":
				s.bold = isOn(e)
			}
			return nil
		},
		End: func(name xml.Name) error {
			if isWord(name) && name.Local == "style" && len(styles) < maxStyles {
				styles[id] = s
			}
			return nil
		},
	})
	return styles, err
}

// headingOf is the level of a heading by the name or the id of its style.
func headingOf(name string) int {
	switch name {
	case "title":
		return 1
	case "subtitle":
		return 2
	}
	level := strings.TrimPrefix(strings.TrimPrefix(name, "heading"), " ")
	if level != name && len(level) == 1 && level[0] >= '1' && level[0] <= '9' {
		return int(level[0] - '0')
	}
	return 0
}

// outlineLevel counts from 0, and its 9 is the text.
func outlineLevel(e xml.StartElement) int {
	if v := markup.Attr(e, "val"); len(v) == 1 && v[0] >= '0' && v[0] < '9' {
		return int(v[0]-'0') + 1
	}
	return 0
}

// isOn reads the value of an element such as w:b, which may switch it off.
func isOn(e xml.StartElement) bool {
	switch markup.Attr(e, "val") {
	case "0", "false", "off", "none":
		return false
	}
	return true
}

// resolve follows a style to those that it is based on.
func resolve(styles map[string]style, id string) style {
	var all style
	if _, ok := styles[id]; !ok {
		return style{heading: headingOf(strings.ToLower(id))}
	}
	for range maxBased {
		s, ok := styles[id]
		if !ok {
			break
		}
		if all.heading == 0 {
			all.heading = s.heading
		}
		all.bold = all.bold || s.bold
		all.contents = all.contents || s.contents
		id = s.basedOn
	}
	return all
}
