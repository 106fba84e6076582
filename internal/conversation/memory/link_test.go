package memory_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

func (w *world) link(from, to memory.Memory, kind string) memory.Link {
	w.T.Helper()
	l, err := memory.Relationships{Service: w.Memories}.Link(w.T.Context(), w.P, from.ID, memory.LinkInput{Target: to.ID, Type: kind, Reason: "so"}, nil)
	w.OK(err)
	return l
}

// linked says how a memory is linked, and its state.
func (w *world) linked(m memory.Memory, direction string) string {
	w.T.Helper()
	_, links, err := memory.Relationships{Service: w.Memories}.Links(w.T.Context(), w.P, m.ID, memory.LinksInput{Direction: direction})
	w.OK(err)
	var out []string
	for _, l := range links {
		from := "to"
		if l.Target == m.ID {
			from = "from"
		}
		out = append(out, fmt.Sprint(from, " ", l.Type, " ", l.Confidence, " ", l.Reason))
	}
	got, err := w.Memories.Get(w.T.Context(), w.P, m.ID)
	w.OK(err)
	return got.EffectiveState() + ": " + strings.Join(out, ", ")
}

func (w *world) want(what, got, want string) {
	w.T.Helper()
	if got != want {
		w.T.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestLinks(t *testing.T) {
	w := newWorld(t)
	old, next := w.Add("NEW", "old"), w.Add("NEW", "next")
	l := w.link(next, old, "SUPERSEDES")
	if again := w.link(next, old, "SUPERSEDES"); again != l {
		t.Errorf("stated twice: %+v, %+v", l, again)
	}
	w.link(next, old, "FOLLOWS")
	w.want("the newer one", w.linked(next, memory.Both), "current: to SUPERSEDES 1 so, to FOLLOWS 1 so")
	w.want("the older one", w.linked(old, memory.Both), "superseded: from SUPERSEDES 1 so, from FOLLOWS 1 so")
	w.want("from it", w.linked(old, memory.Outgoing), "superseded: ")
	w.want("to it", w.linked(old, memory.Incoming), "superseded: from SUPERSEDES 1 so, from FOLLOWS 1 so")

	changed := "changed"
	_, err := w.Memories.Update(t.Context(), w.P, old.ID, memory.Change{Content: &changed})
	w.OK(err)
	w.want("changed", w.linked(old, memory.Outgoing), "superseded: ")

	w.OK(memory.Relationships{Service: w.Memories}.Unlink(t.Context(), w.P, next.ID, l.ID))
	w.want("taken back", w.linked(old, memory.Both), "current: from FOLLOWS 1 so")
	w.Kind(memory.Relationships{Service: w.Memories}.Unlink(t.Context(), w.P, next.ID, l.ID), errs.NotFound)
	w.link(next, old, "CONTRADICTS")
	w.want("contradicted", w.linked(old, memory.Outgoing), "contradicted: ")
}

// A memory may be meant by its name, and is the same then.
func TestLinksByName(t *testing.T) {
	w := newWorld(t)
	old, named := w.Add("NEW", "old"), w.Add("NEW", "named")
	name := "its-name"
	_, err := w.Memories.Update(t.Context(), w.P, named.ID, memory.Change{Name: &name})
	w.OK(err)
	to, err := memory.Relationships{Service: w.Memories}.Link(t.Context(), w.P, old.ID, memory.LinkInput{Target: name, Type: "FOLLOWS"}, nil)
	w.OK(err)
	if again := w.link(old, named, "FOLLOWS"); again != to || to.Target != named.ID {
		t.Errorf("by name %+v, by id %+v", to, again)
	}
	_, err = memory.Relationships{Service: w.Memories}.Link(t.Context(), w.P, name, memory.LinkInput{Target: named.ID, Type: "FOLLOWS"}, nil)
	w.Kind(err, errs.InvalidArgument)
	if m, links, err := (memory.Relationships{Service: w.Memories}).Links(t.Context(), w.P, name, memory.LinksInput{}); err != nil || m.ID != named.ID || len(links) != 1 {
		t.Errorf("%+v, %v", links, err)
	}
	w.OK(memory.Relationships{Service: w.Memories}.Unlink(t.Context(), w.P, name, to.ID))
}

func TestLinksRefused(t *testing.T) {
	w := newWorld(t)
	a, b := w.Add("NEW", "a"), w.Add("NEW", "b")
	gone := w.Add("NEW", "gone")
	w.OK(w.Memories.Delete(t.Context(), w.P, gone.ID))
	newer := w.Add("NEW", "newer")
	_, err := memory.Relationships{Service: w.Memories}.Link(t.Context(), w.P, newer.ID, memory.LinkInput{Target: a.ID, Type: "SUPERSEDES"}, nil)
	w.OK(err)
	two := 2.0
	for name, tc := range map[string]struct {
		from string
		in   memory.LinkInput
		want errs.Kind
	}{
		"to itself":      {a.ID, memory.LinkInput{Target: a.ID, Type: "FOLLOWS"}, errs.InvalidArgument},
		"of no type":     {a.ID, memory.LinkInput{Target: b.ID}, errs.InvalidArgument},
		"too sure":       {a.ID, memory.LinkInput{Target: b.ID, Type: "FOLLOWS", Confidence: &two}, errs.InvalidArgument},
		"of another":     {a.ID, memory.LinkInput{Target: b.ID, Type: "LIKES"}, errs.InvalidArgument},
		"to a deleted":   {a.ID, memory.LinkInput{Target: gone.ID, Type: "FOLLOWS"}, errs.NotFound},
		"in a circle":    {a.ID, memory.LinkInput{Target: newer.ID, Type: "SUPERSEDES"}, errs.Conflict},
		"from a deleted": {gone.ID, memory.LinkInput{Target: b.ID, Type: "FOLLOWS"}, errs.NotFound},
	} {
		_, err := memory.Relationships{Service: w.Memories}.Link(t.Context(), w.P, tc.from, tc.in, nil)
		if !errs.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The memory with the most relationships and topics can be deleted, in one
// transaction that tells all of them.
func TestMostLinks(t *testing.T) {
	w := newWorld(t)
	names := make([]string, memory.MaxTopics)
	for i := range names {
		names[i] = fmt.Sprint("topic ", i)
	}
	most, more := w.Add("NEW", "most", names...), w.Add("NEW", "more")
	sources := make([]memory.Memory, memory.MaxRelationships)
	for i := range sources {
		sources[i] = w.Add("NEW", "source")
		w.link(sources[i], most, "REFERENCES")
	}
	_, err := memory.Relationships{Service: w.Memories}.Link(t.Context(), w.P, more.ID, memory.LinkInput{Target: most.ID, Type: "FOLLOWS"}, nil)
	w.Kind(err, errs.QuotaExceeded)
	w.OK(w.Memories.Delete(t.Context(), w.P, most.ID))
	for _, m := range sources {
		got, err := w.Memories.Get(t.Context(), w.P, m.ID)
		if w.OK(err); len(got.Links) > 0 {
			t.Errorf("%+v", got.Links)
		}
	}
}

// Relationships go with either memory, and with its conversation.
func TestLinksGoWithMemories(t *testing.T) {
	w := newWorld(t)
	old := w.Add("NEW", "old")
	beside := w.Add(old.Conversation, "beside")
	first, second, third := w.Add("NEW", "first"), w.Add("NEW", "second"), w.Add("NEW", "third")
	for _, m := range []memory.Memory{first, second, third, beside} {
		w.link(m, old, "SUPERSEDES")
	}
	w.link(old, third, "REFERENCES")
	w.OK(w.Memories.Delete(t.Context(), w.P, first.ID))
	w.OK(w.Memories.Delete(t.Context(), w.P, beside.ID))
	w.want("without the first", w.linked(old, memory.Both), "superseded: from SUPERSEDES 1 so, from SUPERSEDES 1 so, to REFERENCES 1 so")
	_, err := w.Conversations.Delete(t.Context(), w.P, second.Conversation)
	w.OK(err)
	w.want("a hidden one", w.linked(old, memory.Both), "superseded: from SUPERSEDES 1 so, to REFERENCES 1 so")
	_, err = w.Conversations.Delete(t.Context(), w.P, third.Conversation)
	w.OK(err)
	w.Work()
	w.want("without any", w.linked(old, memory.Both), "current: ")
	_, err = w.Conversations.Delete(t.Context(), w.P, old.Conversation)
	w.OK(err)
	w.Work()
}

// Relationships that are stated at once, and while their memory changes, are all
// kept.
func TestLinksAtOnce(t *testing.T) {
	w := newWorld(t)
	old := w.Add("NEW", "old")
	sources := make([]memory.Memory, 5)
	for i := range sources {
		sources[i] = w.Add("NEW", "source")
	}
	var running sync.WaitGroup
	for i, m := range sources {
		running.Go(func() {
			_, err := memory.Relationships{Service: w.Memories}.Link(t.Context(), w.P, m.ID, memory.LinkInput{Target: old.ID, Type: "FOLLOWS"}, nil)
			w.OK(err)
		})
		running.Go(func() {
			text := fmt.Sprint("changed ", i)
			_, err := w.Memories.Update(t.Context(), w.P, old.ID, memory.Change{Content: &text})
			w.OK(err)
		})
	}
	running.Wait()
	got, err := w.Memories.Get(t.Context(), w.P, old.ID)
	if w.OK(err); len(got.Links) != len(sources) || got.Version != 6 {
		t.Errorf("%d relationships, version %d", len(got.Links), got.Version)
	}
}
