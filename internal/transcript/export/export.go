// Package export writes transcripts in the formats that players, editors and
// people read. What it writes, internal/transcript/format reads back to the
// same speakers and words, and the same times as far as the format has them.
package export

import (
	"bufio"
	"io"
	"strings"
	"unicode"

	"griot/internal/transcript"
)

// A Format is one way to write a transcript. Write wants the segments in the
// order of their seq, and answers with an *errs.Error, before it has written
// anything, when they cannot be written so.
type Format struct {
	Name      string // the value of ?format=
	MediaType string
	Write     func(w io.Writer, segments []transcript.Segment) error
}

// Formats are all of them, the preferred one of each media type.
var Formats = []Format{
	{"vtt", "text/vtt", VTT},
	{"srt", "application/x-subrip", SRT},
	{"text", "text/plain", Text},
	{"markdown", "text/markdown", Markdown},
}

// nobody stands where a turn without a name follows turns with one, which
// would otherwise seem to go on.
const nobody = "—"

// Text writes a paragraph of `Name: words` for every segment. It has no times.
func Text(w io.Writer, segments []transcript.Segment) error {
	return paragraphs(w, segments, func(s transcript.Segment, name, words string) string {
		if name == "" {
			return words
		}
		return name + ": " + words
	})
}

// paragraphs writes one line for each segment, and blank lines between them.
func paragraphs(w io.Writer, segments []transcript.Segment, line func(s transcript.Segment, name, words string) string) error {
	out := bufio.NewWriter(w)
	named, sep := false, ""
	for _, s := range segments {
		words := strings.Join(lines(s.Text), " ")
		if words == "" {
			continue
		}
		name := speaker(s)
		named = named || name != ""
		if name == "" && named {
			name = nobody
		}
		out.WriteString(sep + line(s, name, words) + "\n")
		sep = "\n"
	}
	return out.Flush()
}

// speaker is the name on one line, "" without one.
func speaker(s transcript.Segment) string {
	return strings.Join(lines(s.SpeakerName()), " ")
}

// lines are the lines of s that have something on them. Control characters,
// which no format can carry, end a line like a line break.
func lines(s string) []string {
	parts := strings.FieldsFunc(strings.ToValidUTF8(s, "\uFFFD"), func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' || r == '\u2028' || r == '\u2029'
	})
	kept := parts[:0]
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			kept = append(kept, p)
		}
	}
	return kept
}
