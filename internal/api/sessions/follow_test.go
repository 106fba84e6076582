package sessions

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/errs"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/table"
)

// script is a session whose states over time are given; its segments are
// numbered lines.
type script struct {
	begun  time.Time
	states []at
	stale  time.Duration // how far eventual reads lag
	reads  int
	errs   []error // of the next reads
	pages  int
}

type at struct {
	after time.Duration
	capture.State
}

func (s *script) now(lag time.Duration) capture.State {
	st := s.states[0].State
	for _, a := range s.states {
		if time.Since(s.begun)-lag >= a.after {
			st = a.State
		}
	}
	return st
}

func (s *script) state(_ context.Context, c table.Consistency) (capture.State, error) {
	s.reads++
	if len(s.errs) > 0 && s.reads > 1 {
		err := s.errs[0]
		s.errs = s.errs[1:]
		if err != nil {
			return capture.State{}, err
		}
	}
	if c == table.Eventual {
		return s.now(s.stale), nil
	}
	return s.now(0), nil
}

func (s *script) segments(_ context.Context, after int64, limit int) (capture.SegmentPage, error) {
	s.pages++
	page := capture.SegmentPage{State: s.now(0)}
	for seq := after + 1; seq <= page.LastSeq && len(page.Lines) < limit; seq++ {
		page.Lines = append(page.Lines, capture.Line{Seq: seq, JSON: fmt.Appendf(nil, `{"seq":%d}`, seq)})
	}
	page.HasMore = after+int64(len(page.Lines)) < page.LastSeq
	return page, nil
}

// follow runs the script to the end of its stream and returns what was sent.
func (s *script) follow(ctx context.Context, streams Streams, c cursor) (string, error) {
	s.begun = time.Now()
	w := httptest.NewRecorder()
	streams = streams.withDefaults()
	f := &follower{Streams: streams, out: newEvents(w, streams.Write), feed: feed{
		state: s.state, segments: s.segments, verify: func(context.Context) error { return nil },
	}}
	err := f.follow(ctx, c)
	return w.Body.String(), err
}

// short makes a stream readable: one word per event.
func short(stream string) []string {
	var out []string
	for _, event := range strings.Split(strings.TrimSuffix(stream, "\n\n"), "\n\n") {
		event = strings.NewReplacer("\nevent: segment\ndata: ", " ", "event: ", "", "\ndata: ", " ").Replace(event)
		out = append(out, event)
	}
	return out
}

func state(status session.Status, last int64) capture.State {
	return capture.State{Status: status, LastSeq: last}
}

func TestFollowLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{states: []at{
			{0, state(session.InProgress, 1)},
			{3 * time.Second, state(session.InProgress, 3)},
			{12 * time.Second, state(session.Processing, 4)},
			{13 * time.Second, state(session.Completed, 4)},
		}}
		got, err := s.follow(t.Context(), Streams{}, cursor{})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			"retry: 2000", `status {"status":"in_progress"}`, `id: 1 {"seq":1}`,
			`id: 2 {"seq":2}`, `id: 3 {"seq":3}`, ": heartbeat",
			`id: 4 {"seq":4}`, `status {"status":"processing"}`,
			`status {"status":"completed"}`, "retry: 3600000\ndone " + `{"status":"completed","last_seq":4}`,
		}
		if diff := cmp.Diff(want, short(got)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestSegmentOnTheWire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{states: []at{{0, state(session.Cancelled, 1)}}}
		got, err := s.follow(t.Context(), Streams{}, cursor{})
		want := "retry: 2000\n\nevent: status\ndata: {\"status\":\"cancelled\"}\n\n" +
			"id: 1\nevent: segment\ndata: {\"seq\":1}\n\nretry: 3600000\nevent: done\ndata: {\"status\":\"cancelled\",\"last_seq\":1}\n\n"
		if got != want || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		if time.Since(s.begun) != 0 {
			t.Error("a session that has ended was waited for")
		}
	})
}

