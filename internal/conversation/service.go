package conversation

import (
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
	Index *search.Index
	Jobs  map[queue.Name]queue.Queue // of queue.Purge and queue.Tidy
	Now   func() time.Time
}

func (s *Service) clock() clock.Clock { return clock.Clock{Table: s.Table, Now: s.Now} }

// now is the one place where times are rounded: to milliseconds, UTC.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
