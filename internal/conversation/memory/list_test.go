package memory_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"griot/internal/conversation/conversationtest"
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
		conversations = append(conversations, w.Talk("c"))
	}
	for i := range 150 {
		in := memory.Input{
			Conversation: conversations[rnd.IntN(len(conversations))], Content: fmt.Sprint("m", i),
			Topics: []string{"All", fmt.Sprint("T", rnd.IntN(4))},
		}
		if rnd.IntN(2) == 0 {
			in.EventTime = conversationtest.Start.Add(time.Duration(rnd.IntN(100)-50) * time.Hour).Format(time.RFC3339)
		}
		if rnd.IntN(3) == 0 {
			in.CodeContext = &memory.CodeContext{Product: fmt.Sprint("p", rnd.IntN(2)), Team: "x"}
		}
		made, err := w.Memories.Create(t.Context(), w.P, in, nil)
		w.OK(err)
		all = append(all, made.Memory)
		w.Advance(time.Duration(rnd.IntN(90)) * time.Minute)
	}
	for range 40 {
		i := rnd.IntN(len(all))
		w.Advance(time.Second)
		got, err := w.Memories.Update(t.Context(), w.P, all[i].ID, memory.Change{Topics: &[]string{"All", fmt.Sprint("T", rnd.IntN(4))}})
		w.OK(err)
		all[i] = got
	}
	for range 20 {
		i := rnd.IntN(len(all))
		w.OK(w.Memories.Delete(t.Context(), w.P, all[i].ID))
		all = slices.Delete(all, i, i+1)
	}
	_, err := w.Conversations.Delete(t.Context(), w.P, conversations[0])
	w.OK(err)
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
		got, err := w.Memories.List(t.Context(), w.P, in)
		w.OK(err)
		want := selectMemories(all, in)
		page := want[min(in.Offset, len(want)):min(in.Offset+in.Limit, len(want))]
		if diff := gocmp.Diff(contents(page), contents(w.All(got.Memories))); diff != "" || got.Total != len(want) {
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
		w.Add("NEW", content)
		w.Advance(map[string]time.Duration{"three weeks": 13 * 24 * time.Hour, "eight days": 7 * 24 * time.Hour}[content])
	}
	w.Advance(25 * time.Hour)
	w.Add("NEW", "now")
	for recent, want := range map[string][]string{
		"24h": {"now"}, "2d": {"now", "one day"}, "2w": {"now", "one day", "eight days"}, "4w": {"now", "one day", "eight days", "three weeks"},
	} {
		got, err := w.Memories.List(t.Context(), w.P, memory.ListInput{Limit: 100, Recent: recent, From: "2099-01-01"})
		if w.OK(err); !slices.Equal(contents(w.All(got.Memories)), want) {
			t.Errorf("%s: %q", recent, contents(w.All(got.Memories)))
		}
	}
	for _, in := range []memory.ListInput{
		{}, {Limit: 1001}, {Limit: 1, Recent: "soon"}, {Limit: 1, Recent: "0h"}, {Limit: 1, IDPrefix: "abc"}, {Limit: 1, From: "x"},
		{Limit: 1, SortBy: "name"}, {Limit: 1, Scope: map[string]string{"repo": "x"}},
	} {
		if _, err := w.Memories.List(t.Context(), w.P, in); !errs.Is(err, errs.Malformed) {
			t.Errorf("%+v: %v", in, err)
		}
	}
}

// A list of any size is read as it is consumed.
func TestPageOfLongMemories(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("c")
	for range 30 {
		w.Add(c, strings.Repeat("\U0001F600", 50_000))
	}
	page, err := w.Memories.List(t.Context(), w.P, memory.ListInput{Limit: 1000})
	if w.OK(err); page.Total != 30 || len(w.All(page.Memories)) != 30 {
		t.Errorf("%d memories", page.Total)
	}
	_, err = w.Searches.SearchMemories(t.Context(), w.P, find.MemoryQuery{Query: "c", Limit: 1001})
	w.Kind(err, errs.InvalidArgument)
}

// A memory that goes while the list is read is left out, and so is one whose
// conversation is hidden.
func TestListMemoriesWhileTheyGo(t *testing.T) {
	w := newWorld(t)
	c, gone := w.Talk("c"), w.Talk("gone")
	for i := range 3 {
		w.Add(c, fmt.Sprint("stays ", i))
	}
	single := w.Add(c, "goes")
	w.Add(gone, "goes with its conversation")
	page, err := w.Memories.List(t.Context(), w.P, memory.ListInput{Limit: 1000})
	w.OK(err)
	w.OK(w.Memories.Delete(t.Context(), w.P, single.ID))
	_, err = w.Conversations.Delete(t.Context(), w.P, gone)
	w.OK(err)
	if got := contents(w.All(page.Memories)); page.Total != 5 || !slices.Equal(got, []string{"stays 2", "stays 1", "stays 0"}) {
		t.Errorf("%d, %q", page.Total, got)
	}
}
