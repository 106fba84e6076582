package limit

import (
	"context"
	"slices"
	"sync"
	"time"

	"griot/internal/errs"
)

// Turns has the dear requests of each workspace, or its jobs, follow one another
// where all share one process, so that a burst of one workspace, which its buckets
// allow, leaves the processors to the others. The zero value has one request
// of each workspace at a time; it must not be copied.
type Turns struct {
	AtOnce int // of each workspace; below 1 is 1
	// Alone is AtOnce for a workspace that has the process to itself, if it is
	// more and Presence is set.
	Alone    int
	Presence *Presence

	mu    sync.Mutex
	lines map[string]*line
}

// line is one workspace's requests, guarded by the Turns. While any waits, at
// least one is served, and its end is what calls the next.
type line struct {
	served  int
	waiting []chan struct{} // in the order they came; closed when it is their turn
}

// mostWaiting bounds what waits of one workspace, and with it the bodies that
// it holds in memory.
const mostWaiting = 100

// Take waits for a turn, until ctx ends. When too many wait already, it returns
// an error of the kind ResourceExhausted instead.
func (t *Turns) Take(ctx context.Context, workspace string) (done func(), err error) {
	done = func() { t.leave(workspace, nil) }
	turn, err := t.join(workspace)
	if turn == nil || err != nil {
		return done, err
	}
	select {
	case <-turn:
		return done, nil
	case <-ctx.Done():
		t.leave(workspace, turn)
		return nil, ctx.Err()
	}
}

// join has one more be served, with a nil channel, or wait until it is closed.
func (t *Turns) join(workspace string) (<-chan struct{}, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[workspace]
	if l == nil {
		if t.lines == nil {
			t.lines = map[string]*line{}
		}
		l = &line{}
		t.lines[workspace] = l
	}
	if len(l.waiting) >= mostWaiting {
		e := errs.New(errs.ResourceExhausted, "too many dear requests of the workspace are under way: try again in 1 s")
		e.RetryAfter = time.Second
		return nil, e
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	t.call(workspace, l)
	select {
	case <-turn:
		return nil, nil
	default:
		return turn, nil
	}
}

// leave takes away one that waits for turn, or is served if that is nil or its
// turn has come meanwhile.
func (t *Turns) leave(workspace string, turn <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.lines[workspace]
	waits := func(c chan struct{}) bool { return c == turn }
	if i := slices.IndexFunc(l.waiting, waits); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	} else {
		l.served--
	}
	if t.call(workspace, l); l.served == 0 {
		delete(t.lines, workspace)
	}
}

// call serves those who are next, as many as there are places.
func (t *Turns) call(workspace string, l *line) {
	places := max(t.AtOnce, 1)
	if t.Presence != nil && !t.Presence.Beside(workspace) {
		places = max(places, t.Alone)
	}
	for len(l.waiting) > 0 && l.served < places {
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
		l.served++
	}
}
