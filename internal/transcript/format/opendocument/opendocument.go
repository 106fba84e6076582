// Package opendocument takes the words out of .odt files, as LibreOffice
// writes them, for the layouts to read.
package opendocument

import (
	"io"
	"strings"

	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/pack"
	"griot/internal/transcript/format/rich"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

const mediaType = "application/vnd.oasis.opendocument."

// Is recognises documents of every kind, so that those without words can be
// refused by name.
func Is(a *pack.Archive) bool {
	return strings.HasPrefix(mediaTypeOf(a), mediaType) || a.Has("content.xml") && a.Has("META-INF/manifest.xml")
}

func mediaTypeOf(a *pack.Archive) string {
	b, err := io.ReadAll(io.LimitReader(a.Part("mimetype"), 100))
	if err != nil {
		return ""
	}
	return string(b)
}

// Parse reads the text: paragraphs with their headings, bold type, tabs and
// line breaks, and the rows of tables.
func Parse(a *pack.Archive, src *source.Source, out *turn.Collector) error {
	kind, _ := strings.CutPrefix(mediaTypeOf(a), mediaType)
	switch {
	case strings.HasPrefix(kind, "spreadsheet"):
		return source.NewError(source.UnsupportedFormat, 0, "The file is an OpenDocument spreadsheet (.ods). Save the sheet with the transcript as CSV and upload that.")
	case kind != "" && !strings.HasPrefix(kind, "text"):
		return source.NewError(source.UnsupportedFormat, 0, "The file is an OpenDocument presentation, drawing or the like, as LibreOffice writes it. Upload the transcript as a text document (.odt) or plain text.")
	case !a.Has("content.xml"):
		return source.NewError(source.UnsupportedFormat, 0, "The file is an OpenDocument text (.odt) without its text; save it again in LibreOffice and upload that.")
	}
	b := newBody(src)
	if err := markup.Walk(io.LimitReader(a.Part("META-INF/manifest.xml"), maxManifest), src, markup.Handler{Start: b.manifest}); err != nil {
		return err
	}
	for _, part := range []string{"styles.xml", "content.xml"} {
		if err := b.read(a.Part(part)); err != nil {
			return err
		}
	}
	b.text.Read(out)
	return nil
}

const maxManifest = 1 << 20

// IsFlat recognises a document that is one file of XML (.fodt).
func IsFlat(head string) bool {
	i := strings.Index(head, "<office:document ")
	return i >= 0 && strings.HasPrefix(strings.TrimSpace(head), "<") && strings.Contains(head[i:], mediaType+"text")
}

// ParseFlat reads such a document.
func ParseFlat(src *source.Source, out *turn.Collector) error {
	b := newBody(src)
	if err := b.read(src.R); err != nil {
		return err
	}
	b.text.Read(out)
	return nil
}

func newBody(src *source.Source) *body {
	return &body{src: src, styles: map[string]style{}, text: rich.New(src.Limit)}
}
