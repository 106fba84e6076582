package docs_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/limit"
	"griot/internal/queue"
	"griot/internal/record"
	"griot/internal/task"
)

func conversationCosts(w *world) []operation {
	svc, p := w.conversations, w.caller
	m := &meter{t: w.T}
	var c string
	var made memory.Created
	create := func(in memory.Input) func(ctx context.Context) error {
		in.Content = "Priya restarts the billing system on Mondays."
		return func(ctx context.Context) (err error) {
			made, err = w.memories.Create(ctx, p, in, nil)
			return err
		}
	}
	ok(w, w.keeper.Tidy(w.Context(), p.Workspace)) // the first one looks at all topics
	m.run("create a conversation", func(ctx context.Context) error {
		made, err := svc.Create(ctx, p, conversation.CreateInput{Title: "Billing"}, nil)
		c = made.ID
		return err
	})
	m.run("create a memory in a new conversation", create(memory.Input{Conversation: memory.NewConversation}))
	m.run("create a memory in a known one", create(memory.Input{Conversation: c}))
	m.run("create one whose conversation is chosen", create(memory.Input{}))
	m.run("create one of a client's session", create(memory.Input{ClaudeSession: "s"}))
	topics := []string{"billing", "Priya", "Mondays"}
	m.run("create one with three new topics", create(memory.Input{Conversation: c, Topics: topics}))
	m.run("create one with three known topics and a name", create(memory.Input{Conversation: c, Topics: topics, Name: "name"}))
	w.readConversations(m, c, made.Memory.ID)
	m.run("fold the topics of two memories", func(ctx context.Context) error { return w.keeper.Tidy(ctx, p.Workspace) })
	m.run("list topics, folded", w.topics)
	m.run("merge a topic of two memories into another", func(ctx context.Context) error {
		_, err := w.merges.Merge(ctx, p, merge.Input{Source: "Mondays", Target: "billing"}, nil)
		return err
	})
	m.run("delete a memory", func(ctx context.Context) error { return w.memories.Delete(ctx, p, made.Memory.ID) })
	m.run("remove it from the search index", func(ctx context.Context) error {
		return w.do(ctx, task.Message{Workspace: p.Workspace, Conversation: c, Memories: []string{made.Memory.ID}})
	})
	m.run("delete a conversation of 3 memories", func(ctx context.Context) error { _, err := svc.Delete(ctx, p, c); return err })
	m.run("remove what it had", func(ctx context.Context) error {
		return w.do(ctx, task.Message{Workspace: p.Workspace, Conversation: c})
	})
	return slices.Concat(m.done, w.laneCosts(), w.searchCosts(), w.titleCosts(), w.aliasCosts(), w.keyCosts(), w.limitCosts())
}

// do does what a message of the purge queue says.
func (w *world) do(ctx context.Context, m task.Message) error {
	return w.keeper.Handlers()[task.KindOf(queue.Purge, m)](ctx, m)
}

func (w *world) readConversations(m *meter, c, memoryID string) {
	svc, p := w.conversations, w.caller
	content := "Sam restarts the billing system on Mondays."
	m.run("update its content, of one with a name", func(ctx context.Context) error {
		_, err := w.memories.Update(ctx, p, memoryID, memory.Change{Content: &content})
		return err
	})
	m.run("get a memory", func(ctx context.Context) error { _, err := w.memories.Get(ctx, p, memoryID); return err })
	m.run("get a memory by its name", func(ctx context.Context) error { _, err := w.memories.ByName(ctx, p, "name"); return err })
	m.run("append a line to one with a name", func(ctx context.Context) error {
		_, err := memory.Versions{Service: w.memories}.Append(ctx, p, "name", memory.Appended{Block: "And on Fridays."}, nil)
		return err
	})
	m.run("read its three versions", func(ctx context.Context) error {
		_, versions, err := memory.Versions{Service: w.memories}.History(ctx, p, "name", 0)
		if err != nil {
			return err
		}
		for _, err = range versions {
			if err != nil {
				return err
			}
		}
		return nil
	})
	m.run("the two memories beside one", func(ctx context.Context) error {
		_, err := memory.Neighbours{Service: w.memories}.Around(ctx, p, memoryID, memory.AroundInput{Before: 1, After: 1})
		return err
	})
	m.run("list 6 memories", func(ctx context.Context) error {
		page, err := w.memories.List(ctx, p, memory.ListInput{Limit: 20})
		if err != nil {
			return err
		}
		for _, err = range page.Memories {
			if err != nil {
				return err
			}
		}
		return nil
	})
	m.run("get a conversation", func(ctx context.Context) error { _, err := svc.Get(ctx, p, c); return err })
	m.run("list 3 conversations", func(ctx context.Context) error {
		_, err := svc.List(ctx, p, conversation.ListInput{Limit: 20})
		return err
	})
	m.run("the timeline of 3 memories", func(ctx context.Context) error {
		t, err := w.memories.Timeline(ctx, p, c, 0, 0)
		if err != nil {
			return err
		}
		for _, err = range t.Memories {
			if err != nil {
				return err
			}
		}
		return nil
	})
	m.run("find by topic", func(ctx context.Context) error {
		_, err := svc.ByTopic(ctx, p, conversation.TopicInput{Topic: "billing", Limit: 20})
		return err
	})
	m.run("list topics", w.topics)
}

