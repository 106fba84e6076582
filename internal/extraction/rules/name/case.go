// Package name finds proper names in sentences by their capitals, by what the
// rest of the document writes in lower case, and by lists of known names.
package name

import (
	"strings"

	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/sentence"
	"griot/internal/extraction/rules/step"
)

// maxWords bounds what Case remembers of a document.
const maxWords = 200_000

// Case counts how a document writes its words; a name is capitalised in the
// middle of sentences and seldom written in lower case.
type Case struct {
	low, mid       map[string]int
	alone          map[string]int // of low: no article, adjective or noun before
	lowers, capped int            // words in the middle of sentences
	you            int            // words by which people address each other
}

// NewCase returns empty counts.
func NewCase() *Case {
	return &Case{low: map[string]int{}, mid: map[string]int{}, alone: map[string]int{}}
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
		if address[t.Lower] {
			c.you++
		}
		switch {
		case !t.Capital:
			count(c.low, t.Lower)
			if !isEveryday(t.Lower) && !isFunction()[t.Lower] && stands(s.Tokens, i) {
				count(c.alone, t.Lower)
			}
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

// address are the words of people who talk with each other.
var address = lexicon.Of("i", "you", "we", "yeah", "okay")

// Talk tells that people talk with each other in the document, which nobody
// does in an article.
func (c *Case) Talk() bool { return c.you*40 > c.lowers+c.capped }

// stands tells a word without a word before it that would make it a noun among
// others: "in clover", but not "the clover", "red clover" or "a field clover".
func stands(toks []sentence.Token, i int) bool {
	if i == 0 || toks[i-1].Kind == sentence.Punct {
		return true
	}
	before := toks[i-1].Lower
	return isFunction()[before] && !determiner[before] || given()[before] || step.IsVerbForm(before) && !strings.HasSuffix(before, "ing")
}

var determiner = lexicon.Of("the", "a", "an", "this", "that", "these", "those", "my", "your", "his", "her", "its", "our", "their", "no", "some", "any",
	"every", "each", "all", "more", "most", "much", "many", "few", "less", "another", "other", "same", "such", "own", "both", "what", "which", "enough", "several", "first", "second", "last", "next")

// usedAsName tells a word of a document without capitals that is used as names are:
// again and again, nearly always by itself.
func (c *Case) usedAsName(word string) bool {
	n := c.low[word]
	return n >= 2 && len(word) >= 4 && c.alone[word]*4 >= n*3 && !looksEveryday(word)
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
var small = lexicon.Of("a", "an", "the", "of", "in", "on", "at", "to", "for", "and", "or", "but", "by", "with", "from", "as", "is", "vs")

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
