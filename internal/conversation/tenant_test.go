package conversation_test

import (
	"fmt"
	"testing"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/errs"
)

// What belongs to another tenant is answered as what never was.
func TestTenantsAreApart(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", "secret plan", "Plan")
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	other := principal()
	unknownConversation, unknownMemory := "conv_01ARZ3NDEKTSV4RRFFQ69G5FAV", "0b7e0a2e-0000-4000-8000-000000000000"
	content := "x"
	topicOf, err := w.topicLists.Get(t.Context(), w.p, "Plan")
	w.ok(err)
	for name, do := range map[string]func(conversationID, memoryID, topicID string) (any, error){
		"get": func(c, _, _ string) (any, error) { return w.Get(t.Context(), other, c) },
		"timeline": func(c, _, _ string) (any, error) {
			tl, err := w.memories.Timeline(t.Context(), other, c, 0, 0)
			return tl.Count, err
		},
		"delete": func(c, _, _ string) (any, error) { return w.Delete(t.Context(), other, c) },
		"add": func(c, _, _ string) (any, error) {
			return w.memories.Create(t.Context(), other, memory.Input{Conversation: c, Content: "x"}, nil)
		},
		"memory": func(_, m, _ string) (any, error) { return w.memories.Get(t.Context(), other, m) },
		"siblings": func(_, m, _ string) (any, error) {
			s, _, err := w.memories.Siblings(t.Context(), other, m, 0)
			return s, err
		},
		"update": func(_, m, _ string) (any, error) {
			return w.memories.Update(t.Context(), other, m, memory.Change{Content: &content})
		},
		"forget": func(_, m, _ string) (any, error) { return nil, w.memories.Delete(t.Context(), other, m) },
		"batch": func(_, m, _ string) (any, error) {
			found, missing, err := w.memories.Many(t.Context(), other, []string{m})
			return fmt.Sprint(found, len(missing)), err
		},
		"prefix": func(_, m, _ string) (any, error) {
			page, err := w.memories.List(t.Context(), other, memory.ListInput{IDPrefix: m[:8], Limit: 1})
			return append(w.all(page.Memories), memory.Memory{Version: int64(page.Total)}), err
		},
		"of conversation": func(c, _, _ string) (any, error) {
			page, err := w.memories.List(t.Context(), other, memory.ListInput{Conversation: c, Limit: 1})
			return append(w.all(page.Memories), memory.Memory{Version: int64(page.Total)}), err
		},
		"by topic": func(_, _, id string) (any, error) {
			return w.ByTopic(t.Context(), other, conversation.TopicInput{Topic: id, Limit: 1})
		},
		"topic": func(_, _, id string) (any, error) { return w.topicLists.Get(t.Context(), other, id) },
		"search": func(_, _, _ string) (any, error) {
			return w.searches.SearchConversations(t.Context(), other, find.ConversationQuery{Query: "secret", Limit: 1})
		},
		"list": func(_, _, _ string) (any, error) { return w.List(t.Context(), other, conversation.ListInput{Limit: 1}) },
		"topics": func(_, _, _ string) (any, error) {
			return w.topicLists.List(t.Context(), other, topic.ListInput{Limit: 1})
		},
		"find": func(_, _, _ string) (any, error) {
			return w.searches.SearchMemories(t.Context(), other, find.MemoryQuery{Query: "secret", Limit: 1})
		},
	} {
		foreign, foreignErr := do(m.Conversation, m.ID, topicOf.ID)
		never, neverErr := do(unknownConversation, unknownMemory, unknownMemory)
		if fmt.Sprint(foreign, foreignErr) != fmt.Sprint(never, neverErr) {
			t.Errorf("%s: foreign %v, %v; never there %v, %v", name, foreign, foreignErr, never, neverErr)
		}
	}
	if got := w.timeline(m.Conversation); len(got) != 1 || got[0] != "secret plan" {
		t.Errorf("the owner sees %q", got)
	}
}

// Every use case asks for a scope.
func TestScopes(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", "x", "A")
	check := func(scope access.Scope, name string, do func(p access.Principal) error) {
		t.Helper()
		p := w.p
		p.Scopes = nil
		w.kind(do(p), errs.PermissionDenied)
		p.Scopes = []access.Scope{scope}
		if err := do(p); err != nil {
			t.Errorf("%s with %s: %v", name, scope, err)
		}
	}
	ctx := t.Context()
	check(access.ConversationsRead, "get", func(p access.Principal) error { _, err := w.Get(ctx, p, m.Conversation); return err })
	check(access.ConversationsRead, "list", func(p access.Principal) error { _, err := w.List(ctx, p, conversation.ListInput{Limit: 1}); return err })
	check(access.ConversationsRead, "timeline", func(p access.Principal) error {
		_, err := w.memories.Timeline(ctx, p, m.Conversation, 0, 0)
		return err
	})
	check(access.ConversationsRead, "by topic", func(p access.Principal) error {
		_, err := w.ByTopic(ctx, p, conversation.TopicInput{Topic: "A", Limit: 1})
		return err
	})
	check(access.ConversationsRead, "search", func(p access.Principal) error {
		_, err := w.searches.SearchConversations(ctx, p, find.ConversationQuery{Query: "x", Limit: 1})
		return err
	})
	check(access.MemoriesRead, "memory", func(p access.Principal) error { _, err := w.memories.Get(ctx, p, m.ID); return err })
	check(access.MemoriesRead, "memories", func(p access.Principal) error { _, _, err := w.memories.Many(ctx, p, []string{m.ID}); return err })
	check(access.MemoriesRead, "siblings", func(p access.Principal) error { _, _, err := w.memories.Siblings(ctx, p, m.ID, 0); return err })
	check(access.MemoriesRead, "list memories", func(p access.Principal) error {
		_, err := w.memories.List(ctx, p, memory.ListInput{Limit: 1})
		return err
	})
	check(access.MemoriesRead, "search memories", func(p access.Principal) error {
		_, err := w.searches.SearchMemories(ctx, p, find.MemoryQuery{Query: "x", Limit: 1})
		return err
	})
	check(access.MemoriesRead, "topics", func(p access.Principal) error {
		_, err := w.topicLists.List(ctx, p, topic.ListInput{Limit: 1})
		return err
	})
	check(access.MemoriesRead, "topic", func(p access.Principal) error { _, err := w.topicLists.Get(ctx, p, "A"); return err })
	check(access.ConversationsWrite, "create", func(p access.Principal) error {
		_, err := w.Create(ctx, p, conversation.CreateInput{Title: "x"}, nil)
		return err
	})
	check(access.MemoriesWrite, "add", func(p access.Principal) error {
		_, err := w.memories.Create(ctx, p, memory.Input{Content: "x", Topics: []string{"B"}}, nil)
		return err
	})
	check(access.MemoriesWrite, "update", func(p access.Principal) error {
		_, err := w.memories.Update(ctx, p, m.ID, memory.Change{})
		return err
	})
	check(access.MemoriesWrite, "merge", func(p access.Principal) error {
		_, err := w.merges.Merge(ctx, p, merge.Input{Source: "B", Target: "A"}, nil)
		return err
	})
	check(access.MemoriesWrite, "forget", func(p access.Principal) error { return w.memories.Delete(ctx, p, m.ID) })
	check(access.ConversationsWrite, "delete", func(p access.Principal) error { _, err := w.Delete(ctx, p, m.Conversation); return err })
}
