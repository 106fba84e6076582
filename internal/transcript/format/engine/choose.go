package engine

import (
	"strings"

	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// choose takes the list that has most to say: first of all one whose name
// stands for a transcript, then one that says who speaks, then one with times,
// then one of utterances rather than of words.
func (r *reader) choose() *list {
	var best *list
	most := 0
	for _, l := range r.lists {
		if s := r.score(l); s > most {
			best, most = l, s
		}
	}
	return best
}

func (r *reader) score(l *list) int {
	texts, bytes, timed, voices := 0, 0, 0, 0
	for _, p := range l.pieces {
		if turn.IsBlank(p.text) {
			continue
		}
		texts++
		bytes += len(p.text)
		if p.fromKind != none || p.toKind != none {
			timed++
		}
		if r.voices[p.voice].marked() {
			voices++
		}
	}
	if texts == 0 || !l.spoken && (!l.strong || l.rank == unnamed && !l.whole) {
		return 0
	}
	if l.whole {
		return 1
	}
	score := 2 + l.rank
	if l.rank == utterances && l.isWords() {
		score = 2 + wordList
	}
	if voices*10 >= texts {
		score += 100
	} else if l.tracks() || r.channelsIn(l.pieces) > 1 {
		score += 90
	}
	if timed*2 >= texts {
		score += 40
	}
	if l.rank != unnamed {
		score += 1000
	}
	return score
}

// isWords is true for a list of single words.
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

func (l *list) isChat() bool {
	return l.slack || l.messages > 0 || strings.HasSuffix(l.path, ".messages")
}

// tracks is true where the file has one channel after the other.
func (l *list) tracks() bool {
	for _, g := range l.groups {
		if g.track != nil && g.track != l.groups[0].track {
			return true
		}
	}
	return false
}

// backwards is true for messages of which the newest comes first.
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

// takeTracks gives pieces the channel of the part of the file they stood in.
func (r *reader) takeTracks(l *list) {
	if !l.tracks() {
		return
	}
	for i, g := range l.groups {
		end := len(l.pieces)
		if i+1 < len(l.groups) {
			end = l.groups[i+1].start
		}
		for k := g.start; k < end && g.track != nil; k++ {
			p := &l.pieces[k]
			if v := r.voices[p.voice].voice; v.channel == "" {
				v.channel = g.track.channel
				if id, err := r.voiceOf(v); err == nil {
					p.voice = id
				}
			}
		}
	}
}

// spans finds who speaks when, for a list that does not say who.
func (r *reader) spans(l *list) []piece {
	if r.channelsIn(l.pieces) > 1 {
		return nil
	}
	for _, p := range l.pieces {
		if r.voices[p.voice].marked() {
			return nil
		}
	}
	var spans []piece
	for _, other := range r.lists {
		if other != l && len(other.pieces) > len(spans) && other.onlySpans() {
			spans = other.pieces
		}
	}
	return spans
}

func (l *list) onlySpans() bool {
	for _, p := range l.pieces {
		if p.text != "" || p.toKind == none {
			return false
		}
	}
	return true
}

// unpunctuated is true for words without punctuation.
func (r *reader) unpunctuated(l *list) bool {
	for _, p := range l.pieces {
		if label.EndsSentence(p.text) || p.glue&mark != 0 {
			return false
		}
	}
	return true
}

// wholeText is the text that the file has beside its words.
func (r *reader) wholeText() string {
	for _, l := range r.lists {
		if l.whole && len(l.pieces) == 1 {
			return l.pieces[0].text
		}
	}
	return ""
}
