package conversation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

func (w *world) title(conversationID string) string {
	w.t.Helper()
	c, err := w.Get(w.t.Context(), w.p, conversationID)
	w.ok(err)
	return c.Title
}

// titled checks a conversation's title wherever it is read.
func (w *world) titled(conversationID, want string) {
	w.t.Helper()
	got := []string{w.title(conversationID)}
	list, err := w.List(w.t.Context(), w.p, conversation.ListInput{Limit: 100})
	w.ok(err)
	for _, c := range list.Conversations {
		if c.ID == conversationID {
			got = append(got, c.Title)
		}
	}
	tl, err := w.memories.Timeline(w.t.Context(), w.p, conversationID, 0, 0)
	w.ok(err)
	if got = append(got, tl.Conversation.Title); !slices.Equal(got, []string{want, want, want}) {
		w.t.Errorf("titles of %s: %q, want %q", conversationID, got, want)
	}
	if want != conversation.Untitled && !slices.Contains(w.search(want), conversationID) {
		w.t.Errorf("%q does not find %s", want, conversationID)
	}
}

// claimed makes a memory in a new conversation, which it gives its title, or
// in a known one, with a stored answer.
func (w *world) claimed(conversationID, content string) memory.Memory {
	w.t.Helper()
	made, err := w.memories.Create(w.t.Context(), w.p, memory.Input{Conversation: conversationID, Content: content}, w.claim(content))
	w.ok(err)
	return made.Memory
}

// ways are all in which a memory's words go.
var ways = map[string]func(w *world, m memory.Memory) error{
	"deleted": func(w *world, m memory.Memory) error { return w.memories.Delete(w.t.Context(), w.p, m.ID) },
	"deleted in bulk": func(w *world, m memory.Memory) error {
		_, err := w.memories.DeleteMany(w.t.Context(), w.p, []string{m.ID})
		return err
	},
	"corrected": func(w *world, m memory.Memory) error {
		content := "second"
		_, err := w.memories.Update(w.t.Context(), w.p, m.ID, memory.Change{Content: &content})
		return err
	},
}

// No word of a memory is left anywhere when it goes: in rows, stored answers or
// objects, which have its title and what it said before.
func TestMemoryLeavesNothing(t *testing.T) {
	for name, forget := range ways {
		w := newWorld(t)
		m := w.claimed("NEW", marker+" is in the title")
		w.add(m.Conversation, "second")
		before := w.where(marker)
		for _, store := range []string{"#convs", "#idem", "#tail"} {
			if !slices.ContainsFunc(before, func(place string) bool { return strings.Contains(place, store) }) {
				t.Errorf("the marker is not in %s to begin with: %v", store, before)
			}
		}
		w.mergeIndex()
		content, topics := marker+" was said", []string{marker + " topic"}
		_, err := w.memories.Update(t.Context(), w.p, m.ID, memory.Change{Content: &content, Topics: &topics})
		w.ok(err)
		if !slices.ContainsFunc(w.where(marker), func(place string) bool { return strings.HasPrefix(place, "search/") }) {
			t.Errorf("the marker is in no object to begin with: %v", w.where(marker))
		}
		w.ok(forget(w, m))
		if name == "corrected" {
			_, err := w.memories.Update(t.Context(), w.p, m.ID, memory.Change{Topics: &[]string{}})
			w.ok(err)
		}
		w.work()
		w.titled(m.Conversation, "second")
		for _, place := range append(w.where(marker), w.where("due#")...) {
			t.Errorf("%s: left is %s", name, place)
		}
	}
}

