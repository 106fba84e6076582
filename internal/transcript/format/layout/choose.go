package layout

import (
	"strings"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/label"
)

// A choice is the layout that reads a file, and what its trial has shown.
type choice struct {
	layout *Layout
	trial  *trial
	header header
	pages  int // paragraphs that are only a number, where these grow as those of pages do
}

// choose tries every layout on the whole file.
func choose(f File) choice {
	var trials []*trial
	for _, l := range layouts {
		if l.cues || !f.Cues {
			trials = append(trials, &trial{layout: l, cues: f.Cues, names: map[string]*seen{}})
		}
	}
	var top []topLine
	var p pages
	words := new(vocabulary)
	walk(f, func(w []look) {
		p.look(w)
		words.add(w[0].Text)
		if len(top) < maxHeader {
			top = append(top, topLine{w[0].prefix, w[0].Para, w[0].timed, w[0].Heading > 0})
		}
		if w[0].Heading > 0 {
			trialsOfHeading(trials, w)
			return
		}
		for _, t := range trials {
			t.step(w)
		}
	})
	known := map[string]bool{}
	for _, n := range f.Known {
		known[label.Fold(label.Clean(n))] = true
	}
	c := choice{layout: &prose, trial: &trial{layout: &prose, names: map[string]*seen{}}, pages: p.count}
	if !f.Cues {
		c.header = headerOf(top, trials, known)
	}
	best := 0
	for _, t := range trials {
		t.settle(c.header, known, words)
		if t.heads > 0 && t.layout.fits(t) && t.score() > best {
			c.layout, c.trial, best = t.layout, t, t.score()
		}
	}
	return c
}

// pages counts paragraphs of a number, as long as each is greater than the one
// before.
type pages struct {
	count  int
	last   int64
	broken bool
}

func (p *pages) look(w []look) {
	if p.broken || !w[0].Para || len(w) > 1 && !w[1].Para || !isNumber(w[0].s) {
		return
	}
	n, _ := clock.Digits(w[0].s)
	p.count++
	if n <= p.last {
		p.count, p.broken = 0, true
	}
	p.last = n
}

func isNumber(s string) bool {
	_, n := clock.Digits(s)
	return n > 0 && n < 5 && n == len(s)
}

// trialsOfHeading shows a heading to the layouts; those that know nothing of
// headings do not count it.
func trialsOfHeading(trials []*trial, w []look) {
	for _, t := range trials {
		if _, ok := t.layout.head(w); ok || t.skip > 0 {
			t.step(w)
		}
	}
}

const maxHeader = 40 // lines

type topLine struct {
	prefix  prefix
	para    bool
	timed   bool
	heading bool
}

// A header is the block of fields above a conversation: `Date: 4 May`.
type header struct {
	lines  int
	labels []string
}

// headerOf finds the fields that a file begins with: labels that do not come
// again, whose values are no sentences, with words of another kind below.
func headerOf(top []topLine, trials []*trial, known map[string]bool) header {
	names := trials[0].names
	for _, t := range trials {
		if t.layout == &nameColon {
			names = t.names
		}
	}
	from := 0
	for from < len(top) && from < 3 && !top[from].prefix.ok && !top[from].timed {
		from++
	}
	var h header
	sentences, proof := 0, false
	i := from
	for ; i < len(top); i++ {
		l := top[i].prefix
		if !l.ok || l.quote || l.sure || label.IsNobody(l.name) || top[i].timed && !l.timed || known[label.Fold(l.name)] || names[label.Fold(l.name)] == nil || names[label.Fold(l.name)].count > 1 {
			break
		}
		if i > from && top[i].para && !label.IsField(l.name) {
			break // another paragraph
		}
		if label.EndsSentence(l.words) {
			sentences++
		}
		proof = proof || isField(l) || hasNumber(l)
		h.labels = append(h.labels, l.name)
	}
	h.lines = i
	if n := len(h.labels); n == 0 || !proof || sentences*2 > n || i >= len(top) && len(top) < maxHeader ||
		i < len(top) && !top[i].para || n == 1 && !label.IsLink(top[from].prefix.words) && !label.IsField(h.labels[0]) {
		return header{}
	}
	return h
}

// isField is true for labels that headers have, or whose value is a link.
func isField(l prefix) bool { return label.IsField(l.name) || label.IsLink(l.words) }

func hasNumber(l prefix) bool { return strings.ContainsAny(l.words, "0123456789") && len(l.words) < 40 }
