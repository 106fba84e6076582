package replay_test

import (
	"fmt"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/deletion"
)

// seedConversations makes what the events of the conversations API name.
func (w *world) seedConversations() {
	on := w.system(w.ports())
	svc, memories := on.Conversations, on.Memories
	w.names["CONVERSATION"] = w.begin(svc, "Billing").ID
	w.remember(memories, "MEMORY", memory.Input{
		Content: "Priya restarts the billing system on Mondays.", Topics: []string{"billing", "Priya"}, EventTime: "2026-05-18T14:00:00Z",
	})
	w.remember(memories, "NAMED", memory.Input{Content: "Refunds need two approvals.", Name: "refunds", Topics: []string{"refund"}})
	w.remember(memories, "FORGOTTEN", memory.Input{Content: "The old gateway is gone."})
	ok(w.t, memories.Delete(w.t.Context(), w.caller, w.names["FORGOTTEN"]))
	follows, err := memory.Relationships{Service: memories}.Link(w.t.Context(), w.caller, w.names["NAMED"], memory.LinkInput{Target: w.names["MEMORY"], Type: "FOLLOWS", Reason: "so it was decided"}, nil)
	ok(w.t, err)
	w.names["RELATIONSHIP"] = follows.ID
	w.names["MEMORY_PREFIX"] = w.names["MEMORY"][:8]
	w.names["TOPIC"] = topic.ID(w.caller.Workspace, "billing")
	w.names["OTHER_TOPIC"] = topic.ID(w.caller.Workspace, "refund")
	w.names["HIDDEN"] = w.begin(svc, "Nothing of it is left").ID
	receipt, err := svc.Delete(w.t.Context(), w.caller, w.names["HIDDEN"])
	ok(w.t, err)
	w.names["HIDDEN_DELETION"] = receipt.ID
	later := &access.Directory{Table: w.table, Now: func() time.Time { return w.now.Add(time.Millisecond) }}
	credential, key, err := later.CreateKey(w.t.Context(), w.caller.Workspace,
		access.KeyInput{Label: "spare", Scopes: []access.Scope{access.ConversationsRead}})
	ok(w.t, err)
	w.names["SPARE_KEY"], w.names["SPARE"] = credential, key.ID
}

func (w *world) begin(svc *conversation.Service, title string) conversation.Conversation {
	w.t.Helper()
	c, err := svc.Create(w.t.Context(), w.caller, conversation.CreateInput{Title: title}, nil)
	ok(w.t, err)
	return c
}

func (w *world) remember(svc *memory.Service, name string, in memory.Input) memory.Memory {
	w.t.Helper()
	in.Conversation = w.names["CONVERSATION"]
	made, err := svc.Create(w.t.Context(), w.caller, in, nil)
	ok(w.t, err)
	w.names[name] = made.Memory.ID
	return made.Memory
}

// conversationStates are the seeded conversations with their numbers of
// memories, "gone" when they are hidden, and how far their deletion is.
func (w *world) conversationStates(states map[string]string) {
	svc := w.system(w.ports()).Conversations
	for _, name := range []string{"CONVERSATION", "HIDDEN"} {
		states[name] = "gone"
		if c, err := svc.Get(w.t.Context(), w.caller, w.names[name]); err == nil {
			states[name] = fmt.Sprintf("%d memories", c.Memories)
		}
	}
	page, err := svc.List(w.t.Context(), w.caller, conversation.ListInput{Limit: 10})
	ok(w.t, err)
	for _, c := range page.Conversations {
		if c.SourceSession == w.names["DONE"] {
			states["DONE as a conversation"] = fmt.Sprintf("%d memories", c.Memories)
		}
	}
	receipt, err := deletion.Get(w.t.Context(), w.table, w.caller.Workspace, w.names["HIDDEN_DELETION"])
	ok(w.t, err)
	states["HIDDEN_DELETION"] = receipt.Status
	segments, _, err := w.blobs.List(w.t.Context(), "search/", "")
	ok(w.t, err)
	if len(segments) > 0 {
		states["search segments"] = fmt.Sprint(len(segments))
	}
}

// growIndex makes the index large enough to be merged, for the function that
// merges, and merges it for those that read segments.
func (w *world) growIndex(function string) {
	merges := function == "worker-merge"
	if !merges && function != "worker-purge" && !strings.Contains(function, "-search") {
		return
	}
	s := w.ports()
	var text strings.Builder
	for i := range 9 {
		text.Reset()
		for n := range 5000 {
			fmt.Fprintf(&text, "w%x ", i*100_003+n*n)
		}
		w.remember(w.system(s).Memories, "LARGE", memory.Input{Content: text.String()})
	}
	if !merges {
		ok(w.t, w.system(s).Index.Merge(w.t.Context(), w.caller.Workspace))
	}
}
