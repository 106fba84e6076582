package capture_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/lifecycle"
	"griot/internal/session/sessiontest"
	"griot/internal/session/upload"
	"griot/internal/table"
	"griot/internal/transcript"
)

// texts returns a source's texts in seq order and checks seq and ranges.
func texts(t testing.TB, svc *lifecycle.Service, p access.Principal, id, source string) (out []string) {
	t.Helper()
	_, segs, err := svc.Capture.AllSegments(t.Context(), p, id)
	sessiontest.OK(t, err)
	next := int64(0)
	for i, seg := range segs {
		if seg.Seq != int64(i+1) || seg.Range[0] != next || seg.Range[1] != next+int64(len(seg.Text))-1 {
			t.Fatalf("segment %d = %+v, want its range to begin at %d", i, seg, next)
		}
		next = seg.Range[1] + 2
		if seg.SpeakerName() == source {
			out = append(out, seg.Text)
		}
	}
	return out
}

func TestAppendRepeatsAndOverlaps(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	for _, tc := range []struct{ from, to, accepted int }{
		{0, 10, 10}, {0, 10, 0}, {5, 15, 5}, {100, 110, 10}, {0, 120, 95}, {119, 120, 0},
	} {
		got, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", tc.from, tc.to), nil)
		sessiontest.OK(t, err)
		if got.Accepted != tc.accepted || got.Duplicates != tc.to-tc.from-tc.accepted {
			t.Errorf("%d to %d: %+v, want %d accepted", tc.from, tc.to, got, tc.accepted)
		}
	}
	if got := texts(t, svc, p, id, "a"); len(got) != 120 {
		t.Errorf("%d segments, want 120", len(got))
	}
}

func TestAppendRefusesAnotherText(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	_, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", 0, 3), nil)
	sessiontest.OK(t, err)
	other := sessiontest.Batch("a", 0, 5)
	other.Segments[1].Text = "something else"
	if _, err := svc.Capture.Append(t.Context(), p, id, other, nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("another text for a known client_seq: %v", err)
	}
	twice := capture.AppendInput{Segments: []capture.Incoming{sessiontest.Incoming("", 7), sessiontest.Incoming("", 7)}}
	got, err := svc.Capture.Append(t.Context(), p, id, twice, nil)
	if err != nil || got.Accepted != 1 || got.Duplicates != 1 {
		t.Errorf("the same twice in one batch: %+v, %v", got, err)
	}
	twice.Segments[1].Text = "other"
	twice.Segments[0].ClientSeq, twice.Segments[1].ClientSeq = 8, 8
	if _, err := svc.Capture.Append(t.Context(), p, id, twice, nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("two texts for one client_seq in one batch: %v", err)
	}
	if got := texts(t, svc, p, id, "a"); len(got) != 3 {
		t.Errorf("%d segments of a, want 3", len(got))
	}
}

func TestAppendSpread(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	var in capture.AppendInput
	for i := range 65 {
		in.Segments = append(in.Segments, sessiontest.Incoming("", i*64))
	}
	if _, err := svc.Capture.Append(t.Context(), p, id, in, nil); !errs.Is(err, errs.FailedPrecondition) {
		t.Errorf("65 blocks: %v", err)
	}
	in.Segments = in.Segments[:64]
	_, err := svc.Capture.Append(t.Context(), p, id, in, nil)
	sessiontest.OK(t, err)
}

func TestAppendToEnded(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	_, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", 0, 2), nil)
	sessiontest.OK(t, err)
	_, err = svc.Cancel(t.Context(), p, id, nil)
	sessiontest.OK(t, err)
	got, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", 0, 2), nil)
	if err != nil || got.Duplicates != 2 || got.LastSeq != 2 {
		t.Errorf("known segments after the end: %+v, %v", got, err)
	}
	if _, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", 0, 3), nil); !errs.Is(err, errs.Conflict) {
		t.Errorf("a new segment after the end: %v", err)
	}
}

// TestAppendConcurrently has two sources send overlapping batches in random
// order, each from several connections at once.
func TestAppendConcurrently(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	var wg sync.WaitGroup
	for _, source := range []string{"mic#1", "mic"} {
		for range 3 {
			wg.Go(func() {
				for _, at := range rand.Perm(20) {
					retry(t, func() error {
						_, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch(source, at*5, at*5+8), nil)
						return err
					})
				}
			})
		}
	}
	wg.Wait()
	for _, source := range []string{"mic#1", "mic"} {
		got := texts(t, svc, p, id, source)
		slices.Sort(got)
		if len(got) != 103 || len(slices.Compact(got)) != 103 {
			t.Errorf("%s has %d segments, want 103 different ones", source, len(got))
		}
	}
}

