// Package evidence judges how likely a sentence states a decision, an action
// or a problem: what somebody who was not there would want to be told. The
// judgement is learnt from the sentences on which people rested the summaries
// of meetings (command infra/train), by features that hold for any subject:
// cues, function words, how much a sentence says, its place and its neighbours.
package evidence

import (
	_ "embed"
	"sync"

	"griot/internal/extraction/rules/lexicon"
	"griot/internal/extraction/rules/linear"
	"griot/internal/extraction/rules/phrase"
	"griot/internal/extraction/rules/sentence"
)

//go:embed evidence.model
var encoded []byte

var learnt = sync.OnceValue(func() *linear.Model { return linear.MustDecode(encoded) })

// Limits on what Topics remembers of a document.
const (
	maxWords    = 200_000
	maxSpeakers = 100
)

var (
	cues     = phrase.List("evidence")
	function = lexicon.Words("function", "fillers")
	common   = lexicon.Words("common")
	numerals = lexicon.Words("numerals")
)

// Topics is what a first reading learns of a document: in how many sentences a
// content word stands, and who says how much.
type Topics struct {
	words     map[string]int
	sentences int
	talk      map[string]int // words of each speaker
	said      int            // words of all
	most      string         // who says most, so far
}

// NewTopics returns empty counts.
func NewTopics() *Topics { return &Topics{words: map[string]int{}, talk: map[string]int{}} }

// Learn counts a sentence and its words.
func (t *Topics) Learn(s sentence.Sentence, speaker string) {
	t.sentences++
	t.hear(speaker, s.Words())
	for i, tok := range s.Tokens {
		if !isContent(tok) || repeats(s.Tokens, i) {
			continue
		}
		if n, known := t.words[tok.Lower]; known || len(t.words) < maxWords {
			t.words[tok.Lower] = n + 1
		}
	}
}

func (t *Topics) hear(speaker string, words int) {
	t.said += words
	if _, known := t.talk[speaker]; !known && len(t.talk) >= maxSpeakers {
		return
	}
	t.talk[speaker] += words
	if t.talk[speaker] > t.talk[t.most] {
		t.most = speaker
	}
}

// Sentences returns how many sentences were learnt.
func (t *Topics) Sentences() int { return t.sentences }

// Standing returns in how many sentences a word stands.
func (t *Topics) Standing(word string) int { return t.words[word] }

func isContent(t sentence.Token) bool {
	return t.Kind == sentence.Word && len(t.Lower) > 2 && !function()[t.Lower]
}

// repeats tells a word that stood a few tokens before, as in stumbling speech.
func repeats(toks []sentence.Token, i int) bool {
	for j := max(0, i-20); j < i; j++ {
		if toks[j].Lower == toks[i].Lower {
			return true
		}
	}
	return false
}

// around is how many sentences on each side a judgement takes into account.
const around = 2

// Reader judges the sentences of a document in order, each when those that
// follow it are known.
type Reader struct {
	topics  *Topics
	see     func(n int, f features) // f holds until the next call
	buffer  features
	near    [2*around + 1]*said // the last one read is the last
	n, turn int
	speaker string
}

// NewReader returns a Reader of a document whose topics are known. It tells the
// number of each sentence, from 0, and the chance that it is evidence.
func NewReader(t *Topics, tell func(n int, chance float64)) *Reader {
	m := learnt()
	return &Reader{topics: t, see: func(n int, f features) { tell(n, linear.Sigmoid(m.Score(f))) }}
}

// Read reads a sentence.
func (r *Reader) Read(s sentence.Sentence, speaker string) {
	first := r.n == 0 || speaker != r.speaker
	if first {
		r.speaker = speaker
		r.turn++
	}
	d := r.topics.look(s, speaker)
	d.n, d.turn, d.opens = r.n, r.turn, first
	r.n++
	r.move(d)
}

// End judges the sentences that are left.
func (r *Reader) End() {
	for range around {
		r.move(nil)
	}
}

func (r *Reader) move(next *said) {
	copy(r.near[:], r.near[1:])
	r.near[len(r.near)-1] = next
	if r.near[around] != nil {
		r.buffer = r.topics.features(r.buffer[:0], r.near)
		r.see(r.near[around].n, r.buffer)
	}
}
