package conversation

import (
	"context"
	"iter"
	"time"

	"griot/internal/clock"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/table"
)

// Service has the use cases of conversations, memories and topics. All fields
// are required.
type Service struct {
	Table table.Store
	Index Index
	Jobs  map[queue.Name]queue.Queue // of queue.Purge and queue.Tidy
	Now   func() time.Time
}

// Index is the part of *search.Index that is used here.
type Index interface {
	Put(workspace string, doc search.Doc) table.Op
	Remove(workspace, conversation, memory string) table.Op
	Written(ctx context.Context, workspace string, ops ...table.Op) error
	Search(ctx context.Context, workspace, query string) iter.Seq2[search.Hit, error]
	Memories(ctx context.Context, workspace, query string) iter.Seq2[search.Match, error]
	Purge(ctx context.Context, workspace, conversation string, memories []string, note func(units int) []table.Op) (int, error)
}

func (s *Service) clock() clock.Clock { return clock.Clock{Table: s.Table, Now: s.Now} }

// now is the one place where times are rounded: to milliseconds, UTC.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
