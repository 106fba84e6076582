package english

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxTokens of one sentence; speech without punctuation is cut there.
const MaxTokens = 240

// Sentence is a run of tokens of a text.
type Sentence struct {
	Text     string // the whole text that the tokens index
	Tokens   []Token
	Question bool
}

// Quote returns the bytes from the token from up to, not including, the token
// to, and where they begin.
func (s Sentence) Quote(from, to int) (string, int) {
	if from < 0 || to > len(s.Tokens) || from >= to {
		return "", 0
	}
	start, end := s.Tokens[from].Start, s.Tokens[to-1].End
	return s.Text[start:end], start
}

// String returns the sentence's own bytes.
func (s Sentence) String() string {
	q, _ := s.Quote(0, len(s.Tokens))
	return q
}

// Words counts the tokens that are words.
func (s Sentence) Words() int {
	n := 0
	for _, t := range s.Tokens {
		if t.Kind == Word {
			n++
		}
	}
	return n
}

// Sentences cuts text into sentences.
func Sentences(text string) []Sentence {
	tokens := Tokens(text)
	var all []Sentence
	for len(tokens) > 0 {
		n := length(tokens)
		s := Sentence{Text: text, Tokens: tokens[:n:n]}
		s.Question = isQuestion(s)
		all = append(all, s)
		tokens = tokens[n:]
	}
	return all
}

// length returns the number of tokens of the first sentence.
func length(tokens []Token) int {
	for i := range tokens {
		if i >= MaxTokens || i > 0 && tokens[i].Break {
			return i
		}
		if endsSentence(tokens, i) {
			return closing(tokens, i+1)
		}
	}
	return len(tokens)
}

// closing skips further marks and the quotes and brackets that close.
func closing(tokens []Token, i int) int {
	for i < len(tokens) && i < MaxTokens && tokens[i].Glued && tokens[i].Is(`.!?…"”’')]`) {
		i++
	}
	return i
}

func endsSentence(tokens []Token, i int) bool {
	t := tokens[i]
	last := i+1 == len(tokens)
	if t.Kind == Word || t.Kind == Number {
		return !last && endsDotted(t, tokens[i+1])
	}
	switch t.Text {
	case "!", "?", "…", "。", "？", "！":
		return true
	case ".":
		return (last || !tokens[i+1].Glued || tokens[i+1].Kind == Punct) && !isMarker(tokens, i)
	}
	return false
}

// endsDotted reports whether "U.S." or "p.m." also ends its sentence, which it does
// before a capitalised everyday word.
func endsDotted(t, next Token) bool {
	return strings.HasSuffix(t.Text, ".") && (strings.Count(t.Text, ".") > 1 || t.Lower == "etc.") &&
		next.Capital && !next.Glued && everyday()[next.Lower]
}

var everyday = Words("common-words", "function-words")

// isMarker recognises the full stop of a list's number: "1." at the start of a line.
func isMarker(tokens []Token, i int) bool {
	return i > 0 && tokens[i-1].Kind == Number && (i == 1 || tokens[i-1].Break) && len(tokens[i-1].Text) < 4
}

// breaks marks the tokens that begin a paragraph or an item of a list.
func (s *scanner) breaks() {
	for i := 1; i < len(s.tokens); i++ {
		t := &s.tokens[i]
		gap := s.text[s.tokens[i-1].End:t.Start]
		if lines := strings.Count(gap, "\n"); lines > 1 || lines == 1 && s.isItem(i) {
			t.Break = true
		}
	}
}

func (s *scanner) isItem(i int) bool {
	t := s.tokens[i]
	if t.Is("-*•–—·") {
		return true
	}
	return t.Kind == Number && i+1 < len(s.tokens) && s.tokens[i+1].Glued && s.tokens[i+1].Is(".)")
}

// askers begin a question that may lack its mark.
var askers = Words("askers")

func isQuestion(s Sentence) bool {
	for i := len(s.Tokens) - 1; i >= 0 && s.Tokens[i].Kind == Punct; i-- {
		if s.Tokens[i].Is("?？") {
			return true
		} else if s.Tokens[i].Is(".!") {
			return false
		}
	}
	var lead []string
	for _, t := range s.Tokens[:min(6, len(s.Tokens))] {
		if t.Kind == Word && !fillers()[t.Lower] {
			lead = append(lead, t.Lower)
		}
	}
	return len(lead) > 1 && askers()[lead[0]+"_"+lead[1]]
}

var fillers = Words("fillers")

// IsFiller recognises words that open an utterance without meaning: "so", "um".
func IsFiller(word string) bool { return fillers()[word] }

var emptyWords = Words("function-words", "fillers")

// IsContent recognises a word that says something by itself: no function word, no
// filler, none of two letters.
func IsContent(t Token) bool {
	return t.Kind == Word && len(t.Lower) > 2 && !emptyWords()[t.Lower]
}

// Stem cuts the plural and the commonest endings.
func Stem(word string) string {
	for _, end := range []string{"ing", "es", "s", "ed"} {
		if s, ok := strings.CutSuffix(word, end); ok && len(s) > 3 {
			return s
		}
	}
	return word
}

// Capitalise makes the first letter of a sentence or title upper-case, but in
// words like "iPhone".
func Capitalise(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	word, _, _ := strings.Cut(text, " ")
	if n == 0 || strings.IndexFunc(word, unicode.IsUpper) > 0 {
		return text
	}
	return string(unicode.ToUpper(r)) + text[n:]
}
