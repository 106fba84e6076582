package find_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

// A filtered search finds what the words alone find, less the others.
func TestSearchSelects(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 30 {
		c := w.Talk(fmt.Sprint("heron ", i))
		w.Add(c, "A heron stands.", []string{"Birds", "Rare"}[i/29], fmt.Sprint("n", i%3))
		ids = append(ids, c)
	}
	search := func(in find.ConversationQuery) []string {
		t.Helper()
		in.Query = "heron"
		if in.Limit == 0 {
			in.Limit = 50
		}
		hits, err := w.Searches.SearchConversations(t.Context(), w.P, in)
		w.OK(err)
		var found []string
		for _, hit := range hits {
			found = append(found, hit.ID)
		}
		slices.Sort(found)
		return found
	}
	created := func(id string) string {
		c, err := w.Conversations.Get(t.Context(), w.P, id)
		w.OK(err)
		return c.CreatedAt.Format("2006-01-02T15:04:05.000Z")
	}
	found, err := w.Topics.Get(t.Context(), w.P, "rare")
	w.OK(err)
	for name, c := range map[string]struct {
		in   find.ConversationQuery
		want []string
	}{
		"everything":            {find.ConversationQuery{}, ids},
		"one topic":             {find.ConversationQuery{Topics: []string{"RARE"}, Limit: 1}, ids[29:]},
		"by id":                 {find.ConversationQuery{Topics: []string{found.ID}}, ids[29:]},
		"any topic":             {find.ConversationQuery{Topics: []string{"rare", "birds"}}, ids},
		"no such topic":         {find.ConversationQuery{Topics: []string{"none"}}, nil},
		"since":                 {find.ConversationQuery{Since: created(ids[9])}, ids[10:]},
		"until":                 {find.ConversationQuery{Until: created(ids[9])}, ids[:10]},
		"between":               {find.ConversationQuery{Since: created(ids[4]), Until: created(ids[6])}, ids[5:7]},
		"far ahead":             {find.ConversationQuery{Since: "2099-01-01"}, nil},
		"the day of its making": {find.ConversationQuery{Until: created(ids[0])[:10]}, ids},
	} {
		if got := search(c.in); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, in := range []find.ConversationQuery{
		{Since: "soon"}, {Until: "2026-13-01"}, {Since: "2026-03-02", Until: "2026-03-01"},
		{Topics: slices.Repeat([]string{"t"}, 11)}, {Topics: []string{strings.Repeat("x", 101)}},
	} {
		in.Query, in.Limit = "heron", 5
		_, err := w.Searches.SearchConversations(t.Context(), w.P, in)
		w.Kind(err, errs.InvalidArgument)
	}
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	refunds := w.Talk("Refunds")
	var last memory.Memory
	for i := range 8 {
		last = w.Add(refunds, fmt.Sprint("the clerk approves ", i), "Money")
	}
	other := w.Talk("Other clerk")
	hits, err := w.Searches.SearchConversations(t.Context(), w.P, find.ConversationQuery{Query: "approving clerk, nothing", Limit: 10})
	w.OK(err)
	if len(hits) != 2 || hits[0].ID != refunds || hits[1].ID != other || len(hits[0].Memories) != 5 || hits[0].Snippet == "" || hits[1].Snippet != "Other clerk" {
		t.Errorf("hits: %+v", hits)
	}
	one, err := w.Searches.SearchConversations(t.Context(), w.P, find.ConversationQuery{Query: "clerk", Limit: 1})
	if w.OK(err); len(one) != 1 {
		t.Errorf("limited: %d", len(one))
	}
	found, err := w.Searches.SearchMemories(t.Context(), w.P, find.MemoryQuery{Query: "clerk", Limit: 3, Offset: 6})
	if w.OK(err); len(found.Hits) != 2 || found.Total != 8 || found.Hits[0].Preview == "" {
		t.Errorf("memories: %+v", found)
	}
	found, err = w.Searches.SearchMemories(t.Context(), w.P, find.MemoryQuery{
		Query: "clerk", Limit: 10, Topics: []string{"money"}, IngestedFrom: last.CreatedAt.Format(time.RFC3339Nano), Type: "episodic",
	})
	if w.OK(err); len(found.Hits) != 1 || found.Total != 1 || found.Hits[0].ID != last.ID {
		t.Errorf("filtered: %+v", found)
	}
	found, err = w.Searches.SearchMemories(t.Context(), w.P, find.MemoryQuery{Query: "clerk", Limit: 10, Conversation: other})
	if w.OK(err); found.Total != 0 {
		t.Errorf("of another conversation: %+v", found)
	}
	for _, in := range []find.ConversationQuery{{Limit: 1}, {Query: " ", Limit: 1}, {Query: "x"}, {Query: "x", Limit: 1001}} {
		_, err := w.Searches.SearchConversations(t.Context(), w.P, in)
		w.Kind(err, errs.InvalidArgument)
	}
}