// laneCosts are of a conversation that many write to at once.
func (w *world) laneCosts() []operation {
	svc, p := w.conversations, w.caller
	m := &meter{t: w.T}
	made, err := w.memories.Create(w.Context(), p, memory.Input{Conversation: memory.NewConversation, Content: "Sam pays."}, nil)
	ok(w, err)
	talk, tallies := made.Memory.Conversation, tally.Store{Table: w.table, Now: w.clock}
	m.run("give a conversation lanes", func(ctx context.Context) error { return tallies.Split(ctx, record.In(p.Workspace, talk)) })
	m.run("create a memory in a lane", func(ctx context.Context) error {
		_, err := w.memories.Create(ctx, p, memory.Input{Conversation: talk, Content: "Ann pays."}, nil)
		return err
	})
	m.run("get a conversation with lanes", func(ctx context.Context) error {
		c, err := svc.Get(ctx, p, talk)
		if err == nil && c.Memories != 2 {
			err = fmt.Errorf("%d memories", c.Memories)
		}
		return err
	})
	m.run("gather its lanes and delete it", func(ctx context.Context) error { _, err := svc.Delete(ctx, p, talk); return err })
	ok(w, w.do(w.Context(), task.Message{Workspace: p.Workspace, Conversation: talk}))
	return m.done
}

func (w *world) topics(ctx context.Context) error {
	_, err := w.topicLists.List(ctx, w.caller, topic.ListInput{Limit: 20})
	return err
}

// searchCosts are of an index whose tail is large enough to be merged.
func (w *world) searchCosts() []operation {
	p := w.caller
	m := &meter{t: w.T}
	search := func(ctx context.Context) error {
		found, err := w.searches.SearchConversations(ctx, p, find.ConversationQuery{Query: "billing system", Limit: 20})
		if err == nil && len(found.Hits) != 2 {
			err = fmt.Errorf("%d conversations are found", len(found.Hits))
		}
		return err
	}
	m.run("search 3 conversations, found in two", search)
	m.run("the same, of a topic that they do not have", func(ctx context.Context) error {
		_, err := w.searches.SearchConversations(ctx, p, find.ConversationQuery{Query: "billing system", Limit: 20, Topics: []string{"Billing"}})
		return err
	})
	m.run("the same, of a time", func(ctx context.Context) error {
		found, err := w.searches.SearchConversations(ctx, p, find.ConversationQuery{Query: "billing system", Limit: 20, Since: "2020-01-01"})
		if err == nil && len(found.Hits) != 2 {
			err = fmt.Errorf("%d conversations are found", len(found.Hits))
		}
		return err
	})
	m.run("search their memories", func(ctx context.Context) error {
		_, err := w.searches.SearchMemories(ctx, p, find.MemoryQuery{Query: "billing system", Limit: 20})
		return err
	})
	for i := range 3 {
		var text strings.Builder
		for n := range 5000 {
			fmt.Fprintf(&text, "w%x ", i*100_003+n*n)
		}
		_, err := w.memories.Create(w.Context(), p, memory.Input{Conversation: memory.NewConversation, Content: text.String()}, nil)
		ok(w, err)
	}
	m.run("search with a long tail", search)
	m.run("merge the tail into a segment", func(ctx context.Context) error { return w.index.Merge(ctx, p.Workspace) })
	m.run("search in the segment", search)
	return m.done
}

// titleCosts are of a conversation that has its title from its first memory.
func (w *world) titleCosts() []operation {
	svc, p := w.conversations, w.caller
	m := &meter{t: w.T}
	first, err := w.memories.Create(w.Context(), p, memory.Input{Conversation: memory.NewConversation, Content: "Refunds"}, nil)
	ok(w, err)
	c := first.Memory.Conversation
	_, err = w.memories.Create(w.Context(), p, memory.Input{Conversation: c, Content: "Returns"}, nil)
	ok(w, err)
	content, title := "Refunds of customers", "Refunds and returns"
	m.run("update the memory that gave a title", func(ctx context.Context) error {
		_, err := w.memories.Update(ctx, p, first.Memory.ID, memory.Change{Content: &content})
		return err
	})
	m.run("delete it, and title the conversation anew", func(ctx context.Context) error {
		return w.memories.Delete(ctx, p, first.Memory.ID)
	})
	m.run("rename a conversation", func(ctx context.Context) error {
		_, err := svc.Rename(ctx, p, c, conversation.Change{Title: &title})
		return err
	})
	m.run("remove what it was called from the search index", func(ctx context.Context) error {
		return w.do(ctx, task.Message{Workspace: p.Workspace, Conversation: c, Renewal: 1})
	})
	return m.done
}

