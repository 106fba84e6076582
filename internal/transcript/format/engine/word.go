package engine

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

const punctuation = ".,!?;:…()[]{}«»“”„\"'’‘¿¡-–—。，！？、；：「」『』（）؟،۔।"

func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// endsMark is true for what punctuation behind a word does not go on with.
func endsMark(r rune) bool {
	return unicode.IsSpace(r) || isLetter(r) || strings.ContainsRune("¿¡(«“„「『（", r)
}

// joined writes words as one text.
func joined(words []piece) string {
	u := utterance{asWritten: spacesWritten(words)}
	for _, w := range words {
		u.add(w)
	}
	return u.text.String()
}

// spacesWritten is true for words that come with their spaces: parts of words
// have none between them.
func spacesWritten(words []piece) bool {
	n := 0
	for i, w := range words {
		if i > 0 && w.glue&spaced != 0 || i < len(words)-1 && w.glue&spaceNext != 0 {
			n++
		}
	}
	return n > 0 && n*5 >= len(words)-1
}

// areWords is true for pieces that are single words, each with its time, rather
// than what somebody has to say.
func areWords(pieces []piece) bool {
	n, several, sentences, timed := 0, 0, 0, 0
	for _, p := range pieces {
		if p.text == "" || p.glue&mark != 0 {
			continue
		}
		n++
		if p.fromKind != none {
			timed++
		}
		if !turn.IsWord(p.text) {
			several++
		}
		if label.EndsSentence(p.text) {
			sentences++
		}
	}
	return n >= 3 && several*10 <= n && sentences*5 <= n*2 && timed*2 > n
}

// utterance is a turn under construction.
type utterance struct {
	text             strings.Builder
	voice            int32
	from, to         float64
	fromKind, toKind momentKind
	last             rune
	glue             glue // of the last word
	asWritten        bool // the words come with their spaces
}

func (u *utterance) endsBefore(w piece) bool {
	if u.text.Len() == 0 || w.glue&mark != 0 {
		return false
	}
	if w.voice != u.voice {
		return true
	}
	if u.asWritten && !u.spaceBefore(w) { // within a word
		return false
	}
	pause := 0.0
	if u.toKind != none && w.fromKind != none {
		pause = w.from - u.to
	}
	return turn.EndsAt(int64(pause), u.last, u.text.Len())
}

func (u *utterance) spaceBefore(w piece) bool {
	if u.asWritten {
		return w.glue&spaced != 0 || u.glue&spaceNext != 0
	}
	first, _ := utf8.DecodeRuneInString(w.text)
	return w.glue&mark == 0 && u.glue&opening == 0 && !(turn.Unspaced(u.last) && turn.Unspaced(first))
}

func (u *utterance) add(w piece) {
	if w.text == "" {
		return
	}
	if u.text.Len() == 0 {
		u.voice, u.from, u.fromKind, u.toKind = w.voice, w.from, w.fromKind, none
	} else if u.spaceBefore(w) {
		u.text.WriteByte(' ')
	}
	u.text.WriteString(w.text)
	u.last, _ = utf8.DecodeLastRuneInString(w.text)
	u.glue = w.glue
	if w.toKind != none && (u.toKind == none || w.to > u.to) {
		u.to, u.toKind = w.to, w.toKind
	}
	if u.fromKind == none {
		u.from, u.fromKind = w.from, w.fromKind
	}
}

// flush appends the turn, if it has words, and begins anew.
func (u *utterance) flush(to []piece) []piece {
	if u.text.Len() == 0 {
		return to
	}
	p := piece{text: u.text.String(), voice: u.voice, from: u.from, to: u.to, fromKind: u.fromKind, toKind: u.toKind}
	*u = utterance{asWritten: u.asWritten}
	return append(to, p)
}

// cutWords makes turns of the words of a list, whose times are settled. Words
// of nobody belong to the turn in which they stand.
func (r *reader) cutWords(l *list) []piece {
	var turns []piece
	cur := utterance{asWritten: spacesWritten(l.pieces)}
	several := r.channelsIn(l.pieces) > 1
	for i, g := range l.groups {
		end := len(l.pieces)
		if i+1 < len(l.groups) {
			end = l.groups[i+1].start
		}
		words := l.pieces[g.start:end]
		if several {
			slices.SortStableFunc(words, func(a, b piece) int {
				return cmp.Compare(r.voices[a.voice].channelID, r.voices[b.voice].channelID)
			})
		}
		for _, w := range words {
			if cur.text.Len() > 0 && !r.voices[w.voice].marked() && r.voices[w.voice].channelID == r.voices[cur.voice].channelID {
				w.voice = cur.voice
			}
			if cur.endsBefore(w) {
				turns = cur.flush(turns)
			}
			cur.add(w)
		}
		turns = cur.flush(turns)
	}
	if several {
		sortByStart(turns)
	}
	return turns
}

func (r *reader) channelsIn(pieces []piece) int {
	n, last, seen := 0, int32(-1), map[int32]bool{}
	for _, p := range pieces {
		if id := r.voices[p.voice].channelID; id != last {
			if last = id; !seen[id] {
				seen[id] = true
				n++
			}
		}
	}
	return n
}

func sortByStart(ps []piece) {
	start := func(p piece) float64 {
		if p.fromKind == none {
			return -1
		}
		return p.from
	}
	slices.SortStableFunc(ps, func(a, b piece) int { return cmp.Compare(start(a), start(b)) })
}
