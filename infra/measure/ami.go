package main

import (
	"cmp"
	"fmt"
	"slices"

	"griot/infra/corpus"
	"griot/internal/extraction/rules/evidence"
	"griot/internal/extraction/rules/sentence"
)

// keep is the share of a meeting's sentences that item recall looks at.
const keep = 0.05

type ranking struct {
	precision     float64 // sum of average precisions
	meetings      int
	items, caught int
}

// measureAMI ranks the sentences of meetings by their evidence score.
func measureAMI(dir string) ([]row, error) {
	meetings, err := corpus.Meetings(dir)
	if err != nil {
		return nil, err
	}
	parts := map[string]*ranking{"train": {}, "val": {}}
	for _, m := range meetings {
		parts[m.Split].add(m)
	}
	var rows []row
	for _, part := range []string{"train", "val"} {
		r := parts[part]
		note := fmt.Sprintf("%d meetings, %d items", r.meetings, r.items)
		rows = append(rows,
			row{"evidence, AMI", part, "MAP", r.precision / float64(r.meetings), 0.157, note},
			row{"evidence, AMI", part, "item recall top 5 %", ratio(r.caught, r.items), 0.612, note})
	}
	return rows, nil
}

func (r *ranking) add(m corpus.Meeting) {
	gold := map[int]bool{}
	for _, it := range m.Items {
		for _, i := range it.Sents {
			gold[i] = true
		}
	}
	if len(gold) == 0 {
		return
	}
	order := rank(m)
	hits, sum := 0, 0.0
	for k, i := range order {
		if gold[i] {
			hits++
			sum += float64(hits) / float64(k+1)
		}
	}
	r.precision += sum / float64(len(gold))
	r.meetings++
	top := order[:max(1, int(float64(len(order))*keep+0.5))]
	for _, it := range m.Items {
		if len(it.Sents) == 0 {
			continue
		}
		r.items++
		if slices.ContainsFunc(it.Sents, func(i int) bool { return slices.Contains(top, i) }) {
			r.caught++
		}
	}
}

// rank returns the meeting's sentences, the best first.
func rank(m corpus.Meeting) []int {
	topics := evidence.NewTopics()
	sents := make([]sentence.Sentence, len(m.Sents))
	for i, s := range m.Sents {
		sents[i] = sentence.Sentence{Text: s[1], Tokens: sentence.Tokens(s[1])}
		topics.Learn(sents[i])
	}
	score := make([]float64, len(sents))
	order := make([]int, len(sents))
	for i, s := range sents {
		score[i], order[i] = topics.Score(s, i), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	return order
}
