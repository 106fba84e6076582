package memory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

func (w *world) title(conversationID string) string {
	w.T.Helper()
	c, err := w.Conversations.Get(w.T.Context(), w.P, conversationID)
	w.OK(err)
	return c.Title
}

// titled checks a conversation's title wherever it is read.
func (w *world) titled(conversationID, want string) {
	w.T.Helper()
	got := []string{w.title(conversationID)}
	list, err := w.Conversations.List(w.T.Context(), w.P, conversation.ListInput{Limit: 100})
	w.OK(err)
	for _, c := range list.Conversations {
		if c.ID == conversationID {
			got = append(got, c.Title)
		}
	}
	tl, err := w.Memories.Timeline(w.T.Context(), w.P, conversationID, 0, 0)
	w.OK(err)
	if got = append(got, tl.Conversation.Title); !slices.Equal(got, []string{want, want, want}) {
		w.T.Errorf("titles of %s: %q, want %q", conversationID, got, want)
	}
	if want != conversation.Untitled && !slices.Contains(w.Search(want), conversationID) {
		w.T.Errorf("%q does not find %s", want, conversationID)
	}
}

// claimed makes a memory in a new conversation, which it gives its title, or
// in a known one, with a stored answer.
func (w *world) claimed(conversationID, content string) memory.Memory {
	w.T.Helper()
	made, err := w.Memories.Create(w.T.Context(), w.P, memory.Input{Conversation: conversationID, Content: content}, w.Claim(content))
	w.OK(err)
	return made.Memory
}

// ways are all in which a memory's words go.
var ways = map[string]func(w *world, m memory.Memory) error{
	"deleted": func(w *world, m memory.Memory) error { return w.Memories.Delete(w.T.Context(), w.P, m.ID) },
	"deleted in bulk": func(w *world, m memory.Memory) error {
		_, err := w.Memories.DeleteMany(w.T.Context(), w.P, []string{m.ID})
		return err
	},
	"corrected": func(w *world, m memory.Memory) error {
		content := "second"
		_, err := w.Memories.Update(w.T.Context(), w.P, m.ID, memory.Change{Content: &content})
		return err
	},
}

// No word of a memory is left anywhere when it goes: in rows, stored answers or
// objects, which have its title and what it said before.
func TestMemoryLeavesNothing(t *testing.T) {
	for name, forget := range ways {
		w := newWorld(t)
		m := w.claimed("NEW", conversationtest.Marker+" is in the title")
		w.Add(m.Conversation, "second")
		before := w.Where(conversationtest.Marker)
		for _, store := range []string{"#convs", "#idem", "#tail"} {
			if !slices.ContainsFunc(before, func(place string) bool { return strings.Contains(place, store) }) {
				t.Errorf("the conversationtest.Marker is not in %s to begin with: %v", store, before)
			}
		}
		w.MergeIndex()
		content, topics := conversationtest.Marker+" was said", []string{conversationtest.Marker + " topic"}
		_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Content: &content, Topics: &topics})
		w.OK(err)
		if !slices.ContainsFunc(w.Where(conversationtest.Marker), func(place string) bool { return strings.HasPrefix(place, "search/") }) {
			t.Errorf("the conversationtest.Marker is in no object to begin with: %v", w.Where(conversationtest.Marker))
		}
		w.OK(forget(w, m))
		if name == "corrected" {
			_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Topics: &[]string{}})
			w.OK(err)
		}
		w.Work()
		w.titled(m.Conversation, "second")
		for _, place := range append(w.Where(conversationtest.Marker), w.Where("due#")...) {
			t.Errorf("%s: left is %s", name, place)
		}
	}
}

// A title that was made from a memory goes with it, whichever write fails.
func TestTitleGoesWithItsMemory(t *testing.T) {
	for name, forget := range ways {
		scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
			w := newWorld(t)
			m := w.claimed("NEW", conversationtest.Marker+" is in the title\nand a line")
			w.Add(m.Conversation, "second\nof two")
			w.Add(m.Conversation, "third")
			w.titled(m.Conversation, conversationtest.Marker+" is in the title")
			faulty := tabletest.NewFaulty(w.Bare)
			w.Use(faulty)
			arm(faulty)
			err := forget(w, m)
			w.drainTolerantly()
			faulty.Heal()
			w.Tolerate(err)
			w.OK(forget(w, m))
			w.titled(m.Conversation, "second")
			w.Sound()
			if hits := w.Search(conversationtest.Marker); len(hits) > 0 {
				t.Errorf("still found: %v", hits)
			}
			w.Work()
			for _, place := range append(w.Where(conversationtest.Marker), w.Where("due#")...) {
				t.Errorf("left is %s", place)
			}
			w.titled(m.Conversation, "second")
		}
		t.Run(name, func(t *testing.T) {
			tabletest.EachWrite(t, scenario)
			tabletest.EachCrash(t, scenario)
		})
	}
}

