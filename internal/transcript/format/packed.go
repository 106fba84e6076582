package format

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/opendocument"
	"griot/internal/transcript/format/pack"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/format/word"
)

// A document is a format whose files are zip archives.
type document struct {
	kind  Kind
	is    func(a *pack.Archive) bool
	parse func(a *pack.Archive, src *source.Source, out *turn.Collector) error
}

// documents are those that are read. A new one is its package, its [Kind], its
// row here and one in [transcript.Formats].
var documents = []document{
	{DOCX, word.Is, word.Parse},
	{ODT, opendocument.Is, opendocument.Parse},
}

// strangeArchives are documents that are not read, by an entry that they have.
var strangeArchives = []struct{ entry, is, do string }{
	{"xl/workbook.xml", "an Excel workbook (.xlsx)", "Save the sheet with the transcript as CSV and upload that."},
	{"xl/workbook.bin", "an Excel workbook (.xlsb)", "Save the sheet with the transcript as CSV and upload that."},
	{"ppt/presentation.xml", "a PowerPoint presentation (.pptx)", writeIt},
	{"OEBPS/content.opf", "an e-book (EPUB)", writeIt},
	{"META-INF/container.xml", "an e-book (EPUB)", writeIt},
	{"Index/Document.iwa", "a document of Pages, Numbers or Keynote", "Export it as Word (.docx) or plain text and upload that."},
	{"AndroidManifest.xml", "a program", writeIt},
	{"META-INF/MANIFEST.MF", "a program", writeIt},
}

// file is a file that was taken out of what it was packed in.
type file struct {
	br       *bufio.Reader
	head     []byte
	in       string  // what it was packed in, for messages
	document *reader // of an archive that is a document
}

// open looks at a file, and into gzip or zip if that is what it is: into one
// of them, as what is packed twice may be made to grow without end.
func open(r io.Reader, limit int64) (file, error) {
	f, err := look(r, "")
	if err != nil {
		return f, err
	}
	if pack.IsGzip(f.head) {
		if f, err = look(pack.Gunzip(f.br, limit), "a gzip file"); err != nil {
			return f, err
		}
	}
	if pack.IsZip(f.head) {
		if f, err = f.unzip(limit); err != nil {
			return f, err
		}
	}
	if f.in != "" && (pack.IsGzip(f.head) || pack.IsZip(f.head) && f.document == nil) {
		return f, source.NewError(UnsupportedFormat, 0, "The file is compressed more than once (gzip or zip in "+f.in+"). "+unpackIt)
	}
	return f, nil
}

func look(r io.Reader, in string) (file, error) {
	br := bufio.NewReaderSize(r, SniffLen)
	head, err := br.Peek(SniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return file{}, fmt.Errorf("reading the head of the file: %w", err)
	}
	return file{br: br, head: head, in: in}, nil
}

// unzip opens a document, or the one file of another archive, which may be a
// document, too.
func (f file) unzip(limit int64) (file, error) {
	a, err := pack.Open(f.br, limit)
	if err != nil {
		return f, err
	}
	if f.document = documentOf(a); f.document != nil {
		return f, nil
	}
	for _, s := range strangeArchives {
		if a.Has(s.entry) {
			return f, source.NewError(UnsupportedFormat, 0, "The file is "+s.is+". "+s.do)
		}
	}
	if f.in != "" {
		return f, nil
	}
	files := a.Files()
	if len(files) != 1 {
		return f, source.NewError(UnsupportedFormat, 0, fmt.Sprintf("The file is a zip archive of %d files. Unpack it and upload each transcript by itself.", len(files)))
	}
	inner, err := look(a.Part(files[0]), "a zip archive")
	if err == nil && pack.IsZip(inner.head) {
		return inner.unzip(limit)
	}
	return inner, err
}

// documentOf returns the reader of an archive that is a document, or nil.
func documentOf(a *pack.Archive) *reader {
	for _, d := range documents {
		if d.is(a) {
			return &reader{kind: d.kind, parse: func(src *source.Source, out *turn.Collector) error { return d.parse(a, src, out) }}
		}
	}
	return nil
}

// unsupported says what a file is that is not read, and what to do.
func (f file) unsupported(kind Kind) *Error {
	if kind.Recording() && f.in != "" {
		return source.NewError(UnsupportedFormat, 0, "The file is a recording ("+string(kind)+") in "+f.in+". Unpack it and upload the recording.")
	}
	if kind.Recording() {
		return source.NewError(UnsupportedFormat, 0, "The file is a recording ("+string(kind)+") and has no text to read.")
	}
	if s := foreignOf(f.head); s != nil {
		return source.NewError(UnsupportedFormat, 0, "The file is "+s.is+". "+s.do)
	}
	var titles []string
	for _, f := range transcript.Formats {
		titles = append(titles, f.Title)
	}
	return source.NewError(UnsupportedFormat, 0,
		"The file is neither a transcript ("+strings.Join(titles, ", ")+") nor a recording that griot knows.")
}
