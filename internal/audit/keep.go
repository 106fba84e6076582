package audit

import (
	"bytes"
	"context"
	"log/slog"
	"time"
)

// Keep returns a handler that hands records on to next, and the events of the
// audit, each as a line of JSON, also to keep. An event that cannot be kept is
// an error in the log, with the whole event.
func Keep(next slog.Handler, keep func(ctx context.Context, at time.Time, line []byte) error) slog.Handler {
	return keeper{next, keep}
}

type keeper struct {
	next slog.Handler
	keep func(ctx context.Context, at time.Time, line []byte) error
}

func (k keeper) Enabled(ctx context.Context, level slog.Level) bool {
	return level == Level || k.next.Enabled(ctx, level)
}

func (k keeper) Handle(ctx context.Context, r slog.Record) error {
	if r.Level == Level {
		k.handle(ctx, r)
	}
	if !k.next.Enabled(ctx, r.Level) {
		return nil
	}
	return k.next.Handle(ctx, r)
}

func (k keeper) handle(ctx context.Context, r slog.Record) {
	var line bytes.Buffer
	err := slog.NewJSONHandler(&line, &slog.HandlerOptions{Level: Level, ReplaceAttr: asOnLambda}).Handle(ctx, r)
	if err == nil {
		err = k.keep(ctx, r.Time, line.Bytes())
	}
	if err != nil {
		lost := slog.NewRecord(r.Time, slog.LevelError, "an event of the audit was not kept", r.PC)
		lost.AddAttrs(slog.Any("error", err), slog.String("event", string(bytes.TrimSpace(line.Bytes()))))
		_ = k.next.Handle(ctx, lost) // there is no other place to say it
	}
}

// asOnLambda names things as the log of a function does.
func asOnLambda(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.TimeKey:
		a.Key = "timestamp"
	case slog.MessageKey:
		a.Key = "message"
	}
	return a
}

func (k keeper) WithAttrs(attrs []slog.Attr) slog.Handler {
	return keeper{k.next.WithAttrs(attrs), k.keep}
}

func (k keeper) WithGroup(name string) slog.Handler {
	return keeper{k.next.WithGroup(name), k.keep}
}
