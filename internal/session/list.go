package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/cursor"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/search/token"
	"griot/internal/table"
	"griot/internal/timestamp"
)

// ListInput selects sessions; "" filters nothing.
type ListInput struct {
	// The `next_cursor` of the page before.
	Cursor   string              `json:"cursor"`
	Limit    int                 `json:"limit" is:"1..200" default:"50"`
	Status   Status              `json:"status"`
	Project  string              `json:"project_id"`
	Template extraction.Template `json:"template"`
	// Only those created after this time or date.
	Since string `json:"since" is:"as:day"`
	// Only those created until the end of this second, or of this date.
	Until string `json:"until" is:"as:day"`
	// Only those of whose title words begin with each of these words, in any
	// letter case and with or without accents.
	Words string `json:"q"`
}

// ListPage is one page; NextCursor is "" when nothing follows.
type ListPage struct {
	Sessions   []Session
	NextCursor string
}

// List returns sessions, newest first. A page that is filtered by anything but
// times may be short or empty although others follow: it costs what an
// unfiltered one does.
func (s *Store) List(ctx context.Context, p access.Principal, in ListInput) (ListPage, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return ListPage{}, err
	}
	if err := in.check(); err != nil {
		return ListPage{}, err
	}
	q := table.Query{
		Table: table.Sessions, PK: InfoKey(Ref(p, "")).PK,
		Reverse: true, Limit: in.Limit + 1, Consistency: table.Consistent,
	}
	var err error
	if q.From, q.To, err = in.ids(); err != nil {
		return ListPage{}, err
	}
	if q.After, err = in.after(p.Workspace, q.From, q.To); err != nil {
		return ListPage{}, err
	}
	rows, err := s.Table.Query(ctx, q)
	if err != nil {
		return ListPage{}, fmt.Errorf("listing sessions: %w", err)
	}
	return s.page(ctx, p.Workspace, in, rows)
}

func (in ListInput) check() error {
	if in.Words != "" && len(words(in.Words)) == 0 {
		return badQuery("q", "must have a word")
	}
	return nil
}

func words(s string) []string { return slices.Collect(token.Words(s)) }

// ids are the bounds of the ids, which tell when a session was created.
func (in ListInput) ids() (from, to string, err error) {
	since, err := queryTime("since", in.Since, timestamp.From)
	if err != nil {
		return "", "", err
	}
	until, err := queryTime("until", in.Until, timestamp.To)
	if err != nil {
		return "", "", err
	}
	if !until.IsZero() && until.Before(since) {
		return "", "", badQuery("until", "must not be before since")
	}
	if !since.IsZero() {
		from = firstAfter(since)
	}
	if !until.IsZero() {
		if until.Equal(until.Truncate(time.Second)) { // as created_at is printed
			until = until.Add(time.Second - time.Millisecond)
		}
		to = max(from, firstAfter(until))
	}
	return from, to, nil
}

// firstAfter is the id that sorts before all of later milliseconds.
func firstAfter(t time.Time) string {
	return id.Lowest(id.Session, time.UnixMilli(max(0, t.UnixMilli()+1)))
}

func queryTime(parameter, value string, parse func(string) (time.Time, error)) (time.Time, error) {
	if value == "" {
		return time.Time{}, nil
	}
	t, err := parse(value)
	if err != nil {
		return t, badQuery(parameter, "must be an RFC 3339 time or a date, such as 2026-05-18T14:00:00Z")
	}
	return t, nil
}

// after reads the cursor, which lies within the bounds of the list it was
// made for.
func (in ListInput) after(workspace, from, to string) (string, error) {
	after, err := cursor.Decode(workspace, "sessions", in.Cursor)
	if err != nil || after == "" {
		return after, err
	}
	if !id.Valid(id.Session, after) || after < from || to != "" && after > to {
		return "", badQuery("cursor", "is not one of this list")
	}
	return after, nil
}

func badQuery(parameter, problem string) error {
	e := errs.Invalid(parameter, "invalid", "%s", problem)
	e.Kind = errs.Malformed
	return e
}

// page reads the heads of the listed rows and applies the filters.
func (s *Store) page(ctx context.Context, workspace string, in ListInput, rows table.Page) (ListPage, error) {
	var out ListPage
	items := rows.Items
	switch {
	case len(items) > in.Limit:
		items = items[:in.Limit]
		out.NextCursor = cursor.Encode(workspace, "sessions", items[in.Limit-1].SK)
	case rows.Next != "":
		out.NextCursor = cursor.Encode(workspace, "sessions", rows.Next)
	}
	wants := in.wants()
	wanted := items[:0:0]
	for _, item := range items {
		if wants(infoOf(item)) {
			wanted = append(wanted, item)
		}
	}
	heads, err := s.heads(ctx, workspace, wanted)
	if err != nil {
		return ListPage{}, err
	}
	for i, h := range heads {
		if h.Status == "" || h.Status == Deleted || in.Status != "" && h.Status != in.Status {
			continue
		}
		out.Sessions = append(out.Sessions, build(record.In(workspace, wanted[i].SK), infoOf(wanted[i]), h))
	}
	return out, nil
}

// wants judges what never changes of a session.
func (in ListInput) wants() func(Info) bool {
	asked := words(in.Words)
	return func(m Info) bool {
		return (in.Project == "" || m.Project == in.Project) && (in.Template == "" || m.Template == string(in.Template)) &&
			(len(asked) == 0 || begin(words(m.Title), asked))
	}
}

// begin reports whether each of the beginnings begins one of the words.
func begin(words, beginnings []string) bool {
	for _, beginning := range beginnings {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, beginning) }) {
			return false
		}
	}
	return true
}
