package conversation_test

import (
	"fmt"
	"slices"
	"testing"

	"griot/internal/conversation"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
)

func TestRelatedTopics(t *testing.T) {
	w := newWorld(t)
	for i := range 3 {
		c := w.Talk(fmt.Sprint(i))
		w.Add(c, "x", "Billing")
		w.Add(c, "x", "everywhere")
		if i > 0 {
			w.Add(c, "x", "Refunds", "Billing")
		}
	}
	w.Add("NEW", "x", "everywhere", "Elsewhere")
	gone := w.Talk("gone")
	w.Add(gone, "x", "billing", "Secret")
	_, err := w.Conversations.Delete(t.Context(), w.P, gone)
	w.OK(err)
	related := func(of string, limit int) (names []string, shares []float64) {
		t.Helper()
		found, err := w.Conversations.RelatedTopics(t.Context(), w.P, conversation.RelatedInput{Topic: of, Limit: limit})
		w.OK(err)
		for _, r := range found {
			names, shares = append(names, r.Name), append(shares, r.Share)
		}
		return names, shares
	}
	for _, name := range []string{"billing", topic.ID(w.P.Workspace, "Billing")} {
		names, shares := related(name, 10)
		if !slices.Equal(names, []string{"everywhere", "Refunds"}) || !slices.Equal(shares, []float64{1, 2. / 3}) {
			t.Errorf("beside %s: %q, %v", name, names, shares)
		}
	}
	if names, _ := related("billing", 1); !slices.Equal(names, []string{"everywhere"}) {
		t.Errorf("the first: %q", names)
	}
	if names, _ := related("Refunds", 10); !slices.Equal(names, []string{"everywhere", "Billing"}) {
		t.Errorf("rarer ones first: %q", names)
	}
	_, err = w.Conversations.RelatedTopics(t.Context(), w.P, conversation.RelatedInput{Topic: "Secret", Limit: 1})
	w.Kind(err, errs.NotFound)
}
