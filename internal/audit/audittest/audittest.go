// Package audittest shows tests what events of the audit were written.
package audittest

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"
	"time"

	"griot/internal/audit"
)

// Events are what was written since Capture.
type Events struct {
	t  testing.TB
	mu sync.Mutex
	of []map[string]any
}

// Capture collects the events of this process until the test ends. Tests that
// use it do not run in parallel.
func Capture(t testing.TB) *Events {
	e := &Events{t: t}
	before := slog.Default()
	t.Cleanup(func() { slog.SetDefault(before) })
	slog.SetDefault(slog.New(audit.Keep(slog.DiscardHandler, e.add)))
	return e
}

func (e *Events) add(_ context.Context, _ time.Time, line []byte) error {
	var event map[string]any
	if err := json.Unmarshal(line, &event); err != nil {
		e.t.Errorf("an event of the audit is no JSON: %s", line)
		return nil
	}
	for _, name := range []string{"timestamp", "level", "message"} {
		delete(event, name)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.of = append(e.of, event)
	return nil
}

// Take returns the events since it was called last, without the time.
func (e *Events) Take() []map[string]any {
	e.mu.Lock()
	defer e.mu.Unlock()
	taken := e.of
	e.of = nil
	return taken
}
