package find_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

// A search without words is a list of what has a topic, selected and in the order
// that are asked for.
func TestSearchWithoutWords(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i, in := range []memory.Input{
		{Content: "one", Topics: []string{"Bees"}, EventTime: "2026-03-01", Type: "semantic"},
		{Content: "two", Topics: []string{"bees", "Wax"}, EventTime: "2026-01-01"},
		{Content: "three", Topics: []string{"Wax"}, CodeContext: &memory.CodeContext{Team: "hive"}},
		{Content: "four", Topics: []string{"Honey"}},
	} {
		in.Conversation = memory.NewConversation
		made, err := w.Memories.Create(t.Context(), w.P, in, nil)
		w.OK(err)
		ids = append(ids, made.Memory.ID)
		w.Advance(time.Duration(i+1) * time.Hour)
	}
	bees := []string{"BEES"}
	tests := map[string]struct {
		in    find.MemoryQuery
		want  []string
		total int
	}{
		"the newest first": {find.MemoryQuery{Topics: []string{"bees", "wax"}}, []string{ids[2], ids[1], ids[0]}, 3},
		"the oldest first": {find.MemoryQuery{Topics: bees, Order: "asc", SortBy: "createdAt"}, []string{ids[0], ids[1]}, 2},
		"by event":         {find.MemoryQuery{Topics: bees, SortBy: "eventTime"}, []string{ids[0], ids[1]}, 2},
		"a page":           {find.MemoryQuery{Topics: []string{"bees", "wax"}, Limit: 1, Offset: 1}, []string{ids[1]}, 3},
		"without others":   {find.MemoryQuery{Topics: bees, ExcludeTopics: []string{"wax"}}, []string{ids[0]}, 1},
		"of a scope":       {find.MemoryQuery{Topics: []string{"wax"}, Scope: map[string]string{"team": "hive"}}, []string{ids[2]}, 1},
		"of a type":        {find.MemoryQuery{Topics: bees, Type: "semantic"}, []string{ids[0]}, 1},
		"of a time":        {find.MemoryQuery{Topics: bees, EventTo: "2026-02-01"}, []string{ids[1]}, 1},
		"of a type, paged": {find.MemoryQuery{Topics: []string{"bees", "wax"}, Type: "episodic", Limit: 1, Offset: 1}, []string{ids[1]}, 2},
		"made then":        {find.MemoryQuery{Topics: bees, IngestedTo: "2026-05-18T14:30:00Z"}, []string{ids[0]}, 1},
		"of nothing":       {find.MemoryQuery{Topics: []string{"none"}}, nil, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.in.Limit == 0 {
				tt.in.Limit = 10
			}
			got, err := w.Searches.SearchMemories(t.Context(), w.P, tt.in)
			w.OK(err)
			if diff := cmp.Diff(tt.want, idsOf(got.Hits)); diff != "" || got.Total != tt.total {
				t.Errorf("%d in all: %s", got.Total, diff)
			}
		})
	}
	for _, in := range []find.MemoryQuery{{Limit: 1}, {Limit: 1, Query: " ", Topics: bees}} {
		_, err := w.Searches.SearchMemories(t.Context(), w.P, in)
		w.Kind(err, errs.InvalidArgument)
	}
}
