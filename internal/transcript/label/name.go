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

// Could is true for any string that a layout may have for a name.
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

// isAddress is true for an e-mail address, the name of an account, the number of
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

// BeginsPlain is true for strings whose first word begins no name. A single
// capital, as in Q and A, may be one.
func BeginsPlain(s string) bool {
	first, _, _ := strings.Cut(strings.Trim(s, ".,"), " ")
	return isPlainWord(strings.ToLower(first), first)
}

// IsOffice is true for what parliaments and courts call who speaks: The Deputy
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

// BeginsWithDigit is true for numbers, and for nothing.
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

// IsLink is true for words that are an address.
func IsLink(s string) bool {
	s = strings.TrimLeft(s, "<(")
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "www.")
}
