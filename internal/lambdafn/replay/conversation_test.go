package replay_test

import (
	"maps"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/due"
	"griot/internal/queue"
	"griot/internal/search"
)

func (w *world) index(s stores) *search.Index {
	return &search.Index{Table: s.table, Blobs: s.blobs, Merges: s.jobs[queue.Merge], Now: w.clock}
}

func (w *world) conversations(s stores) *conversation.Service {
	return &conversation.Service{Table: s.table, Index: w.index(s), Jobs: s.jobs, Now: w.clock}
}

// seedConversations makes what the events of the conversations API name.
func (w *world) seedConversations() {
	svc := w.conversations(w.stores())
	w.names["CONVERSATION"] = w.begin(svc, "Billing").ID
	w.remember(svc, "MEMORY", conversation.MemoryInput{
		Content: "Priya restarts the billing system on Mondays.", Topics: []string{"billing", "Priya"}, EventTime: "2026-05-18T14:00:00Z",
	})
	w.remember(svc, "NAMED", conversation.MemoryInput{Content: "Refunds need two approvals.", Name: "refunds", Topics: []string{"refund"}})
	w.remember(svc, "FORGOTTEN", conversation.MemoryInput{Content: "The old gateway is gone."})
	ok(w.t, svc.DeleteMemory(w.t.Context(), w.caller, w.names["FORGOTTEN"]))
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

func (w *world) remember(svc *conversation.Service, name string, in conversation.MemoryInput) memory.Memory {
	w.t.Helper()
	in.Conversation = w.names["CONVERSATION"]
	made, err := svc.CreateMemory(w.t.Context(), w.caller, in, nil)
	ok(w.t, err)
	w.names[name] = made.Memory.ID
	return made.Memory
}

// looks are the sweeper's, of both halves.
func (w *world) looks(s stores) map[string]due.Look {
	all := w.service(s).Looks()
	maps.Copy(all, w.conversations(s).Looks())
	return all
}
