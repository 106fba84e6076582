package label

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxBytes is how much of a line may come before the words.
const MaxBytes = 160

// Guard is a character that cannot be seen. Between a label and the words it
// says that both are what they seem to be, whatever they look like.
const Guard = "\u2060"

// Nobody is the name of a turn that has none.
const Nobody = "—"

// Write writes a name so that it is read back as that name: in quotes, where it
// could be taken for something else. A name that comes again in a transcript
// where most do may have any form.
func Write(name string, again bool) string {
	if name == Nobody || isSafe(name) && (again || LooksLikeName(name) && !IsField(name)) {
		return name
	}
	return Quote(name)
}

// Quote writes a name in quotes: it is read back exactly as it is.
func Quote(name string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(name) + `"`
}

func isSafe(name string) bool {
	if len(name) > MaxBytes/2 || !Could(name) || BeginsPlain(name) || IsNobody(name) || IsNoise(name) || Clean(name) != name || endsWithUnit(name) {
		return false
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" .'’-_&,", r) {
			return false
		}
	}
	r, n := utf8.DecodeRuneInString(name)
	return unicode.IsLetter(r) && !strings.HasPrefix(name, "WEBVTT") && !strings.HasPrefix(name[n:], ".")
}

// Words writes words that follow a label so that they are read back as they
// are.
func Words(s string) string {
	r, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(r) || IsLink(s) || strings.Contains(s, " >>") {
		s = Guard + s
	}
	if strings.HasSuffix(s, "#") { // the end of a time of f4
		s += Guard
	}
	return s
}

// IsPlain reports whether words without a label before them are read back as
// words, and no part of them as a name, a time or a notice.
func IsPlain(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) && !strings.HasPrefix(s, "WEBVTT") && !strings.ContainsAny(s, ":：\t#") && !strings.Contains(s, " >>") &&
		!endsWithUnit(s) && !IsNotice(s) && !IsNoise(s) && !strings.HasPrefix(s[utf8.RuneLen(r):], ".")
}

// endsWithUnit is true for words such as `in 2m 3s`, which end like a time.
func endsWithUnit(s string) bool {
	t := strings.TrimRightFunc(s, unicode.IsLetter)
	return len(s)-len(t) <= len("min") && strings.TrimRight(t, " ") != strings.TrimRight(t, " 0123456789")
}
