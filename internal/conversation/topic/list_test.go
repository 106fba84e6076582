package topic_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/cursor"
	"griot/internal/errs"
)

func TestTopicLists(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("Talk")
	for i := range 12 {
		names := []string{"Every one"}
		for j := range i {
			names = append(names, fmt.Sprintf("t%02d", j))
		}
		w.Add(c, "x", names...)
	}
	page, err := w.Topics.List(t.Context(), w.P, topic.ListInput{Limit: 2, Offset: 1})
	if w.OK(err); page.Total != 12 || page.Topics[0].Name != "t00" || page.Topics[0].Memories != 11 || page.Topics[1].Name != "t01" {
		t.Errorf("most first: %+v", page)
	}
	page, err = w.Topics.List(t.Context(), w.P, topic.ListInput{Limit: 1, Order: cursor.Ascending})
	if w.OK(err); page.Topics[0].Name != "t10" {
		t.Errorf("fewest first: %+v", page)
	}
	page, err = w.Topics.List(t.Context(), w.P, topic.ListInput{Limit: 1, SortBy: topic.SortName, Order: cursor.Descending})
	if w.OK(err); page.Topics[0].Name != "t10" {
		t.Errorf("last name first: %+v", page)
	}
	found, err := w.Topics.Search(t.Context(), w.P, topic.SearchInput{Query: "ONE ev", Limit: 10})
	if w.OK(err); found.Total != 1 || found.Topics[0].Name != "Every one" {
		t.Errorf("searched: %+v", found)
	}
	got, err := w.Topics.Get(t.Context(), w.P, "every ONE")
	if w.OK(err); got.Memories != 12 || got.Name != "Every one" || got.CreatedAt.IsZero() {
		t.Errorf("by name: %+v", got)
	}
	byID, err := w.Topics.Get(t.Context(), w.P, got.ID)
	if w.OK(err); byID != got {
		t.Errorf("by id: %+v", byID)
	}
	_, err = w.Topics.Get(t.Context(), w.P, "none")
	w.Kind(err, errs.NotFound)
	_, err = w.Topics.List(t.Context(), w.P, topic.ListInput{Limit: 101})
	w.Kind(err, errs.Malformed)
	_, err = w.Topics.Search(t.Context(), w.P, topic.SearchInput{Query: " ", Limit: 10})
	w.Kind(err, errs.InvalidArgument)
}

func TestTopicSearchWords(t *testing.T) {
	w := newWorld(t)
	w.Add(w.Talk("Talk"), "x", "Refund-approval")
	for query, want := range map[string]int{"ref": 1, "APPROVAL refund": 1, "approve": 0, "und": 0, "-": 1} {
		found, err := w.Topics.Search(t.Context(), w.P, topic.SearchInput{Query: query, Limit: 10})
		if w.OK(err); found.Total != want {
			t.Errorf("%q finds %d, want %d", query, found.Total, want)
		}
	}
}

// Whatever is added, changed, deleted and folded, counts are what the
// memories say.
func TestTopicCountsAgainstModel(t *testing.T) {
	w := newWorld(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	memories := map[string][]string{} // id → topics
	where := map[string]string{}      // id → conversation
	var conversations []string
	for range 3 {
		conversations = append(conversations, w.Talk("c"))
	}
	pick := func() (names []string) {
		for range rnd.IntN(6) {
			names = append(names, fmt.Sprintf("t%02d", rnd.IntN(20)))
		}
		return topic.Distinct(names)
	}
	for step := range 400 {
		ids := slices.Sorted(func(yield func(string) bool) {
			for id := range memories {
				if !yield(id) {
					return
				}
			}
		})
		switch n := rnd.IntN(10); {
		case n < 5 || len(ids) == 0:
			m := w.Add(conversations[rnd.IntN(len(conversations))], "x", pick()...)
			memories[m.ID], where[m.ID] = m.Topics, m.Conversation
		case n < 7:
			id, names := ids[rnd.IntN(len(ids))], pick()
			_, err := w.Memories.Update(t.Context(), w.P, id, memory.Change{Topics: &names})
			w.OK(err)
			memories[id] = names
		case n < 8:
			id := ids[rnd.IntN(len(ids))]
			w.OK(w.Memories.Delete(t.Context(), w.P, id))
			delete(memories, id)
		case n < 9 && step%7 == 0:
			i := rnd.IntN(len(conversations))
			_, err := w.Conversations.Delete(t.Context(), w.P, conversations[i])
			w.OK(err)
			for id := range memories {
				if where[id] == conversations[i] {
					delete(memories, id)
				}
			}
			conversations[i] = w.Talk("c")
		default:
			w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
		}
		if step%25 == 0 {
			counts := map[string]int{}
			for _, names := range memories {
				for _, name := range names {
					counts[name]++
				}
			}
			var want []string
			for name, n := range counts {
				want = append(want, fmt.Sprint(name, " ", n))
			}
			slices.Sort(want)
			w.TopicCounts(want...)
		}
	}
}
