package conversation_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

func TestListMemoriesAgainstModel(t *testing.T) {
	w := newWorld(t)
	rnd := rand.New(rand.NewPCG(5, 6))
	var all []memory.Memory
	var conversations []string
	for range 4 {
		conversations = append(conversations, w.create("c"))
	}
	for i := range 150 {
		in := memory.Input{
			Conversation: conversations[rnd.IntN(len(conversations))], Content: fmt.Sprint("m", i),
			Topics: []string{"All", fmt.Sprint("T", rnd.IntN(4))},
		}
		if rnd.IntN(2) == 0 {
			in.EventTime = start.Add(time.Duration(rnd.IntN(100)-50) * time.Hour).Format(time.RFC3339)
		}
		if rnd.IntN(3) == 0 {
			in.CodeContext = &memory.CodeContext{Product: fmt.Sprint("p", rnd.IntN(2)), Team: "x"}
		}
		made, err := w.memories.Create(t.Context(), w.p, in, nil)
		w.ok(err)
		all = append(all, made.Memory)
		w.clock.advance(time.Duration(rnd.IntN(90)) * time.Minute)
	}
	for range 40 {
		i := rnd.IntN(len(all))
		w.clock.advance(time.Second)
		got, err := w.memories.Update(t.Context(), w.p, all[i].ID, memory.Change{Topics: &[]string{"All", fmt.Sprint("T", rnd.IntN(4))}})
		w.ok(err)
		all[i] = got
	}
	for range 20 {
		i := rnd.IntN(len(all))
		w.ok(w.memories.Delete(t.Context(), w.p, all[i].ID))
		all = slices.Delete(all, i, i+1)
	}
	_, err := w.Delete(t.Context(), w.p, conversations[0])
	w.ok(err)
	all = slices.DeleteFunc(all, func(m memory.Memory) bool { return m.Conversation == conversations[0] })
	for range 400 {
		in := memory.ListInput{
			Limit: 1 + rnd.IntN(30), Offset: rnd.IntN(len(all) + 2),
			SortBy: []string{"", "createdAt", "updatedAt", "eventTime"}[rnd.IntN(4)], Order: []string{"", "asc", "desc"}[rnd.IntN(3)],
		}
		one := func() memory.Memory { return all[rnd.IntN(len(all))] }
		if rnd.IntN(4) == 0 {
			in.From = one().CreatedAt.Format("2006-01-02T15:04:05.000Z")
		}
		if rnd.IntN(4) == 0 {
			in.To = one().CreatedAt.Format("2006-01-02T15:04:05.000Z")
		}
		if in.From != "" && in.To != "" {
			in.From, in.To = min(in.From, in.To), max(in.From, in.To)
		}
		if rnd.IntN(4) == 0 {
			in.Topics = []string{"t1", "T3"}
		}
		if rnd.IntN(6) == 0 {
			in.ExcludeTopics = []string{" t2"}
		}
		if rnd.IntN(5) == 0 {
			in.Conversation = one().Conversation
		}
		if rnd.IntN(6) == 0 {
			in.Scope = map[string]string{"product": "p1", "team": "x"}
		}
		if rnd.IntN(8) == 0 {
			in.IDPrefix = one().ID[:6+rnd.IntN(31)]
		}
		got, err := w.memories.List(t.Context(), w.p, in)
		w.ok(err)
		want := selectMemories(all, in)
		page := want[min(in.Offset, len(want)):min(in.Offset+in.Limit, len(want))]
		if diff := gocmp.Diff(contents(page), contents(w.all(got.Memories))); diff != "" || got.Total != len(want) {
			t.Fatalf("%+v: total %d, want %d\n%s", in, got.Total, len(want), diff)
		}
	}
}

// selectMemories is the list worked out the slow way.
func selectMemories(all []memory.Memory, in memory.ListInput) (out []memory.Memory) {
	from, _ := time.Parse(time.RFC3339, in.From)
	to, _ := time.Parse(time.RFC3339, in.To)
	for _, m := range all {
		if in.From != "" && m.CreatedAt.Before(from) || in.To != "" && m.CreatedAt.After(to) ||
			in.Conversation != "" && m.Conversation != in.Conversation || !strings.HasPrefix(m.ID, in.IDPrefix) ||
			in.Topics != nil && !slices.Contains(m.Topics, "T1") && !slices.Contains(m.Topics, "T3") ||
			in.ExcludeTopics != nil && slices.Contains(m.Topics, "T2") ||
			in.Scope != nil && (m.CodeContext == nil || m.CodeContext.Product != "p1") {
			continue
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b memory.Memory) int {
		by := 0
		switch in.SortBy {
		case "updatedAt":
			by = a.UpdatedAt.Compare(b.UpdatedAt)
		case "eventTime":
			by = a.At().Compare(b.At())
		}
		if by = cmp.Or(by, a.CreatedAt.Compare(b.CreatedAt)); in.Order != "asc" {
			by = -by
		}
		return by
	})
	return out
}

