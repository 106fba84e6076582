package archive_test

import (
	"fmt"
	"slices"
	"testing"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

// taken is what an export has.
type taken struct {
	memories      []memory.Memory
	conversations []conversation.Told
}

// export takes everything out, and does something between memories.
func (w *world) export(meanwhile func(i int)) (all taken) {
	w.T.Helper()
	out, err := w.archives().Export(w.T.Context(), w.P)
	w.OK(err)
	for m, err := range out.Memories {
		w.OK(err)
		all.memories = append(all.memories, m)
		if meanwhile != nil {
			meanwhile(len(all.memories))
		}
	}
	for c, err := range out.Conversations {
		w.OK(err)
		all.conversations = append(all.conversations, c)
	}
	return all
}

// TestExportIsEverything has more conversations than are read at once, and what
// is deleted of them is not in it.
func TestExportIsEverything(t *testing.T) {
	w := newWorld(t)
	if all := w.export(nil); len(all.memories)+len(all.conversations) != 0 {
		t.Errorf("there is nothing, and %v is exported", all)
	}
	var want, talks []string
	for i := range 230 {
		id := w.Talk(fmt.Sprint("talk ", i))
		talks = append(talks, id)
		for j := range i % 3 {
			want = append(want, w.Add(id, fmt.Sprint("m", i, " ", j), "tea").ID)
		}
	}
	w.OK(w.Memories.Delete(t.Context(), w.P, want[7]))
	_, err := w.Conversations.Delete(t.Context(), w.P, talks[0])
	w.OK(err)
	want, talks = slices.Delete(want, 7, 8), talks[1:]
	all := w.export(nil)
	var got, told []string
	for _, m := range all.memories {
		got = append(got, m.ID)
	}
	for _, c := range all.conversations {
		told = append(told, c.ID)
	}
	if !slices.Equal(got, want) || !slices.Equal(told, talks) {
		t.Errorf("%d memories of %d, %d conversations of %d", len(got), len(want), len(told), len(talks))
	}
}

// TestExportBesideWriters begins and deletes conversations while one is under
// way: each memory has its conversation, unless that is deleted.
func TestExportBesideWriters(t *testing.T) {
	w := newWorld(t)
	var talks []string
	for i := range 4 {
		talks = append(talks, w.Talk(fmt.Sprint("talk ", i)))
		w.Add(talks[i], fmt.Sprint("m", i))
	}
	gone := talks[3]
	all := w.export(func(i int) {
		switch i {
		case 2:
			w.Add(w.Talk("begun meanwhile"), "later")
		case 4:
			_, err := w.Conversations.Delete(t.Context(), w.P, gone)
			w.OK(err)
		}
	})
	told := map[string]bool{}
	for _, c := range all.conversations {
		told[c.ID] = true
	}
	for _, m := range all.memories {
		if told[m.Conversation] == (m.Conversation == gone) {
			t.Errorf("of the memory %q the conversation is told: %v", m.Content, told[m.Conversation])
		}
	}
	if told[gone] || len(told) < 3 {
		t.Errorf("told: %v", told)
	}
}

// TestExportNeedsBothScopes tries each without the other.
func TestExportNeedsBothScopes(t *testing.T) {
	w := newWorld(t)
	for _, scope := range []access.Scope{access.MemoriesRead, access.ConversationsRead} {
		p := w.P
		p.Scopes = []access.Scope{scope}
		_, err := w.archives().Export(t.Context(), p)
		w.Kind(err, errs.PermissionDenied)
	}
}
