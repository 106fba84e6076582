// Package word takes the words out of .docx files, as Word, Teams and Google
// Docs write them, for the layouts to read.
package word

import (
	"encoding/xml"
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

// isWord is true for the two namespaces that Word's elements are in, and for
// its prefix where a file declares none.
func isWord(name xml.Name) bool {
	return name.Space == "w" || strings.HasSuffix(name.Space, "/wordprocessingml/2006/main") || strings.HasSuffix(name.Space, "/ooxml/wordprocessingml/main")
}
