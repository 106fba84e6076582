package session

import (
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/clock"
	"griot/internal/queue"
	"griot/internal/table"
)

// Service has the use cases of sessions. All fields are required but Blobs
// and those queues that a host's endpoints do not use.
type Service struct {
	Table    table.Store
	Blobs    blob.Store
	Jobs     map[queue.Name]queue.Queue
	Projects *access.Directory
	// LoopbackURLs lets upload_url be http and of any port: for development,
	// together with a fetcher that may dial loopback.
	LoopbackURLs bool
	Now          func() time.Time
}

func (s *Service) clock() clock.Clock { return clock.Clock{Table: s.Table, Now: s.Now} }

// now is the one place where times are rounded: to milliseconds, UTC.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