func TestCursors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		all := []string{`id: 1 {"seq":1}`, `id: 2 {"seq":2}`}
		for value, want := range map[string][]string{
			"0": all, "1": all[1:], "2": {}, "002": {},
			"3": append([]string{`resync {"last_seq":2}`}, all...), "-1": append([]string{`resync {"last_seq":2}`}, all...),
			"": append([]string{`resync {"last_seq":2}`}, all...), "1.0": append([]string{`resync {"last_seq":2}`}, all...),
			"99999999999999999999": append([]string{`resync {"last_seq":2}`}, all...),
		} {
			s := &script{states: []at{{0, state(session.Completed, 2)}}}
			got, err := s.follow(t.Context(), Streams{}, cursor{value, true})
			events := short(got)
			if err != nil || len(events) < 3 {
				t.Fatal(got, err)
			}
			if diff := cmp.Diff(want, events[2:len(events)-1]); diff != "" {
				t.Errorf("%q: %s", value, diff)
			}
		}
	})
}

// Eventual reads that lag neither repeat a status nor hide segments from the
// reader before done.
func TestLaggingReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{stale: 5 * time.Second, states: []at{
			{0, state(session.InProgress, 0)},
			{time.Second, state(session.InProgress, 1)},
			{2 * time.Second, state(session.Processing, 2)},
			{20 * time.Second, state(session.Completed, 2)},
		}}
		got, err := s.follow(t.Context(), Streams{Heartbeat: time.Hour}, cursor{})
		want := []string{
			"retry: 2000", `status {"status":"in_progress"}`, `id: 1 {"seq":1}`, `id: 2 {"seq":2}`,
			`status {"status":"processing"}`, `status {"status":"completed"}`, "retry: 3600000\ndone " + `{"status":"completed","last_seq":2}`,
		}
		if diff := cmp.Diff(want, short(got)); diff != "" || err != nil {
			t.Error(diff, err)
		}
	})
}

func TestLongBacklogIsReadInPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{states: []at{{0, state(session.Completed, 2*pageSegments+1)}}}
		got, err := s.follow(t.Context(), Streams{}, cursor{})
		events := short(got)
		if err != nil || len(events) != 2*pageSegments+1+3 || s.pages != 3 {
			t.Errorf("%d events in %d pages, %v", len(events), s.pages, err)
		}
		for i, event := range events[2 : len(events)-1] {
			if want := fmt.Sprintf(`id: %d {"seq":%d}`, i+1, i+1); event != want {
				t.Fatalf("event %d is %s", i, event)
			}
		}
	})
}

func TestPollingSlowsDownInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{states: []at{{0, state(session.InProgress, 0)}}}
		if _, err := s.follow(t.Context(), Streams{Most: 60*time.Second + time.Millisecond}, cursor{}); err != nil {
			t.Fatal(err)
		}
		// 4 reads a second for 30 seconds, 1 a second after that.
		if s.reads < 145 || s.reads > 155 {
			t.Errorf("%d reads in a minute", s.reads)
		}
	})
}

