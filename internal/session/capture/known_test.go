package capture_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"griot/internal/errs"
	"griot/internal/session/capture"
	"griot/internal/session/sessiontest"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// TestKnownForEver has sources say things in any order, again, and in batches of
// any size, against a map of what was said. Whether the head or a row knows it, each
// is stored once, and another text for it is refused with all of its batch.
func TestKnownForEver(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			svc, p := sessiontest.New(t)
			id, r := sessiontest.Live(t, svc, p), rand.New(rand.NewPCG(seed, 17))
			sources := []string{"", "mic", strings.Repeat("é", 32)}
			said := map[string]bool{}
			next := map[string]int{}
			one := func(source string) int {
				if r.IntN(4) > 0 { // as most clients count
					next[source]++
					return next[source]
				}
				return r.IntN(64 * 50)
			}
			for range 200 {
				source := sources[r.IntN(len(sources))]
				in, fresh := capture.AppendInput{Source: source}, map[string]bool{}
				for range 1 + r.IntN(3)*r.IntN(3)*r.IntN(12) {
					seg := sessiontest.Incoming(source, one(source))
					in.Segments = append(in.Segments, seg)
					if !said[seg.Text] {
						fresh[seg.Text] = true
					}
				}
				if seg := &in.Segments[len(in.Segments)-1]; said[seg.Text] {
					seg.Text += " Or not."
					if _, err := svc.Capture.Append(t.Context(), p, id, in, nil); !errs.Is(err, errs.Conflict) {
						t.Fatalf("another text for %d: %v", seg.ClientSeq, err)
					}
					continue
				}
				got, err := svc.Capture.Append(t.Context(), p, id, in, nil)
				sessiontest.OK(t, err)
				if got.Accepted != len(fresh) || got.Accepted+got.Duplicates != len(in.Segments) || got.LastSeq != int64(len(said)+len(fresh)) {
					t.Fatalf("%+v of %d, %d of them new, behind %d", got, len(in.Segments), len(fresh), len(said))
				}
				for text := range fresh {
					said[text] = true
				}
				if size := sessiontest.Rows(t, svc, p, id, "head")[0].Size(); size > 640+160 {
					t.Fatalf("the head has %d bytes", size)
				}
			}
			_, err := svc.Complete(t.Context(), p, id, nil)
			sessiontest.OK(t, err)
			_, segs, err := svc.Capture.AllSegments(t.Context(), p, id)
			sessiontest.OK(t, err)
			again := capture.AppendInput{}
			for _, seg := range segs {
				if n := 0; seg.SpeakerName() == "" && len(again.Segments) < 60 {
					_, err := fmt.Sscanf(seg.Text, " says %d,", &n)
					sessiontest.OK(t, err)
					again.Segments = append(again.Segments, sessiontest.Incoming("", n))
				}
				if !said[seg.Text] {
					t.Errorf("%q is there twice, or was never said", seg.Text)
				}
				delete(said, seg.Text)
			}
			if len(said) > 0 {
				t.Errorf("%d are missing", len(said))
			}
			if got, err := svc.Capture.Append(t.Context(), p, id, again, nil); err != nil || got.Accepted > 0 {
				t.Errorf("after the end: %+v, %v", got, err)
			}
		})
	}
}

// A session that a version without a head that knows has filled is gone on with: a
// batch that the head has no room for leaves what that version left.
func TestKnownOfRowsOnly(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	_, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", 0, 40), nil)
	sessiontest.OK(t, err)
	if head := sessiontest.Rows(t, svc, p, id, "head")[0]; head.Bytes("known") != nil || len(sessiontest.Rows(t, svc, p, id, "dup#")) != 1 {
		t.Fatalf("the head is %v", head)
	}
	for i := 30; i < 64; i++ {
		got, err := svc.Capture.Append(t.Context(), p, id, sessiontest.Batch("a", i, i+2), nil)
		if sessiontest.OK(t, err); got.Accepted+got.Duplicates != 2 || got.LastSeq != int64(max(40, i+2)) {
			t.Fatalf("%d: %+v", i, got)
		}
	}
	if got := texts(t, svc, p, id, "a"); len(got) != 65 {
		t.Errorf("%d segments", len(got))
	}
}

// TestKnownSurvivesEveryFailure fails each write once, in all ways, of appends that
// fill the head, empty it into rows and fill it again, each of them sent until it is
// answered, and once more.
func TestKnownSurvivesEveryFailure(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		svc, p := sessiontest.New(t)
		id := sessiontest.Live(t, svc, p)
		faulty := tabletest.NewFaulty(svc.Sessions.Table)
		svc.Sessions.Table = faulty
		arm(faulty)
		for _, in := range []capture.AppendInput{
			sessiontest.Batch("a", 0, 12), sessiontest.Batch("b", 0, 6), sessiontest.Batch("a", 10, 26), sessiontest.Batch("b", 5, 7), sessiontest.Batch("a", 25, 45), sessiontest.Batch("a", 0, 45), sessiontest.Batch("b", 0, 8),
		} {
			for range 2 {
				retry(t, func() error {
					_, err := svc.Capture.Append(t.Context(), p, id, in, nil)
					if err != nil {
						faulty.Heal()
					}
					return err
				})
			}
		}
		if a, b := texts(t, svc, p, id, "a"), texts(t, svc, p, id, "b"); len(a) != 45 || len(b) != 8 {
			t.Errorf("%d and %d segments", len(a), len(b))
		}
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// A segment at a time, which is what live clients send, costs two rows.
func TestSingleAppendsCostTwoRows(t *testing.T) {
	svc, p := sessiontest.New(t)
	id := sessiontest.Live(t, svc, p)
	var u table.Usage
	for i := range 347 {
		_, err := svc.Capture.Append(table.WithUsage(t.Context(), &u), p, id, sessiontest.Batch("a", i, i+1), nil)
		sessiontest.OK(t, err)
	}
	if units := u.Totals().WriteUnits; units > 347*4.2 {
		t.Errorf("347 segments cost %.0f write units, %.2f each", units, units/347)
	}
}
