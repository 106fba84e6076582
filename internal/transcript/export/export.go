// Package export writes transcripts in the formats that players, editors and
// people read. What it writes, internal/transcript/format reads back to the
// same speakers and words, and the same times as far as the format has them.
package export

import (
	"bufio"
	"html"
	"io"
	"strings"
	"unicode"

	"griot/internal/transcript"
	"griot/internal/transcript/label"
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

// Text writes a paragraph of `Name: words` for every segment. It has no times.
func Text(w io.Writer, segments []transcript.Segment) error {
	return paragraphs(w, segments, label.IsPlain, func(_ transcript.Segment, name, words string) string {
		if name == "" {
			return textEscape(words)
		}
		return textEscape(name) + ": " + label.Words(textEscape(words))
	})
}

// textEscape hides what would be read as a character reference, or as a time
// of Markdown.
func textEscape(s string) string {
	if strings.IndexByte(s, '&') >= 0 && html.UnescapeString(s) != s {
		s = strings.ReplaceAll(s, "&", "&amp;")
	}
	return strings.ReplaceAll(s, `\[`, "&#92;[")
}

// paragraphs writes one line for each segment, and blank lines between them.
// Words that are plain need no name before them.
func paragraphs(w io.Writer, segments []transcript.Segment, plain func(words string) bool, line func(s transcript.Segment, name, words string) string) error {
	out := bufio.NewWriter(w)
	names, sep := namesOf(segments, plain), ""
	for _, s := range segments {
		words := strings.Join(lines(s.Text), " ")
		if words == "" {
			continue
		}
		out.WriteString(sep + line(s, names.write(speaker(s)), words) + "\n")
		sep = "\n"
	}
	return out.Flush()
}

// names says how the names of a transcript are written before a colon.
type names struct {
	needed bool // every turn has one, of nobody if there is none
	again  map[string]bool
	alike  map[string]int // how many names a fold has
}

// namesOf finds that names are needed where there are some, and where words
// could be taken for a name and words.
func namesOf(segments []transcript.Segment, plain func(words string) bool) names {
	n := names{again: map[string]bool{}, alike: map[string]int{}}
	count, repeats := map[string]int{}, 0
	for _, s := range segments {
		name := speaker(s)
		if name != "" {
			count[name]++
			n.needed = true
		} else if words := strings.Join(lines(s.Text), " "); !n.needed && words != "" && !plain(words) {
			n.needed = true
		}
	}
	for _, c := range count {
		if c > 1 {
			repeats += c
		}
	}
	for name, c := range count {
		n.alike[label.Fold(name)]++
		n.again[name] = c > 1 && repeats*2 >= len(segments)
	}
	return n
}

// write returns what stands before the colon, or "" where there is none.
func (n names) write(name string) string {
	switch {
	case n.alike[label.Fold(name)] > 1:
		return label.Quote(name)
	case name != "":
		return label.Write(name, n.again[name])
	case n.needed:
		return label.Nobody
	}
	return ""
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
