package document

import (
	"math"
	"strconv"
	"strings"

	"griot/internal/extraction/rules/english"
	"griot/internal/extraction/rules/linear"
)

// profile is what the features of a sentence and of its neighbours are made of.
type profile struct {
	english.Sentence
	speaker string
	n, turn int
	opens   bool // the turn
	words   int
	content int     // words that are no function words, repetitions apart
	topic   float64 // mean logarithm of how often they stand in the document
	rare    float64 // sum of how much they tell (inverse document frequency)
	cues    []english.Match
	cue     float64 // the cues' weights
	numbers int
}

func (t *Topics) profile(s english.Sentence, speaker string) *profile {
	d := &profile{Sentence: s, speaker: speaker, words: s.Words(), cues: cues().All(s.Tokens)}
	frequency := 0.0
	for i, tok := range s.Tokens {
		if isNumber(tok) {
			d.numbers++
		}
		if !english.IsContent(tok) || repeats(s.Tokens, i) {
			continue
		}
		d.content++
		if !common()[tok.Lower] {
			in := float64(t.words[tok.Lower])
			frequency += math.Log(1 + in)
			d.rare += math.Log(float64(t.sentences+1) / (in + 1))
		}
	}
	d.topic = frequency / float64(d.content+1)
	for _, m := range d.cues {
		d.cue += m.Weight
	}
	return d
}

func isNumber(t english.Token) bool { return t.Kind == english.Number || numerals()[t.Lower] }

type features []linear.Feature

func (f *features) add(value float64, parts ...string) {
	*f = append(*f, linear.Feature{Key: linear.Key(parts...), Value: value})
}

// features are those of the sentence in the middle of its neighbourhood, in
// which nil stands beyond the document's ends. Values are of the order of 1.
// They are appended to f.
func (t *Topics) features(f features, near [2*around + 1]*profile) features {
	s := near[around]
	f.add(1, "one")
	f.content(s)
	f.wording(s)
	f.place(t, s)
	for i, d := range near {
		if i != around {
			f.neighbour(s, d, strconv.Itoa(i-around))
		}
	}
	return f
}

// content adds how much the sentence says, and of what.
func (f *features) content(s *profile) {
	f.add(1, "words", size(s.words))
	f.add(1, "content", size(s.content))
	f.add(math.Log(1+float64(s.content)), "log content")
	f.add(s.topic/3, "topic")
	f.add(1, "topic", topical(s.topic))
	f.add(math.Log(1+s.rare)/3, "rare")
	f.add(1, "numbers", bucket(float64(s.numbers), 0, 1, 2, 4))
	f.add(1, "content and topic", size(s.content), topical(s.topic))
	f.add(1, "content and cue", size(s.content), cued(s.cue))
}

// wording adds the cues, the function words and pairs of words, in which other
// words are represented by their endings.
func (f *features) wording(s *profile) {
	f.add(min(s.cue, 6)/3, "cue")
	f.add(1, "cue", bucket(s.cue, 0, 0.4, 0.7, 1, 1.5, 2, 3, 4))
	if s.Question {
		f.add(1, "question")
	}
	for _, m := range s.cues {
		f.add(0.5, "cued", strconv.Itoa(int(10*m.Weight)), s.Tokens[m.From].Lower)
	}
	before := "^"
	for i, tok := range s.Tokens[:min(len(s.Tokens), maxPaired)] {
		if tok.Kind == english.Punct {
			continue
		}
		w := shown(tok)
		if !repeats(s.Tokens, i) {
			f.add(0.5, "word", w)
		}
		if w[0] != '_' || before[0] != '_' {
			f.add(0.5, "pair", before, w)
		}
		before = w
	}
}

// maxPaired is how many tokens of a sentence are features.
const maxPaired = 60

var shownEndings = english.Ordered("shown-endings")

// shown is a function word itself; any other word is represented by its ending.
func shown(t english.Token) string {
	switch {
	case isNumber(t):
		return "#"
	case t.Kind == english.Clitic, function()[t.Lower]:
		return t.Lower
	}
	for _, end := range shownEndings() {
		if len(t.Lower) > len(end)+2 && strings.HasSuffix(t.Lower, end) {
			return "_" + end
		}
	}
	return "_"
}

// place adds where in the document and in its turn the sentence stands, and how
// much its speaker says.
func (f *features) place(t *Topics, s *profile) {
	at := float64(s.n) / float64(max(1, t.sentences))
	quarter := bucket(at, .1, .3, .7, .9)
	f.add(at, "at")
	f.add(1, "at", bucket(at, .02, .05, .1, .2, .3, .4, .5, .6, .7, .8, .9, .95, .98))
	f.add(1, "at and content", quarter, size(s.content))
	f.add(1, "at and cue", quarter, cued(s.cue))
	share := float64(t.talk[s.speaker]) / float64(max(1, t.total)) * float64(max(1, len(t.talk)))
	f.add(1, "share", bucket(share, .3, .6, .9, 1.1, 1.4, 1.8, 2.5))
	if s.speaker == t.most {
		f.add(1, "says most")
		f.add(at, "says most at")
	}
	if s.opens {
		f.add(1, "opens turn")
	}
}

// neighbour adds what is said at a place beside the sentence.
func (f *features) neighbour(s, d *profile, at string) {
	if d == nil {
		f.add(1, "edge", at)
		return
	}
	f.add(1, "near content", at, size(d.content))
	f.add(min(d.cue, 6)/3, "near cue", at)
	f.add(d.topic/3, "near topic", at)
	if d.speaker == s.speaker {
		f.add(1, "near same", at)
	}
	if d.Question {
		f.add(1, "near question", at)
	}
	if d.words > 0 {
		f.add(0.5, "near first", at, shown(d.Tokens[0]))
	}
}

// bucket returns the number of the first limit that v is not above.
func bucket(v float64, limits ...float64) string {
	for i, l := range limits {
		if v <= l {
			return strconv.Itoa(i)
		}
	}
	return strconv.Itoa(len(limits))
}

func size(words int) string      { return bucket(float64(words), 0, 1, 2, 4, 6, 9, 13, 18, 25, 40) }
func topical(t float64) string   { return bucket(t, 0.2, 0.6, 1, 1.4, 1.8, 2.2, 2.6, 3) }
func cued(weight float64) string { return bucket(weight, 0, 0.5, 1, 1.5, 2, 3, 4) }
