// Package evidence judges how likely a sentence states a decision, an action
// or a problem: by cues in its words, by how much it says, by what the
// document is about, and by its place, since conclusions come late.
package evidence

import (
	"math"

	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/phrase"
	"griot/internal/extraction/rules/sentence"
)

// maxWords bounds what Topics remembers of a document.
const maxWords = 200_000

var (
	cues     = phrase.Compile(lexicon.Lines("evidence"))
	function = lexicon.Words("function", "fillers")
	common   = lexicon.Words("common")
)

// Topics counts in how many sentences of a document a content word stands.
type Topics struct {
	words     map[string]int
	sentences int
}

// NewTopics returns empty counts.
func NewTopics() *Topics { return &Topics{words: map[string]int{}} }

// Learn counts the words of a sentence.
func (t *Topics) Learn(s sentence.Sentence) {
	t.sentences++
	for i, tok := range s.Tokens {
		if !isContent(tok) || repeats(s.Tokens, i) {
			continue
		}
		if n, known := t.words[tok.Lower]; known || len(t.words) < maxWords {
			t.words[tok.Lower] = n + 1
		}
	}
}

// Sentences returns how many sentences were learnt.
func (t *Topics) Sentences() int { return t.sentences }

func isContent(t sentence.Token) bool {
	return t.Kind == sentence.Word && len(t.Lower) > 2 && !function[t.Lower]
}

// repeats tells a word that stood a few tokens before, as in stumbling speech.
func repeats(toks []sentence.Token, i int) bool {
	for j := max(0, i-20); j < i; j++ {
		if toks[j].Lower == toks[i].Lower {
			return true
		}
	}
	return false
}

// Weights of the parts of a score, set by hand in round figures.
const (
	perContent = 2.5 // on the logarithm of the number of content words
	perTopic   = 1.0 // on the mean logarithm of their counts
	perCue     = 1.0
	perPlace   = 2.5
)

// Score returns the judgement of the sentence n of the document, 0 or more; a
// sentence of many topical words with a cue or two reaches 10.
func (t *Topics) Score(s sentence.Sentence, n int) float64 {
	content, topic := 0, 0.0
	for i, tok := range s.Tokens {
		if !isContent(tok) || repeats(s.Tokens, i) {
			continue
		}
		content++
		if !common[tok.Lower] {
			topic += math.Log(1 + float64(t.words[tok.Lower]))
		}
	}
	cue := 0.0
	for _, m := range cues.All(s.Tokens) {
		cue += m.Weight
	}
	place := float64(n) / float64(max(1, t.sentences))
	return perContent*math.Log(1+float64(content)) + perTopic*topic/float64(content+1) + perCue*cue + perPlace*place
}
