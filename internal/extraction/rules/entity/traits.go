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

type traits []linear.Feature

func (t *traits) add(value float64, parts ...string) {
	*t = append(*t, linear.Feature{Key: linear.Key(parts...), Value: value})
}

// How much features count that are many and seldom seen, and those that are few
// and made to tell.
const (
	rare    = 0.4
	telling = 2
)

// here adds a feature, and once more for talks about work, which differ from
// other texts: what one is "in" is a system there, and a place elsewhere.
func (t *traits) here(work bool, value float64, parts ...string) {
	t.add(value, parts...)
	if work {
		t.add(value, append([]string{"work"}, parts...)...)
	}
}

// where adds what the place of a name says about it: the words around it, by
// themselves and by what they are, and the cues that hold it.
func (t *traits) where(l document.Line, from, to int, matches []english.Match, work bool) {
	toks := l.Tokens
	before, before2, after, after2 := shape(toks, from-1), shape(toks, from-2), shape(toks, to), shape(toks, to+1)
	t.here(work, 1, "before", before)
	t.add(rare, "before2", before2, before)
	t.here(work, 0.7, "after", after)
	t.add(rare, "after2", after, after2)
	if from > 0 && articles()[toks[from-1].Lower] {
		t.here(work, 1, "determined")
	}
	if to < len(toks) && toks[to].Kind == english.Word {
		switch {
		case english.BaseForm(toks[to].Lower) != "" && strings.HasSuffix(toks[to].Lower, "s"):
			t.here(work, 1, "does")
		case strings.HasSuffix(toks[to].Lower, "ed"):
			t.here(work, 1, "did")
		}
	}
	if (from == 0 || toks[from-1].Text == ",") && (to == len(toks) || toks[to].Kind == english.Punct) {
		t.here(work, 1, "called on")
	}
	t.said(toks, to)
	for _, tok := range toks[to:min(len(toks), to+maxPronoun)] {
		if p := pronounKinds()[tok.Lower].Name; p != "" {
			t.here(work, 1, "then", p)
			break
		}
	}
	for _, m := range matches {
		if !strings.HasSuffix(m.Label, "+") && near(m.Kept, english.Name{From: from, To: to}) {
			t.here(work, telling*m.Weight, "cue", m.Label)
		}
	}
}

// maxPronoun is how many words after a name a pronoun may stand for it.
const maxPronoun = 15

// pronounKinds tell persons from things.
var pronounKinds = english.Labels("pronoun-kinds")

// said adds the nouns by which the words from i say what the name before them
// is: "Otter's the dialer", "Ines, who runs the desk".
func (t *traits) said(toks []english.Token, i int) {
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

// shape is a word itself where it is an everyday one, else what kind of word.
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

// form adds what the name itself says: its words' shapes and endings, and what
// the lists know of it.
func (t *traits) form(text string) {
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

// written tells how a name's words are written.
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

// role adds what part the name has in the talk: how often it is named, over how
// much of it, by how many spellings, and what the hand-written cues say.
func (t *traits) role(c *candidate, lines int, work bool) {
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
			t.here(work, telling*v, "vote", kind)
		}
	}
	for _, s := range c.order[:min(len(c.order), 3)] {
		if !c.caps {
			s = strings.ToLower(s)
		}
		t.form(s)
	}
}

// Classes that a name may belong to: those of the entity types that names have,
// and Other, which is none of them or not worth showing.
var classes = []string{"Person", "Team", "System", "Customer", "Vendor", "Policy", "Workflow", Other}

// Other is the class of names that are no entity of a session.
const Other = "Other"

func class(kind string) int { return slices.Index(classes, kind) }
