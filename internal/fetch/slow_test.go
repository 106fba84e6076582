package fetch

import (
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// dribble sends so many bytes after each pause, until all are sent.
type dribble struct {
	bytes int
	pause time.Duration
	left  int
}

func (d *dribble) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	time.Sleep(d.pause)
	n := min(d.bytes, d.left, len(p))
	d.left -= n
	return n, nil
}

func (*dribble) Close() error { return nil }

// TestSlowServers has servers dribble: they are let go within a minute, unless
// all that they send comes in that time. The time is a bubble's.
func TestSlowServers(t *testing.T) {
	tests := []struct {
		name   string
		body   dribble
		reader time.Duration // what its reader needs between reads
		cut    bool
	}{
		{"a byte every ten seconds", dribble{1, 10 * time.Second, 1000}, 0, true},
		{"a byte just before it would be a stall", dribble{1, DefaultIdle - time.Second, 1000}, 0, true},
		{"a packet a second", dribble{1400, time.Second, 10 << 20}, 0, true},
		{"few bytes, soon over", dribble{1, time.Second, 15}, 0, false},
		{"as slow as may be", dribble{MinBytesPerSecond, time.Second, 1 << 20}, 0, false},
		{"slowly read", dribble{4 << 10, time.Millisecond, 1 << 20}, 5 * time.Second, false},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			w := newWatch(t.Context(), 2*time.Hour, DefaultIdle)
			w.opened()
			size := test.body.left
			body := &limited{body: &test.body, watch: w, left: DefaultMaxBytes, max: DefaultMaxBytes}
			begin, got, p := time.Now(), 0, make([]byte, 32<<10)
			var err error
			for err == nil {
				var n int
				n, err = body.Read(p)
				got += n
				time.Sleep(test.reader)
			}
			took := time.Since(begin)
			if err := body.Close(); err != nil {
				t.Error(err)
			}
			if !test.cut && (err != io.EOF || got != size) {
				t.Errorf("%s: %d of %d bytes, %v", test.name, got, size, err)
			}
			if test.cut {
				wantCode(t, err, Unreachable)
				if took > time.Minute {
					t.Errorf("%s: it held its fetcher for %v", test.name, took)
				}
			}
		})
	}
}

// TestSlowAfterAFastBeginning has a server stop to hurry when much has come.
func TestSlowAfterAFastBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatch(t.Context(), DefaultTimeout, DefaultIdle)
		w.opened()
		body := &limited{body: io.NopCloser(io.MultiReader(&dribble{64 << 10, time.Millisecond, 100 << 20}, &dribble{1, time.Second, 1000})),
			watch: w, left: DefaultMaxBytes, max: DefaultMaxBytes}
		begin := time.Now()
		n, err := io.Copy(io.Discard, body)
		wantCode(t, err, Unreachable)
		if took := time.Since(begin); n < 100<<20 || took > time.Minute {
			t.Errorf("%d bytes in %v", n, took)
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestOpeningEnds has a fetch wait for an answer for a minute, whatever each part
// of it may take.
func TestOpeningEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatch(t.Context(), DefaultTimeout, DefaultIdle)
		defer w.stop()
		begin := time.Now()
		<-w.ctx.Done()
		err := w.explain(errors.New("cut off"))
		wantCode(t, err, Unreachable)
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}
