package table

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestItemSize(t *testing.T) {
	sizes := []struct {
		attrs Attrs
		want  int
	}{
		{nil, 0},
		{Attrs{"name": ""}, 4},
		{Attrs{"é": "日本"}, 2 + 6},
		{Attrs{"b": make([]byte, 1000)}, 1001},
		{Attrs{"n": int64(0)}, 1 + 1},
		{Attrs{"n": int64(99)}, 1 + 2},
		{Attrs{"n": int64(-100)}, 1 + 3},
		{Attrs{"n": int64(12345)}, 1 + 4},
		{Attrs{"n": int64(math.MinInt64)}, 1 + 12},
		{Attrs{"a": "x", "b": int64(1)}, 2 + 3},
	}
	const key = len("pk" + "part" + "sk" + "sort")
	for _, s := range sizes {
		item := Item{Key: Key{PK: "part", SK: "sort"}, Attrs: s.attrs}
		if got := item.Size(); got != key+s.want {
			t.Errorf("%v: %d bytes, want %d", s.attrs, got, key+s.want)
		}
	}
}

func TestUnits(t *testing.T) {
	for size, want := range map[int]float64{0: 1, 1: 1, 4096: 1, 4097: 2, MaxItem: 100} {
		if got := ReadUnits(size, Consistent); got != want {
			t.Errorf("reading %d bytes: %v units, want %v", size, got, want)
		}
		if got := ReadUnits(size, Eventual); got != want/2 {
			t.Errorf("reading %d bytes eventually: %v units, want %v", size, got, want/2)
		}
	}
	for _, w := range []struct{ before, after, want int }{{0, 0, 1}, {0, 1024, 1}, {1025, 10, 2}, {10, 1025, 2}, {0, MaxItem, 400}} {
		if got := WriteUnits(w.before, w.after); got != float64(w.want) {
			t.Errorf("writing %d over %d bytes: %v units, want %d", w.after, w.before, got, w.want)
		}
	}
}

// Sentences reach logs: they must not carry what a tenant stored.
func TestLimitSentencesHoldNoContent(t *testing.T) {
	secret := strings.Repeat("secret", 200)
	key := Key{Table: Sessions, PK: "p", SK: "s"}
	errs := []error{
		Key{Table: Sessions, PK: secret, SK: secret}.Validate(),
		Key{Table: Sessions, PK: secret + "\xff", SK: "s"}.Validate(),
		ValidateWrite(Put(key, Attrs{"a": secret + "\xff"})),
		ValidateWrite(Put(key, Attrs{"a": []string{secret}})),
		ValidateWrite(Put(key, nil, Equal("a", secret+"\xff"))),
		ValidateBatchGet([]Key{key, key}),
		Query{Table: Sessions, PK: "p", From: "t", To: "secret"}.Validate(),
	}
	for i, err := range errs {
		if !errors.Is(err, ErrLimit) {
			t.Errorf("%d: got error %v, want ErrLimit", i, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%d: the sentence holds content: %v", i, err)
		}
	}
}

func TestRetry(t *testing.T) {
	other := errors.New("other")
	tests := []struct {
		name    string
		answers []error // the last one repeats
		calls   int
		want    error
	}{
		{"success", []error{nil}, 1, nil},
		{"success after conflicts", []error{ErrConflict, ErrThrottled, nil}, 3, nil},
		{"another error", []error{ErrConflict, other}, 2, other},
		{"too many", []error{ErrConflict}, 5, ErrConflict},
		{"a failed condition", []error{&ConditionError{}}, 1, ErrCondition},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				calls := 0
				err := Retry(t.Context(), 5, func() error {
					calls++
					return tt.answers[min(calls, len(tt.answers))-1]
				})
				if calls != tt.calls || !errors.Is(err, tt.want) {
					t.Errorf("%d calls and error %v, want %d and %v", calls, err, tt.calls, tt.want)
				}
			})
		})
	}
}

// However many tries there may be, none begins after retryTime.
func TestRetriesAreBoundedInTime(t *testing.T) {
	for name, slow := range map[string]time.Duration{"a quick refusal": 0, "a slow refusal": 2500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun, last := time.Now(), time.Time{}
				err := Retry(t.Context(), math.MaxInt, func() error {
					last = time.Now()
					time.Sleep(slow)
					return ErrThrottled
				})
				if !errors.Is(err, ErrThrottled) {
					t.Errorf("got error %v", err)
				}
				if began := last.Sub(begun); began > retryTime+retryBase<<6 || began < retryTime-slow-retryBase<<6 {
					t.Errorf("the last try began after %v", began)
				}
			})
		})
	}
}

func TestRetryEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		err := Retry(ctx, math.MaxInt, func() error { return ErrConflict })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want DeadlineExceeded", err)
		}
	})
}
