package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/audit"
	"griot/internal/audit/audittest"
	"griot/internal/errs"
	"griot/internal/table"
)

func TestOutcomes(t *testing.T) {
	events := audittest.Capture(t)
	e := audit.Event{Action: "key.created", Workspace: "ws", Actor: "operator", Target: "key", Details: []slog.Attr{slog.Int("n", 2)}}
	for _, tt := range []struct {
		err  error
		want any
	}{
		{nil, "done"},
		{errors.New("the connection broke"), "unknown"},
		{context.Canceled, "unknown"},
		{table.Unanswered(errors.New("the connection broke")), "unknown"},
		{errs.New(errs.NotFound, "no"), nil},
		{fmt.Errorf("writing: %w", &table.ConditionError{}), nil},
		{table.ErrThrottled, nil},
	} {
		audit.Record(t.Context(), e, tt.err)
		got := events.Take()
		var want []map[string]any
		if tt.want != nil {
			want = []map[string]any{{
				"action": "key.created", "outcome": tt.want, "workspace": "ws", "actor": "operator", "target": "key", "n": 2.0,
			}}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v: %s", tt.err, diff)
		}
	}
}

// What is kept does not hang on the level of the log, and the log has it only
// if it is of that level.
func TestKeep(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelInfo: 2, slog.LevelWarn: 0} {
		var log bytes.Buffer
		kept := 0
		h := audit.Keep(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}),
			func(_ context.Context, at time.Time, line []byte) error {
				if kept++; !bytes.HasSuffix(line, []byte("}\n")) || time.Since(at) > time.Minute {
					t.Errorf("%v: %s", at, line)
				}
				return nil
			})
		logger := slog.New(h).With("a", 1).WithGroup("g")
		logger.Log(t.Context(), audit.Level, audit.Message)
		logger.Info("request")
		logger.Debug("nothing")
		if got := strings.Count(log.String(), "\n"); got != want || kept != 1 {
			t.Errorf("%v: %d events kept, log:\n%s", level, kept, &log)
		}
	}
}

func TestWhatIsNotKeptIsLoggedWhole(t *testing.T) {
	var log bytes.Buffer
	h := audit.Keep(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}),
		func(context.Context, time.Time, []byte) error { return errors.New("no room") })
	slog.New(h).Log(t.Context(), audit.Level, audit.Message, "action", "key.deleted")
	if got := log.String(); !strings.Contains(got, "level=ERROR") || !strings.Contains(got, "no room") || !strings.Contains(got, "key.deleted") {
		t.Error(got)
	}
}
