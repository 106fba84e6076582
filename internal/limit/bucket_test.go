package limit

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var start = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// taking is what was taken at a time.
type taking struct {
	at     time.Time
	amount Amount
}

// checkWindows fails where more was taken in a window than its time and a full
// bucket give.
func checkWindows(t *testing.T, rate Amount, all []taking, tolerance float64) {
	t.Helper()
	for i := range all {
		var sum Amount
		for j := i; j < len(all); j++ {
			sum = sum.plus(all[j].amount)
			if j+1 < len(all) && all[j+1].at.Equal(all[j].at) {
				continue
			}
			window := all[j].at.Sub(all[i].at)
			allowed := burst(rate).plus(rate.times(window.Seconds()))
			for d := range sum {
				if sum[d] > allowed[d]*(1+tolerance)+1e-6 {
					t.Fatalf("%v of dimension %d in %v, with %v a second; allowed are %v", sum[d], d, window, rate[d], allowed[d])
				}
			}
		}
	}
}

// schedule is a series of pauses: bursts, a steady stream, long silences.
func schedule(r *rand.Rand) time.Duration {
	switch r.IntN(8) {
	case 0:
		return time.Duration(r.Int64N(int64(2 * Span)))
	case 1, 2:
		return time.Duration(r.Int64N(int64(time.Second)))
	}
	return 0
}

// Under no schedule is more taken in any window than the rate gives in its time
// and a full bucket holds.
func TestBucketKeepsToItsRate(t *testing.T) {
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		rate := Amount{0.5 + r.Float64()*10, 1 + r.Float64()*100, 1 + r.Float64()*100}
		var b bucket
		var all []taking
		now := start
		for range 400 {
			now = now.Add(schedule(r))
			cost := Amount{1, r.Float64() * 20 * rate[Reads], r.Float64() * 20 * rate[Writes]}
			b.refill(rate, now)
			if b.wait(rate, needed(rate, cost, Amount{})) == 0 {
				b.level = b.level.minus(cost)
				all = append(all, taking{now, cost})
			}
		}
		checkWindows(t, rate, all, 0)
	}
}

// Who comes back after the time that he was told is served, and a moment
// before he is not.
func TestBucketSaysWhenToComeBack(t *testing.T) {
	rate := Amount{2, 10, 30}
	for _, test := range []struct {
		name  string
		level Amount
		cost  Amount
		wait  time.Duration
	}{
		{"there is enough", Amount{1, 5, 5}, Amount{1, 5, 5}, 0},
		{"one dimension is short", Amount{5, 5, 5}, Amount{1, 5, 35}, time.Second},
		{"the longest wait counts", Amount{0, -15, 5}, Amount{1, 5, 35}, 2 * time.Second},
		{"what it does not cost may be short", Amount{5, 5, -500}, Amount{1, 5, 0}, 0},
		{"dearer than a full bucket", Amount{120, 600, 1770}, Amount{1, 0, 1e6}, time.Second},
		{"dearer than a full bucket, which is full", Amount{120, 600, 1800}, Amount{1, 0, 1e6}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := bucket{level: test.level, at: start}
			if got := b.wait(rate, needed(rate, test.cost, Amount{})); got != test.wait {
				t.Fatalf("%v, want %v", got, test.wait)
			}
			if test.wait == 0 {
				return
			}
			b.refill(rate, start.Add(test.wait-time.Millisecond))
			if b.wait(rate, needed(rate, test.cost, Amount{})) == 0 {
				t.Error("served too early")
			}
			b.refill(rate, start.Add(test.wait))
			if got := b.wait(rate, needed(rate, test.cost, Amount{})); got > time.Microsecond {
				t.Errorf("after %v it still takes %v", test.wait, got)
			}
		})
	}
}

// A clock that is set back fills nothing twice, and starves nobody for longer
// than a bucket takes to fill.
func TestBucketAndClockThatIsSetBack(t *testing.T) {
	rate := Amount{1, 1, 1}
	empty := func() *bucket { return &bucket{at: start} }
	for _, test := range []struct {
		name  string
		times []time.Duration
		want  float64
	}{
		{"a little, and on again", []time.Duration{-5 * time.Second, 0, 5 * time.Second}, 5},
		{"again and again", []time.Duration{2 * time.Second, 0, 2 * time.Second, 0, 2 * time.Second}, 2},
		{"by an hour", []time.Duration{-time.Hour, -time.Hour + 10*time.Second}, 10},
	} {
		b := empty()
		for _, at := range test.times {
			b.refill(rate, start.Add(at))
		}
		if math.Abs(b.level[Requests]-test.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", test.name, b.level[Requests], test.want)
		}
	}
}

// A lower rate holds at once, and a higher one fills a bucket that is empty.
func TestBucketWithAnotherRate(t *testing.T) {
	var b bucket
	b.refill(Amount{10, 10, 10}, start)
	b.refill(Amount{1, 1, 1}, start)
	if b.level != (Amount{60, 60, 60}) {
		t.Errorf("after it was lowered: %v", b.level)
	}
	b.level = Amount{}
	b.refill(Amount{100, 100, 100}, start.Add(time.Second))
	if b.level != (Amount{100, 100, 100}) {
		t.Errorf("after it was raised: %v", b.level)
	}
}

func TestNearestIsOfWhichTheLeastRemains(t *testing.T) {
	s := State{Limit: Amount{60, 600, 6000}, Remaining: Amount{30, 299, 6000}}
	if d := s.Nearest(); d != Reads {
		t.Error(d)
	}
}
