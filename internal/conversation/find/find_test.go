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

// found returns the ids of the conversations that a search finds, in order.
func (w *world) found(t *testing.T, in find.ConversationQuery) []string {
	t.Helper()
	if in.Limit == 0 {
		in.Limit = 50
	}
	page, err := w.Searches.SearchConversations(t.Context(), w.P, in)
	w.OK(err)
	if !page.Complete {
		t.Errorf("%+v: not complete", in)
	}
	var ids []string
	for _, hit := range page.Hits {
		ids = append(ids, hit.ID)
	}
	return ids
}

// addAt makes a memory of something that happened then.
func (w *world) addAt(conversation, at, content string) memory.Memory {
	w.T.Helper()
	made, err := w.Memories.Create(w.T.Context(), w.P, memory.Input{Conversation: conversation, Content: content, EventTime: at}, nil)
	w.OK(err)
	return made.Memory
}

// A filtered search finds what the words alone find, less the others.
func TestSearchSelectsByTopics(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 30 {
		c := w.Talk(fmt.Sprint("heron ", i))
		w.Add(c, "A heron stands.", []string{"Birds", "Rare"}[i/29], fmt.Sprint("n", i%3))
		ids = append(ids, c)
	}
	rare, err := w.Topics.Get(t.Context(), w.P, "rare")
	w.OK(err)
	for name, c := range map[string]struct {
		topics []string
		limit  int
		want   []string
	}{
		"everything":    {nil, 0, ids},
		"one topic":     {[]string{"RARE"}, 1, ids[29:]},
		"by id":         {[]string{rare.ID}, 0, ids[29:]},
		"any topic":     {[]string{"rare", "birds"}, 0, ids},
		"no such topic": {[]string{"none"}, 0, nil},
	} {
		got := w.found(t, find.ConversationQuery{Query: "heron", Topics: c.topics, Limit: c.limit})
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for _, in := range []find.ConversationQuery{{Topics: slices.Repeat([]string{"t"}, 11)}, {Topics: []string{strings.Repeat("x", 101)}}} {
		in.Query, in.Limit = "heron", 5
		_, err := w.Searches.SearchConversations(t.Context(), w.P, in)
		w.Kind(err, errs.InvalidArgument)
	}
}

// The conversations of a rare topic are found however badly their words match.
func TestSearchFindsARareTopic(t *testing.T) {
	w := newWorld(t)
	hidden := w.Talk("Last")
	w.Add(hidden, "Among many other birds and beasts, in the rain of a long and grey day, stood a heron.", "Rare")
	for range 540 {
		w.Add(w.Talk("heron"), "heron heron")
	}
	if got := w.found(t, find.ConversationQuery{Query: "heron", Topics: []string{"rare"}, Limit: 5}); !slices.Equal(got, []string{hidden}) {
		t.Errorf("found: %q", got)
	}
	if got := w.found(t, find.ConversationQuery{Query: "heron", Topics: []string{"none"}, Limit: 5}); got != nil {
		t.Errorf("found of no topic: %q", got)
	}
}

// A search of a time finds the conversations in which a memory of that time
// matches, or whose title does that have such a memory.
func TestSearchSelectsByTimes(t *testing.T) {
	w := newWorld(t)
	names := map[string]string{}
	talk := func(name, title string) string {
		c := w.Talk(title)
		names[c] = name
		return c
	}
	march := talk("march", "One")
	w.addAt(march, "2026-03-02T09:00:00Z", "A heron stands.")
	both := talk("both", "Two")
	w.addAt(both, "2026-03-05T00:00:00Z", "The heron flies.")
	w.addAt(both, "2026-06-05T12:00:00Z", "A heron lands.")
	mixed := talk("mixed", "Three") // what matches is of May, what is of March does not
	w.addAt(mixed, "2026-05-01T10:00:00Z", "Heron again.")
	w.addAt(mixed, "2026-03-02T10:00:00Z", "Something else.")
	titled := talk("titled", "The heron")
	w.addAt(titled, "2026-03-31T23:59:59.999Z", "It was late.")
	talk("empty", "No heron yet")
	many := talk("many", "Four") // more matches than a hit names, of another time
	for range 25 {
		w.addAt(many, "2026-01-01T00:00:00Z", "heron heron heron")
	}
	w.addAt(many, "2026-03-20T00:00:00Z", "Once there was a heron among many other birds.")
	old := talk("old", "Five")
	w.addAt(old, "1999-12-31T23:00:00Z", "An old heron.")
	ahead := talk("ahead", "Six")
	w.addAt(ahead, "2044-01-01T00:00:00Z", "A heron that is to come.")

	for _, c := range []struct{ since, until, want string }{
		{"", "", "ahead both empty many march mixed old titled"},
		{"2026-03-01", "2026-03-31", "both many march titled"},
		{"2026-03-02", "2026-03-02", "march"},
		{"2026-03-02T09:00:00Z", "2026-03-02", ""},
		{"2026-03-02T08:59:59.999Z", "2026-03-02T09:00:00Z", "march"},
		{"2026-03-05", "2026-03-05", "both"}, // a midnight is of the day that it begins
		{"2026-03-05T00:00:00Z", "2026-03-05", ""},
		{"2026-03-05T01:00:00+02:00", "2026-03-05T01:30:00+02:00", ""},
		{"2026-03-05T01:59:00+02:00", "2026-03-05T02:00:00+02:00", "both"},
		{"2026-03-31", "2026-03-31", "titled"},
		{"2026-06-01", "", "ahead both"},
		{"2030-01-01", "", "ahead"},
		{"2044-01-01", "2044-01-01", "ahead"},
		{"", "2000-01-01", "old"},
		{"", "2026-01-01", "many old"},
		{"1999-01-01", "2026-03-02", "many march old"},
		{"2099-01-01", "", ""},
	} {
		var got []string
		for _, c := range w.found(t, find.ConversationQuery{Query: "heron", Since: c.since, Until: c.until}) {
			got = append(got, names[c])
		}
		slices.Sort(got)
		if strings.Join(got, " ") != c.want {
			t.Errorf("since %q until %q: %q, want %q", c.since, c.until, got, c.want)
		}
	}
	page, err := w.Searches.SearchConversations(t.Context(), w.P, find.ConversationQuery{Query: "heron", Limit: 9, Since: "2026-06-01", Until: "2026-07-01"})
	w.OK(err)
	if len(page.Hits) != 1 || len(page.Hits[0].Memories) != 1 || page.Hits[0].Snippet != "A heron lands." {
		t.Errorf("what is of another time is shown: %+v", page.Hits)
	}
	for _, in := range []find.ConversationQuery{{Since: "soon"}, {Until: "2026-13-01"}, {Since: "2026-03-02", Until: "2026-03-01"}} {
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
	page, err := w.Searches.SearchConversations(t.Context(), w.P, find.ConversationQuery{Query: "approving clerk, nothing", Limit: 10})
	w.OK(err)
	hits := page.Hits
	if len(hits) != 2 || hits[0].ID != refunds || hits[1].ID != other || len(hits[0].Memories) != 5 || hits[0].Snippet == "" || hits[1].Snippet != "Other clerk" {
		t.Errorf("hits: %+v", hits)
	}
	one, err := w.Searches.SearchConversations(t.Context(), w.P, find.ConversationQuery{Query: "clerk", Limit: 1})
	if w.OK(err); len(one.Hits) != 1 || !one.Complete {
		t.Errorf("limited: %+v", one)
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