// aliasCosts are of a topic that another one was merged into.
func (w *world) aliasCosts() []operation {
	svc, p := w.conversations, w.caller
	m := &meter{t: w.T}
	in := memory.Input{Conversation: memory.NewConversation, Content: "Refunds", Topics: []string{"refunds", "returns"}}
	made, err := w.memories.Create(w.Context(), p, in, nil)
	ok(w, err)
	in.Conversation, in.Topics = made.Memory.Conversation, in.Topics[:1]
	_, err = w.merges.Merge(w.Context(), p, merge.Input{Source: "refunds", Target: "returns"}, nil)
	ok(w, err)
	m.run("create a memory with a topic that was merged", func(ctx context.Context) error {
		_, err := w.memories.Create(ctx, p, in, nil)
		return err
	})
	m.run("find by a topic that was merged", func(ctx context.Context) error {
		_, err := svc.ByTopic(ctx, p, conversation.TopicInput{Topic: "refunds", Limit: 20})
		return err
	})
	m.run("look once more for what a merge may have missed", func(ctx context.Context) error { return w.keeper.Tidy(ctx, p.Workspace) })
	return m.done
}

func (w *world) keyCosts() []operation {
	m := &meter{t: w.T}
	keys := w.sessions.Projects
	credential, _, err := keys.CreateKey(w.Context(), w.caller.Workspace, access.KeyInput{Scopes: access.Scopes})
	ok(w, err)
	var maker access.Principal
	use := func(ctx context.Context) (err error) {
		maker, err = keys.Admit(ctx, credential)
		keys.Settle()
		return err
	}
	m.run("verify a key and note its use, once an hour", use)
	m.run("verify a key", use)
	var issued access.IssuedKey
	m.run("create a key", func(ctx context.Context) (err error) {
		issued, err = keys.IssueKey(ctx, maker, access.KeyInput{Label: "ci"}, nil)
		return err
	})
	m.run("list 2 keys", func(ctx context.Context) error { _, err := keys.Keys(ctx, maker); return err })
	remove := func(then access.Descendants) func(context.Context) error {
		return func(ctx context.Context) error { _, err := keys.DeleteKey(ctx, maker, issued.ID, then); return err }
	}
	m.run("delete a key", remove(access.DescendantsStay))
	issued = w.madeKeys(maker, 25)
	m.run("delete a key and 25 descendants", remove(access.DescendantsGo))
	return m.done
}

// madeKeys returns a new key that has made so many.
func (w *world) madeKeys(maker access.Principal, n int) access.IssuedKey {
	w.Helper()
	issued, err := w.sessions.Projects.IssueKey(w.Context(), maker, access.KeyInput{}, nil)
	ok(w, err)
	p := access.Principal{Workspace: maker.Workspace, KeyID: issued.ID, Scopes: issued.Scopes}
	for range n {
		_, err := w.sessions.Projects.IssueKey(w.Context(), p, access.KeyInput{}, nil)
		ok(w, err)
	}
	return issued
}

// limitCosts are what requests cost beside, where many processes share the
// limits.
func (w *world) limitCosts() []operation {
	m := &meter{t: w.T}
	now := w.clock()
	limits := &limit.Limiter{
		Table: w.table, Now: func() time.Time { return now }, Shared: true,
		Default: limit.Share(limit.DefaultReadUnits, limit.DefaultWriteUnits),
	}
	request := func(writes float64) func(context.Context) error {
		return func(ctx context.Context) error {
			cost := limit.Amount{1, 2, writes}
			ticket, err := limits.Take(ctx, limit.Caller{Workspace: w.caller.Workspace}, limit.Heavy, cost)
			ticket.Settle(ctx, cost)
			return err
		}
	}
	m.run("limits: the first request in ten seconds that a process serves", request(13))
	m.run("limits: most requests", request(13))
	m.run("limits: of 40 write units, or when so many have come together", request(40))
	m.run("limits: the same in the next three seconds", request(40))
	m.run("limits: tell what is used", func(ctx context.Context) error {
		_, err := limits.Usage(ctx, w.caller.Workspace)
		return err
	})
	return m.done
}
