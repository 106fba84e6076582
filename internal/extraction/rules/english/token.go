package english

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind of a token.
type Kind uint8

const (
	Word   Kind = iota // letters first: "Dana", "don't", "U.S.", "#tag"
	Number             // digits first: "10", "3rd", "1,200.50"; also web addresses
	Punct              // one character
	Clitic             // "'s", "'re", "'ll", … after a word
)

// Token is a word, a number or a mark at bytes Start to End of the text.
type Token struct {
	Start, End int
	Text       string
	Lower      string // lower case, with plain apostrophes
	Kind       Kind
	Capital    bool // begins with an upper-case letter
	Upper      bool // two letters or more, none of them lower-case
	Glued      bool // no space before
	Break      bool // a line that begins an item of a list, or a paragraph, starts here
}

// Is recognises one of the marks.
func (t Token) Is(marks string) bool {
	if t.Kind != Punct {
		return false
	}
	r, _ := utf8.DecodeRuneInString(t.Text)
	return strings.ContainsRune(marks, r)
}

// abbreviations keep their full stop; those labelled "caps" with a capital only.
var abbreviations = Labels("abbreviations")

// clitics are split from the word before them.
var clitics = []string{"'s", "'re", "'ve", "'ll", "'d", "'m"}

type scanner struct {
	text   string
	pos    int
	tokens []Token
}

// Tokens cuts text into tokens.
func Tokens(text string) []Token {
	s := scanner{text: text, tokens: make([]Token, 0, len(text)/5+4)}
	for s.skipSpace() {
		s.token()
	}
	s.breaks()
	return s.tokens
}

func (s *scanner) skipSpace() bool {
	for s.pos < len(s.text) {
		r, n := s.rune(s.pos)
		if !unicode.IsSpace(r) {
			return true
		}
		s.pos += n
	}
	return false
}

func (s *scanner) rune(at int) (rune, int) {
	if at < len(s.text) && s.text[at] < utf8.RuneSelf {
		return rune(s.text[at]), 1
	}
	return utf8.DecodeRuneInString(s.text[at:])
}

func (s *scanner) token() {
	r, n := s.rune(s.pos)
	start := s.pos
	switch {
	case s.address(start) > start:
		s.add(start, s.address(start), Number)
	case unicode.IsLetter(r), r == '_':
		s.add(start, s.wordEnd(start), Word)
	case unicode.IsDigit(r):
		s.add(start, s.wordEnd(start), Number)
	case r == '#' || r == '@':
		end := s.wordEnd(start + n)
		kind := Punct
		if end > start+2 {
			kind = Word
		}
		s.add(start, max(end, start+n), kind)
	default:
		s.add(start, start+n, Punct)
	}
}

// address returns where the web address that begins at start ends, or start.
func (s *scanner) address(start int) int {
	rest := s.text[start:]
	if !strings.HasPrefix(rest, "http://") && !strings.HasPrefix(rest, "https://") && !strings.HasPrefix(rest, "www.") {
		return start
	}
	end := strings.IndexFunc(rest, unicode.IsSpace)
	if end < 0 {
		end = len(rest)
	}
	return start + len(strings.TrimRight(rest[:end], ".,;:!?)]\"'"))
}

// wordEnd returns where the word that begins at start ends: letters, digits,
// and single marks between two of them.
func (s *scanner) wordEnd(start int) int {
	end := start
	for end < len(s.text) {
		r, n := s.rune(end)
		if inWord(r) {
			end += n
			continue
		}
		if end == start || !s.joins(r, end, n) {
			break
		}
		end += n
	}
	return s.withStop(start, end)
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_'
}

// joins reports whether the mark r at end stands inside a word.
func (s *scanner) joins(r rune, end, n int) bool {
	if !strings.ContainsRune("'’.&@,:", r) || end+n >= len(s.text) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s.text[:end])
	after, _ := s.rune(end + n)
	switch r {
	case ',', ':':
		return unicode.IsDigit(before) && unicode.IsDigit(after)
	case '.':
		sentenceEnd := unicode.IsLower(before) && unicode.IsUpper(after)
		return inWord(after) && !sentenceEnd
	}
	return inWord(before) && inWord(after)
}

// withStop includes the full stop of an abbreviation or an initial.
func (s *scanner) withStop(start, end int) int {
	if end >= len(s.text) || s.text[end] != '.' {
		return end
	}
	word := s.text[start:end]
	low := strings.ToLower(word)
	if label, listed := abbreviations()[low]; listed && (label.Name == "" || low != word) || isInitial(word) || isDotted(word) {
		return end + 1
	}
	return end
}

func isInitial(word string) bool {
	return len(word) == 1 && word[0] >= 'A' && word[0] <= 'Z' && word != "I"
}

// isDotted recognises "U.S" and "e.g": single letters with full stops between.
func isDotted(word string) bool {
	if len(word) < 3 || len(word)%2 == 0 {
		return false
	}
	for i := range len(word) {
		if (i%2 == 1) != (word[i] == '.') {
			return false
		}
	}
	return true
}

func (s *scanner) add(start, end int, kind Kind) {
	t := Token{Start: start, End: end, Text: s.text[start:end], Kind: kind}
	t.Glued = len(s.tokens) > 0 && s.tokens[len(s.tokens)-1].End == start
	s.pos = end
	if kind == Word {
		s.addWord(t)
		return
	}
	t.Lower = strings.ToLower(t.Text)
	s.tokens = append(s.tokens, t)
}

// addWord adds the word and, as a token of its own, its clitic.
func (s *scanner) addWord(t Token) {
	t.Lower = strings.ToLower(t.Text)
	if strings.Contains(t.Lower, "’") {
		t.Lower = strings.ReplaceAll(t.Lower, "’", "'")
	}
	clitic := Token{End: t.End, Kind: Clitic, Glued: true}
	if at := strings.LastIndexByte(t.Lower, '\''); at > 0 {
		for _, c := range clitics {
			if t.Lower[at:] == c {
				clitic.Lower = c
			}
		}
	}
	if clitic.Lower != "" {
		cut := strings.LastIndexAny(t.Text, "'’")
		t.End, clitic.Start = t.Start+cut, t.Start+cut
		clitic.Text = t.Text[cut:]
		t.Text, t.Lower = t.Text[:cut], t.Lower[:len(t.Lower)-len(clitic.Lower)]
	}
	t.Capital, t.Upper = shape(t.Text)
	s.tokens = append(s.tokens, t)
	if clitic.Lower != "" {
		s.tokens = append(s.tokens, clitic)
	}
}

func shape(word string) (capital, upper bool) {
	letters, lower := 0, 0
	for i, r := range word {
		if i == 0 {
			capital = unicode.IsUpper(r)
		}
		if unicode.IsLetter(r) {
			letters++
		}
		if unicode.IsLower(r) {
			lower++
		}
	}
	return capital, letters >= 2 && lower == 0 && capital
}
