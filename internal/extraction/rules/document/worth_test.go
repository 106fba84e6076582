package document

import (
	"testing"

	"griot/internal/extraction/rules/english"
)

// TestJudge shows the order of sentences of one document: a decision about
// its topic, a remark about it, and talk.
func TestJudge(t *testing.T) {
	sents := english.Sentences("Yeah, okay. The boiler has a valve. The boiler is small. We decided that the boiler will get a new valve and no pump. I like the boiler. Mm-hmm. So who calls the fitter?")
	topics := NewTopics()
	for _, s := range sents {
		topics.Learn(s, "Ann")
	}
	if topics.Sentences() != 7 || topics.SentencesWith("boiler") != 4 {
		t.Fatalf("learnt %d sentences, %d of them on boilers", topics.Sentences(), topics.SentencesWith("boiler"))
	}
	var got []float64
	r := newJudge(topics, func(n int, chance float64) {
		if n != len(got) {
			t.Fatalf("sentence %d is told after %d", n, len(got))
		}
		got = append(got, chance)
	})
	for _, s := range sents {
		r.read(s, "Ann")
	}
	r.end()
	if len(got) != len(sents) {
		t.Fatalf("told %d of %d sentences", len(got), len(sents))
	}
	if decision, remark, talk := got[3], got[4], got[5]; !(decision > remark && remark > talk) {
		t.Errorf("chances %.3f, %.3f, %.3f are not falling", decision, remark, talk)
	}
}

// TestLearn shows that learning is deterministic and takes up what its
// documents have in common, whatever they are about.
func TestLearnWorth(t *testing.T) {
	var docs []Judged
	for _, thing := range []string{"boiler", "ferry", "harvest", "museum", "choir", "bakery"} {
		sents := english.Sentences("Mm-hmm. Well, I like the " + thing + ". We should sell the " + thing + " in spring. Yeah. It rained on the " + thing + ".")
		docs = append(docs, Judged{Sentences: sents, Speakers: make([]string, len(sents)), Items: [][]int{{2}}})
	}
	m := LearnWorth(docs[:5])
	if string(m.Encode()) != string(LearnWorth(docs[:5]).Encode()) {
		t.Error("the same documents give two models")
	}
	scores := docs[5].Scores(m)
	for n, s := range scores {
		if n != 2 && s >= scores[2] {
			t.Errorf("sentence %d scores %.2f, more than the evidence's %.2f", n, s, scores[2])
		}
	}
}
