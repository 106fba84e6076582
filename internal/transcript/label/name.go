// Package label knows the names that stand before words: what may be one, what
// is none, and how one is written so that it is read back.
package label

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxNameRunes = 80
	maxNameWords = 10
)

// Clean takes off what stands around names and makes their white space
// one, so that the same name is the same speaker.
func Clean(s string) string {
	s = strings.Trim(s, " \t*_")
	for range 2 {
		s = Trim(s)
		if len(s) > 1 && (s[0] == '[' && s[len(s)-1] == ']' || s[0] == '<' && s[len(s)-1] == '>') {
			s = s[1 : len(s)-1]
		}
	}
	if t, ok := strings.CutPrefix(s, "~"); ok { // a name that WhatsApp has from its owner
		s = Trim(t)
	}
	return Collapse(s)
}

// Fold is what a name is known by: the same for KIM LEE and Kim Lee.
func Fold(name string) string { return strings.ToLower(name) }

// Collapse makes every run of white space one space.
func Collapse(s string) string {
	if simple(s) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

func simple(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= 0x80 || c < ' ' || c == ' ' && (i == 0 || i+1 == len(s) || s[i+1] == ' ') {
			return false
		}
	}
	return true
}

// Could recognises any string that a layout may have for a name.
func Could(s string) bool {
	if s == "" || len(s) > 4*maxNameRunes || utf8.RuneCountInString(s) > maxNameRunes {
		return false
	}
	if strings.Count(s, `"`)%2 != 0 || strings.Count(s, "“") != strings.Count(s, "”") {
		return false // it ends inside what somebody quotes
	}
	return IsNobody(s) || strings.Count(s, " ") < maxNameWords && strings.IndexFunc(s, isNameRune) >= 0
}

func isNameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r > 0x2000 && unicode.IsSymbol(r) || r == '?'
}

// IsNobody recognises what transcripts put where a name is missing.
func IsNobody(s string) bool { return s == "—" || s == "–" || s == "-" || s == "―" }

// LooksLikeName is for strings that a file has once: whether they are written
// as names are. It is a guess by shape: few words, the first one no word of
// ordinary sentences, in scripts with capitals all but particles capitalised.
func LooksLikeName(s string) bool {
	if IsNobody(s) || isAddress(s) {
		return true
	}
	s = withoutSymbols(s)
	if utf8.RuneCountInString(s) > 60 || strings.ContainsAny(s, "?!;=\"/\\{}<>") && !strings.Contains(s, "(") {
		return false
	}
	bare, _, _ := strings.Cut(s, " (")
	n := 0
	for w := range strings.FieldsSeq(bare) {
		if n++; n > 5 || !likeName(strings.Trim(w, `.,'’"()[]`), n == 1) {
			return false
		}
		if n > 1 && strings.HasSuffix(w, ".") && len(w) > 6 { // the end of a sentence
			return false
		}
	}
	return n > 0
}

// isAddress recognises an e-mail address, the name of an account, the number of
// a telephone.
func isAddress(s string) bool {
	if strings.ContainsRune(s, '@') && len(s) > 2 {
		return !strings.Contains(s, " ")
	}
	return len(s) > 6 && s[0] == '+' && strings.Trim(s, "+0123456789 -()*•x") == ""
}

// withoutSymbols cuts the emoji that stand before a name.
func withoutSymbols(s string) string {
	return strings.TrimLeftFunc(s, func(r rune) bool {
		return r > 0x2000 && (unicode.IsSymbol(r) || r == '\u200d' || r == '\ufe0f') || r == ' '
	})
}

func likeName(w string, first bool) bool {
	lower := strings.ToLower(w)
	if first && (isPlainWord(lower, w) || BeginsWithDigit(w)) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(w)
	switch {
	case plainWords()[lower] && !particles()[lower] && w != "I":
		return w == strings.ToUpper(w)
	case unicode.IsUpper(r), unicode.IsTitle(r), unicode.IsDigit(r) && !first:
		return true
	case !first && (particles()[lower] || w == "" || w == "&" || w == "-" || w == "+"):
		return true
	case unicode.IsLetter(r) && !unicode.IsLower(r): // a script without capitals
		return true
	}
	return false
}

// BeginsPlain recognises strings whose first word begins no name. A single
// capital, as in Q and A, may be one.
func BeginsPlain(s string) bool {
	first, _, _ := strings.Cut(strings.Trim(s, ".,"), " ")
	return isPlainWord(strings.ToLower(first), first)
}

// IsOffice recognises what parliaments and courts call who speaks: The Deputy
// Speaker, AN HON. MEMBER.
func IsOffice(s string) bool {
	first, rest, ok := strings.Cut(s, " ")
	switch strings.ToLower(first) {
	case "the", "a", "an", "some", "another", "one", "several":
		return ok && LooksLikeName(rest)
	}
	return false
}

func isPlainWord(lower, as string) bool {
	return plainWords()[lower] && !(len(as) == 1 && as != lower)
}

// BeginsWithDigit recognises numbers, and for nothing.
func BeginsWithDigit(w string) bool { return w == "" || w[0] >= '0' && w[0] <= '9' }

// Stem is a name without the number at its end: Speaker 2.
func Stem(s string) (string, bool) {
	t := strings.TrimRight(s, "0123456789")
	return strings.TrimRight(t, " _-#"), t != s && t != ""
}

// SplitRole splits `Name (role)` and `Name (one) (another)`. What has no letter
// but one, as in `Speaker (2)`, tells persons apart and is no role.
func SplitRole(s string) (name, role string, ok bool) {
	name = s
	for strings.HasSuffix(name, ")") || strings.HasSuffix(name, "]") {
		i := strings.LastIndexAny(name, "([")
		if i < 2 {
			break
		}
		inner := strings.TrimSpace(name[i+1 : len(name)-1])
		if strings.Count(inner, "")-1 < 2 || strings.IndexFunc(inner, unicode.IsLetter) < 0 {
			return s, "", false
		}
		if role != "" {
			inner += ", "
		}
		name, role = strings.TrimSpace(name[:i]), inner+role
	}
	return name, role, role != "" && name != ""
}

// Trim cuts spaces and characters that cannot be seen from both ends.
func Trim(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || s[0] < 0x80 && s[len(s)-1] < 0x80 {
		return s
	}
	return strings.TrimFunc(s, IsMark)
}

func IsMark(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x80 && unicode.Is(unicode.Cf, r) && r != '\u200d'
}

// IsLink recognises words that are an address.
func IsLink(s string) bool {
	s = strings.TrimLeft(s, "<(")
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "www.")
}

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

// endsWithUnit recognises words such as `in 2m 3s`, which end like a time.
func endsWithUnit(s string) bool {
	t := strings.TrimRightFunc(s, unicode.IsLetter)
	return len(s)-len(t) <= len("min") && strings.TrimRight(t, " ") != strings.TrimRight(t, " 0123456789")
}
