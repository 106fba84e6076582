// Package name finds proper names in sentences by their capitals, by what the
// rest of the document writes in lower case, and by lists of known names.
package name

import (
	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/sentence"
)

// maxWords bounds what Case remembers of a document.
const maxWords = 200_000

// Case counts how a document writes its words; a name is capitalised in the
// middle of sentences and seldom written in lower case.
type Case struct {
	low, mid       map[string]int
	lowers, capped int // words in the middle of sentences
}

// NewCase returns empty counts.
func NewCase() *Case {
	return &Case{low: map[string]int{}, mid: map[string]int{}}
}

// Learn counts the words of a sentence. Headlines and shouting tell nothing
// about names and are left out.
func (c *Case) Learn(s sentence.Sentence) {
	if isFlat(s.Tokens) {
		return
	}
	for i, t := range s.Tokens {
		if t.Kind != sentence.Word {
			continue
		}
		switch {
		case !t.Capital:
			count(c.low, t.Lower)
			c.lowers++
		case !opens(s.Tokens, i):
			count(c.mid, t.Lower)
			if t.Lower != "i" {
				c.capped++
			}
		}
	}
}

func count(m map[string]int, word string) {
	if n, known := m[word]; known || len(m) < maxWords {
		m[word] = n + 1
	}
}

// Caseless tells that the document has no capitals to go by, as the output of
// some recognisers.
func (c *Case) Caseless() bool {
	return c.lowers > 200 && c.capped*500 < c.lowers
}

// isFlat tells sentences whose capitals mean nothing: headlines, where most
// words have one, and text in capitals.
func isFlat(tokens []sentence.Token) bool {
	words, caps, upper := 0, 0, 0
	for _, t := range tokens {
		if t.Kind != sentence.Word || small[t.Lower] {
			continue
		}
		words++
		if t.Capital {
			caps++
		}
		if t.Upper {
			upper++
		}
	}
	return words >= 5 && (caps*10 >= words*9 || upper*10 > words*6)
}

// isShouted tells text in capitals.
func isShouted(tokens []sentence.Token) bool {
	words, upper := 0, 0
	for _, t := range tokens {
		if t.Kind == sentence.Word {
			words++
			if t.Upper {
				upper++
			}
		}
	}
	return words >= 4 && upper*10 > words*6
}

// small words stay in lower case in headlines.
var small = wordSet("a", "an", "the", "of", "in", "on", "at", "to", "for", "and", "or", "but", "by", "with", "from", "as", "is", "vs")

func wordSet(words ...string) lexicon.Set {
	set := lexicon.Set{}
	for _, w := range words {
		set[w] = true
	}
	return set
}

// opens tells whether token i is the first word of its sentence, of a quoted
// one in it, or of an item.
func opens(tokens []sentence.Token, i int) bool {
	if i == 0 || tokens[i].Break {
		return true
	}
	before := tokens[i-1]
	if before.Kind == sentence.Number && i == 1 {
		return true
	}
	if before.Kind != sentence.Punct {
		return false
	}
	switch before.Text {
	case ",", "'", "’", "-", "/", "&", "%", "$", "(", "[", "*", "•", "–", "—":
		return i == 1
	case ")", "]":
		return i <= 3
	}
	return true
}
