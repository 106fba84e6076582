// Package format reads transcripts out of files. What a file is gets decided
// by its content, never by its name; one ordered list says who may look first.
package format

import (
	"errors"
	"io"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/caption"
	"griot/internal/transcript/format/charset"
	"griot/internal/transcript/format/engine"
	"griot/internal/transcript/format/markdown"
	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/opendocument"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/table"
	"griot/internal/transcript/format/tier"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/format/webpage"
)

// MaxText is the most bytes of text that griot takes in one transcript
// (contract E).
const MaxText = 10 << 20

// Failure codes of contract E that reading a file can end in.
const (
	UnsupportedFormat = source.UnsupportedFormat
	ParseError        = source.ParseError
	EmptyTranscript   = source.EmptyTranscript
	TooLarge          = source.TooLarge
)

// Error says why a file is no transcript.
type Error = source.Error

// Parsed is what a file holds.
type Parsed struct {
	Format     string // the Kind that read it
	Reading    transcript.Reading
	Language   string            // BCP 47, "" when the file names none
	DurationMS *int64            // of the recording, when the file states it
	Turns      []transcript.Turn // in file order, at least one
}

// A reader is one format: whether a file looks like it by the beginning of its
// text, and how to read it.
type reader struct {
	kind  Kind
	sniff func(head string) bool
	parse func(src *source.Source, out *turn.Collector) error
}

// readers are asked in this order; the last one takes any text. A new one is
// its package, its [Kind], its row here and one in [transcript.Formats]. What
// is an archive has its row in [documents].
var readers = []reader{
	{VTT, caption.IsVTT, caption.VTT},
	{SRT, caption.IsSRT, caption.SRT},
	{TTML, caption.IsTTML, caption.TTML},
	{SBV, caption.IsSBV, caption.SBV},
	{ASS, caption.IsASS, caption.ASS},
	{LRC, caption.IsLRC, caption.LRC},
	{MicroDVD, caption.IsMicroDVD, caption.MicroDVD},
	{MPL2, caption.IsMPL2, caption.MPL2},
	{TextGrid, tier.IsTextGrid, tier.TextGrid},
	{JSON, engine.Is, engine.Parse},
	{CSV, table.IsCSV, table.CSV},
	{TSV, table.IsTSV, table.TSV},
	{ODT, opendocument.IsFlat, opendocument.ParseFlat},
	{HTML, webpage.Is, webpage.Parse},
	{XML, isXML, caption.XML},
	{Markdown, markdown.Is, markdown.Parse},
	{Text, func(string) bool { return true }, parseText},
}

// isXML leaves Markdown alone that begins with a tag of HTML.
func isXML(head string) bool {
	return caption.IsXML(head) && (!webpage.IsElement(markup.Root(head)) || strings.HasPrefix(head, "<?xml"))
}

// Parse reads a transcript of at most limit bytes of text; a file is never
// read further than is needed to know that it holds more. What is wrong with
// the file comes as *Error, what is wrong with r as any other error.
//
// Every turn is one segment of contract E: its text is one line, not blank,
// at most [transcript.MaxSegmentRunes] characters; times are not negative and
// an end is later than its start.
func Parse(r io.Reader, limit int64, hint transcript.Hint) (Parsed, error) {
	p, err := parse(r, limit, hint)
	var broken *Error
	if errors.As(err, &broken) { // also what came out of an archive as an error of its reader
		return Parsed{}, broken
	}
	return p, err
}

func parse(r io.Reader, limit int64, hint transcript.Hint) (Parsed, error) {
	f, err := open(r, limit)
	if err != nil {
		return Parsed{}, err
	}
	if f.document != nil {
		return f.document.read(nil, limit, hint)
	}
	kind := Sniff(f.head)
	if k := Kind(hint.Format); kind.Transcript() && !kind.tagged() && k != ODT && readerOf(k) != nil {
		kind = k
	}
	if read := readerOf(kind); read != nil {
		return read.decode(charset.NewReader(f.br, f.head, source.MaxMarkup*limit), limit, hint)
	}
	return Parsed{}, f.unsupported(kind)
}

// readerOf returns nil for what is no text.
func readerOf(kind Kind) *reader {
	for i := range readers {
		if readers[i].kind == kind {
			return &readers[i]
		}
	}
	return nil
}

// decode reads a file of text in any encoding, and says which it was.
func (f reader) decode(text *charset.Reader, limit int64, hint transcript.Hint) (Parsed, error) {
	p, err := f.read(text, limit, hint)
	if err != nil {
		return Parsed{}, err
	}
	p.Reading.Encoding = text.Encoding()
	if note := text.Note(); note != "" {
		p.Reading.Warnings = append(p.Reading.Warnings, transcript.Warning{Code: transcript.EncodingGuessed, Message: note})
	}
	return p, nil
}

func (f reader) read(r io.Reader, limit int64, hint transcript.Hint) (Parsed, error) {
	src := &source.Source{R: r, Name: f.kind.String(), Limit: limit}
	out := turn.NewCollector(limit, turn.MaxPieces)
	out.Hint = hint
	err := f.parse(src, out)
	if err == nil && out.Over() {
		err = src.TooLarge()
	}
	if err == nil && len(out.Turns) == 0 {
		err = source.NewError(EmptyTranscript, 0, "The file was read as "+src.Name+" and has no words in it.")
	}
	if err != nil {
		return Parsed{}, err
	}
	if out.Language == "" {
		out.SetLanguage(hint.Language)
	}
	out.Reading.Format, out.Reading.Encoding = transcript.Container(f.kind), charset.UTF8
	out.Settle()
	return Parsed{string(f.kind), out.Reading, out.Language, out.DurationMS, out.Turns}, nil
}
