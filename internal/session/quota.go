package session

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/access"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
)

// What a session has of its workspace's quotas. It is one of the open ones until
// it is over; its text counts when it is over, its file from when it is there
// until it is removed. Whatever the quotas are, a session that exists can be
// completed, cancelled and deleted.

// countedAttr of an upload, or of the source of another file, has the bytes that
// count of it: 0 when they did once.
const countedAttr = "counted"

func stored(bytes int64) quota.Amount { return quota.Amount{Counter: quota.Stored, N: bytes} }

// waiting are n times what an upload counts whose file has not come.
func waiting(up Upload, n int64) []quota.Amount {
	return []quota.Amount{
		{Counter: quota.Waiting, N: n, At: up.CreatedAt}, {Counter: quota.Incoming, N: n * up.SizeBytes, At: up.CreatedAt},
	}
}

// countNew counts a new session, with its file where that is dropped. One of an
// upload brings nothing that does not count already; there has to be room for
// others, whatever they will be.
func (s *Service) countNew(ctx context.Context, ref record.Ref, h *head, src source) (table.Op, error) {
	state, err := s.quotas().ReadBytes(ctx, ref.Workspace)
	if err != nil {
		return table.Op{}, err
	}
	h.open = 1
	amounts := []quota.Amount{{Counter: quota.Open, N: 1}}
	if h.source == SourceLive {
		h.mostText, h.mostSegments = other(state, quota.SessionText), other(state, quota.SessionSegments)
	}
	if src.upload == "" {
		amounts = append(amounts, stored(src.counted))
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

// checkSaid refuses what would make a live session longer than it may be. That
// is what it was when the session began, or more, if the operator has raised it
// since: it is looked up only by those who need it.
func (s *Service) checkSaid(ctx context.Context, workspace string, next head) error {
	if next.source != SourceLive {
		return nil
	}
	for _, of := range []struct {
		name       quota.Name
		said, most int64
	}{
		{quota.SessionText, next.textBytes, next.mostText}, {quota.SessionSegments, next.lastSeq, next.mostSegments},
	} {
		if of.most == 0 {
			of.most = of.name.Default()
		}
		if of.said <= of.most {
			continue
		}
		now, err := s.quotas().Limit(ctx, workspace, of.name)
		if err != nil {
			return err
		}
		if of.said > now {
			return quota.Exceeded(of.name, now)
		}
	}
	return nil
}

// count returns what a change of a session counts, and notes it in the head. Only
// one that is over and is opened again needs room for it. A session of before
// there were quotas is counted at its next step.
func (s *Service) count(ctx context.Context, ref record.Ref, old head, next *head) ([]table.Op, error) {
	if next.status == old.status {
		return nil, nil
	}
	next.open = 1
	if next.status.Terminal() {
		next.open, next.said = 0, next.textBytes
	}
	amounts := []quota.Amount{
		{Counter: quota.Open, N: next.open - old.open}, {Counter: quota.Stored, N: next.said - old.said},
	}
	if !old.status.Terminal() {
		return s.quotas().Change(ref.Workspace, ref.ID, amounts...), nil
	}
	op, err := s.quotas().Take(ctx, ref.Workspace, ref.ID, amounts[0])
	return []table.Op{op}, err
}

// uncount gives back what a session has that is deleted; its file counts until
// it is removed.
func (s *Service) uncount(ref record.Ref, h head) []table.Op {
	return s.quotas().Change(ref.Workspace, ref.ID,
		quota.Amount{Counter: quota.Open, N: -h.open}, quota.Amount{Counter: quota.Stored, N: -h.said})
}

// countArrived counts the file of an upload that has come, once: it does not
// wait any more, and it is stored.
func (s *Service) countArrived(ctx context.Context, workspace string, up Upload) error {
	if up.counted >= 0 {
		return nil
	}
	key := uploadKey(record.In(workspace, up.ID))
	err := table.Retry(ctx, record.Tries, func() error {
		return s.Table.Transact(ctx, append(
			[]table.Op{table.Update(key, table.Attrs{countedAttr: up.SizeBytes}, table.Exists(), table.Missing(countedAttr))},
			s.quotas().Change(workspace, up.ID, append(waiting(up, -1), stored(up.SizeBytes))...)...))
	})
	if err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("counting an upload that has come: %w", err)
	}
	return nil
}

// fileCount is the row that has what counts of a session's file.
func fileCount(ref record.Ref, src source) table.Key {
	if src.upload != "" {
		return uploadKey(record.In(ref.Workspace, src.upload))
	}
	return sourceKey(ref)
}

// uncountFile gives back what the file of a session counted, which is removed.
// What comes of it later does not count.
func (s *Service) uncountFile(ctx context.Context, ref record.Ref, src source) error {
	err := table.Retry(ctx, record.Tries, func() error { return s.tryUncountFile(ctx, ref, src) })
	if err != nil {
		return fmt.Errorf("giving back what a file counted: %w", err)
	}
	return nil
}

func (s *Service) tryUncountFile(ctx context.Context, ref record.Ref, src source) error {
	key := fileCount(ref, src)
	item, err := s.Table.Get(ctx, key, table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n, known := item.Attrs[countedAttr].(int64)
	as := table.Equal(countedAttr, n)
	var back []quota.Amount
	switch {
	case known && n == 0:
		return nil
	case known:
		back = append(back, stored(-n))
	case src.upload != "":
		as, back = table.Missing(countedAttr), waiting(readUploadRow(item), -1)
	default:
		as = table.Missing(countedAttr)
	}
	err = s.Table.Transact(ctx, append(
		[]table.Op{table.Update(key, table.Attrs{countedAttr: int64(0)}, table.Exists(), as)},
		s.quotas().Change(ref.Workspace, ref.ID, back...)...))
	if errors.Is(err, table.ErrCondition) {
		return table.ErrConflict // it has come, or gone, in between
	}
	return err
}

// Room refuses bytes that the workspace may not store; 0 stands for nobody knows
// how many.
func (s *Service) Room(ctx context.Context, workspace string, bytes int64) error {
	_, err := s.quotas().Take(ctx, workspace, "", stored(max(bytes, 0)))
	return err
}

// Follow counts one who follows a session, until the lease ends. What is read of
// one that is over is no more than a long answer: its lease is nil.
func (s *Service) Follow(ctx context.Context, p access.Principal, st State) (*quota.Lease, error) {
	if st.Status.Terminal() {
		return nil, nil
	}
	return s.quotas().Lease(ctx, p.Workspace, quota.Followed)
}
