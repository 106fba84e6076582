package layout

import (
	"strings"
	"unicode"
	"unicode/utf8"

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

// isField recognises labels that headers have, or whose value is a link.
func isField(l prefix) bool { return label.IsField(l.name) || label.IsLink(l.words) }

func hasNumber(l prefix) bool { return strings.ContainsAny(l.words, "0123456789") && len(l.words) < 40 }

// A trial is what one layout has made of the whole file.
type trial struct {
	layout *Layout
	cues   bool // it reads captions
	skip   int  // lines that the last head took
	open   bool // the last head has no words yet

	lines, heads, named, marked, timed, framed, fronted, paras int
	levels                                                     [7]int // heads that are headings, by level; 0 for none
	allParas                                                   int    // paragraphs, with names or without
	capitals                                                   int    // names that have nothing else
	resets, empty                                              int    // heads of nobody known, without words
	inOrder, ofDay, long                                       int    // times
	first, last, latest                                        int64
	nights                                                     clock.Nights
	names                                                      map[string]*seen

	// What settle finds out:
	again, like, known     int               // heads whose name comes again, looks like one, is known
	kinds                  int               // names that come again
	firstAgain, firstNamed int               // line of the first of them
	level                  int               // of the headings that are the most frequent name
	bare                   map[string]string // the name in `Name (role)`, by keys
}

// seen is what a trial knows of a name.
type seen struct {
	spelling            string // the one that is neither all capitals nor all small letters, if there is one
	count, marked, sure int
	worded              int // of them with words on their line
	alone               int // times that it stood for a sound
	first               int // line, counted from 0
	level               int // of the first heading
	para                bool
	known               bool
	common              bool // the file has it as a word, too
	doubtful            bool // where it first stood, something says that it is words
}

// maxNames bounds what is kept of a hostile file.
const maxNames = 10_000

func (t *trial) step(w []look) {
	if t.skip > 0 {
		t.skip--
		return
	}
	if w[0].Para {
		t.allParas++
	}
	h, ok := t.layout.head(w)
	if ok && h.alone {
		t.sound(h)
	}
	if !ok || h.alone {
		t.lines++
		t.open = false
		return
	}
	at := t.lines
	t.lines += max(1, h.lines)
	t.skip = max(0, h.lines-1)
	t.heads++
	t.levels[min(w[0].Heading, len(t.levels)-1)]++
	if t.open {
		t.empty++
	}
	if h.reset {
		t.resets++
	}
	t.open = h.words == "" && (h.named || t.layout.below)
	if h.timed {
		t.time(h, &w[0])
	}
	if h.named {
		t.name(h, &w[0], at)
	}
}

func (t *trial) time(h head, k *look) {
	if h.named && t.named == 0 && h.stamp.Start < t.last { // what stood above the first name was of a header: how long all of it is
		t.timed, t.framed, t.fronted, t.inOrder, t.ofDay, t.long = 0, 0, 0, 0, 0, 0
		t.latest, t.nights = 0, clock.Nights{}
	}
	if t.ofDay > 0 && h.stamp.Short { // hours and minutes
		h.stamp.Start *= 60
	}
	at := h.stamp.Start
	if t.timed == 0 {
		t.first, t.last = at, at
	}
	t.latest = max(t.latest, at)
	if !h.stamp.Dated {
		at = t.nights.Onward(at)
	}
	t.timed++
	if at >= t.last {
		t.inOrder++
	}
	t.last = at
	if h.stamp.Framed {
		t.framed++
	}
	if h.stamp.OfDay {
		t.ofDay++
	}
	if !h.stamp.Short {
		t.long++
	}
	if k.timed || t.layout.below {
		t.fronted++
	}
}

// sound notes that what may be a name stands without words.
func (t *trial) sound(h head) {
	n := t.names[h.key()]
	if n == nil {
		if len(t.names) == maxNames {
			return
		}
		n = &seen{spelling: h.name}
		t.names[h.key()] = n
	}
	n.alone++
}

func (t *trial) name(h head, k *look, at int) {
	t.named++
	if h.marked {
		t.marked++
	}
	if isCapitals(h.name) {
		t.capitals++
	}
	if k.Para {
		t.paras++
	}
	key := h.key()
	n := t.names[key]
	if n == nil {
		if len(t.names) == maxNames {
			return
		}
		n = &seen{spelling: h.name, first: at, level: k.Heading, para: k.Para}
		n.doubtful = k.dash && !k.timed || k.prefix.tight || label.IsLink(h.words)
		t.names[key] = n
	}
	if n.spelling != h.name && isOneCase(n.spelling) && !isOneCase(h.name) {
		n.spelling = h.name
	}
	n.count++
	if h.words != "" {
		n.worded++
	}
	if h.marked {
		n.marked++
	}
	if h.sure {
		n.sure++
	}
}

// settle takes a header off and counts what the names of the file are.
func (t *trial) settle(h header, known map[string]bool, words *vocabulary) {
	if t.open {
		t.empty++
	}
	for _, name := range h.labels {
		if n := t.names[label.Fold(name)]; n != nil && n.first < h.lines && n.count == 1 {
			delete(t.names, label.Fold(name))
			t.heads--
			t.named--
			if n.para {
				t.paras--
			}
		}
	}
	t.lines -= h.lines
	t.firstAgain, t.firstNamed = t.lines, t.lines
	t.joinRoles()
	most := 0
	for name, n := range t.names {
		t.firstNamed = min(t.firstNamed, n.first-h.lines)
		n.common = n.count == 1 && words.has(n.spelling)
		n.known = known[name] || n.sure > 0 || label.IsNobody(name)
		switch {
		case n.alone*3 > n.count:
			continue
		case n.known:
			t.known += n.count
		case n.count > 1:
		case !n.doubtful && (!n.common || t.full()) && label.LooksLikeName(n.spelling):
			t.like++
			continue
		default:
			continue
		}
		t.again += n.count
		t.kinds++
		if n.count > most {
			t.level, most = n.level, n.count
		}
		t.firstAgain = min(t.firstAgain, n.first-h.lines)
	}
}

// joinRoles counts `Name (role)` as the name where the file has that, too.
func (t *trial) joinRoles() {
	t.bare = map[string]string{}
	for key, n := range t.names {
		if name, _, ok := label.SplitRole(key); ok && key[0] != '"' && t.names[name] != nil {
			t.bare[key] = name
			t.names[name].count += n.count
		}
	}
	for key, name := range t.bare {
		t.names[key].count = t.names[name].count
	}
}

// full reports whether nearly every line has a name, or every cue.
func (t *trial) full() bool {
	return t.named*10 >= t.lines*9 || t.cues && t.paras*10 >= t.allParas*9
}

// orderly reports whether times do not run backwards.
func (t *trial) orderly() bool { return t.timed > 0 && t.inOrder*10 >= t.timed*9 }

// namesFit is for names that stand before the words: they begin nearly every
// line, or come again and again from the beginning on, two of them at least;
// or a short file has nothing but what looks like names.
func (t *trial) namesFit() bool {
	if t.named == 0 {
		return false
	}
	if t.known > 0 || t.marked > 0 && t.marked*25 >= t.lines && t.again+t.like > 0 {
		return true
	}
	if t.again*10 >= t.named*3 {
		switch {
		case t.named*10 >= t.lines*7,
			t.again > 1 && (t.again+t.like)*4 >= t.lines && (t.kinds+t.like > 1 || t.resets > 0),
			t.kinds > 1 && t.again > 3 && t.again*40 >= t.lines && t.firstAgain*3 <= t.lines,
			t.timed > 1 && t.timed*2 >= t.named && t.orderly():
			return true
		}
	}
	return (t.firstNamed == 0 && t.like*3 >= t.lines || t.lines < 3 && t.like*2 >= t.lines) && (t.like > 1 || t.lines < 3 || t.timed > 0) && t.like*2 >= t.named
}

// aloneFits is for names that stand with their times on a line of their own.
func (t *trial) aloneFits() bool {
	return t.named > 0 && t.empty*4 <= t.heads && t.named*100 >= t.lines && t.orderly() &&
		(t.again*2 >= t.named || (t.again+t.like)*10 >= t.named*8)
}

// score is how much of the file the layout explains: names that come again,
// times in their order, changes of the speaker.
func (t *trial) score() int {
	s := 10*t.again + 6*t.like + 4*(t.named-t.again-t.like)
	if t.orderly() {
		s += 10 * t.inOrder
	}
	if t.named == 0 && t.timed == 0 {
		s += 5 * t.heads
	}
	if t.layout.below {
		return s - 20*t.empty
	}
	return s - 3*t.empty
}

// isSentence reports whether a line ends as sentences do, and not with an initial.
func isSentence(s string) bool {
	if !label.EndsSentence(s) {
		return false
	}
	last := strings.TrimSuffix(s[strings.LastIndexByte(s, ' ')+1:], ".")
	return len(last) == len(s)-1 || last == "" || utf8.RuneCountInString(last) > 2 || !unicode.IsUpper([]rune(last)[0])
}

// isCapitals reports whether all letters are capitals.
func isCapitals(s string) bool { return strings.ToUpper(s) == s && strings.ToLower(s) != s }

// isOneCase reports whether all letters are capitals, or all are small.
func isOneCase(s string) bool { return strings.ToUpper(s) == s || strings.ToLower(s) == s }
