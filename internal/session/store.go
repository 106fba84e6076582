package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/clock"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Store keeps the records of sessions: it reads them, and makes each change of one
// in one transaction. All fields are required but Blobs and those queues that a
// host's endpoints do not use.
type Store struct {
	Table table.Store
	Blobs blob.Store
	Jobs  task.Queues
	// Process names this process, where no other one works on the same table: a
	// lease that another one has was left by it when it died. "": there may be
	// others.
	Process string
	// KeepMedia is how long the recordings of completed sessions are kept; 0:
	// as long as their transcripts.
	KeepMedia time.Duration
	// Turns orders the writers of a session; nil: they race.
	Turns *Turns
	Now   func() time.Time
}

// Clock is that of the workspaces.
func (s *Store) Clock() clock.Clock { return clock.Clock{Table: s.Table, Now: s.Now} }

// Quotas are those of the workspaces.
func (s *Store) Quotas() quota.Book { return quota.Book{Table: s.Table, Now: s.Now} }

// Time is the one place where times are rounded: to milliseconds, UTC.
func (s *Store) Time() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// Ref names a session of the caller's workspace.
func Ref(p access.Principal, sessionID string) record.Ref {
	return record.In(p.Workspace, sessionID)
}

func errNoSession() error { return errs.New(errs.NotFound, "there is no such session") }

// Get returns a session of the caller's workspace.
func (s *Store) Get(ctx context.Context, p access.Principal, sessionID string) (Session, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return Session{}, err
	}
	return s.Read(ctx, Ref(p, sessionID))
}

// Read returns a session, whoever asks.
func (s *Store) Read(ctx context.Context, ref record.Ref) (Session, error) {
	if !id.Valid(id.Session, ref.ID) {
		return Session{}, errNoSession()
	}
	items, err := s.Table.BatchGet(ctx, []table.Key{
		InfoKey(ref), HeadKey(ref),
	}, table.Consistent)
	if err != nil {
		return Session{}, fmt.Errorf("reading the session: %w", err)
	}
	if !items[0].Found() || !items[1].Found() {
		return Session{}, errNoSession()
	}
	h := HeadOf(items[1]).StartIfDue(s.Time())
	if h.Status == Deleted {
		return Session{}, errNoSession()
	}
	return build(ref, infoOf(items[0]), h), nil
}

func (s *Store) readInfo(ctx context.Context, ref record.Ref) (Info, error) {
	if !id.Valid(id.Session, ref.ID) {
		return Info{}, errNoSession()
	}
	item, err := s.Table.Get(ctx, InfoKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Info{}, errNoSession()
	}
	if err != nil {
		return Info{}, fmt.Errorf("reading the session: %w", err)
	}
	return infoOf(item), nil
}

// ReadHead returns the head of a session that is not being deleted.
func (s *Store) ReadHead(ctx context.Context, ref record.Ref, c table.Consistency) (Head, error) {
	if !id.Valid(id.Session, ref.ID) {
		return Head{}, errNoSession()
	}
	item, err := s.Table.Get(ctx, HeadKey(ref), c)
	if errors.Is(err, table.ErrNotFound) {
		return Head{}, errNoSession()
	}
	if err != nil {
		return Head{}, fmt.Errorf("reading the head of the session: %w", err)
	}
	h := HeadOf(item)
	if h.Status == Deleted {
		return Head{}, errNoSession()
	}
	return h, nil
}

// ReadOrigin returns where the bytes of an upload session are.
func (s *Store) ReadOrigin(ctx context.Context, ref record.Ref) (Origin, error) {
	item, err := s.Table.Get(ctx, OriginKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Origin{}, errNoSession()
	}
	if err != nil {
		return Origin{}, fmt.Errorf("reading where a session's bytes are: %w", err)
	}
	return OriginOf(item), nil
}

// heads returns the head of each row, in order.
func (s *Store) heads(ctx context.Context, workspace string, rows []table.Item) ([]Head, error) {
	heads := make([]Head, 0, len(rows))
	for chunk := range slices.Chunk(rows, table.MaxBatchGet) {
		keys := make([]table.Key, len(chunk))
		for i, row := range chunk {
			keys[i] = HeadKey(record.In(workspace, row.SK))
		}
		items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading the heads of sessions: %w", err)
		}
		for _, item := range items {
			heads = append(heads, HeadOf(item).StartIfDue(s.Time()))
		}
	}
	return heads, nil
}

// Gone reports whether a session was deleted, and nothing of it is on a receipt
// any more that is still open.
func (s *Store) Gone(ctx context.Context, ref record.Ref) (gone, going bool, err error) {
	if !id.Valid(id.Session, ref.ID) {
		return false, false, nil
	}
	item, err := s.Table.Get(ctx, HeadKey(ref), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return false, false, fmt.Errorf("reading a tombstone: %w", err)
	}
	h := HeadOf(item)
	going = h.Status == Deleted && !h.Due.IsZero()
	return !item.Found() || h.Status == Deleted && !going, going, nil
}

// DiscardIfDeleted removes an object that was put beside a session which is deleted, so
// that nothing outlives the receipt.
func (s *Store) DiscardIfDeleted(ctx context.Context, ref record.Ref, object string) (gone bool, err error) {
	if _, err := s.Read(ctx, ref); !errs.Is(err, errs.NotFound) {
		return false, err
	}
	if err := s.Blobs.Delete(ctx, object); err != nil {
		return false, fmt.Errorf("removing an object of a deleted session: %w", err)
	}
	return true, nil
}

// RemoveBelow removes all objects whose keys begin with prefix.
func (s *Store) RemoveBelow(ctx context.Context, prefix string) error {
	if err := blob.DeleteBelow(ctx, s.Blobs, prefix); err != nil {
		return fmt.Errorf("removing what a session has stored: %w", err)
	}
	return nil
}

// SendRead sends the work that reads an upload session's bytes. An object that
// is not there yet brings a message of its own when it arrives.
func (s *Store) SendRead(ctx context.Context, ref record.Ref, src Origin) {
	switch {
	case src.Object != "":
		s.Jobs.Send(ctx, task.ReadFile, task.Of(ref))
	case src.URL != "":
		s.Jobs.Send(ctx, task.FetchURL, task.Of(ref))
	}
}

// StopNow has the engine of a session that is over stopped, sooner than its
// due row would.
func (s *Store) StopNow(ctx context.Context, ref record.Ref) {
	s.Jobs.Send(ctx, task.StopEngine, task.Of(ref))
}