// Titles pass on in the order of the timeline, until nothing is left to take
// one from.
func TestTitlesPassOn(t *testing.T) {
	w := newWorld(t)
	first := w.Add("NEW", "first")
	c := first.Conversation
	third := w.Add(c, "third")
	made, err := w.Memories.Create(t.Context(), w.P, memory.Input{
		Conversation: c, Content: "second", EventTime: "2020-01-01T00:00:00Z",
	}, nil)
	w.OK(err)
	w.titled(c, "first")
	forget := func(m memory.Memory, want string) {
		t.Helper()
		w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
		w.titled(c, want)
	}
	forget(first, "second")
	forget(third, "second")
	forget(made.Memory, conversation.Untitled)
	again := w.Add(c, "\u200b\n\tcomes\tagain \r\n and more")
	w.titled(c, "comes again")
	w.Add(c, "no title")
	other := "other words"
	_, err = w.Memories.Update(t.Context(), w.P, again.ID, memory.Change{Content: &other})
	w.OK(err)
	w.titled(c, "other words")
	forget(again, "no title")
	w.Work()
	if found := append(w.Where("comes"), w.Where("first")...); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
}

// What people gave stays, even if a memory begins the same.
func TestGivenTitlesStay(t *testing.T) {
	for name, give := range map[string]func(w *world) string{
		"created with it": func(w *world) string { return w.Talk("lunch") },
		"renamed": func(w *world) string {
			title := "lunch"
			c := w.Add("NEW", "lunch").Conversation
			_, err := w.Conversations.Rename(w.T.Context(), w.P, c, conversation.Change{Title: &title})
			w.OK(err)
			return c
		},
	} {
		for way, forget := range ways {
			w := newWorld(t)
			c := give(w)
			w.Add(c, "dinner")
			tl, err := w.Memories.Timeline(t.Context(), w.P, c, 0, 0)
			w.OK(err)
			w.OK(forget(w, w.Add(c, "lunch")))
			for m := range tl.Memories {
				w.OK(forget(w, m))
			}
			if got := w.title(c); got != "lunch" {
				t.Errorf("%s, %s: %q", name, way, got)
			}
			w.Add(c, "breakfast")
			w.titled(c, "lunch")
		}
	}
}

// Rows from before it was noted what gave the title.
func TestTitlesOfOlderRows(t *testing.T) {
	w := newWorld(t)
	before := func(c string) {
		t.Helper()
		op := table.Update(table.Key{Table: table.Conversations, PK: w.P.Workspace + "#convs", SK: c}, nil)
		op.Remove = []string{"titled"}
		_, err := w.Bare.Write(t.Context(), op)
		w.OK(err)
	}
	derived := w.Add("NEW", conversationtest.Marker+" old title")
	next := w.Add(derived.Conversation, "next")
	given := w.Talk("given")
	first := w.Add(given, "given")
	before(derived.Conversation)
	before(given)
	w.OK(w.Memories.Delete(t.Context(), w.P, next.ID))
	w.titled(derived.Conversation, conversationtest.Marker+" old title")
	w.OK(w.Memories.Delete(t.Context(), w.P, first.ID))
	w.titled(given, "given")
	w.OK(w.Memories.Delete(t.Context(), w.P, derived.ID))
	w.titled(derived.Conversation, conversation.Untitled)
	w.Work()
	if found := w.Where(conversationtest.Marker); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
}

// Memories that go or change while a title passes to them take no word of
// theirs into it.
func TestTitleAgainstItsNextMemory(t *testing.T) {
	for name, forget := range ways {
		for _, later := range []bool{false, true} {
			w := newWorld(t)
			first := w.Add("NEW", "first")
			next := w.Add(first.Conversation, conversationtest.Marker)
			w.Add(first.Conversation, "second")
			one, two := first, next
			if later { // the title passes while the next one goes
				one, two = next, first
			}
			w.Race("#order", func() { w.OK(forget(w, two)) })
			w.OK(forget(w, one))
			want := "second"
			if name == "corrected" && w.title(first.Conversation) != want {
				t.Errorf("%s: the title is %q", name, w.title(first.Conversation))
			}
			w.titled(first.Conversation, want)
			w.Work()
			if found := w.Where(conversationtest.Marker); len(found) > 0 {
				t.Errorf("%s: left: %v", name, found)
			}
		}
	}
}

