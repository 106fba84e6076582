package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"griot/internal/deletion"
	"griot/internal/id"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/session/upload"
	"griot/internal/table"
)

// Recount puts right what a workspace's sessions, uploads and files count; see
// [quota.Book.Recount]. Sessions of before there were quotas count from then on.
func (s *Service) Recount(ctx context.Context, workspace string) error {
	refs, err := s.countable(ctx, workspace)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		err := record.Change(ctx, record.Tries, func() error { return s.adopt(ctx, ref) })
		if err != nil {
			return err
		}
	}
	of := []quota.Counter{quota.Open, quota.Stored, quota.Waiting, quota.Incoming}
	return s.Sessions.Quotas().Recount(ctx, workspace, of, s.countRows)
}

// adopt has a session note what counts of it, if it does not know.
func (s *Service) adopt(ctx context.Context, ref record.Ref) error {
	item, err := s.Sessions.Table.Get(ctx, session.HeadKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a session: %w", err)
	}
	old := session.HeadOf(item)
	next := old
	next.Open = 1
	if next.Status.Terminal() {
		next.Open, next.Said = 0, next.TextBytes
	}
	if next == old || old.Status == session.Deleted {
		return nil
	}
	return s.Sessions.Commit(ctx, ref, old, next, s.Sessions.Quotas().Change(ref.Workspace, ref.ID,
		quota.Amount{Counter: quota.Open, N: next.Open - old.Open}, session.Stored(next.Said-old.Said)), nil, nil)
}

// countable are the sessions of a workspace, those that are being removed
// among them, whose files count.
func (s *Service) countable(ctx context.Context, workspace string) (refs []record.Ref, err error) {
	for item, err := range table.All(ctx, s.Sessions.Table, table.Query{
		Table: table.Sessions, PK: session.InfoKey(record.In(workspace, "")).PK, Consistency: table.Consistent,
	}) {
		if err != nil {
			return nil, fmt.Errorf("reading the sessions: %w", err)
		}
		refs = append(refs, record.In(workspace, item.SK))
	}
	for item, err := range table.All(ctx, s.Sessions.Table, table.Query{
		Table: table.Sessions, PK: deletion.Key(workspace, "").PK, Consistency: table.Consistent,
	}) {
		if err != nil {
			return nil, fmt.Errorf("reading the deletions: %w", err)
		}
		if target := item.Str("target"); item.Str("status") != deletion.Done && id.Valid(id.Session, target) {
			refs = append(refs, record.In(workspace, target))
		}
	}
	return refs, nil
}

// countRows counts what heads, sources and uploads say.
func (s *Service) countRows(ctx context.Context, workspace string, t *quota.Tally) error {
	refs, err := s.countable(ctx, workspace)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(refs, table.MaxBatchGet/2) {
		var keys []table.Key
		for _, ref := range part {
			keys = append(keys, session.HeadKey(ref), session.OriginKey(ref))
		}
		items, err := s.Sessions.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return fmt.Errorf("reading sessions: %w", err)
		}
		for i := 0; i < len(items); i += 2 {
			if h := session.HeadOf(items[i]); h.Status != session.Deleted {
				t.Add(items[i], quota.Amount{Counter: quota.Open, N: h.Open}, session.Stored(h.Said))
			}
			if src := session.OriginOf(items[i+1]); src.Upload == "" {
				t.Add(items[i+1], session.Stored(src.Counted))
			}
		}
	}
	for item, err := range table.All(ctx, s.Sessions.Table, table.Query{
		Table: table.Sessions, PK: session.UploadKey(record.In(workspace, "")).PK, Consistency: table.Consistent,
	}) {
		if err != nil {
			return fmt.Errorf("reading the uploads: %w", err)
		}
		up := upload.ReadUploadRow(item)
		if up.Counted >= 0 {
			t.Add(item, session.Stored(up.Counted))
		} else {
			t.Add(item, upload.Waiting(up, 1)...)
		}
	}
	return nil
}
