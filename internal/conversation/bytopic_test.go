package conversation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"griot/internal/conversation"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
)

func TestByTopic(t *testing.T) {
	w := newWorld(t)
	var want []string
	for i := range 80 { // more than one BatchGet
		c := w.Talk(fmt.Sprint(i))
		w.Add(c, "x", "Größe", "Other")
		want = append([]string{c}, want...)
	}
	w.Add("NEW", "x", "Other")
	topicID := topic.ID(w.P.Workspace, "Größe")
	byTopic := func(name string, limit int) []string {
		t.Helper()
		found, err := w.Conversations.ByTopic(t.Context(), w.P, conversation.TopicInput{Topic: name, Limit: limit})
		w.OK(err)
		var ids []string
		for _, c := range found {
			ids = append(ids, c.ID)
		}
		return ids
	}
	for _, name := range []string{"Größe", " GRÖSSE ", "gro\u0308ße", topicID, strings.ToUpper(topicID)} {
		if got := byTopic(name, 1000); !slices.Equal(got, want) {
			t.Errorf("by %q: %d conversations", name, len(got))
		}
	}
	if got := byTopic("größe", 7); !slices.Equal(got, want[:7]) {
		t.Errorf("limited: %q", got)
	}
	if got := byTopic("unknown", 10); got != nil {
		t.Errorf("unknown: %q", got)
	}
	// A topic that no memory of a conversation has any more, and one that is
	// named like an id.
	tl, err := w.Memories.Timeline(t.Context(), w.P, want[3], 0, 0)
	w.OK(err)
	for m := range tl.Memories {
		w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	}
	if got := byTopic("größe", 1000); len(got) != 79 || slices.Contains(got, want[3]) {
		t.Errorf("after a deletion: %d conversations", len(got))
	}
	w.Add(want[0], "x", "0b7e0a2e-0000-4000-8000-000000000000")
	if got := byTopic("0B7E0A2E-0000-4000-8000-000000000000", 10); len(got) != 1 {
		t.Errorf("a topic named like an id: %q", got)
	}
	for _, in := range []conversation.TopicInput{{Limit: 1}, {Topic: "x"}, {Topic: "x", Limit: 1001}} {
		_, err := w.Conversations.ByTopic(t.Context(), w.P, in)
		w.Kind(err, errs.InvalidArgument)
	}
}
