package limit

import (
	"context"
	"sync"
	"time"

	"griot/internal/errs"
)

// Turns has the dear requests of each workspace follow one another where all
// share one process, so that a burst of one workspace, which its buckets
// allow, leaves the processors to the others. The zero value has one request
// of each workspace at a time; it must not be copied.
type Turns struct {
	AtOnce int // of each workspace; below 1 is 1

	mu    sync.Mutex
	lines map[string]*line
}

// line is one workspace's requests.
type line struct {
	places chan struct{} // full while AtOnce are served
	here   int           // that are served or wait; guarded by the Turns
}

// mostWaiting bounds what waits of one workspace, and with it the bodies that
// it holds in memory.
const mostWaiting = 100

// Take waits for a turn, until ctx ends. When too many wait already, it returns
// an error of the kind ResourceExhausted instead.
func (t *Turns) Take(ctx context.Context, workspace string) (done func(), err error) {
	l := t.join(workspace)
	if l == nil {
		e := errs.New(errs.ResourceExhausted, "too many dear requests of the workspace are under way: try again in 1 s")
		e.RetryAfter = time.Second
		return nil, e
	}
	select {
	case l.places <- struct{}{}:
	case <-ctx.Done():
		t.leave(workspace, l)
		return nil, ctx.Err()
	}
	return func() {
		<-l.places
		t.leave(workspace, l)
	}, nil
}

// join returns the line of a workspace, or nil if that is too long.
func (t *Turns) join(workspace string) *line {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, atOnce := t.lines[workspace], max(t.AtOnce, 1)
	if l == nil {
		if t.lines == nil {
			t.lines = map[string]*line{}
		}
		l = &line{places: make(chan struct{}, atOnce)}
		t.lines[workspace] = l
	}
	if l.here >= atOnce+mostWaiting {
		return nil
	}
	l.here++
	return l
}

func (t *Turns) leave(workspace string, l *line) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.here--; l.here == 0 {
		delete(t.lines, workspace)
	}
}
