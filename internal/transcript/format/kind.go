package format

import (
	"unicode"
	"unicode/utf8"

	"griot/internal/media"
	"griot/internal/transcript"
	"griot/internal/transcript/format/caption"
	"griot/internal/transcript/format/charset"
	"griot/internal/transcript/format/pack"
)

// Kind names what a file is: a transcript of one of these kinds, or a recording
// of one of [media.Kind]'s. The zero Kind is neither.
type Kind string

// Transcripts, which [Parse] reads.
const (
	VTT      Kind = "vtt"
	SRT      Kind = "srt"
	TTML     Kind = "ttml"
	SBV      Kind = "sbv"
	ASS      Kind = "ass"
	LRC      Kind = "lrc"
	MicroDVD Kind = "microdvd"
	MPL2     Kind = "mpl2"
	TextGrid Kind = "textgrid"
	JSON     Kind = "json"
	CSV      Kind = "csv"
	TSV      Kind = "tsv"
	DOCX     Kind = "docx"
	ODT      Kind = "odt"
	HTML     Kind = "html"
	XML      Kind = "xml"
	Markdown Kind = "markdown"
	Text     Kind = "text"
)

// Transcript reports whether [Parse] reads files of this kind.
func (k Kind) Transcript() bool { return transcript.FormatTitle(string(k)) != "" }

// tagged recognises text whose tags would be taken for words if it were read
// as anything else.
func (k Kind) tagged() bool { return k == TTML || k == ODT || k == HTML || k == XML }

// Recording reports whether the file is sound or film.
func (k Kind) Recording() bool { return k != "" && !k.Transcript() }

// String returns the name of a transcript format as people write it.
func (k Kind) String() string {
	if title := transcript.FormatTitle(string(k)); title != "" {
		return title
	}
	return string(k)
}

// SniffLen is how much of a file [Sniff] wants to see; it never needs more.
const SniffLen = 32 << 10

// Sniff tells what a file is from its first bytes, [SniffLen] of them or all.
// What is in an archive shows only when it is opened.
func Sniff(head []byte) Kind {
	head = head[:min(len(head), SniffLen)]
	if k := media.Sniff(head); k != "" {
		return Kind(k)
	}
	if pack.IsZip(head) || pack.IsGzip(head) || foreignOf(head) != nil {
		return ""
	}
	text := charset.Head(head)
	if caption.IsVTT(text) { // the one format that allows NUL
		return VTT
	}
	if isBinary(text) {
		return ""
	}
	for _, f := range readers {
		if f.sniff(text) {
			return f.kind
		}
	}
	return ""
}

// isBinary finds NUL, many control characters, or more broken UTF-8 than a
// text in an old 8-bit encoding of a Latin script would show.
func isBinary(text string) bool {
	control, broken, runes := 0, 0, 0
	for _, r := range text {
		runes++
		switch {
		case r == 0:
			return true
		case r == utf8.RuneError:
			broken++
		case unicode.IsControl(r) && !unicode.IsSpace(r):
			control++
		}
	}
	return control*50 > runes || broken*4 > runes
}
