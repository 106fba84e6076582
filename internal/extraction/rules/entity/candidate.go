package entity

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/english"
)

// MaxEvidence is the most citations of an entity.
const MaxEvidence = 20

// candidate is what is known of one name. Its vote for a type is the chance that
// not all of the cues for it are wrong.
type candidate struct {
	key      string
	votes    map[string]float64
	surfaces map[string]int
	order    []string // surfaces as they appeared
	titled   []string // with a title: "Mr Tranter"
	mentions int
	first    int // the line of the first mention
	last     int
	evidence []extraction.Evidence
	quoted   int // the line of the last evidence
	speaker  bool
	caps     bool      // written with capitals, or listed
	worth    float64   // the most of a line that names it
	places   int       // where features were taken
	scores   []float64 // sum of what the places say for each class
	features features  // of the places, kept while a model is learnt
}

func (c *candidate) spell(text string) {
	if c.surfaces[text] == 0 {
		if len(c.order) >= 12 {
			return
		}
		c.order = append(c.order, text)
	}
	c.surfaces[text]++
}

// weak votes support others, and decide nothing however many there are.
const weak, maxWeak = 0.2, 0.35

func (c *candidate) vote(kind string, w float64) {
	if w < weak && c.votes[kind] >= maxWeak {
		return
	}
	c.votes[kind] = 1 - (1-c.votes[kind])*(1-w)
}

// decide returns the type with the most votes and how sure it is.
func (c *candidate) decide() (string, float64) {
	best, sum := "", 0.0
	for _, kind := range extraction.EntityTypes {
		sum += c.votes[kind]
		if best == "" || c.votes[kind] > c.votes[best] {
			best = kind
		}
	}
	if sum == 0 {
		return "", 0
	}
	v := c.votes[best]
	return best, v * (0.5 + 0.5*v/sum)
}

// absorb moves all of o to c; what is left of o has no mentions and is not
// emitted.
func (c *candidate) absorb(o *candidate) {
	c.mentions += o.mentions
	c.first = min(c.first, o.first)
	c.speaker = c.speaker || o.speaker
	for _, s := range o.order {
		if c.surfaces[s] == 0 {
			c.order = append(c.order, s)
		}
		c.surfaces[s] += o.surfaces[s]
	}
	for _, kind := range extraction.EntityTypes {
		c.vote(kind, o.votes[kind])
	}
	c.last = max(c.last, o.last)
	c.worth = max(c.worth, o.worth)
	c.caps = c.caps || o.caps
	c.places += o.places
	c.features = append(c.features, o.features...)
	for i, s := range o.scores {
		if c.scores == nil {
			c.scores = make([]float64, len(classes))
		}
		c.scores[i] += s
	}
	c.titled = append(c.titled, o.titled...)
	for _, e := range o.evidence {
		if !slices.Contains(c.evidence, e) {
			c.evidence = append(c.evidence, e)
		}
	}
	if len(c.evidence) > MaxEvidence {
		c.evidence = c.evidence[:MaxEvidence]
	}
	o.mentions, o.evidence, o.votes = 0, nil, map[string]float64{}
	o.places, o.scores, o.features = 0, nil, nil
	o.speaker = false
}

// spellings returns the name to show and the others: the longest for people,
// the most frequent for the rest.
func (c *candidate) spellings(kind string) (string, []string) {
	main := c.order[0]
	for _, s := range c.order[1:] {
		if c.better(kind, s, main) {
			main = s
		}
	}
	seen := map[string]bool{strings.ToLower(main): true}
	others := []string{}
	for _, s := range append(c.order[:len(c.order):len(c.order)], c.titled...) {
		if low := strings.ToLower(s); !seen[low] {
			seen[low] = true
			others = append(others, s)
		}
	}
	return capitalise(main), others
}

func (c *candidate) better(kind, s, main string) bool {
	if kind == "Person" && strings.Count(s, " ") != strings.Count(main, " ") {
		return strings.Count(s, " ") > strings.Count(main, " ")
	}
	if short(s) != short(main) && c.votes["Team"] > 0 {
		return short(main) && upper(s)
	}
	if upper(s) != upper(main) {
		return upper(s)
	}
	return c.surfaces[s] > c.surfaces[main]
}

// generic words at the end of a name are no part of it: "NetSuite" and "the
// NetSuite system" are one.
var generic = english.Words("generic-heads")

// key returns what all spellings of a name share: its letters and digits in
// lower case, without a generic last word, by the lists' own spelling.
func key(text string) string {
	words := strings.Fields(strings.ToLower(text))
	if len(words) > 1 && generic()[words[len(words)-1]] {
		words = words[:len(words)-1]
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	joined := strings.Join(words, " ")
	if kind, listed := english.LookupName(joined); kind != english.Unknown {
		joined = listed
	}
	return squeeze(joined)
}

func squeeze(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// capitalise makes the first letter upper-case.
func capitalise(text string) string {
	r, n := utf8.DecodeRuneInString(text)
	if n == 0 || len(text) > n && hasUpper(text[n:]) && !strings.Contains(text, " ") {
		return text
	}
	return string(unicode.ToUpper(r)) + text[n:]
}

func hasUpper(text string) bool {
	return strings.IndexFunc(text, unicode.IsUpper) >= 0
}

func upper(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsUpper(r)
}

// short recognises an acronym.
func short(text string) bool {
	return len(text) <= 5 && text == strings.ToUpper(text)
}
