package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/budget"
	"griot/internal/clock"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
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

// Change edits a head that was just read. It returns further operations for
// the same transaction; leaving the head as it is means that nothing is to be
// done.
type Change func(h *Head) ([]table.Op, error)

// Update applies a change to a session in one transaction with its due row
// and the claim's record. Conflicts read again; a session that is not there
// or is being deleted is NotFound.
func (s *Store) Update(ctx context.Context, ref record.Ref, claim *idempotency.Claim, fn Change) (Session, error) {
	m, err := s.readInfo(ctx, ref)
	if err != nil {
		return Session{}, err
	}
	done, err := s.Turns.Take(ctx, ref)
	if err != nil {
		return Session{}, err
	}
	defer done()
	var sess Session
	err = record.Change(ctx, record.Tries, func() error {
		sess, err = s.tryUpdate(ctx, ref, m, claim, fn)
		return err
	})
	return sess, err
}

func (s *Store) tryUpdate(ctx context.Context, ref record.Ref, m Info, claim *idempotency.Claim, fn Change) (Session, error) {
	old, err := s.ReadHead(ctx, ref, table.Consistent)
	if err != nil {
		return Session{}, err
	}
	next := old.StartIfDue(s.Time())
	ops, err := fn(&next)
	if err != nil {
		return Session{}, err
	}
	if next == old && len(ops) == 0 {
		sess := build(ref, m, next)
		return sess, claim.Store(ctx, s.Table, sess, HeadKey(ref))
	}
	next.Updated = s.Time()
	if next.Status != old.Status {
		ops = append(ops, s.settleRecording(&next, ref.Workspace)...)
		next.Due, next.Attempts, next.PutOff = s.FirstDue(next), 0, 0
	}
	counted, err := s.count(ctx, ref, old, &next)
	if err != nil {
		return Session{}, err
	}
	sess := build(ref, m, next)
	return sess, s.Commit(ctx, ref, old, next, append(counted, ops...), claim, sess)
}

// Commit writes the next revision of a head that was read as old, in one
// transaction with its due row, with all that the change brings along, and with
// the answer that the claim stores, which says result. Heads are replaced here
// and nowhere else. It is record.ErrStale where another writer of the head was
// faster, or of the quota; other conditions that fail stay what they are.
func (s *Store) Commit(ctx context.Context, ref record.Ref, old, next Head, ops []table.Op, claim *idempotency.Claim, result any) error {
	return s.commit(ctx, ref, old, next.Attrs(), append(task.Move(ref, old.Due, next.Due), ops...), claim, result)
}

// Bury leaves a tombstone that expires in place of one whose deletion was carried
// out, in one transaction with what closes the receipt.
func (s *Store) Bury(ctx context.Context, ref record.Ref, tomb Head, closed table.Op) error {
	now := s.Time()
	last := Head{Status: Deleted, Source: tomb.Source, Duration: -1, Deletion: tomb.Deletion, Updated: now}
	ops := append(task.Move(ref, tomb.Due, time.Time{}), closed)
	return s.commit(ctx, ref, tomb, record.Expire(last.Attrs(), now), ops, nil, nil)
}

func (s *Store) commit(ctx context.Context, ref record.Ref, old Head, attrs table.Attrs, ops []table.Op, claim *idempotency.Claim, result any) error {
	head := record.Head{Key: HeadKey(ref), Rev: old.Rev}
	err := head.Commit(ctx, s.Table, head.Replace(attrs), ops, claim, result)
	switch {
	case err == nil || errors.Is(err, record.ErrStale):
		return err
	case quota.Contested(err):
		return record.ErrStale
	}
	return fmt.Errorf("writing the session: %w", err)
}

// EndCapture moves a live session on to processing. The printed times have
// whole seconds, and the duration is their difference (contract D 5).
func (s *Store) EndCapture(h *Head) {
	h.Ended = s.Time()
	if h.Ended.Before(h.Started) {
		h.Ended = h.Started
	}
	h.Status = Processing
	h.Duration = h.Ended.Unix() - h.Started.Unix()
}

// Fail ends a session with a reason, unless it is over.
func (s *Store) Fail(ctx context.Context, ref record.Ref, f Failure) error {
	sess, err := s.Update(ctx, ref, nil, func(h *Head) ([]table.Op, error) {
		if !h.Status.Terminal() {
			h.Status, h.Failure = Failed, &f
		}
		return nil, nil
	})
	if err == nil && sess.Recording.Left > 0 {
		s.StopNow(ctx, ref)
	}
	return err
}

