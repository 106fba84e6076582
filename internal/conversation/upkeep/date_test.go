package upkeep_test

import (
	"testing"

	"griot/internal/conversation"
	"griot/internal/conversation/tally"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// undate makes a workspace's conversations as they were before their rows had
// events.
func (w *world) undate(ids []string) {
	w.T.Helper()
	for _, id := range ids {
		op := table.Update(tally.Key(record.In(w.P.Workspace, id)), nil)
		op.Remove = []string{"begin", "end"}
		_, err := w.Bare.Write(w.T.Context(), op)
		w.OK(err)
	}
}

// Old conversations say what they are about once they were tidied up, wherever
// that broke off, and what is added meanwhile is right, too.
func TestOldConversationsAreDated(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		var ids []string
		for i := range 3 {
			m := w.Add("NEW", "first")
			for range i {
				w.Add(m.Conversation, "more")
			}
			ids = append(ids, m.Conversation)
		}
		ids = append(ids, w.Talk("empty"))
		w.undate(ids)
		w.Add(ids[0], "added since")
		w.OK(tally.Store{Table: w.Bare, Now: w.Hand.Now}.Split(t.Context(), record.In(w.P.Workspace, ids[1])))
		w.Add(ids[1], "added to a lane")
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		err := w.Upkeep.Tidy(t.Context(), w.P.Workspace)
		faulty.Heal()
		w.Tolerate(err)
		w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
		w.Sound()
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// A recount puts right what a conversation is about, as it does what it counts.
func TestRecountDates(t *testing.T) {
	w := newWorld(t)
	c := w.Add("NEW", "first").Conversation
	w.Add(c, "second")
	wrong := table.Update(tally.Key(record.In(w.P.Workspace, c)), table.Attrs{"end": w.Hand.Now().UnixMilli() + 1e6})
	_, err := w.Bare.Write(t.Context(), wrong)
	w.OK(err)
	w.OK(w.Upkeep.Recount(t.Context(), w.P.Workspace))
	w.Sound()
}

// A list in whose order old conversations have no place yet has them dated.
func TestListsHaveOldConversationsDated(t *testing.T) {
	w := newWorld(t)
	c := w.Add("NEW", "first").Conversation
	w.undate([]string{c})
	_, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1, SortBy: conversation.SortEvent})
	w.OK(err)
	w.Work()
	if got, err := w.Conversations.Get(t.Context(), w.P, c); err != nil || got.LastEvent.IsZero() {
		t.Errorf("not dated: %v %v", got, err)
	}
}
