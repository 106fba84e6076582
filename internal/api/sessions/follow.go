package sessions

import (
	"context"
	"errors"
	"time"

	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/table"
)

// pageSegments bounds, together with the page's own size, what a stream
// holds in memory.
const pageSegments = 500

// feed is where a stream reads from: one session, as one caller may see it.
type feed struct {
	state    func(ctx context.Context, c table.Consistency) (capture.State, error)
	segments func(ctx context.Context, after int64, limit int) (capture.SegmentPage, error)
	verify   func(ctx context.Context) error // that the caller still may
	changed  <-chan struct{}                 // says that there may be news; nil: it has to be looked for
}

// follower sends one session to one reader: one goroutine, and a page of
// segments at most.
type follower struct {
	Streams
	feed
	out *events

	at    capture.State  // the furthest that was read
	final bool           // at is terminal and was read consistently
	sent  int64          // the last seq that was sent
	seen  session.Status // the last status that was sent
	news  time.Time      // when there was something to send
	weak  bool           // the last read failed, but may work when tried again
}

// cursor is what a reader says it has, if it says anything.
type cursor struct {
	value string
	given bool
}

// follow streams until the session has ended, the reader has left, or the
// stream must end without done, upon which the reader resumes.
func (f *follower) follow(ctx context.Context, c cursor) error {
	st, err := f.state(ctx, table.Consistent)
	if err != nil {
		return err
	}
	f.at, f.final, f.news = st, st.Status.Terminal(), time.Now()
	f.out.open()
	f.sendStatus()
	f.place(c)
	f.out.flush()
	return f.run(ctx)
}

// place begins behind the cursor, or at the first segment when there is no
// such place.
func (f *follower) place(c cursor) {
	after, ok := api.Count(c.value)
	switch {
	case !c.given:
	case !ok || after > f.at.LastSeq:
		f.out.resync(f.at.LastSeq)
	default:
		f.sent = after
	}
}

func (f *follower) run(ctx context.Context) error {
	alarms := f.newAlarms()
	defer alarms.stop()
	for f.wait(ctx, alarms) {
		finished, err := f.step(ctx)
		if err != nil {
			return f.unexpected(ctx, err)
		}
		if finished {
			return nil
		}
	}
	return nil
}

// step makes one move. Segments go before the status that was read with
// them, and done comes last.
func (f *follower) step(ctx context.Context) (finished bool, err error) {
	switch {
	case f.sent < f.at.LastSeq:
		err = f.tolerate(f.sendPage(ctx))
	case f.seen != f.at.Status:
		f.sendStatus()
	case f.final:
		f.out.done(f.at)
		return true, nil
	default:
		err = f.tolerate(f.look(ctx))
	}
	f.out.flush()
	return f.out.err != nil, err
}

func (f *follower) sendPage(ctx context.Context) error {
	page, err := f.segments(ctx, f.sent, pageSegments)
	if err != nil {
		return err
	}
	for _, line := range page.Lines {
		f.out.segment(line)
		f.sent = line.Seq
	}
	f.advance(page.State, table.Consistent)
	return nil
}

// sendStatus names every change, also one that was over between two looks: a
// session that has completed was processing before.
func (f *follower) sendStatus() {
	if f.seen == session.InProgress && f.at.Status == session.Completed {
		f.out.status(session.Processing)
	}
	f.out.status(f.at.Status)
	f.seen, f.news = f.at.Status, time.Now()
}

// look reads the state: cheaply while the session goes on, and once
// consistently when it has ended.
func (f *follower) look(ctx context.Context) error {
	c := table.Eventual
	if f.at.Status.Terminal() {
		c = table.Consistent
	}
	st, err := f.state(ctx, c)
	if err != nil {
		return err
	}
	f.advance(st, c)
	return nil
}

// advance takes over what was read, unless it is older than what is known:
// eventual reads may lag.
func (f *follower) advance(st capture.State, c table.Consistency) {
	if st.LastSeq > f.at.LastSeq {
		f.at.LastSeq, f.news = st.LastSeq, time.Now()
	}
	if order(st.Status) >= order(f.at.Status) {
		f.at.Status = st.Status
		f.final = c == table.Consistent && st.Status.Terminal()
	}
}

func order(s session.Status) int {
	switch {
	case s.Terminal():
		return 2
	case s == session.Processing:
		return 1
	}
	return 0
}

// tolerate waits for what may pass by itself.
func (f *follower) tolerate(err error) error {
	f.weak = table.Retryable(err) || errs.Is(err, errs.Unavailable)
	if f.weak {
		return nil
	}
	return err
}

// unexpected returns err unless it only says that the stream is over: the
// session was deleted, the key lost its scope, or the reader left.
func (f *follower) unexpected(ctx context.Context, err error) error {
	over := errs.Is(err, errs.NotFound) || errs.Is(err, errs.PermissionDenied)
	if over || errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return err
}