// settleRecording updates the recording of a session whose status changes: its
// words are there, or nobody waits for them any more. It returns the writes that
// belong into the same transaction.
func (s *Store) settleRecording(h *Head, workspace string) (ops []table.Op) {
	if !h.Recording.Pending() {
		if h.Status == Cancelled && h.Recording.Status == "" && h.Recording.Attempt > 0 { // as it was tried again
			h.Recording.leaves() // for what the attempts before were answered
		}
		return nil
	}
	switch {
	case h.Status == Processing:
		h.Recording.Status = EngineDone
		if h.Recording.Started == 0 { // nobody looked while it was at it
			h.Recording.Started = h.Recording.Asked
		}
	case h.Status.Terminal():
		h.Recording.Status = EngineFailed
		h.Recording.leaves()
		ops = s.GiveBack(h, workspace)
	default:
		return nil
	}
	h.Recording.Ended = s.Time().UnixMilli()
	return ops
}

// GiveBack returns the write by which a recording that no engine was asked for
// gives its minutes back. Nobody asks for those of a day that is over.
func (s *Store) GiveBack(h *Head, workspace string) (ops []table.Op) {
	r := &h.Recording
	if r.Day == 0 || r.Asks > 0 {
		return nil
	}
	if day := UnixMilli(r.Day); !day.Before(budget.Day(s.Time())) {
		ops = append(ops, budget.GiveBack(workspace, day, r.Seconds))
	}
	r.Day, r.Seconds = 0, 0
	return ops
}

// What a session has of its workspace's quotas. It is one of the open ones until
// it is over; its text counts when it is over, its file from when it is there
// until it is removed. Whatever the quotas are, a session that exists can be
// completed, cancelled and deleted.

// CountedAttr of an upload, or of the source of another file, has the bytes that
// count of it: 0 when they did once.
const CountedAttr = "counted"

// Stored is what bytes count that are kept.
func Stored(bytes int64) quota.Amount { return quota.Amount{Counter: quota.Stored, N: bytes} }

// countNew counts a new session, with its file where that is dropped. One of an
// upload brings nothing that does not count already; there has to be room for
// others, whatever they will be.
func (s *Store) countNew(ctx context.Context, ref record.Ref, h *Head, src Origin) (table.Op, error) {
	state, err := s.Quotas().ReadBytes(ctx, ref.Workspace)
	if err != nil {
		return table.Op{}, err
	}
	h.Open = 1
	amounts := []quota.Amount{{Counter: quota.Open, N: 1}}
	if h.Source == SourceLive {
		h.MostText, h.MostSegments = other(state, quota.SessionText), other(state, quota.SessionSegments)
	}
	if src.Upload == "" {
		amounts = append(amounts, Stored(src.Counted))
	}
	return state.Take(ref.ID, amounts...)
}

// other is a limit that is not the default; 0: it is, -1: it is nothing at all.
func other(state quota.State, n quota.Name) int64 {
	limit := state.Limit(n)
	switch limit {
	case n.Default():
		return 0
	case 0:
		return -1
	}
	return limit
}

// count returns what a change of a session counts, and notes it in the head. Only
// one that is over and is opened again needs room for it. A session of before
// there were quotas is counted at its next step.
func (s *Store) count(ctx context.Context, ref record.Ref, old Head, next *Head) ([]table.Op, error) {
	if next.Status == old.Status {
		return nil, nil
	}
	next.Open = 1
	if next.Status.Terminal() {
		next.Open, next.Said = 0, next.TextBytes
	}
	amounts := []quota.Amount{
		{Counter: quota.Open, N: next.Open - old.Open}, {Counter: quota.Stored, N: next.Said - old.Said},
	}
	if !old.Status.Terminal() {
		return s.Quotas().Change(ref.Workspace, ref.ID, amounts...), nil
	}
	op, err := s.Quotas().Take(ctx, ref.Workspace, ref.ID, amounts[0])
	return []table.Op{op}, err
}

// Uncount gives back what a session has that is deleted; its file counts until
// it is removed.
func (s *Store) Uncount(ref record.Ref, h Head) []table.Op {
	return s.Quotas().Change(ref.Workspace, ref.ID,
		quota.Amount{Counter: quota.Open, N: -h.Open}, quota.Amount{Counter: quota.Stored, N: -h.Said})
}
