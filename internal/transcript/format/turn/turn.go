// Package turn collects what a parser finds in a file and sees to it that every
// turn is a segment of contract E.
package turn

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript"
)

const (
	maxSpeakerRunes = 200 // cuts names that are none

	// MaxMS is later than any time: no recording is 100,000 hours long.
	MaxMS = int64(100_000 * 3600e3)

	// MaxPieces is how many turns or words a file may have: 100 hours of speech.
	MaxPieces = 1_000_000
)

// Collector takes turns in the order of the file. Each becomes one line of
// text that is not blank and has at most [transcript.MaxSegmentRunes]
// characters; times are not negative, and an end is later than its start.
type Collector struct {
	Turns      []transcript.Turn
	Language   string // BCP 47, "" when the file names none
	DurationMS *int64 // of the recording, when the file states it

	Hint transcript.Hint // what the client knows of the file

	// Reading says how the file was read; what follows from the turns is added
	// at the end.
	Reading transcript.Reading

	left int64 // bytes of text that may still come
	room int   // turns that may still come
}

// NewCollector takes turns with up to limit bytes of text.
func NewCollector(limit int64, room int) *Collector { return &Collector{left: limit, room: room} }

// Over reports whether more came than there was room for; it is not kept.
func (c *Collector) Over() bool { return c.left < 0 || c.room < 0 }

// Add takes one turn. Blank ones vanish, too long ones become several.
func (c *Collector) Add(t transcript.Turn) {
	t.Text = OneLine(t.Text)
	if IsBlank(t.Text) || c.Over() {
		return
	}
	c.left -= int64(len(t.Text))
	c.room--
	if c.Over() {
		return
	}
	t.Speaker = name(t.Speaker)
	t.Role = name(t.Role)
	t.StartMS, t.EndMS = span(t.StartMS, t.EndMS)
	if len(t.Text) <= transcript.MaxSegmentRunes {
		c.Turns = append(c.Turns, t)
		return
	}
	c.Turns = append(c.Turns, split(t)...)
}

// Warn tells of something that a reader of the transcript should know; line is
// 0 where no line is to blame. Each code is told once.
func (c *Collector) Warn(code string, line int, message string) {
	for _, w := range c.Reading.Warnings {
		if w.Code == code {
			return
		}
	}
	w := transcript.Warning{Code: code, Message: message}
	if line > 0 {
		w.Line = &line
	}
	c.Reading.Warnings = append(c.Reading.Warnings, w)
}

// SetLanguage takes what a file calls its language, which may be a tag or a
// name of Whisper's.
func (c *Collector) SetLanguage(s string) { c.Language = languageTag(s) }

// span drops times that cannot be and ends that are not after the start.
func span(start, end *int64) (*int64, *int64) {
	if start != nil && (*start < 0 || *start > MaxMS) {
		start = nil
	}
	if end != nil && (*end < 0 || *end > MaxMS || start != nil && *end <= *start) {
		end = nil
	}
	return start, end
}

// OneLine joins lines by a space. Inner spaces stay as they are.
func OneLine(s string) string {
	s = strings.TrimSpace(s)
	if isPlain(s) || strings.IndexFunc(s, breaksLine) < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for part := range strings.FieldsFuncSeq(s, breaksLine) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(part)
	}
	return b.String()
}

// isPlain is the quick answer for most texts: printable ASCII and tabs.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c > '~' {
			return false
		}
	}
	return true
}

// breaksLine recognises every control character but the tab: none of them is
// speech, and most of them end a line somewhere.
func breaksLine(r rune) bool {
	return r < ' ' && r != '\t' || r >= 0x7F && (unicode.IsControl(r) || r == '\u2028' || r == '\u2029')
}

// IsBlank is true without a character that can be seen.
func IsBlank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) }) < 0
}

func name(s string) string {
	s = OneLine(s)
	if IsBlank(s) {
		return ""
	}
	if len(s) > maxSpeakerRunes && utf8.RuneCountInString(s) > maxSpeakerRunes {
		s = strings.TrimSpace(s[:runeIndex(s, maxSpeakerRunes)])
	}
	return s
}
