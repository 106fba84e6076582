package conversation

import (
	"context"
	"iter"

	"griot/internal/access"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

// Timeline is a conversation's memories in the order of what they tell
// (contract D 32). Count is the number of all of them; Memories yields those
// that were asked for, page by page as they are consumed. An error ends it.
type Timeline struct {
	Conversation Conversation
	Count        int64
	Memories     iter.Seq2[memory.Memory, error]
}

// Timeline returns all memories of a conversation, or limit of them (0: all)
// behind offset. What is skipped is read.
func (s *Service) Timeline(ctx context.Context, p access.Principal, conversationID string, limit, offset int) (Timeline, error) {
	if err := p.Require(access.ConversationsRead); err != nil {
		return Timeline{}, err
	}
	if limit < 0 || offset < 0 {
		return Timeline{}, errs.New(errs.Malformed, "limit and offset must not be negative")
	}
	c, err := s.get(ctx, p.Workspace, conversationID)
	if err != nil {
		return Timeline{}, err
	}
	all := s.store().Timeline(ctx, p.Workspace, conversationID)
	return Timeline{Conversation: c, Count: c.Memories, Memories: part(all, limit, offset)}, nil
}

// part yields limit values (0: all) behind offset, and any error.
func part[T any](all iter.Seq2[T, error], limit, offset int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n := 0
		for value, err := range all {
			n++
			if err == nil && n <= offset {
				continue
			}
			if !yield(value, err) || err != nil || limit > 0 && n == offset+limit {
				return
			}
		}
	}
}
