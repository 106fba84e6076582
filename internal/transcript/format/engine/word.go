package engine

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript"
	"griot/internal/transcript/label"
)

// Words become turns at these pauses and lengths. A turn ends in any case
// where the speaker changes.
const (
	longPause  = 2000 // ms, ends a turn anywhere
	shortPause = 500  // ms, ends a turn after a sentence
	longTurn   = 300  // bytes, after which the next sentence end ends a turn
)

// word is a word or a punctuation mark; times are milliseconds, negative when
// there is none.
type word struct {
	text       string
	speaker    string
	start, end int64
	mark       bool // punctuation, written without a space before it
}

func newWord() word { return word{start: -1, end: -1} }

// wordGroup has the words of one channel in order.
type wordGroup []word

// cutWords makes turns of the words of each channel, in order of time.
func cutWords(groups []wordGroup) []transcript.Turn {
	var ts []transcript.Turn
	for _, g := range groups {
		var cur utterance
		for _, w := range g {
			if cur.endsBefore(w) {
				ts = cur.flush(ts)
			}
			cur.add(w)
		}
		ts = cur.flush(ts)
	}
	if len(groups) > 1 {
		sortByStart(ts)
	}
	return ts
}

func sortByStart(ts []transcript.Turn) {
	slices.SortStableFunc(ts, func(a, b transcript.Turn) int { return cmp.Compare(startOf(a), startOf(b)) })
}

func startOf(t transcript.Turn) int64 {
	if t.StartMS == nil {
		return -1
	}
	return *t.StartMS
}

// utterance is a turn under construction.
type utterance struct {
	text       strings.Builder
	speaker    string
	start, end int64
	last       rune
}

func (u *utterance) endsBefore(w word) bool {
	if u.text.Len() == 0 || w.mark {
		return false
	}
	pause := int64(0)
	if u.end >= 0 && w.start >= 0 {
		pause = w.start - u.end
	}
	return w.speaker != u.speaker || pause >= longPause ||
		label.EndsSentence(string(u.last)) && (pause >= shortPause || u.text.Len() >= longTurn)
}

func (u *utterance) add(w word) {
	text := strings.TrimSpace(w.text)
	if text == "" {
		return
	}
	first, _ := utf8.DecodeRuneInString(text)
	if u.text.Len() == 0 {
		u.speaker, u.start, u.end = w.speaker, w.start, -1
	} else if !w.mark && !(unspaced(u.last) && unspaced(first)) {
		u.text.WriteByte(' ')
	}
	u.text.WriteString(text)
	u.last, _ = utf8.DecodeLastRuneInString(text)
	u.end = max(u.end, w.end)
	if u.start < 0 {
		u.start = w.start
	}
}

// flush appends the turn, if it has words, and begins anew.
func (u *utterance) flush(ts []transcript.Turn) []transcript.Turn {
	if u.text.Len() == 0 {
		return ts
	}
	t := transcript.Turn{Speaker: u.speaker, Text: u.text.String(), StartMS: known(u.start), EndMS: known(u.end)}
	*u = utterance{}
	return append(ts, t)
}

// flushAs is flush for words whose speaker and times are known from elsewhere.
func (u *utterance) flushAs(ts []transcript.Turn, by transcript.Turn) []transcript.Turn {
	n := len(ts)
	if ts = u.flush(ts); len(ts) > n {
		ts[n].Speaker, ts[n].StartMS, ts[n].EndMS = by.Speaker, by.StartMS, by.EndMS
	}
	return ts
}

func known(ms int64) *int64 {
	if ms < 0 {
		return nil
	}
	return &ms
}

// unspaced is true for scripts that put no spaces between words.
func unspaced(r rune) bool {
	return r >= 0x0E00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai,
		unicode.Lao, unicode.Khmer, unicode.Myanmar) || r >= 0x3000 && r <= 0x303F
}
