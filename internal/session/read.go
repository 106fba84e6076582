package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"griot/internal/access"
	"griot/internal/cursor"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/table"
)

func errNoSession() error { return errs.New(errs.NotFound, "there is no such session") }

// Get returns a session of the caller's workspace.
func (s *Service) Get(ctx context.Context, p access.Principal, sessionID string) (Session, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return Session{}, err
	}
	return s.get(ctx, p.Workspace, sessionID)
}

func (s *Service) get(ctx context.Context, workspace, sessionID string) (Session, error) {
	if !id.Valid(id.Session, sessionID) {
		return Session{}, errNoSession()
	}
	items, err := s.Table.BatchGet(ctx, []table.Key{
		metaKey(workspace, sessionID), headKey(workspace, sessionID),
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
	return build(workspace, sessionID, readMeta(items[0]), h), nil
}

func (s *Service) readMetaRow(ctx context.Context, workspace, sessionID string) (meta, error) {
	if !id.Valid(id.Session, sessionID) {
		return meta{}, errNoSession()
	}
	item, err := s.Table.Get(ctx, metaKey(workspace, sessionID), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return meta{}, errNoSession()
	}
	if err != nil {
		return meta{}, fmt.Errorf("reading the session: %w", err)
	}
	return readMeta(item), nil
}

// readHeadRow returns the head of a session that is not being deleted.
func (s *Service) readHeadRow(ctx context.Context, workspace, sessionID string, c table.Consistency) (head, error) {
	if !id.Valid(id.Session, sessionID) {
		return head{}, errNoSession()
	}
	item, err := s.Table.Get(ctx, headKey(workspace, sessionID), c)
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

// ListInput selects sessions; "" filters nothing.
type ListInput struct {
	Cursor                    string
	Limit                     int
	Status, Project, Template string
}

// ListPage is one page; NextCursor is "" when nothing follows.
type ListPage struct {
	Sessions   []Session
	NextCursor string
}

// List returns sessions, newest first. A filtered page may be short or empty
// although others follow: it costs what an unfiltered one does.
func (s *Service) List(ctx context.Context, p access.Principal, in ListInput) (ListPage, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return ListPage{}, err
	}
	if err := in.check(); err != nil {
		return ListPage{}, err
	}
	after, err := cursor.Decode(p.Workspace, "sessions", in.Cursor)
	if err == nil && after != "" && !id.Valid(id.Session, after) {
		err = badQuery("cursor", "is not one of this list")
	}
	if err != nil {
		return ListPage{}, err
	}
	rows, err := s.Table.Query(ctx, table.Query{
		Table: table.Sessions, PK: metaKey(p.Workspace, "").PK,
		Reverse: true, Limit: in.Limit + 1, After: after, Consistency: table.Consistent,
	})
	if err != nil {
		return ListPage{}, fmt.Errorf("listing sessions: %w", err)
	}
	return s.page(ctx, p.Workspace, in, rows)
}

func (in ListInput) check() error {
	if in.Status != "" && !slices.Contains(Statuses, Status(in.Status)) {
		return badQuery("status", "must be one of "+join(Statuses))
	}
	if in.Template != "" && !slices.Contains(extraction.Templates, in.Template) {
		return badQuery("template", "must be one of "+strings.Join(extraction.Templates, ", "))
	}
	return nil
}

func badQuery(parameter, problem string) error {
	e := errs.Invalid(parameter, "invalid", "%s", problem)
	e.Kind = errs.Malformed
	return e
}

func join(statuses []Status) string {
	names := make([]string, len(statuses))
	for i, s := range statuses {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}

// page reads the heads of the listed rows and applies the filters.
func (s *Service) page(ctx context.Context, workspace string, in ListInput, rows table.Page) (ListPage, error) {
	var out ListPage
	items := rows.Items
	switch {
	case len(items) > in.Limit:
		items = items[:in.Limit]
		out.NextCursor = cursor.Encode(workspace, "sessions", items[in.Limit-1].SK)
	case rows.Next != "":
		out.NextCursor = cursor.Encode(workspace, "sessions", rows.Next)
	}
	wanted := items[:0:0]
	for _, item := range items {
		m := readMeta(item)
		if (in.Project == "" || m.project == in.Project) && (in.Template == "" || m.template == in.Template) {
			wanted = append(wanted, item)
		}
	}
	heads, err := s.heads(ctx, workspace, wanted)
	if err != nil {
		return ListPage{}, err
	}
	for i, h := range heads {
		if h.status == "" || h.status == deleted || in.Status != "" && string(h.status) != in.Status {
			continue
		}
		out.Sessions = append(out.Sessions, build(workspace, wanted[i].SK, readMeta(wanted[i]), h))
	}
	return out, nil
}

// heads returns the head of each row, in order.
func (s *Service) heads(ctx context.Context, workspace string, rows []table.Item) ([]head, error) {
	heads := make([]head, 0, len(rows))
	for chunk := range slices.Chunk(rows, table.MaxBatchGet) {
		keys := make([]table.Key, len(chunk))
		for i, row := range chunk {
			keys[i] = headKey(workspace, row.SK)
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
