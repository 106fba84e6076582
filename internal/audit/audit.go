// Package audit writes down who changed what of a workspace: its keys and
// projects, and what was deleted. The domain does so where it commits the
// change, so that no edge can forget it. An event is a line of the log, with
// ids, times and numbers, and never a secret, a name or a word that somebody
// wrote. Hosts keep these lines for a year.
package audit

import (
	"context"
	"errors"
	"log/slog"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/table"
)

// Level is that of all events and of nothing else, so that a host can tell
// them. It is a little above Info.
const Level = slog.LevelInfo + 1

// Message is that of all events.
const Message = "audit"

// Retention is the actor when a thing has been kept as long as it was to be.
const Retention = "retention"

// Event is a change.
type Event struct {
	Action    string // such as key.created
	Workspace string
	Actor     string // the id of a key, access.Operator or Retention
	Target    string // the id of what was changed
	Details   []slog.Attr
}

// Record writes an event after its transaction. err is how that ended: a
// refusal is no event, and of what may have been stored or not the outcome is
// "unknown".
func Record(ctx context.Context, e Event, err error) {
	outcome := "done"
	switch {
	case err == nil:
	case errors.Is(err, table.ErrUnanswered):
		outcome = "unknown"
	case errs.As(err) != nil, errors.Is(err, table.ErrCondition), errors.Is(err, record.ErrStale), table.Retryable(err):
		return
	default:
		outcome = "unknown"
	}
	slog.LogAttrs(context.WithoutCancel(ctx), Level, Message, append([]slog.Attr{
		slog.String("action", e.Action), slog.String("outcome", outcome), slog.String("workspace", e.Workspace),
		slog.String("actor", e.Actor), slog.String("target", e.Target),
	}, e.Details...)...)
}
