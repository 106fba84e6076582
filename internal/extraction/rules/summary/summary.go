// Package summary chooses the few sentences of a transcript that somebody who
// was not there would want to read.
package summary

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/sentence"
)

// Limits on a summary and on its sentences.
const (
	mostSentences = 5
	perSentence   = 12 // sentences of the transcript for each of the summary
	fewestWords   = 7
	mostWords     = 45
	fewestContent = 4
)

// pool is how many sentences are remembered; the rest cannot win.
const pool = 60

var (
	function  = lexicon.Words("function", "fillers")
	greetings = lexicon.Words("greetings")
	leaning   = lexicon.Words("leaning")
)

// candidate is a sentence that may be told.
type candidate struct {
	line    int
	text    string
	cites   []extraction.Evidence
	content map[string]bool
	score   float64
}

// Finder collects sentences line by line.
type Finder struct {
	doc  *document.Document
	best []candidate
}

// NewFinder returns a Finder for a document.
func NewFinder(doc *document.Document) *Finder { return &Finder{doc: doc} }

// Line considers a sentence.
func (f *Finder) Line(l document.Line) {
	if !tells(l) {
		return
	}
	c := candidate{line: l.N, content: content(l)}
	if len(c.content) < fewestContent {
		return
	}
	c.score = f.score(l)
	if len(f.best) >= pool && c.score <= f.best[pool-1].score {
		return
	}
	c.text, c.cites = clean(l), l.Whole()
	f.best = append(f.best, c)
	if len(f.best) >= 2*pool {
		f.cut()
	}
}

// cut keeps the best of the pool, in their order.
func (f *Finder) cut() {
	slices.SortStableFunc(f.best, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	f.best = f.best[:min(len(f.best), pool)]
}

// tells tells a whole statement of somebody who answers.
func tells(l document.Line) bool {
	n := l.Words()
	if n < fewestWords || n > mostWords || l.Question || l.Asks {
		return false
	}
	last := l.Tokens[len(l.Tokens)-1]
	if last.Kind == sentence.Punct && !last.Is(`.!"”)`) || strings.HasSuffix(l.String(), "..") {
		return false
	}
	for _, t := range l.Tokens {
		if greetings()[t.Lower] {
			return false
		}
	}
	return true
}

// content is the words that say something, without their endings.
func content(l document.Line) map[string]bool {
	words := map[string]bool{}
	for _, t := range l.Tokens {
		if isContent(t) {
			words[stem(t.Lower)] = true
		}
	}
	return words
}

func isContent(t sentence.Token) bool {
	return t.Kind == sentence.Word && len(t.Lower) > 2 && !function()[t.Lower]
}

// stem cuts the plural and the commonest endings.
func stem(word string) string {
	for _, end := range []string{"ing", "es", "s", "ed"} {
		if s, ok := strings.CutSuffix(word, end); ok && len(s) > 3 {
			return s
		}
	}
	return word
}

// What a sentence's score is made of, in steps of the logarithm of the odds
// that it is evidence. Set in round figures, by the words that summaries of
// meetings share with those that people wrote.
const (
	perCentral = 1.5 // on the logarithm of how central its words are
	perName    = 0.25
	leans      = 1.0 // less, where it needs the sentence before
	repeats    = 3.0 // less, where all its words were told already
)

// score judges a sentence by how likely it is evidence, by how central its
// words are to the document, and by whether it stands on its own.
func (f *Finder) score(l document.Line) float64 {
	central := 0.0
	for _, t := range l.Tokens {
		if isContent(t) {
			central += math.Log(float64(max(1, f.doc.Topics.Standing(t.Lower))))
		}
	}
	score := math.Log(l.Worth/(1-l.Worth)) + perCentral*math.Log(1+central) + perName*float64(min(len(l.Names), 2))
	if leaning()[first(l)] {
		score -= leans
	}
	return score
}

// first is the first word that is no filler.
func first(l document.Line) string {
	for _, t := range l.Tokens {
		if t.Kind == sentence.Word && !sentence.IsFiller(t.Lower) {
			return t.Lower
		}
	}
	return ""
}

// Summary returns the sentences chosen, in the order of the transcript: each
// time the best that repeats least of those chosen before. A short transcript
// has few of them, a very short one none.
func (f *Finder) Summary() extraction.Summary {
	f.cut()
	most := min(mostSentences, (f.doc.Topics.Sentences()+perSentence/2)/perSentence)
	var chosen []candidate
	for len(chosen) < most {
		best, ok := f.next(chosen)
		if !ok {
			break
		}
		chosen = append(chosen, best)
	}
	slices.SortFunc(chosen, func(a, b candidate) int { return cmp.Compare(a.line, b.line) })
	var s extraction.Summary
	var texts []string
	for _, c := range chosen {
		texts = append(texts, c.text)
		s.Evidence = append(s.Evidence, c.cites...)
	}
	s.Text = strings.Join(texts, " ")
	return s
}

// next is the candidate that adds most to those chosen.
func (f *Finder) next(chosen []candidate) (best candidate, ok bool) {
	top := math.Inf(-1)
	for _, c := range f.best {
		repeated := 0.0
		for _, o := range chosen {
			repeated = max(repeated, c.like(o))
		}
		if s := c.score - repeats*repeated; s > top && repeated < same {
			best, ok, top = c, true, s
		}
	}
	return best, ok
}

// same is the share of its words from which on a sentence only repeats another.
const same = 0.75

// like is the share of the words of c that o has too, 1 of the same sentence;
// neighbours are alike in any words.
func (c candidate) like(o candidate) float64 {
	both := 0
	for w := range c.content {
		if o.content[w] {
			both++
		}
	}
	like := float64(both) / float64(len(c.content))
	if d := c.line - o.line; d >= -2 && d <= 2 {
		like = max(like, 0.5)
	}
	return like
}
