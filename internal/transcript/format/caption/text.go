package caption

import (
	"html"
	"strings"

	"griot/internal/transcript/format/clock"
)

// voices reduces the markup of a cue to plain text: tags go, character
// references are read, and each voice tag begins what another person says. A <
// that begins no tag stays a character, since not every tool escapes it.
func voices(s string) []voice {
	if strings.IndexByte(s, '<') < 0 {
		return []voice{{text: html.UnescapeString(s)}}
	}
	var all []voice
	var now voice
	var b strings.Builder
	next := func(v voice) {
		now.text = html.UnescapeString(b.String())
		b.Reset()
		if strings.TrimSpace(now.text) != "" {
			all = append(all, now)
		}
		now = v
	}
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
		if who, ok := voiceTag(tag); ok {
			next(voice{name: who, voiced: true})
		} else if tag == "/v" {
			next(voice{voiced: true})
		}
		s = rest
	}
	b.WriteString(s)
	next(voice{})
	if all == nil {
		return []voice{{}}
	}
	return all
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
