package session

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
)

// of names a session of the caller's workspace.
func of(p access.Principal, sessionID string) record.Ref {
	return record.In(p.Workspace, sessionID)
}

func errNoSession() error { return errs.New(errs.NotFound, "there is no such session") }

// Get returns a session of the caller's workspace.
func (s *Service) Get(ctx context.Context, p access.Principal, sessionID string) (Session, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return Session{}, err
	}
	return s.get(ctx, of(p, sessionID))
}

func (s *Service) get(ctx context.Context, ref record.Ref) (Session, error) {
	if !id.Valid(id.Session, ref.ID) {
		return Session{}, errNoSession()
	}
	items, err := s.Table.BatchGet(ctx, []table.Key{
		metaKey(ref), headKey(ref),
	}, table.Consistent)
	if err != nil {
		return Session{}, fmt.Errorf("reading the session: %w", err)
	}
	if !items[0].Found() || !items[1].Found() {
		return Session{}, errNoSession()
	}
	h := readHead(items[1]).startIfDue(s.now())
	if h.status == deleted {
		return Session{}, errNoSession()
	}
	return build(ref, readMeta(items[0]), h), nil
}

func (s *Service) readMetaRow(ctx context.Context, ref record.Ref) (meta, error) {
	if !id.Valid(id.Session, ref.ID) {
		return meta{}, errNoSession()
	}
	item, err := s.Table.Get(ctx, metaKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return meta{}, errNoSession()
	}
	if err != nil {
		return meta{}, fmt.Errorf("reading the session: %w", err)
	}
	return readMeta(item), nil
}

// readHeadRow returns the head of a session that is not being deleted.
func (s *Service) readHeadRow(ctx context.Context, ref record.Ref, c table.Consistency) (head, error) {
	if !id.Valid(id.Session, ref.ID) {
		return head{}, errNoSession()
	}
	item, err := s.Table.Get(ctx, headKey(ref), c)
	if errors.Is(err, table.ErrNotFound) {
		return head{}, errNoSession()
	}
	if err != nil {
		return head{}, fmt.Errorf("reading the head of the session: %w", err)
	}
	h := readHead(item)
	if h.status == deleted {
		return head{}, errNoSession()
	}
	return h, nil
}

// heads returns the head of each row, in order.
func (s *Service) heads(ctx context.Context, workspace string, rows []table.Item) ([]head, error) {
	heads := make([]head, 0, len(rows))
	for chunk := range slices.Chunk(rows, table.MaxBatchGet) {
		keys := make([]table.Key, len(chunk))
		for i, row := range chunk {
			keys[i] = headKey(record.In(workspace, row.SK))
		}
		items, err := s.Table.BatchGet(ctx, keys, table.Consistent)
		if err != nil {
			return nil, fmt.Errorf("reading the heads of sessions: %w", err)
		}
		for _, item := range items {
			heads = append(heads, readHead(item).startIfDue(s.now()))
		}
	}
	return heads, nil
}
