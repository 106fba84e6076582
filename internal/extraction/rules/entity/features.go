package entity

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
	"griot/internal/extraction/rules/linear"
)

type features []linear.Feature

func (t *features) add(value float64, parts ...string) {
	*t = append(*t, linear.Feature{Key: linear.Key(parts...), Value: value})
}

// Scales of features: rare ones are many and seen seldom; telling ones are few and
// designed to discriminate.
const (
	rare    = 0.4
	telling = 2
)

// addBoth adds a feature and, in talks about work, a copy of it that the model may
// weigh differently: what one is "in" is a system there, and a place elsewhere.
func (t *features) addBoth(work bool, value float64, parts ...string) {
	t.add(value, parts...)
	if work {
		t.add(value, append([]string{"work"}, parts...)...)
	}
}

// context adds the features of one mention: the words around it, as such and by
// their shapes, and the cues that capture it.
func (t *features) context(l document.Line, from, to int, matches []english.Match, work bool) {
	toks := l.Tokens
	before, before2, after, after2 := shape(toks, from-1), shape(toks, from-2), shape(toks, to), shape(toks, to+1)
	t.addBoth(work, 1, "before", before)
	t.add(rare, "before2", before2, before)
	t.addBoth(work, 0.7, "after", after)
	t.add(rare, "after2", after, after2)
	if from > 0 && articles()[toks[from-1].Lower] {
		t.addBoth(work, 1, "determined")
	}
	if to < len(toks) && toks[to].Kind == english.Word {
		switch {
		case english.BaseForm(toks[to].Lower) != "" && strings.HasSuffix(toks[to].Lower, "s"):
			t.addBoth(work, 1, "does")
		case strings.HasSuffix(toks[to].Lower, "ed"):
			t.addBoth(work, 1, "did")
		}
	}
	if (from == 0 || toks[from-1].Text == ",") && (to == len(toks) || toks[to].Kind == english.Punct) {
		t.addBoth(work, 1, "called on")
	}
	t.predicate(toks, to)
	for _, tok := range toks[to:min(len(toks), to+maxPronoun)] {
		if p := pronounKinds()[tok.Lower].Name; p != "" {
			t.addBoth(work, 1, "then", p)
			break
		}
	}
	for _, m := range matches {
		if !strings.HasSuffix(m.Label, "+") && near(m.Kept, english.Name{From: from, To: to}) {
			t.addBoth(work, telling*m.Weight, "cue", m.Label)
		}
	}
}

// maxPronoun is how many words after a name a pronoun may stand for it.
const maxPronoun = 15

// pronounKinds tell persons from things.
var pronounKinds = english.Labels("pronoun-kinds")

// predicate adds the words by which the text from i on defines the name before it:
// "Otter's the dialer", "Ines, who runs the desk".
func (t *features) predicate(toks []english.Token, i int) {
	linked := 0
	for ; i < len(toks) && linked < 5 && (copulas()[toks[i].Lower] || toks[i].Text == ","); i++ {
		linked++
	}
	if linked == 0 {
		return
	}
	t.add(rare, "linked", strconv.Itoa(min(linked, 3)), shape(toks, i-1))
	for n := 0; n < 5 && i < len(toks); n, i = n+1, i+1 {
		if toks[i].Kind != english.Word || function()[toks[i].Lower] {
			return
		}
		t.add(rare, "said", toks[i].Lower)
		if kind := says()[toks[i].Lower].Name; kind != "" {
			t.add(telling, "said to be", kind)
		}
	}
}

var articles = english.Words("name-articles")

// shape is a lower-case or function word itself; of any other, its capitals.
func shape(toks []english.Token, i int) string {
	switch {
	case i < 0 || i >= len(toks):
		return "^"
	case toks[i].Kind == english.Number:
		return "#"
	case toks[i].Kind != english.Word || !toks[i].Capital || function()[toks[i].Lower]:
		return toks[i].Lower
	case english.IsTitle(toks[i].Lower):
		return "Title"
	case toks[i].Upper:
		return "AA"
	}
	return "Aa"
}

// spelling adds the features of the name itself: the shapes and endings of its
// words, and what the lists know of it.
func (t *features) spelling(text string) {
	words := strings.Fields(text)
	last := strings.ToLower(strings.TrimSuffix(words[len(words)-1], "."))
	first := strings.ToLower(words[0])
	t.add(1, "words", strconv.Itoa(min(len(words), 4)))
	t.add(rare, "last", last)
	t.add(rare/2, "first", first)
	for n := 2; n <= 3; n++ {
		if runes := []rune(last); len(runes) > n {
			t.add(rare/2, "ends", string(runes[len(runes)-n:]))
		}
	}
	if kind := suffixes()[last].Name; kind != "" {
		t.add(telling, "suffix", kind, strconv.FormatBool(len(words) > 1))
	}
	everyday := 0
	for _, w := range words {
		if low := strings.ToLower(w); common()[low] || english.IsVerbForm(low) {
			everyday++
		}
	}
	t.add(1, "everyday", strconv.Itoa(min(everyday, 2)), strconv.Itoa(min(len(words), 3)))
	t.add(1, "written", written(words))
	if english.IsGivenName(first) {
		t.add(telling, "given", strconv.FormatBool(common()[first]))
	}
	if kind, _ := english.LookupName(text); kind != english.Unknown {
		t.add(telling, "listed", string(kind))
	}
}

var common = english.Words("common-words")

// written describes the capitals, digits and hyphens of a name's first words.
func written(words []string) string {
	var b strings.Builder
	for _, w := range words[:min(len(words), 3)] {
		switch {
		case strings.ContainsAny(w, "0123456789"):
			b.WriteString("9")
		case strings.Contains(w, "-"):
			b.WriteString("-")
		case len(w) > 1 && strings.ToUpper(w) == w:
			b.WriteString("AA")
		case hasUpper(w[1:]):
			b.WriteString("aA")
		case upper(w):
			b.WriteString("Aa")
		default:
			b.WriteString("a")
		}
	}
	return b.String()
}

// usage adds how the talk uses the name: how often, over how much of it, in how
// many spellings, and what the hand-written cues say.
func (t *features) usage(c *candidate, lines int, work bool) {
	t.add(1, "one")
	if work {
		t.add(1, "work")
	}
	t.add(math.Log(float64(max(1, c.mentions))), "mentions")
	t.add(1, "mentions", strconv.Itoa(min(c.mentions, 6)))
	t.add(float64(c.last-c.first)/float64(max(1, lines)), "spread")
	t.add(1, "spellings", strconv.Itoa(min(len(c.order), 3)))
	t.add(c.worth, "worth")
	if c.speaker {
		t.add(telling, "speaker")
	}
	if !c.caps {
		t.add(1, "lower case")
	}
	for _, kind := range extraction.EntityTypes {
		if v := c.votes[kind]; v > 0 {
			t.addBoth(work, telling*v, "vote", kind)
		}
	}
	for _, s := range c.order[:min(len(c.order), 3)] {
		if !c.caps {
			s = strings.ToLower(s)
		}
		t.spelling(s)
	}
}

// Classes that a name may belong to: those of the entity types that names have,
// and Other, which is none of them or not worth showing.
var classes = []string{"Person", "Team", "System", "Customer", "Vendor", "Policy", "Workflow", Other}

// Other is the class of names that are no entity of a session.
const Other = "Other"

func class(kind string) int { return slices.Index(classes, kind) }