// retry repeats what the service asks to repeat.
func retry(t *testing.T, do func() error) {
	for {
		err := do()
		if !errs.Is(err, errs.Unavailable) {
			if err != nil {
				t.Error(err)
			}
			return
		}
	}
}

// TestAppendCostsTheSame compares the first append with one to a session of
// 10,000 segments.
func TestAppendCostsTheSame(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	cost := func(from int) table.Totals {
		var u table.Usage
		_, err := svc.Capture.Append(table.WithUsage(t.Context(), &u), p, id, sessiontest.Batch("a", from, from+1), nil)
		sessiontest.OK(t, err)
		return u.Totals()
	}
	first := cost(0)
	for from := 64; from < 10_048; from += 416 {
		_, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", from, from+416), nil)
		sessiontest.OK(t, err)
	}
	last := cost(64 * 1000)
	if first.ReadUnits != last.ReadUnits || first.WriteUnits != last.WriteUnits || first.Reads != last.Reads {
		t.Errorf("the first append cost %+v, one behind 10,000 segments %+v", first, last)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 50, 500} {
		b.Run(fmt.Sprintf("segments=%d", size), func(b *testing.B) {
			svc, p := sessiontest.New(b)
			id := sessiontest.Live(b, svc, p)
			var u table.Usage
			ctx := table.WithUsage(b.Context(), &u)
			n := 0
			for b.Loop() {
				if n+size > int(quota.SessionSegments.Default()) {
					b.StopTimer()
					id, n = sessiontest.Live(b, svc, p), 0
					b.StartTimer()
				}
				_, err := svc.Capture.Append(ctx, p, id, sessiontest.Batch("a", n, n+size), nil)
				sessiontest.OK(b, err)
				n += size
			}
			b.ReportMetric(u.Totals().ReadUnits/float64(b.N), "RU/op")
			b.ReportMetric(u.Totals().WriteUnits/float64(b.N), "WU/op")
		})
	}
}

// between runs a function once, after a head and before blocks are read.
type between struct {
	table.Store
	run func()
}

func (b *between) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	if run := b.run; run != nil {
		b.run = nil
		run()
	}
	return b.Store.BatchGet(ctx, keys, c)
}

// A batch that another request has just made known is answered with what is
// stored by then: a file that two workers keep at once was taken for one that
// two versions had read, and its session failed.
func TestAppendBesideItsTwin(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	twin := sessiontest.Twin(svc)
	svc.Sessions.Table = &between{svc.Sessions.Table, func() {
		_, err := twin.Capture.Append(t.Context(), p, id, sessiontest.Batch("mic", 0, 5), nil)
		sessiontest.OK(t, err)
	}}
	got, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("mic", 0, 5), nil)
	want := capture.Appended{SessionID: id, Duplicates: 5, LastSeq: 5}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}

func TestKeepBesideItsTwin(t *testing.T) {
	svc, p := sessiontest.New(t)
	size := int64(4)
	up, err := svc.Uploads.CreateUpload(t.Context(), p, upload.UploadInput{SizeBytes: &size}, nil)
	sessiontest.OK(t, err)
	s, err := svc.Create(t.Context(), p, session.CreateInput{Template: "open_exploration", Title: "File", UploadURL: up.Request.URL}, nil)
	sessiontest.OK(t, err)
	turns := make([]transcript.Turn, 7)
	for i := range turns {
		turns[i] = sessiontest.Incoming("file", i).Turn
	}
	twin := sessiontest.Twin(svc)
	svc.Sessions.Table = &between{svc.Sessions.Table, func() { sessiontest.OK(t, twin.Capture.Keep(t.Context(), s.Ref(), turns)) }}
	sessiontest.OK(t, svc.Capture.Keep(t.Context(), s.Ref(), turns))
	if err := svc.Capture.Keep(t.Context(), s.Ref(), turns[:6]); !errs.Is(err, errs.Conflict) {
		t.Errorf("a file with fewer turns than are stored: %v", err)
	}
}
