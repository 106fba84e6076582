package conversation_test

import (
	"fmt"
	"testing"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/errs"
)

// What belongs to another tenant is answered as what never was.
func TestTenantsAreApart(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", "secret plan", "Plan")
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	other := conversationtest.Principal()
	unknownConversation, unknownMemory := "conv_01ARZ3NDEKTSV4RRFFQ69G5FAV", "0b7e0a2e-0000-4000-8000-000000000000"
	content := "x"
	topicOf, err := w.Topics.Get(t.Context(), w.P, "Plan")
	w.OK(err)
	for name, do := range map[string]func(conversationID, memoryID, topicID string) (any, error){
		"get": func(c, _, _ string) (any, error) { return w.Conversations.Get(t.Context(), other, c) },
		"timeline": func(c, _, _ string) (any, error) {
			tl, err := w.Memories.Timeline(t.Context(), other, c, 0, 0)
			return tl.Count, err
		},
		"delete": func(c, _, _ string) (any, error) { return w.Conversations.Delete(t.Context(), other, c) },
		"add": func(c, _, _ string) (any, error) {
			return w.Memories.Create(t.Context(), other, memory.Input{Conversation: c, Content: "x"}, nil)
		},
		"memory": func(_, m, _ string) (any, error) { return w.Memories.Get(t.Context(), other, m) },
		"siblings": func(_, m, _ string) (any, error) {
			s, _, err := w.Memories.Siblings(t.Context(), other, m, 0)
			return s, err
		},
		"update": func(_, m, _ string) (any, error) {
			return w.Memories.Update(t.Context(), other, m, memory.Change{Content: &content})
		},
		"forget": func(_, m, _ string) (any, error) { return nil, w.Memories.Delete(t.Context(), other, m) },
		"batch": func(_, m, _ string) (any, error) {
			found, missing, err := w.Memories.Many(t.Context(), other, []string{m})
			return fmt.Sprint(found, len(missing)), err
		},
		"prefix": func(_, m, _ string) (any, error) {
			page, err := w.Memories.List(t.Context(), other, memory.ListInput{IDPrefix: m[:8], Limit: 1})
			return append(w.All(page.Memories), memory.Memory{Version: int64(page.Total)}), err
		},
		"of conversation": func(c, _, _ string) (any, error) {
			page, err := w.Memories.List(t.Context(), other, memory.ListInput{Conversation: c, Limit: 1})
			return append(w.All(page.Memories), memory.Memory{Version: int64(page.Total)}), err
		},
		"by topic": func(_, _, id string) (any, error) {
			return w.Conversations.ByTopic(t.Context(), other, conversation.TopicInput{Topic: id, Limit: 1})
		},
		"topic": func(_, _, id string) (any, error) { return w.Topics.Get(t.Context(), other, id) },
		"search": func(_, _, _ string) (any, error) {
			return w.Searches.SearchConversations(t.Context(), other, find.ConversationQuery{Query: "secret", Limit: 1})
		},
		"list": func(_, _, _ string) (any, error) {
			return w.Conversations.List(t.Context(), other, conversation.ListInput{Limit: 1})
		},
		"topics": func(_, _, _ string) (any, error) {
			return w.Topics.List(t.Context(), other, topic.ListInput{Limit: 1})
		},
		"find": func(_, _, _ string) (any, error) {
			return w.Searches.SearchMemories(t.Context(), other, find.MemoryQuery{Query: "secret", Limit: 1})
		},
	} {
		foreign, foreignErr := do(m.Conversation, m.ID, topicOf.ID)
		never, neverErr := do(unknownConversation, unknownMemory, unknownMemory)
		if fmt.Sprint(foreign, foreignErr) != fmt.Sprint(never, neverErr) {
			t.Errorf("%s: foreign %v, %v; never there %v, %v", name, foreign, foreignErr, never, neverErr)
		}
	}
	if got := w.Timeline(m.Conversation); len(got) != 1 || got[0] != "secret plan" {
		t.Errorf("the owner sees %q", got)
	}
}

// Every use case asks for a scope.
func TestScopes(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", "x", "A")
	check := func(scope access.Scope, name string, do func(p access.Principal) error) {
		t.Helper()
		p := w.P
		p.Scopes = nil
		w.Kind(do(p), errs.PermissionDenied)
		p.Scopes = []access.Scope{scope}
		if err := do(p); err != nil {
			t.Errorf("%s with %s: %v", name, scope, err)
		}
	}
	ctx := t.Context()
	check(access.ConversationsRead, "get", func(p access.Principal) error { _, err := w.Conversations.Get(ctx, p, m.Conversation); return err })
	check(access.ConversationsRead, "list", func(p access.Principal) error {
		_, err := w.Conversations.List(ctx, p, conversation.ListInput{Limit: 1})
		return err
	})
	check(access.ConversationsRead, "timeline", func(p access.Principal) error {
		_, err := w.Memories.Timeline(ctx, p, m.Conversation, 0, 0)
		return err
	})
	check(access.ConversationsRead, "by topic", func(p access.Principal) error {
		_, err := w.Conversations.ByTopic(ctx, p, conversation.TopicInput{Topic: "A", Limit: 1})
		return err
	})
	check(access.ConversationsRead, "search", func(p access.Principal) error {
		_, err := w.Searches.SearchConversations(ctx, p, find.ConversationQuery{Query: "x", Limit: 1})
		return err
	})
	check(access.MemoriesRead, "memory", func(p access.Principal) error { _, err := w.Memories.Get(ctx, p, m.ID); return err })
	check(access.MemoriesRead, "memories", func(p access.Principal) error { _, _, err := w.Memories.Many(ctx, p, []string{m.ID}); return err })
	check(access.MemoriesRead, "siblings", func(p access.Principal) error { _, _, err := w.Memories.Siblings(ctx, p, m.ID, 0); return err })
	check(access.MemoriesRead, "list memories", func(p access.Principal) error {
		_, err := w.Memories.List(ctx, p, memory.ListInput{Limit: 1})
		return err
	})
	check(access.MemoriesRead, "search memories", func(p access.Principal) error {
		_, err := w.Searches.SearchMemories(ctx, p, find.MemoryQuery{Query: "x", Limit: 1})
		return err
	})
	check(access.MemoriesRead, "topics", func(p access.Principal) error {
		_, err := w.Topics.List(ctx, p, topic.ListInput{Limit: 1})
		return err
	})
	check(access.MemoriesRead, "topic", func(p access.Principal) error { _, err := w.Topics.Get(ctx, p, "A"); return err })
	check(access.ConversationsWrite, "create", func(p access.Principal) error {
		_, err := w.Conversations.Create(ctx, p, conversation.CreateInput{Title: "x"}, nil)
		return err
	})
	check(access.MemoriesWrite, "add", func(p access.Principal) error {
		_, err := w.Memories.Create(ctx, p, memory.Input{Content: "x", Topics: []string{"B"}}, nil)
		return err
	})
	check(access.MemoriesWrite, "update", func(p access.Principal) error {
		_, err := w.Memories.Update(ctx, p, m.ID, memory.Change{})
		return err
	})
	check(access.MemoriesWrite, "merge", func(p access.Principal) error {
		_, err := w.Merges.Merge(ctx, p, merge.Input{Source: "B", Target: "A"}, nil)
		return err
	})
	check(access.MemoriesWrite, "forget", func(p access.Principal) error { return w.Memories.Delete(ctx, p, m.ID) })
	check(access.ConversationsWrite, "delete", func(p access.Principal) error { _, err := w.Conversations.Delete(ctx, p, m.Conversation); return err })
}
