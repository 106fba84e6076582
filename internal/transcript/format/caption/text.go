package caption

import (
	"html"
	"strings"

	"griot/internal/transcript/format/clock"
)

// cueText reduces the markup of a cue to plain text: tags go, character
// references are read, and the first voice tag names the speaker. A < that
// begins no tag stays a character, since not every tool escapes it.
func cueText(s string) (text, voice string, voiced bool) {
	if strings.IndexByte(s, '<') < 0 {
		return html.UnescapeString(s), "", false
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		tag, rest, ok := cutTag(s[i:])
		if !ok {
			b.WriteByte('<')
			s = s[i+1:]
			continue
		}
		if who, ok := voiceTag(tag); ok && !voiced {
			voice, voiced = who, true
		}
		s = rest
	}
	b.WriteString(s)
	return html.UnescapeString(b.String()), voice, voiced
}

// cutTag cuts <i>, </i>, <c.loud>, <v Name> or <00:19.000> from the front.
func cutTag(s string) (tag, rest string, ok bool) {
	if len(s) < 3 || !isTagStart(s[1]) {
		return "", s, false
	}
	i := strings.IndexAny(s[1:], "<>")
	if i < 0 || s[1+i] != '>' {
		return "", s, false
	}
	tag, rest = s[1:1+i], s[2+i:]
	if _, n := clock.Read(tag); clock.IsDigit(tag[0]) && n != len(tag) {
		return "", s, false
	}
	return tag, rest, true
}

func isTagStart(c byte) bool {
	return c == '/' || c|0x20 >= 'a' && c|0x20 <= 'z' || clock.IsDigit(c)
}

// voiceTag reads the annotation of `v Name` and `v.class Name`.
func voiceTag(tag string) (name string, ok bool) {
	i := strings.IndexAny(tag, " \t\n")
	if i < 0 || tag[0] != 'v' || i > 1 && tag[1] != '.' {
		return "", false
	}
	return html.UnescapeString(strings.TrimSpace(tag[i:])), true
}
