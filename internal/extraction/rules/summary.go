package rules

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
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
	greetings = english.Words("greetings")
	leaning   = english.Words("leaning-words")
)

// candidate is a sentence that the summary may have.
type candidate struct {
	line    int
	text    string
	cites   []extraction.Evidence
	content map[string]bool
	score   float64
}

// summariser chooses the few sentences of a transcript that somebody who was not
// there would want to read.
type summariser struct {
	doc  *document.Document
	best []candidate
}

// newSummariser returns one for a document.
func newSummariser(doc *document.Document) *summariser { return &summariser{doc: doc} }

// Line considers a sentence.
func (f *summariser) Line(l document.Line) {
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
func (f *summariser) cut() {
	slices.SortStableFunc(f.best, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	f.best = f.best[:min(len(f.best), pool)]
}

// tells reports whether a line is a whole statement, of somebody who answers.
func tells(l document.Line) bool {
	n := l.Words()
	if n < fewestWords || n > mostWords || l.Question || l.Asks {
		return false
	}
	last := l.Tokens[len(l.Tokens)-1]
	if last.Kind == english.Punct && !last.Is(`.!"”)`) || strings.HasSuffix(l.String(), "..") {
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
		if english.IsContent(t) {
			words[english.Stem(t.Lower)] = true
		}
	}
	return words
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
func (f *summariser) score(l document.Line) float64 {
	central := 0.0
	for _, t := range l.Tokens {
		if english.IsContent(t) {
			central += math.Log(float64(max(1, f.doc.Topics.SentencesWith(t.Lower))))
		}
	}
	score := math.Log(l.Worth/(1-l.Worth)) + perCentral*math.Log(1+central) + perName*float64(min(len(l.Names), 2))
	if leaning()[firstWord(l)] {
		score -= leans
	}
	return score
}

// firstWord is the first word that is no filler.
func firstWord(l document.Line) string {
	for _, t := range l.Tokens {
		if t.Kind == english.Word && !english.IsFiller(t.Lower) {
			return t.Lower
		}
	}
	return ""
}

// Summary returns the sentences chosen, in the order of the transcript: each
// time the best that repeats least of those chosen before. A short transcript
// has few of them, a very short one none.
func (f *summariser) Summary() extraction.Summary {
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

// next returns the candidate that adds most to those chosen.
func (f *summariser) next(chosen []candidate) (best candidate, ok bool) {
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

// like is the share of the words of c that o has too; neighbours count as alike by
// half at least.
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

// hesitations are sounds that are left out.
var hesitations = english.Words("hesitations")

// clean is the sentence as one would write it down: without the words that
// only open it, without hesitations and stumbled repetitions, with a capital
// and a full stop. No other word is changed.
func clean(l document.Line) string {
	toks := l.Tokens
	for len(toks) > fewestWords && opener(toks) {
		toks = toks[1:]
	}
	var b strings.Builder
	before := -1 // the token last written
	for i, t := range toks {
		switch {
		case t.Kind == english.Word && hesitations()[t.Lower]:
			continue
		case t.Text == "," && (before < 0 || i > 0 && hesitations()[toks[i-1].Lower] || toks[before].Text == ","):
			continue
		case before >= 0 && stumbles(toks[before], t):
			continue
		}
		if before >= 0 && !t.Glued {
			b.WriteByte(' ')
		}
		b.WriteString(t.Text)
		before = i
	}
	return sentenceOf(b.String())
}

// opener recognises a filler that only opens the sentence, and the comma after it.
func opener(toks []english.Token) bool {
	t := toks[0]
	if t.Text == "," {
		return true
	}
	return t.Kind == english.Word && english.IsFiller(t.Lower) && !meant()[t.Lower] && (toks[1].Text == "," || toks[1].Kind == english.Word)
}

// meant are fillers that are part of what is said where no comma follows, or
// nearly so.
var meant = english.Words("meant-fillers")

// stumbles recognises a word that is said twice: "we we", which "had had" is not.
func stumbles(before, t english.Token) bool {
	return t.Kind == english.Word && before.Kind == english.Word && t.Lower == before.Lower && t.Lower != "had" && t.Lower != "that"
}

func sentenceOf(text string) string {
	text = strings.TrimRight(text, " ,;:-")
	if text == "" {
		return ""
	}
	text = english.Capitalise(text)
	last, _ := utf8.DecodeLastRuneInString(text)
	if unicode.IsLetter(last) || unicode.IsDigit(last) {
		text += "."
	}
	return text
}
