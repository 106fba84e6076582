package fetch

import (
	"context"
	"errors"
	"io"
	"time"
)

var (
	errTimeout = errors.New("fetch: took too long")
	errIdle    = errors.New("fetch: no byte came for too long")
	errOpening = errors.New("fetch: the answer did not begin for too long")
)

// watch ends a fetch that takes too long to begin or as a whole, or stalls.
type watch struct {
	ctx     context.Context
	parent  context.Context
	cancel  context.CancelCauseFunc
	opening *time.Timer
	whole   *time.Timer
	idle    *time.Timer
	pause   time.Duration
}

func newWatch(parent context.Context, timeout, idle time.Duration) *watch {
	ctx, cancel := context.WithCancelCause(parent)
	w := &watch{ctx: ctx, parent: parent, cancel: cancel, pause: idle}
	w.opening = time.AfterFunc(openTimeout, func() { cancel(errOpening) })
	w.whole = time.AfterFunc(timeout, func() { cancel(errTimeout) })
	w.idle = time.AfterFunc(idle, func() { cancel(errIdle) })
	w.idle.Stop() // runs while a read does
	return w
}

// opened is called when the answer has begun.
func (w *watch) opened() { w.opening.Stop() }

func (w *watch) stop() {
	w.opening.Stop()
	w.whole.Stop()
	w.idle.Stop()
	w.cancel(context.Canceled)
}

// explain tells the watch's own interventions and the caller's from what went
// wrong on the other side.
func (w *watch) explain(err error) error {
	switch cause := context.Cause(w.ctx); {
	case w.parent.Err() != nil:
		return context.Cause(w.parent)
	case cause == errTimeout:
		return unreachable(cause, "fetching upload_url took too long")
	case cause == errOpening:
		return unreachable(cause, "the server of upload_url, or those that it redirects to, did not answer in time")
	case cause == errIdle:
		return unreachable(cause, "the server of upload_url stopped sending")
	}
	return err
}

// limited is a body that counts.
type limited struct {
	body  io.ReadCloser
	watch *watch
	left  int64 // bytes that may still come
	max   int64
	// Of the present stretch: how long was waited for bytes, and how many came.
	waited time.Duration
	came   int64
}

// slow reports, after a read, that a server has sent less in a whole stretch than
// the slowest may. What its reader does between reads is not held against it.
func (l *limited) slow(n int, took time.Duration) bool {
	l.came += int64(n)
	if l.waited += took; l.waited < stretch {
		return false
	}
	slow := float64(l.came) < MinBytesPerSecond*l.waited.Seconds()
	l.waited, l.came = 0, 0
	return slow
}

func (l *limited) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	// One byte more than allowed tells a file of exactly that size from a
	// larger one.
	p = p[:min(int64(len(p)), l.left+1)]
	begun := time.Now()
	l.watch.idle.Reset(l.watch.pause)
	n, err := l.body.Read(p)
	l.watch.idle.Stop()
	if int64(n) > l.left {
		n = int(l.left)
		l.left = 0
		return n, tooLarge(l.max)
	}
	l.left -= int64(n)
	if l.slow(n, time.Since(begun)) && err == nil {
		return n, unreachable(nil, "the server of upload_url sends less than %d bytes a second", MinBytesPerSecond)
	}
	// When the watch hangs up, a server may still end the body properly before
	// the connection is closed: that is no whole file.
	if err != nil && (err != io.EOF || l.watch.ctx.Err() != nil) {
		err = l.watch.explain(unreachable(err, "the connection to the server of upload_url broke"))
	}
	return n, err
}

// Close ends the fetch; the rest of the file is not read.
func (l *limited) Close() error {
	l.watch.stop()
	return l.body.Close()
}
