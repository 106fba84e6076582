package session

import (
	"context"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/clock"
	"griot/internal/deletion"
	"griot/internal/queue"
	"griot/internal/quota"
	"griot/internal/table"
	"griot/internal/task"
)

// Service has the use cases of sessions. All fields are required but Blobs
// and those queues that a host's endpoints do not use.
type Service struct {
	Table    table.Store
	Blobs    blob.Store
	Jobs     task.Queues
	Projects *access.Directory
	// HideConversation returns what hides the conversation that a session
	// became, for the transaction that hides the session; ok is false when
	// there is none any more. It is needed where sessions are deleted or swept.
	HideConversation func(ctx context.Context, workspace, conversationID, deletionID string) (h deletion.Hidden, ok bool, err error)
	// LoopbackURLs lets upload_url be http and of any port: for development,
	// together with a fetcher that may dial loopback.
	LoopbackURLs bool
	// Process names this process, where no other one works on the same table: a
	// lease that another one has was left by it when it died. "": there may be
	// others.
	Process string
	// KeepMedia is how long the recordings of completed sessions are kept; 0:
	// as long as their transcripts.
	KeepMedia time.Duration
	// MinutesPerDay is how many minutes of recordings a workspace may have
	// written down in a day of UTC; 0: any. It is needed where engines are
	// asked.
	MinutesPerDay int64
	// Turns orders the writers of a session; nil: they race.
	Turns *Turns
	Now   func() time.Time
}

// bridges reports whether completed sessions become conversations: on a host
// that has a queue for it.
func (s *Service) bridges() bool { return s.Jobs[queue.Bridge] != nil }

func (s *Service) quotas() quota.Book { return quota.Book{Table: s.Table, Now: s.Now} }

func (s *Service) clock() clock.Clock { return clock.Clock{Table: s.Table, Now: s.Now} }

// now is the one place where times are rounded: to milliseconds, UTC.
func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
