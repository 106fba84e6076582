package document

import (
	_ "embed"
	"sync"

	"griot/internal/extraction/rules/english"
	"griot/internal/extraction/rules/linear"
)

// How likely a sentence states a decision, an action or a problem, which somebody
// who was not there would want to be told, is learnt from the sentences on which
// people rested the summaries of meetings (command infra/train), by features that
// hold for any subject: cues, function words, how much a sentence says, its place
// and its neighbours.

//go:embed worth.model
var encoded []byte

var learnt = sync.OnceValue(func() *linear.Model { return linear.MustDecode(encoded) })

// Limits on what Topics remembers of a document.
const (
	maxWords    = 200_000
	maxSpeakers = 100 // whose share of the talk is counted
)

var (
	cues     = english.Patterns("worth-cues")
	function = english.Words("function-words", "fillers")
	common   = english.Words("common-words")
	numerals = english.Words("numerals")
)

// Topics is what the first reading counts: the number of sentences that have a
// content word, and how much each speaker says.
type Topics struct {
	words     map[string]int
	sentences int
	talk      map[string]int // words of each speaker
	total     int            // words of all speakers
	most      string         // who says most, so far
}

// NewTopics returns empty counts.
func NewTopics() *Topics { return &Topics{words: map[string]int{}, talk: map[string]int{}} }

// Learn counts a sentence and its words.
func (t *Topics) Learn(s english.Sentence, speaker string) {
	t.sentences++
	t.hear(speaker, s.Words())
	for i, tok := range s.Tokens {
		if !english.IsContent(tok) || repeats(s.Tokens, i) {
			continue
		}
		if n, known := t.words[tok.Lower]; known || len(t.words) < maxWords {
			t.words[tok.Lower] = n + 1
		}
	}
}

func (t *Topics) hear(speaker string, words int) {
	t.total += words
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

// SentencesWith returns the number of sentences that have a word.
func (t *Topics) SentencesWith(word string) int { return t.words[word] }

// repeats reports whether the word at i stands a few tokens before, too, as in
// stumbling speech.
func repeats(toks []english.Token, i int) bool {
	for j := max(0, i-20); j < i; j++ {
		if toks[j].Lower == toks[i].Lower {
			return true
		}
	}
	return false
}

// around is how many neighbours on each side count.
const around = 2

// judge weighs the sentences of a document in order, each as soon as its
// neighbours are known.
type judge struct {
	topics  *Topics
	see     func(n int, f features) // f holds until the next call
	buffer  features
	near    [2*around + 1]*profile // the last one read is the last
	n, turn int
	speaker string
}

// newJudge returns the judge of a document with these topics. It calls report for
// each sentence with its number, from 0, and the chance that it is worth telling.
func newJudge(t *Topics, report func(n int, chance float64)) *judge {
	m := learnt()
	return &judge{topics: t, see: func(n int, f features) { report(n, linear.Sigmoid(m.Score(f))) }}
}

func (r *judge) read(s english.Sentence, speaker string) {
	first := r.n == 0 || speaker != r.speaker
	if first {
		r.speaker = speaker
		r.turn++
	}
	d := r.topics.profile(s, speaker)
	d.n, d.turn, d.opens = r.n, r.turn, first
	r.n++
	r.move(d)
}

// end judges the sentences that still wait for neighbours.
func (r *judge) end() {
	for range around {
		r.move(nil)
	}
}

// move shifts the window by one sentence, nil beyond the end.
func (r *judge) move(next *profile) {
	copy(r.near[:], r.near[1:])
	r.near[len(r.near)-1] = next
	if r.near[around] != nil {
		r.buffer = r.topics.features(r.buffer[:0], r.near)
		r.see(r.near[around].n, r.buffer)
	}
}