// A title that was made from a memory goes with it, whichever write fails.
func TestTitleGoesWithItsMemory(t *testing.T) {
	for name, forget := range ways {
		scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
			w := newWorld(t)
			m := w.claimed("NEW", marker+" is in the title\nand a line")
			w.add(m.Conversation, "second\nof two")
			w.add(m.Conversation, "third")
			w.titled(m.Conversation, marker+" is in the title")
			faulty := tabletest.NewFaulty(w.bare)
			w.use(faulty)
			arm(faulty)
			err := forget(w, m)
			w.drainTolerantly()
			faulty.Heal()
			w.tolerate(err)
			w.ok(forget(w, m))
			w.titled(m.Conversation, "second")
			w.sound()
			if hits := w.search(marker); len(hits) > 0 {
				t.Errorf("still found: %v", hits)
			}
			w.work()
			for _, place := range append(w.where(marker), w.where("due#")...) {
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
	first := w.add("NEW", "first")
	c := first.Conversation
	third := w.add(c, "third")
	made, err := w.memories.Create(t.Context(), w.p, memory.Input{
		Conversation: c, Content: "second", EventTime: "2020-01-01T00:00:00Z",
	}, nil)
	w.ok(err)
	w.titled(c, "first")
	forget := func(m memory.Memory, want string) {
		t.Helper()
		w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
		w.titled(c, want)
	}
	forget(first, "second")
	forget(third, "second")
	forget(made.Memory, conversation.Untitled)
	again := w.add(c, "\u200b\n\tcomes\tagain \r\n and more")
	w.titled(c, "comes again")
	w.add(c, "no title")
	other := "other words"
	_, err = w.memories.Update(t.Context(), w.p, again.ID, memory.Change{Content: &other})
	w.ok(err)
	w.titled(c, "other words")
	forget(again, "no title")
	w.work()
	if found := append(w.where("comes"), w.where("first")...); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
}

// What people gave stays, even if a memory begins the same.
func TestGivenTitlesStay(t *testing.T) {
	for name, give := range map[string]func(w *world) string{
		"created with it": func(w *world) string { return w.create("lunch") },
		"renamed": func(w *world) string {
			title := "lunch"
			c := w.add("NEW", "lunch").Conversation
			_, err := w.Rename(w.t.Context(), w.p, c, conversation.Change{Title: &title})
			w.ok(err)
			return c
		},
	} {
		for way, forget := range ways {
			w := newWorld(t)
			c := give(w)
			w.add(c, "dinner")
			tl, err := w.memories.Timeline(t.Context(), w.p, c, 0, 0)
			w.ok(err)
			w.ok(forget(w, w.add(c, "lunch")))
			for m := range tl.Memories {
				w.ok(forget(w, m))
			}
			if got := w.title(c); got != "lunch" {
				t.Errorf("%s, %s: %q", name, way, got)
			}
			w.add(c, "breakfast")
			w.titled(c, "lunch")
		}
	}
}

// Rows from before it was noted what gave the title.
func TestTitlesOfOlderRows(t *testing.T) {
	w := newWorld(t)
	before := func(c string) {
		t.Helper()
		op := table.Update(table.Key{Table: table.Conversations, PK: w.p.Workspace + "#convs", SK: c}, nil)
		op.Remove = []string{"titled"}
		_, err := w.bare.Write(t.Context(), op)
		w.ok(err)
	}
	derived := w.add("NEW", marker+" old title")
	next := w.add(derived.Conversation, "next")
	given := w.create("given")
	first := w.add(given, "given")
	before(derived.Conversation)
	before(given)
	w.ok(w.memories.Delete(t.Context(), w.p, next.ID))
	w.titled(derived.Conversation, marker+" old title")
	w.ok(w.memories.Delete(t.Context(), w.p, first.ID))
	w.titled(given, "given")
	w.ok(w.memories.Delete(t.Context(), w.p, derived.ID))
	w.titled(derived.Conversation, conversation.Untitled)
	w.work()
	if found := w.where(marker); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
}

// Memories that go or change while a title passes to them take no word of
// theirs into it.
func TestTitleAgainstItsNextMemory(t *testing.T) {
	for name, forget := range ways {
		for _, later := range []bool{false, true} {
			w := newWorld(t)
			first := w.add("NEW", "first")
			next := w.add(first.Conversation, marker)
			w.add(first.Conversation, "second")
			one, two := first, next
			if later { // the title passes while the next one goes
				one, two = next, first
			}
			w.race("#order", func() { w.ok(forget(w, two)) })
			w.ok(forget(w, one))
			want := "second"
			if name == "corrected" && w.title(first.Conversation) != want {
				t.Errorf("%s: the title is %q", name, w.title(first.Conversation))
			}
			w.titled(first.Conversation, want)
			w.work()
			if found := w.where(marker); len(found) > 0 {
				t.Errorf("%s: left: %v", name, found)
			}
		}
	}
}

// A memory that comes while the last one goes gives the title.
func TestTitleAgainstNewMemory(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", marker)
	w.race("#order", func() { w.ok(w.memories.Delete(t.Context(), w.p, m.ID)) })
	w.add(m.Conversation, "new one")
	w.titled(m.Conversation, "new one")
	last := w.add("NEW", marker)
	w.race("#order", func() { w.add(last.Conversation, "new one") })
	w.ok(w.memories.Delete(t.Context(), w.p, last.ID))
	w.titled(last.Conversation, "new one")
}

func TestRename(t *testing.T) {
	w := newWorld(t)
	made, err := w.Create(t.Context(), w.p, conversation.CreateInput{Title: marker, Summary: marker}, w.claim("once"))
	w.ok(err)
	c := made.ID
	w.mergeIndex()
	rename := func(title, summary *string) (conversation.Conversation, error) {
		return w.Rename(t.Context(), w.p, c, conversation.Change{Title: title, Summary: summary})
	}
	same, err := rename(nil, nil)
	if w.ok(err); same != made {
		t.Errorf("nothing changed: %+v", same)
	}
	w.clock.advance(time.Second)
	title, summary, none := "Gateway", "all about deployment", ""
	got, err := rename(&title, &summary)
	if w.ok(err); got.Title != title || got.Summary != summary || !got.UpdatedAt.After(made.UpdatedAt) || !got.ActiveAt.Equal(made.ActiveAt) {
		t.Errorf("renamed: %+v", got)
	}
	read, err := w.Get(t.Context(), w.p, c)
	if w.ok(err); read != got {
		t.Errorf("read: %+v", read)
	}
	w.titled(c, title)
	if hits := w.search("deployment"); !slices.Equal(hits, []string{c}) || len(w.search(marker)) > 0 {
		t.Errorf("by summary: %v", hits)
	}
	if got, err = rename(nil, &none); err != nil || got.Title != title || got.Summary != "" || len(w.search("deployment")) > 0 {
		t.Errorf("without summary: %+v, %v", got, err)
	}
	w.work()
	if found := append(w.where(marker), w.where("due#")...); len(found) > 0 {
		t.Errorf("left: %v", found)
	}
	for _, bad := range []string{"", " ", "a\nb", strings.Repeat("x", 501)} {
		_, err := rename(&bad, nil)
		w.kind(err, errs.InvalidArgument)
	}
	long := strings.Repeat("x", 2001)
	_, err = rename(nil, &long)
	w.kind(err, errs.InvalidArgument)
	for _, unknown := range []string{"x", "conv_01KRXP5VVV9S1VJ061QT76D9DD"} {
		_, err := w.Rename(t.Context(), w.p, unknown, conversation.Change{Title: &title})
		w.kind(err, errs.NotFound)
	}
	_, err = w.Delete(t.Context(), w.p, c)
	w.ok(err)
	_, err = rename(&title, nil)
	w.kind(err, errs.NotFound)
}

// A change of one field does not undo a change of the other, nor a new memory.
func TestRenameAgainstOthers(t *testing.T) {
	title, summary := "given title", "given summary"
	for name, other := range map[string]func(w *world, c string){
		"summary": func(w *world, c string) {
			_, err := w.Rename(w.t.Context(), w.p, c, conversation.Change{Summary: &summary})
			w.ok(err)
		},
		"memory":   func(w *world, c string) { w.add(c, "one more") },
		"deletion": func(w *world, c string) { _, err := w.Delete(w.t.Context(), w.p, c); w.ok(err) },
	} {
		w := newWorld(t)
		c := w.add("NEW", "derived").Conversation
		w.race("#convs", func() { other(w, c) })
		got, err := w.Rename(t.Context(), w.p, c, conversation.Change{Title: &title})
		if name == "deletion" {
			w.kind(err, errs.NotFound)
			continue
		}
		w.ok(err)
		w.titled(c, title)
		if name == "summary" && got.Summary != summary || name == "memory" && len(w.timeline(c)) != 2 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRenameUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		m := w.claimed("NEW", marker)
		faulty := tabletest.NewFaulty(w.bare)
		w.use(faulty)
		arm(faulty)
		title := "given title"
		_, err := w.Rename(t.Context(), w.p, m.Conversation, conversation.Change{Title: &title})
		faulty.Heal()
		w.tolerate(err)
		if got := w.title(m.Conversation); got != title && got != marker {
			t.Errorf("half of a title: %q", got)
		}
		_, err = w.Rename(t.Context(), w.p, m.Conversation, conversation.Change{Title: &title})
		w.ok(err)
		w.titled(m.Conversation, title)
		w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
		w.work()
		w.titled(m.Conversation, title)
		if found := append(w.where(marker), w.where("due#")...); len(found) > 0 {
			t.Errorf("left: %v", fmt.Sprint(found))
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}
