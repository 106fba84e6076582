package engine

import (
	"strings"

	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// A list has the objects under one path of the file.
type list struct {
	path   string
	rank   int
	whole  bool // it has no times, and other lists have the same words
	pieces []piece
	groups []group
	passed int // objects that are nobody's speech

	words    int  // pieces that are called words
	samples  bool // it has offsets of Otter's kind
	spoken   bool // some object says who speaks, or when
	strong   bool // some object has its words under a key for words
	messages int
	slack    bool
	three    int // objects with a text, a start and a length, and hardly more
}

// named reports whether the name of a list means a transcript.
func (l *list) named() bool { return l.rank != unnamed && l.rank != anything }

// A group is the pieces of one JSON list; several lists may have the same path.
type group struct {
	start int
	track *track
}

func (l *list) add(p piece) { l.pieces = append(l.pieces, p) }

// isWords recognises a list of single words.
func (l *list) isWords() bool {
	switch {
	case l.whole || l.isChat():
		return false
	case l.words*10 >= len(l.pieces)*9 && l.words > 0:
		return true
	case l.rank == wordList:
		return !areSentences(l.pieces)
	}
	return areWords(l.pieces)
}

func areSentences(pieces []piece) bool {
	several := 0
	for _, p := range pieces {
		if !turn.IsWord(p.text) {
			several++
		}
	}
	return several*2 > len(pieces)
}

// areWords recognises pieces that are single words, each with its time.
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

func (l *list) isChat() bool {
	return l.slack || l.messages > 0 || strings.HasSuffix(l.path, ".messages")
}

// tracks reports whether the file has its channels in sequence.
func (l *list) tracks() bool {
	for _, g := range l.groups {
		if g.track != nil && g.track != l.groups[0].track {
			return true
		}
	}
	return false
}

// backwards recognises messages in reverse order.
func (l *list) backwards() bool {
	up, down, last := 0, 0, piece{}
	for _, p := range l.pieces {
		if p.fromKind != none && last.fromKind != none {
			if p.from > last.from {
				up++
			} else if p.from < last.from {
				down++
			}
		}
		last = p
	}
	return down > up*9 && l.isChat()
}

func (l *list) onlySpans() bool {
	for _, p := range l.pieces {
		if p.text != "" || p.toKind == none {
			return false
		}
	}
	return true
}

// unpunctuated recognises words without punctuation.
func (l *list) unpunctuated() bool {
	for _, p := range l.pieces {
		if label.EndsSentence(p.text) || p.glue&mark != 0 {
			return false
		}
	}
	return true
}
