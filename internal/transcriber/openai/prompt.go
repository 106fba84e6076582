package openai

import (
	"path"
	"strings"
	"unicode/utf8"

	"griot/internal/transcriber"
)

// maxPrompt is how many tokens an engine looks at, of which some are kept for
// the estimate being wrong. Whisper takes 224, and the last of them.
const maxPrompt = 200

// prompt tells the engine words that may be said: it then spells them so. The
// title is what the file is called where nobody gave one. It ends without a
// full stop, behind which Whisper takes more for said than was.
func prompt(r transcriber.Recording) string {
	title := r.Title
	if ext := path.Ext(title); len(ext) > 1 && len(ext) <= 5 && !strings.Contains(ext, " ") {
		title = strings.TrimSuffix(title, ext)
	}
	title = strings.Join(strings.FieldsFunc(title, func(c rune) bool { return c == '_' || c == ' ' || c == '/' }), " ")
	var b strings.Builder
	left := maxPrompt
	between := ""
	add := func(s, next string) {
		if n := tokens(between + s); s != "" && n <= left {
			left -= n
			b.WriteString(between + s)
			between = next
		}
	}
	add(strings.TrimRight(title, ". "), ". ")
	for _, name := range r.Names {
		add(name, ", ")
	}
	return b.String()
}

// tokens estimates how many a text has, rather too many: names in Latin
// letters have one for three letters, other scripts up to two a letter.
func tokens(s string) int {
	ascii := 0
	for i := range len(s) {
		if s[i] < utf8.RuneSelf {
			ascii++
		}
	}
	return (ascii+2)/3 + 2*(utf8.RuneCountInString(s)-ascii)
}
