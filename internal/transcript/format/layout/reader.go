package layout

import (
	"strings"
	"unicode"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// A reader makes turns of a file by the layout that was chosen.
type reader struct {
	choice
	file File
	out  *turn.Collector

	at      int // lines read, of the header too
	skip    int
	begun   bool // a head was read
	listing bool // the line before ended with a colon, and what follows is its list

	speaker, role string
	stamp         clock.Stamp
	timed         bool
	until, ended  int64       // times behind the words of this turn and the one before, or -1
	mark          *clock.Mark // of the line or paragraph, where the container has one
	body          []string
	wall          clock.Wall
	stems         map[string]int // of names with numbers; nil until they are looked for
}

// line reads the first line of w.
func (r *reader) line(w []look) {
	if r.skip > 0 {
		r.skip--
		return
	}
	k := &w[0]
	at := r.at
	if r.at++; at < r.header.lines && !r.file.Cues {
		r.pass()
		return
	}
	if k.Para && r.file.Paragraphs {
		r.flush()
	}
	if r.file.Cues && k.Para {
		r.mark = k.Time
		if label.IsBlankAudio(k.s) {
			r.pass()
			return
		}
	}
	last := len(w) < 2 || w[1].Para
	if k.cue && k.Para && last && label.IsDirection(k.s) { // a sound, which is nobody's
		r.flush()
		r.out.Add(transcript.Turn{StartMS: &k.Time.Start, EndMS: k.Time.End, Text: k.Text})
		return
	}
	if h, ok := r.layout.head(w); ok && r.accept(h, k, last) {
		r.begin(h)
		if h.notice {
			r.timed = false
			r.pass()
			return
		}
		if !h.timed && k.Inner != nil {
			r.paragraphTime(k)
		}
		r.skip = max(0, h.lines-1)
		r.at += r.skip
		r.words(h.words)
		r.until = k.until
		r.listing = strings.HasSuffix(h.words, ":") && !h.reset
		return
	}
	r.plain(k, last)
}

// plain reads a line that begins no turn.
func (r *reader) plain(k *look, last bool) {
	switch {
	case k.Heading > 0:
		r.flush()
		r.pass()
		return
	case r.file.Cues:
		if k.changed && k.Para { // a cue begins with it: never words, however few there are
			r.words(k.s)
		} else {
			r.words(k.Text)
		}
		return
	case r.isAside(k, last):
		if label.EndsSpeech(k.s) && !label.IsRule(k.s) {
			r.flush()
			r.speaker, r.role = "", ""
		}
		r.pass()
		return
	case !r.begun && !r.layout.nameless && !label.EndsSentence(k.s) && len(k.s) < 120 && k.Inner == nil && (!k.prefix.ok || isField(k.prefix)):
		r.flush()
		r.pass()
		return
	case k.Para && (!r.begun || r.file.Paragraphs):
		r.flush()
	}
	if k.Time != nil || k.Inner != nil {
		r.paragraphTime(k)
	}
	r.listing = r.listing && !k.Para || strings.HasSuffix(k.Text, ":")
	words := k.Text
	if k.changed && r.layout != &prose {
		words = k.s
	}
	r.words(words)
	r.until = max(r.until, k.until)
}

// isAside recognises a line that nobody says: a tool's notice, a break, the
// number of a page, or all in brackets where a sentence is over.
func (r *reader) isAside(k *look, last bool) bool {
	switch {
	case k.s == "":
		return k.Time == nil
	case k.Para && last && r.pages > 1 && isNumber(k.s):
		return true
	case k.Para && label.IsNoise(k.s) && label.EndsSpeech(k.s):
		return true
	case !label.IsNotice(k.s):
		return false
	}
	return k.Para || !label.IsDirection(k.s) || len(r.body) == 0 || label.EndsSentence(r.body[len(r.body)-1])
}

// paragraphTime takes the first time in a paragraph where no head has one.
func (r *reader) paragraphTime(k *look) {
	m := k.Time
	if m == nil {
		m = k.Inner
	}
	if r.timed {
		return
	}
	r.stamp, r.timed = clock.Stamp{Start: m.Start, End: -1}, true
	if m.End != nil {
		r.stamp.End = *m.End
	}
}

func (r *reader) words(s string) {
	if label.IsBlankAudio(s) {
		r.pass()
	} else if s != "" {
		r.body = append(r.body, s)
	}
}

// accept decides whether the name of a head is one, by the rhythm of the file;
// last: the line ends its paragraph.
func (r *reader) accept(h head, k *look, last bool) bool {
	if !h.named {
		return h.reset || h.timed && (r.trial.timed > 1 || !h.stamp.OfDay || r.trial.named == 0)
	}
	n := r.trial.names[h.key()]
	switch {
	case n == nil:
		return len(r.trial.names) == maxNames // of too many to be kept
	case h.alone, n.alone*3 > n.count:
		return false
	case k.cue && last && h.words == "" && n.worded == 0: // it never has words
		return false
	}
	if n.known || label.IsNobody(h.name) {
		return true
	}
	t := r.trial
	switch r.layout {
	case &nameColon:
		return r.acceptLabel(h, k, n)
	case &questionAnswer:
		return h.marked || r.acceptLabel(h, k, n)
	case &nameLine:
		if t.marked > 0 && t.marked*2 >= t.again && !h.marked {
			return false
		}
		if k.Heading != t.level {
			return false
		}
		return n.count > 1 || h.marked && label.LooksLikeName(h.name) || strings.ToUpper(h.name) == h.name && label.LooksLikeName(h.name)
	}
	return !r.layout.below || n.count > 1 || k.Para || t.paras*10 < t.named*8
}

// farBefore is how many lines before the first name that comes again no other
// begins the conversation.
const farBefore = 5

// acceptLabel decides on a name and its colon.
func (r *reader) acceptLabel(h head, k *look, n *seen) bool {
	t := r.trial
	if t.marked*10 >= t.named*3 && !h.marked && r.layout == &nameColon {
		return false
	}
	plain := label.BeginsPlain(h.name)
	full := t.full()
	if n.count == 1 && t.again*2 >= t.named && n.first-r.header.lines+farBefore < t.firstAgain {
		return false // it stands in a talk that a conversation follows
	}
	if t.capitals*10 >= t.named*7 && t.again > 2 {
		if isCapitals(h.name) && strings.Contains(h.name, " ") && !strings.ContainsAny(h.name, "0123456789") {
			return true
		} else if n.count == 1 && strings.ToLower(h.name) != strings.ToUpper(h.name) && !strings.ContainsFunc(h.name[1:], unicode.IsUpper) {
			return false
		}
	}
	if k.Heading > 0 && n.count == 1 {
		return false
	}
	if plain && n.count > 1 && t.again > 0 && label.IsOffice(h.name) {
		return true
	}
	if n.count > 1 {
		return full || !plain || t.marked > 0 && h.marked && n.count > 2
	}
	switch {
	case label.IsNoise(h.name):
		return true
	case n.doubtful || n.common && !full || r.listing && !label.LooksLikeName(h.name) || plain || label.BeginsWithDigit(h.name):
		return false
	case h.timed && t.timed*2 >= t.named && !h.marked, h.marked && len(strings.Fields(h.name)) <= 8:
		return !strings.ContainsAny(h.name, "?!;")
	case full && t.again > 0:
		return true
	case t.paras*10 >= t.named*8 && !k.Para:
		return false
	}
	if s, ok := label.Stem(h.name); ok && strings.Count(s, " ") == 0 && t.again > 0 && !r.hasStem(s) {
		return false
	}
	return label.LooksLikeName(h.name)
}

// hasStem reports whether another name has the same letters with another number.
func (r *reader) hasStem(s string) bool {
	if r.stems == nil {
		r.stems = map[string]int{}
		for _, n := range r.trial.names {
			if stem, ok := label.Stem(n.spelling); ok {
				r.stems[stem]++
			}
		}
	}
	return r.stems[s] > 1
}

// begin starts a turn, or a part of one with a time of its own.
func (r *reader) begin(h head) {
	r.flush()
	r.begun = true
	if h.named || h.reset {
		r.speaker, r.role = r.nameOf(h)
	}
	if h.timed {
		r.stamp, r.timed = h.stamp, true
	}
	if h.named && label.IsNoise(h.name) && h.words == "" {
		r.timed = false
	}
}

// nameOf is the speaker of a head: none for a dash, a jingle and the like.
func (r *reader) nameOf(h head) (name, role string) {
	if !h.named || !h.quoted && (label.IsNobody(h.name) || label.IsNoise(h.name)) {
		return "", ""
	}
	key := h.key()
	name = r.spelling(key, h.name)
	bare := r.trial.bare[key]
	if bare == "" {
		return name, ""
	}
	name, role, _ = label.SplitRole(name)
	return r.spelling(bare, name), role
}

func (r *reader) spelling(key, name string) string {
	if n := r.trial.names[key]; n != nil {
		return n.spelling
	}
	return name
}

// flush ends a turn; a time without words waits for the next one.
func (r *reader) flush() {
	if len(r.body) == 0 {
		return
	}
	t := transcript.Turn{Speaker: r.speaker, Role: r.role, Text: strings.Join(r.body, "\n")}
	r.body = r.body[:0]
	switch {
	case r.file.Cues:
		t.StartMS, t.EndMS = r.mark.Times()
	case r.timed:
		t.StartMS, t.EndMS = r.times()
	case r.until >= 0:
		start, end := r.ended, r.until
		t.StartMS, t.EndMS = &start, &end
		r.ended = end
	}
	r.timed, r.until = false, -1
	r.out.Add(t)
}

// times are those of the stamp; times of day count from the first one.
func (r *reader) times() (start, end *int64) {
	s, e := r.stamp.Start, r.stamp.End
	if r.ofDay() {
		if r.stamp.Short && r.trial.ofDay > 0 && !r.stamp.OfDay {
			s *= 60
		}
		s, e = r.wall.Offset(s, e, r.stamp.Dated)
	}
	if e > s {
		end = &e
	}
	return &s, end
}

// ofDay reports whether the times are those of a clock on the wall: they say so,
// or the first of them is later than the file lasts, and than most recordings.
func (r *reader) ofDay() bool {
	t := r.trial
	if t.ofDay*2 > t.timed {
		return true
	}
	return t.timed > 0 && t.fronted*2 > t.timed && t.long == t.timed && clock.OnTheWall(t.first, t.last, t.latest)
}

func (r *reader) pass() { r.out.Reading.PassedOver++ }

func (r *reader) finish() {
	r.flush()
	if r.wall.Told() {
		r.out.Warn(transcript.TimesOfDay, 0, "The file has times of day; the times of the transcript count from the first of them.")
	}
	if r.file.Cues && r.layout == &nameColon && r.trial.named*10 < r.trial.lines*9 {
		r.out.Reading.Layout = "name_on_change"
	}
}
