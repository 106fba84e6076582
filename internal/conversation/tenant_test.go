package conversation_test

import (
	"fmt"
	"testing"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

// What belongs to another tenant is answered as what never was.
func TestTenantsAreApart(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", "secret plan", "Plan")
	w.ok(w.Tidy(t.Context(), w.p.Workspace))
	other := principal()
	unknownConversation, unknownMemory := "conv_01ARZ3NDEKTSV4RRFFQ69G5FAV", "0b7e0a2e-0000-4000-8000-000000000000"
	content := "x"
	topicOf, err := w.Topic(t.Context(), w.p, "Plan")
	w.ok(err)
	for name, do := range map[string]func(conversationID, memoryID, topicID string) (any, error){
		"get": func(c, _, _ string) (any, error) { return w.Get(t.Context(), other, c) },
		"timeline": func(c, _, _ string) (any, error) {
			tl, err := w.Timeline(t.Context(), other, c, 0, 0)
			return tl.Count, err
		},
		"delete": func(c, _, _ string) (any, error) { return w.Delete(t.Context(), other, c) },
		"add": func(c, _, _ string) (any, error) {
			return w.CreateMemory(t.Context(), other, conversation.MemoryInput{Conversation: c, Content: "x"}, nil)
		},
		"memory": func(_, m, _ string) (any, error) { return w.Memory(t.Context(), other, m) },
		"siblings": func(_, m, _ string) (any, error) {
			s, _, err := w.Siblings(t.Context(), other, m, 0)
			return s, err
		},
		"update": func(_, m, _ string) (any, error) {
			return w.UpdateMemory(t.Context(), other, m, conversation.MemoryChange{Content: &content})
		},
		"forget": func(_, m, _ string) (any, error) { return nil, w.DeleteMemory(t.Context(), other, m) },
		"batch": func(_, m, _ string) (any, error) {
			found, missing, err := w.Memories(t.Context(), other, []string{m})
			return fmt.Sprint(found, len(missing)), err
		},
		"prefix": func(_, m, _ string) (any, error) {
			page, err := w.ListMemories(t.Context(), other, conversation.MemoryListInput{IDPrefix: m[:8], Limit: 1})
			return append(w.all(page.Memories), memory.Memory{Version: int64(page.Total)}), err
		},
		"of conversation": func(c, _, _ string) (any, error) {
			page, err := w.ListMemories(t.Context(), other, conversation.MemoryListInput{Conversation: c, Limit: 1})
			return append(w.all(page.Memories), memory.Memory{Version: int64(page.Total)}), err
		},
		"by topic": func(_, _, id string) (any, error) {
			return w.ByTopic(t.Context(), other, conversation.TopicInput{Topic: id, Limit: 1})
		},
		"topic": func(_, _, id string) (any, error) { return w.Topic(t.Context(), other, id) },
		"search": func(_, _, _ string) (any, error) {
			return w.Search(t.Context(), other, conversation.SearchInput{Query: "secret", Limit: 1})
		},
		"list": func(_, _, _ string) (any, error) { return w.List(t.Context(), other, conversation.ListInput{Limit: 1}) },
		"topics": func(_, _, _ string) (any, error) {
			return w.Topics(t.Context(), other, conversation.TopicListInput{Limit: 1})
		},
		"find": func(_, _, _ string) (any, error) {
			return w.SearchMemories(t.Context(), other, conversation.MemorySearchInput{Query: "secret", Limit: 1})
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
	check(access.ConversationsRead, "timeline", func(p access.Principal) error { _, err := w.Timeline(ctx, p, m.Conversation, 0, 0); return err })
	check(access.ConversationsRead, "by topic", func(p access.Principal) error {
		_, err := w.ByTopic(ctx, p, conversation.TopicInput{Topic: "A", Limit: 1})
		return err
	})
	check(access.ConversationsRead, "search", func(p access.Principal) error {
		_, err := w.Search(ctx, p, conversation.SearchInput{Query: "x", Limit: 1})
		return err
	})
	check(access.MemoriesRead, "memory", func(p access.Principal) error { _, err := w.Memory(ctx, p, m.ID); return err })
	check(access.MemoriesRead, "memories", func(p access.Principal) error { _, _, err := w.Memories(ctx, p, []string{m.ID}); return err })
	check(access.MemoriesRead, "siblings", func(p access.Principal) error { _, _, err := w.Siblings(ctx, p, m.ID, 0); return err })
	check(access.MemoriesRead, "list memories", func(p access.Principal) error {
		_, err := w.ListMemories(ctx, p, conversation.MemoryListInput{Limit: 1})
		return err
	})
	check(access.MemoriesRead, "search memories", func(p access.Principal) error {
		_, err := w.SearchMemories(ctx, p, conversation.MemorySearchInput{Query: "x", Limit: 1})
		return err
	})
	check(access.MemoriesRead, "topics", func(p access.Principal) error {
		_, err := w.Topics(ctx, p, conversation.TopicListInput{Limit: 1})
		return err
	})
	check(access.MemoriesRead, "topic", func(p access.Principal) error { _, err := w.Topic(ctx, p, "A"); return err })
	check(access.ConversationsWrite, "create", func(p access.Principal) error {
		_, err := w.Create(ctx, p, conversation.CreateInput{Title: "x"}, nil)
		return err
	})
	check(access.MemoriesWrite, "add", func(p access.Principal) error {
		_, err := w.CreateMemory(ctx, p, conversation.MemoryInput{Content: "x", Topics: []string{"B"}}, nil)
		return err
	})
	check(access.MemoriesWrite, "update", func(p access.Principal) error {
		_, err := w.UpdateMemory(ctx, p, m.ID, conversation.MemoryChange{})
		return err
	})
	check(access.MemoriesWrite, "merge", func(p access.Principal) error {
		_, err := w.MergeTopics(ctx, p, conversation.MergeInput{Source: "B", Target: "A"}, nil)
		return err
	})
	check(access.MemoriesWrite, "forget", func(p access.Principal) error { return w.DeleteMemory(ctx, p, m.ID) })
	check(access.ConversationsWrite, "delete", func(p access.Principal) error { _, err := w.Delete(ctx, p, m.Conversation); return err })
}
