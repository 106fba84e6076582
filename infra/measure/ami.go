package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"griot/infra/corpus"
	"griot/internal/extraction/rules/document"
)

// keep is the share of a meeting's sentences that item recall looks at.
const keep = 0.05

type ranking struct {
	precision     float64 // sum of average precisions
	meetings      int
	items, caught int
}

// measureAMI ranks the sentences of meetings by the chance that they are
// evidence. The meetings of which the model is learnt are judged by models of
// the other ones among them.
func measureAMI(dir string) ([]row, error) {
	meetings, err := corpus.Meetings(dir)
	if err != nil {
		return nil, err
	}
	parts, learnt := map[string]*ranking{}, []document.Judged{}
	for _, m := range meetings {
		d := m.Judged()
		if parts[m.Split] == nil {
			parts[m.Split] = &ranking{}
		}
		if m.Split == "train" {
			learnt = append(learnt, d)
		} else {
			parts[m.Split].add(d, d.Scores(document.WorthModel()))
		}
	}
	crossValidate(learnt, parts["train"])
	var rows []row
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		r := parts[part]
		note := fmt.Sprintf("%d meetings, %d items", r.meetings, r.items)
		if part == "train" {
			note += ", cross-validated"
		}
		rows = append(rows,
			row{"evidence, AMI", part, "MAP", r.precision / float64(r.meetings), 0.157, note},
			row{"evidence, AMI", part, "item recall top 5 %", ratio(r.caught, r.items), 0.612, note})
	}
	return rows, nil
}

// folds is into how many parts the meetings are cut, each of which is judged by
// a model of the others. Neighbours are sessions of the same team.
const folds = 5

func crossValidate(docs []document.Judged, r *ranking) {
	part := func(i int) int { return i * folds / len(docs) }
	for fold := range folds {
		var others []document.Judged
		for i, d := range docs {
			if part(i) != fold {
				others = append(others, d)
			}
		}
		m := document.LearnWorth(others)
		for i, d := range docs {
			if part(i) == fold {
				r.add(d, d.Scores(m))
			}
		}
	}
}

func (r *ranking) add(d document.Judged, scores []float64) {
	gold := map[int]bool{}
	for _, item := range d.Items {
		for _, i := range item {
			gold[i] = true
		}
	}
	if len(gold) == 0 {
		return
	}
	order := rank(scores)
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
	for _, item := range d.Items {
		r.items++
		if slices.ContainsFunc(item, func(i int) bool { return slices.Contains(top, i) }) {
			r.caught++
		}
	}
}

// rank returns the places of the scores, the highest first.
func rank(scores []float64) []int {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b], scores[a]) })
	return order
}
