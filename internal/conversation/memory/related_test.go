package memory_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

func TestRelated(t *testing.T) {
	w := newWorld(t)
	source := w.Add("NEW", "source", "A", "B", "C", "D")
	w.Add("NEW", "one, older", "b")
	w.Add("NEW", "two", "A", "D", "X")
	w.Add("NEW", "one, newer", "C", "Y")
	hidden := w.Add("NEW", "hidden", "A", "B", "C", "D")
	w.Add(source.Conversation, "all", "D", "C", "B", "A")
	w.Add("NEW", "none", "Z")
	_, err := w.Conversations.Delete(t.Context(), w.P, hidden.Conversation)
	w.OK(err)
	for limit, want := range map[int][]string{
		10: {"all 1 A B C D", "two 0.5 A D", "one, newer 0.25 C", "one, older 0.25 B"},
		2:  {"all 1 A B C D", "two 0.5 A D"},
	} {
		got, found, err := memory.Neighbours{Service: w.Memories}.Related(t.Context(), w.P, source.ID, memory.RelatedInput{Limit: limit})
		if w.OK(err); got.Content != "source" {
			t.Errorf("the source is %q", got.Content)
		}
		var names []string
		for _, r := range found {
			names = append(names, fmt.Sprint(r.Content, " ", r.Score, " ", strings.Join(r.Shared, " ")))
		}
		if diff := cmp.Diff(want, names); diff != "" {
			t.Errorf("limit %d: %s", limit, diff)
		}
	}
	bare := w.Add("NEW", "bare")
	if _, found, err := (memory.Neighbours{Service: w.Memories}).Related(t.Context(), w.P, bare.ID, memory.RelatedInput{Limit: 10}); err != nil || len(found) > 0 {
		t.Errorf("without topics: %v, %v", found, err)
	}
}

// Of very many that are related the nearest are found, however they come.
func TestRelatedAmongMany(t *testing.T) {
	w := newWorld(t)
	source := w.Add("NEW", "source", "A", "B")
	near := w.Add("NEW", "near", "A", "B")
	for i := range 40 {
		w.Add(near.Conversation, fmt.Sprint("far ", i), "A")
	}
	_, found, err := memory.Neighbours{Service: w.Memories}.Related(t.Context(), w.P, source.ID, memory.RelatedInput{Limit: 2})
	if w.OK(err); len(found) != 2 || found[0].ID != near.ID || found[1].Content != "far 39" {
		t.Errorf("%+v", found)
	}
}

func TestAround(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("talk")
	ids := map[string]string{}
	for _, day := range []string{"04", "01", "05", "03", "02"} {
		made, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: day, EventTime: "2026-05-" + day}, nil)
		w.OK(err)
		ids[day] = made.Memory.ID
	}
	tests := map[string]struct {
		in            memory.AroundInput
		before, after string
	}{
		"03": {memory.AroundInput{Before: 1, After: 5}, "02", "04 05"},
		"05": {memory.AroundInput{Before: 3, After: 3}, "02 03 04", ""},
		"01": {memory.AroundInput{Before: 3, After: 1}, "", "02"},
		"02": {memory.AroundInput{}, "", ""},
	}
	contents := func(memories []memory.Memory) string {
		var out []string
		for _, m := range memories {
			out = append(out, m.Content)
		}
		return strings.Join(out, " ")
	}
	for day, tt := range tests {
		got, err := memory.Neighbours{Service: w.Memories}.Around(t.Context(), w.P, ids[day], tt.in)
		w.OK(err)
		if got.Memory.Content != day || contents(got.Before) != tt.before || contents(got.After) != tt.after {
			t.Errorf("around %s: %s, %s", day, contents(got.Before), contents(got.After))
		}
	}
	_, err := memory.Neighbours{Service: w.Memories}.Around(t.Context(), w.P, ids["01"], memory.AroundInput{Before: 101})
	w.Kind(err, errs.Malformed)
}

// A page that would be too large is refused.
func TestRelatedPagesHaveABound(t *testing.T) {
	w := newWorld(t)
	source := w.Add("NEW", "source", "A")
	long := strings.Repeat("é", memory.MaxContent)
	for range 60 {
		w.Add(source.Conversation, long, "A")
	}
	_, _, err := memory.Neighbours{Service: w.Memories}.Related(t.Context(), w.P, source.ID, memory.RelatedInput{Limit: 100})
	w.Kind(err, errs.Malformed)
	_, err = memory.Neighbours{Service: w.Memories}.Around(t.Context(), w.P, source.ID, memory.AroundInput{After: 100})
	w.Kind(err, errs.Malformed)
}
