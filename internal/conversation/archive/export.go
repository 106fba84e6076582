// Package archive takes what a workspace remembers out, and puts it in again:
// its conversations and memories, with their ids and times. What is about them,
// such as topics' counts and the search index, is not in an archive: it comes of
// them.
package archive

import (
	"context"
	"iter"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/record"
)

// Service has the use cases of archives.
type Service struct {
	Conversations *conversation.Service
}

// Export is what a workspace remembers, both oldest conversation first and read
// as they are consumed. Memories come in the order of timelines, and before the
// conversations: then of each memory, unless it is deleted meanwhile, the
// conversation follows. One that is begun later is not among them. An error ends
// them.
type Export struct {
	Memories      iter.Seq2[memory.Memory, error]
	Conversations iter.Seq2[conversation.Told, error] // to be consumed after Memories
}

// Export reads everything, a part of a conversation at a time, which costs what
// its rows weigh and at least a read unit for each conversation.
func (s *Service) Export(ctx context.Context, p access.Principal) (Export, error) {
	for _, scope := range []access.Scope{access.MemoriesRead, access.ConversationsRead} {
		if err := p.Require(scope); err != nil {
			return Export{}, err
		}
	}
	last := "" // conversation whose memories were read
	return Export{
		Memories: s.memories(ctx, p.Workspace, &last),
		Conversations: func(yield func(conversation.Told, error) bool) {
			if last != "" {
				s.Conversations.Each(ctx, p.Workspace, last)(yield)
			}
		},
	}, nil
}

func (s *Service) memories(ctx context.Context, workspace string, last *string) iter.Seq2[memory.Memory, error] {
	store := memory.Store{Table: s.Conversations.Table}
	return func(yield func(memory.Memory, error) bool) {
		for c, err := range s.Conversations.Each(ctx, workspace, "") {
			if err != nil {
				yield(memory.Memory{}, err)
				return
			}
			*last = c.ID
			if c.Memories == 0 {
				continue
			}
			for m, err := range store.Timeline(ctx, record.In(workspace, c.ID)) {
				if !yield(m, err) || err != nil {
					return
				}
			}
		}
	}
}