func TestRecentMemories(t *testing.T) {
	w := newWorld(t)
	for _, content := range []string{"three weeks", "eight days", "one day"} {
		w.add("NEW", content)
		w.clock.advance(map[string]time.Duration{"three weeks": 13 * 24 * time.Hour, "eight days": 7 * 24 * time.Hour}[content])
	}
	w.clock.advance(25 * time.Hour)
	w.add("NEW", "now")
	for recent, want := range map[string][]string{
		"24h": {"now"}, "2d": {"now", "one day"}, "2w": {"now", "one day", "eight days"}, "4w": {"now", "one day", "eight days", "three weeks"},
	} {
		got, err := w.memories.List(t.Context(), w.p, memory.ListInput{Limit: 100, Recent: recent, From: "2099-01-01"})
		if w.ok(err); !slices.Equal(contents(w.all(got.Memories)), want) {
			t.Errorf("%s: %q", recent, contents(w.all(got.Memories)))
		}
	}
	for _, in := range []memory.ListInput{
		{}, {Limit: 1001}, {Limit: 1, Recent: "soon"}, {Limit: 1, Recent: "0h"}, {Limit: 1, IDPrefix: "abc"}, {Limit: 1, From: "x"},
		{Limit: 1, SortBy: "name"}, {Limit: 1, Scope: map[string]string{"repo": "x"}},
	} {
		if _, err := w.memories.List(t.Context(), w.p, in); !errs.Is(err, errs.Malformed) {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

// A list of any size is read as it is consumed.
func TestPageOfLongMemories(t *testing.T) {
	w := newWorld(t)
	c := w.create("c")
	for range 30 {
		w.add(c, strings.Repeat("\U0001F600", 50_000))
	}
	page, err := w.memories.List(t.Context(), w.p, memory.ListInput{Limit: 1000})
	if w.ok(err); page.Total != 30 || len(w.all(page.Memories)) != 30 {
		t.Errorf("%d memories", page.Total)
	}
	_, err = w.searches.SearchMemories(t.Context(), w.p, find.MemoryQuery{Query: "c", Limit: 1001})
	w.kind(err, errs.InvalidArgument)
}

// A memory that goes while the list is read is left out, and so is one whose
// conversation is hidden.
func TestListMemoriesWhileTheyGo(t *testing.T) {
	w := newWorld(t)
	c, gone := w.create("c"), w.create("gone")
	for i := range 3 {
		w.add(c, fmt.Sprint("stays ", i))
	}
	single := w.add(c, "goes")
	w.add(gone, "goes with its conversation")
	page, err := w.memories.List(t.Context(), w.p, memory.ListInput{Limit: 1000})
	w.ok(err)
	w.ok(w.memories.Delete(t.Context(), w.p, single.ID))
	_, err = w.Delete(t.Context(), w.p, gone)
	w.ok(err)
	if got := contents(w.all(page.Memories)); page.Total != 5 || !slices.Equal(got, []string{"stays 2", "stays 1", "stays 0"}) {
		t.Errorf("%d, %q", page.Total, got)
	}
}

// A filtered search finds what the words alone find, less the others.
func TestSearchSelects(t *testing.T) {
	w := newWorld(t)
	var ids []string
	for i := range 30 {
		c := w.create(fmt.Sprint("heron ", i))
		w.add(c, "A heron stands.", []string{"Birds", "Rare"}[i/29], fmt.Sprint("n", i%3))
		ids = append(ids, c)
	}
	search := func(in find.ConversationQuery) []string {
		t.Helper()
		in.Query = "heron"
		if in.Limit == 0 {
			in.Limit = 50
		}
		hits, err := w.searches.SearchConversations(t.Context(), w.p, in)
		w.ok(err)
		var found []string
		for _, hit := range hits {
			found = append(found, hit.ID)
		}
		slices.Sort(found)
		return found
	}
	created := func(id string) string {
		c, err := w.Get(t.Context(), w.p, id)
		w.ok(err)
		return c.CreatedAt.Format("2006-01-02T15:04:05.000Z")
	}
	found, err := w.topicLists.Get(t.Context(), w.p, "rare")
	w.ok(err)
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
		_, err := w.searches.SearchConversations(t.Context(), w.p, in)
		w.kind(err, errs.InvalidArgument)
	}
}

func TestSearch(t *testing.T) {
	w := newWorld(t)
	refunds := w.create("Refunds")
	var last memory.Memory
	for i := range 8 {
		last = w.add(refunds, fmt.Sprint("the clerk approves ", i), "Money")
	}
	other := w.create("Other clerk")
	hits, err := w.searches.SearchConversations(t.Context(), w.p, find.ConversationQuery{Query: "approving clerk, nothing", Limit: 10})
	w.ok(err)
	if len(hits) != 2 || hits[0].ID != refunds || hits[1].ID != other || len(hits[0].Memories) != 5 || hits[0].Snippet == "" || hits[1].Snippet != "Other clerk" {
		t.Errorf("hits: %+v", hits)
	}
	one, err := w.searches.SearchConversations(t.Context(), w.p, find.ConversationQuery{Query: "clerk", Limit: 1})
	if w.ok(err); len(one) != 1 {
		t.Errorf("limited: %d", len(one))
	}
	found, err := w.searches.SearchMemories(t.Context(), w.p, find.MemoryQuery{Query: "clerk", Limit: 3, Offset: 6})
	if w.ok(err); len(found.Hits) != 2 || found.Total != 8 || found.Hits[0].Preview == "" {
		t.Errorf("memories: %+v", found)
	}
	found, err = w.searches.SearchMemories(t.Context(), w.p, find.MemoryQuery{
		Query: "clerk", Limit: 10, Topics: []string{"money"}, IngestedFrom: last.CreatedAt.Format(time.RFC3339Nano), Type: "episodic",
	})
	if w.ok(err); len(found.Hits) != 1 || found.Total != 1 || found.Hits[0].ID != last.ID {
		t.Errorf("filtered: %+v", found)
	}
	found, err = w.searches.SearchMemories(t.Context(), w.p, find.MemoryQuery{Query: "clerk", Limit: 10, Conversation: other})
	if w.ok(err); found.Total != 0 {
		t.Errorf("of another conversation: %+v", found)
	}
	for _, in := range []find.ConversationQuery{{Limit: 1}, {Query: " ", Limit: 1}, {Query: "x"}, {Query: "x", Limit: 1001}} {
		_, err := w.searches.SearchConversations(t.Context(), w.p, in)
		w.kind(err, errs.InvalidArgument)
	}
}
