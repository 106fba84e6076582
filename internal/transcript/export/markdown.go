package export

import (
	"fmt"
	"io"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/label"
)

// Markdown writes a paragraph of `**Name:** [mm:ss] words` for every segment.
// It has starts in whole seconds and no ends.
func Markdown(w io.Writer, segments []transcript.Segment) error {
	plain := func(words string) bool { return label.IsPlain(words) && front(escape(words)) == words }
	return paragraphs(w, segments, plain, func(s transcript.Segment, name, words string) string {
		var b strings.Builder
		if name != "" {
			b.WriteString("**" + escape(name) + ":** ")
		}
		if s.StartMS != nil {
			b.WriteString("[" + stamp(*s.StartMS/1000) + "] ")
		}
		if name != "" {
			return b.String() + escape(label.Words(words))
		}
		return b.String() + front(escape(words))
	})
}

// stamp writes mm:ss, or h:mm:ss from one hour on.
func stamp(s int64) string {
	if s < 3600 {
		return fmt.Sprintf("%02d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// escape hides what Markdown would take for markup. A bracket before a digit
// becomes a reference, as an escaped one may still begin a time.
func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		next := byte(0)
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch c := s[i]; {
		case c == '[' && (isDigit(next) || next == ' '):
			b.WriteString("&#91;")
			continue
		case strings.IndexByte("\\`*_[<", c) >= 0, c == '~' && next == '~', c == '&' && (next == '#' || isLetter(next)):
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// front hides what only the first words of a paragraph would mean: a list, a
// heading, a quotation, a rule.
func front(s string) string {
	switch digits := len(s) - len(strings.TrimLeft(s, "0123456789")); {
	case strings.IndexByte("#>-+=|:~(", s[0]) >= 0:
		return `\` + s
	case digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')' || s[digits] == ':'):
		return s[:digits] + `\` + s[digits:]
	}
	return s
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