func TestStreamsEndWithoutDone(t *testing.T) {
	live := []at{{0, state(session.InProgress, 1)}}
	closed := make(chan struct{})
	for name, c := range map[string]struct {
		streams Streams
		errs    []error
		verify  error
		cancel  time.Duration
		lasts   time.Duration
		wantErr bool
	}{
		"at its limit":        {streams: Streams{Most: 7 * time.Second}, lasts: 7 * time.Second},
		"when the host stops": {streams: Streams{Drain: closed}, lasts: 5 * time.Second},
		"when deleted":        {errs: []error{nil, errs.New(errs.NotFound, "gone")}, lasts: 500 * time.Millisecond},
		"when revoked":        {verify: errs.New(errs.Unauthenticated, "revoked"), lasts: time.Minute},
		"without its scope":   {verify: errs.New(errs.PermissionDenied, "no scope"), lasts: time.Minute},
		"when left":           {cancel: 9 * time.Second, lasts: 9 * time.Second},
		"when the table fails": {
			errs: []error{nil, errors.New("disk on fire")}, lasts: 500 * time.Millisecond, wantErr: true,
		},
		"but not when throttled": {
			errs: []error{table.ErrThrottled, errs.New(errs.Unavailable, "busy"), errs.New(errs.NotFound, "gone")}, lasts: 2250 * time.Millisecond,
		},
		"but not when the key cannot be looked up": {
			verify: errors.New("disk on fire"), streams: Streams{Most: 3 * time.Minute}, lasts: 3 * time.Minute,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.cancel > 0 {
					time.AfterFunc(c.cancel, cancel)
				}
				if c.streams.Drain != nil {
					drain := make(chan struct{})
					c.streams.Drain = drain
					time.AfterFunc(5*time.Second, func() { close(drain) })
				}
				s := &script{begun: time.Now(), states: live, errs: c.errs}
				w := httptest.NewRecorder()
				streams := c.streams.withDefaults()
				f := &follower{Streams: streams, out: newEvents(w, streams.Write), feed: feed{
					state: s.state, segments: s.segments, verify: func(context.Context) error { return c.verify },
				}}
				if err := f.follow(ctx, cursor{}); (err != nil) != c.wantErr {
					t.Error(err)
				}
				if took := time.Since(s.begun); took != c.lasts {
					t.Errorf("took %v, want %v", took, c.lasts)
				}
				if got := w.Body.String(); strings.Contains(got, "done") || !strings.Contains(got, "id: 1") {
					t.Error(got)
				}
			})
		})
	}
}

func TestFirstReadFailsAsAWhole(t *testing.T) {
	s := &script{}
	w := httptest.NewRecorder()
	f := &follower{Streams: Streams{}.withDefaults(), out: newEvents(w, time.Second), feed: feed{
		state: func(context.Context, table.Consistency) (capture.State, error) {
			return capture.State{}, errs.New(errs.NotFound, "gone")
		},
		segments: s.segments,
	}}
	if err := f.follow(t.Context(), cursor{}); !errs.Is(err, errs.NotFound) || w.Body.Len() > 0 {
		t.Errorf("%v, after %q", err, w.Body)
	}
}

// broken is a reader whose connection fails after some bytes.
type broken struct {
	*httptest.ResponseRecorder
	left int
}

func (b *broken) Write(p []byte) (int, error) {
	b.left -= len(p)
	if b.left < 0 {
		return 0, errors.New("write: deadline exceeded")
	}
	return b.ResponseRecorder.Write(p)
}

func (b *broken) Unwrap() http.ResponseWriter { return b.ResponseRecorder }

func TestADroppedReaderEndsItsStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{begun: time.Now(), states: []at{{0, state(session.InProgress, 3)}}}
		w := &broken{httptest.NewRecorder(), 120}
		f := &follower{Streams: Streams{}.withDefaults(), out: newEvents(w, time.Second), feed: feed{state: s.state, segments: s.segments}}
		if err := f.follow(t.Context(), cursor{}); err != nil {
			t.Error(err)
		}
		if got := w.Body.String(); !strings.Contains(got, "id: 1") || strings.Contains(got, "id: 3") {
			t.Error(got)
		}
		if s.pages != 1 {
			t.Errorf("%d pages for a reader that is gone", s.pages)
		}
	})
}

// A stream that is woken is on its way at once, however seldom it polls.
func TestFollowIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{begun: time.Now(), states: []at{
			{0, state(session.InProgress, 1)},
			{3 * time.Second, state(session.InProgress, 2)},
			{7 * time.Second, state(session.Completed, 2)},
		}}
		changed := make(chan struct{}, 1)
		for _, a := range s.states[1:] {
			time.AfterFunc(a.after, func() { changed <- struct{}{} })
		}
		w := httptest.NewRecorder()
		f := &follower{
			Streams: Streams{Poll: time.Hour, SlowPoll: time.Hour}.withDefaults(), out: newEvents(w, time.Second),
			feed: feed{state: s.state, segments: s.segments, changed: changed},
		}
		if err := f.follow(t.Context(), cursor{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(s.begun); took != 7*time.Second {
			t.Errorf("the stream took %v", took)
		}
		if got := short(w.Body.String()); len(got) != 7 || !strings.Contains(got[6], "\ndone ") {
			t.Errorf("the stream was %q", got)
		}
	})
}
