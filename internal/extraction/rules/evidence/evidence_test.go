package evidence

import (
	"testing"

	"griot/internal/extraction/rules/sentence"
)

// TestScore shows the order of sentences of one document: a decision about its
// topic, a remark about it, and talk.
func TestScore(t *testing.T) {
	topics := NewTopics()
	text := "The remote has a battery. The remote is small. We agreed the remote will use a battery and no cable. I like the remote. Yeah, okay."
	sents := sentence.Split(text)
	for _, s := range sents {
		topics.Learn(s)
	}
	if topics.Sentences() != 5 {
		t.Fatalf("learnt %d sentences, want 5", topics.Sentences())
	}
	decision, remark, talk := topics.Score(sents[2], 2), topics.Score(sents[3], 2), topics.Score(sents[4], 2)
	if !(decision > remark && remark > talk) {
		t.Errorf("scores %.2f, %.2f, %.2f are not falling", decision, remark, talk)
	}
	if late, early := topics.Score(sents[2], 4), topics.Score(sents[2], 0); late <= early {
		t.Error("a late sentence does not score higher than an early one")
	}
}
