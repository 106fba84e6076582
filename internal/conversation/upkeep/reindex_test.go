package upkeep_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/table"
)

// forget takes memories, and what their conversations are called, out of the
// index, as if it had been made without their words.
func (w *world) forget(memories ...memory.Memory) {
	w.T.Helper()
	index, workspace := w.Conversations.Index, w.P.Workspace
	seen := map[string]bool{}
	for _, m := range memories {
		ops := []table.Op{index.Remove(workspace, m.Conversation, m.ID)}
		if !seen[m.Conversation] {
			seen[m.Conversation] = true
			ops = append(ops, index.Remove(workspace, m.Conversation, ""))
		}
		w.OK(w.Bare.Transact(w.T.Context(), ops))
	}
}

// A reindexing that is broken off before any of its writes is finished by the
// next one, and finds all that there was.
func TestReindex(t *testing.T) {
	w := newWorld(t)
	var all []memory.Memory
	c := w.Talk("Quarry")
	for i := range 100 {
		all = append(all, w.Add(c, fmt.Sprint("granite number", i)))
	}
	other := w.Add("NEW", "limestone from the pit")
	all = append(all, other)
	w.forget(all...)
	if got := w.Search("granite limestone quarry"); len(got) > 0 {
		t.Fatalf("found %v of nothing", got)
	}
	errBroken := errors.New("broken off")
	for writes := 0; ; writes++ {
		left := writes
		w.Use(&failing{Store: w.Bare, err: errBroken, left: &left})
		units, err := w.Upkeep.Reindex(t.Context(), w.P.Workspace)
		w.Use(w.Bare)
		if err == nil {
			if units != 103 {
				t.Errorf("%d units, want those of 101 memories and 2 conversations", units)
			}
			break
		}
		if !errors.Is(err, errBroken) || writes > 10 {
			t.Fatal(err)
		}
	}
	want := []string{c, other.Conversation}
	slices.Sort(want)
	for _, query := range []string{"granite limestone", "quarry limestone"} {
		if got := w.Search(query); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	w.Sound()
}

// failing is a store whose transactions fail when none is left.
type failing struct {
	table.Store
	err  error
	left *int
}

func (f *failing) Transact(ctx context.Context, ops []table.Op) error {
	if *f.left--; *f.left < 0 {
		return f.err
	}
	return f.Store.Transact(ctx, ops)
}

// What is changed, renamed or deleted before any write of a reindexing is found
// by its newer words only, and what was purged leaves nothing.
func TestReindexBesideWriters(t *testing.T) {
	for _, what := range []string{"change", "delete", "delete conversation", "rename"} {
		for before := range 3 {
			w := newWorld(t)
			m := w.Add("NEW", "basalt column")
			second := w.Add(m.Conversation, "gravel path")
			w.forget(m, second)
			transactions := 0
			w.Use(&deferred{Store: w.Bare, do: func() {
				if transactions++; transactions != before+1 {
					return
				}
				reindexing := w.Upkeep
				w.Use(w.Bare)
				w.happens(what, m)
				w.Upkeep = reindexing
			}})
			_, err := w.Upkeep.Reindex(t.Context(), w.P.Workspace)
			w.OK(err)
			w.Use(w.Bare)
			if transactions <= before && before < 2 {
				t.Fatalf("%s: %d transactions", what, transactions)
			}
			if transactions > before {
				w.foundAfter(what, before, m)
			}
		}
	}
}

func (w *world) happens(what string, m memory.Memory) {
	w.T.Helper()
	switch what {
	case "change":
		content := "marble column"
		_, err := w.Memories.Update(w.T.Context(), w.P, m.ID, memory.Change{Content: &content})
		w.OK(err)
	case "delete":
		w.OK(w.Memories.Delete(w.T.Context(), w.P, m.ID))
		w.Work()
	case "delete conversation":
		_, err := w.Conversations.Delete(w.T.Context(), w.P, m.Conversation)
		w.OK(err)
		w.Work()
	case "rename":
		title := "Terrace"
		_, err := w.Conversations.Rename(w.T.Context(), w.P, m.Conversation, conversation.Change{Title: &title})
		w.OK(err)
	}
}

func (w *world) foundAfter(what string, before int, m memory.Memory) {
	w.T.Helper()
	for query, found := range map[string]bool{
		"basalt":  what == "rename",
		"marble":  what == "change",
		"terrace": what == "rename",
		"gravel":  what != "delete conversation",
	} {
		if got := w.Search(query); (len(got) > 0) != found {
			w.T.Errorf("%s before write %d: %s finds %v", what, before, query, got)
		}
	}
	if what == "delete conversation" {
		if left := w.Where("basalt"); len(left) > 0 {
			w.T.Errorf("deleted before write %d: %v are left", before, left)
		}
	}
}

// deferred is a store that does something before each transaction.
type deferred struct {
	table.Store
	do func()
}

func (d *deferred) Transact(ctx context.Context, ops []table.Op) error {
	d.do()
	return d.Store.Transact(ctx, ops)
}