// A memory that comes while the last one goes gives the title.
func TestTitleAgainstNewMemory(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", conversationtest.Marker)
	w.Race("#order", func() { w.OK(w.Memories.Delete(t.Context(), w.P, m.ID)) })
	w.Add(m.Conversation, "new one")
	w.titled(m.Conversation, "new one")
	last := w.Add("NEW", conversationtest.Marker)
	w.Race("#order", func() { w.Add(last.Conversation, "new one") })
	w.OK(w.Memories.Delete(t.Context(), w.P, last.ID))
	w.titled(last.Conversation, "new one")
}

func TestRename(t *testing.T) {
	w := newWorld(t)
	made, err := w.Conversations.Create(t.Context(), w.P, conversation.CreateInput{Title: conversationtest.Marker, Summary: conversationtest.Marker}, w.Claim("once"))
	w.OK(err)
	c := made.ID
	w.MergeIndex()
	rename := func(title, summary *string) (conversation.Conversation, error) {
		return w.Conversations.Rename(t.Context(), w.P, c, conversation.Change{Title: title, Summary: summary})
	}
	same, err := rename(nil, nil)
	if w.OK(err); same != made {
		t.Errorf("nothing changed: %+v", same)
	}
	w.Advance(time.Second)
	title, summary, none := "Gateway", "all about deployment", ""
	got, err := rename(&title, &summary)
	if w.OK(err); got.Title != title || got.Summary != summary || !got.UpdatedAt.After(made.UpdatedAt) || !got.ActiveAt.Equal(made.ActiveAt) {
		t.Errorf("renamed: %+v", got)
	}
	read, err := w.Conversations.Get(t.Context(), w.P, c)
	if w.OK(err); read != got {
		t.Errorf("read: %+v", read)
	}
	w.titled(c, title)
	if hits := w.Search("deployment"); !slices.Equal(hits, []string{c}) || len(w.Search(conversationtest.Marker)) > 0 {
		t.Errorf("by summary: %v", hits)
	}
	if got, err = rename(nil, &none); err != nil || got.Title != title || got.Summary != "" || len(w.Search("deployment")) > 0 {
		t.Errorf("without summary: %+v, %v", got, err)
	}
	w.Work()
	if found := append(w.Where(conversationtest.Marker), w.Where("due#")...); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
	for _, bad := range []string{"", " ", "a\nb", strings.Repeat("x", 501)} {
		_, err := rename(&bad, nil)
		w.Kind(err, errs.InvalidArgument)
	}
	long := strings.Repeat("x", 2001)
	_, err = rename(nil, &long)
	w.Kind(err, errs.InvalidArgument)
	for _, unknown := range []string{"x", "conv_01KRXP5VVV9S1VJ061QT76D9DD"} {
		_, err := w.Conversations.Rename(t.Context(), w.P, unknown, conversation.Change{Title: &title})
		w.Kind(err, errs.NotFound)
	}
	_, err = w.Conversations.Delete(t.Context(), w.P, c)
	w.OK(err)
	_, err = rename(&title, nil)
	w.Kind(err, errs.NotFound)
}

// A change of one field does not undo a change of the other, nor a new memory.
func TestRenameAgainstOthers(t *testing.T) {
	title, summary := "given title", "given summary"
	for name, other := range map[string]func(w *world, c string){
		"summary": func(w *world, c string) {
			_, err := w.Conversations.Rename(w.T.Context(), w.P, c, conversation.Change{Summary: &summary})
			w.OK(err)
		},
		"memory":   func(w *world, c string) { w.Add(c, "one more") },
		"deletion": func(w *world, c string) { _, err := w.Conversations.Delete(w.T.Context(), w.P, c); w.OK(err) },
	} {
		w := newWorld(t)
		c := w.Add("NEW", "derived").Conversation
		w.Race("#convs", func() { other(w, c) })
		got, err := w.Conversations.Rename(t.Context(), w.P, c, conversation.Change{Title: &title})
		if name == "deletion" {
			w.Kind(err, errs.NotFound)
			continue
		}
		w.OK(err)
		w.titled(c, title)
		if name == "summary" && got.Summary != summary || name == "memory" && len(w.Timeline(c)) != 2 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRenameUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		m := w.claimed("NEW", conversationtest.Marker)
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		title := "given title"
		_, err := w.Conversations.Rename(t.Context(), w.P, m.Conversation, conversation.Change{Title: &title})
		faulty.Heal()
		w.Tolerate(err)
		if got := w.title(m.Conversation); got != title && got != conversationtest.Marker {
			t.Errorf("half of a title: %q", got)
		}
		_, err = w.Conversations.Rename(t.Context(), w.P, m.Conversation, conversation.Change{Title: &title})
		w.OK(err)
		w.titled(m.Conversation, title)
		w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
		w.Work()
		w.titled(m.Conversation, title)
		if found := append(w.Where(conversationtest.Marker), w.Where("due#")...); len(found) > 0 {
			t.Errorf("left: %v", fmt.Sprint(found))
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}
