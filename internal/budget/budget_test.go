package budget_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"griot/internal/budget"
	"griot/internal/disk"
	"griot/internal/fault"
	"griot/internal/llm"
	"griot/internal/table"
	"griot/internal/table/bolt"
	"griot/internal/table/tabletest"
)

// till is a budget with a clock that the test moves and a model that the test
// speaks for.
type till struct {
	budget.Limit
	faults *tabletest.Faulty
	now    time.Time
	asked  atomic.Int64
	answer func() (llm.Answer, error)
}

func newTill(t *testing.T, perDay int64) *till {
	db, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	w := &till{now: time.Date(2026, 5, 7, 22, 30, 0, 0, time.FixedZone("", 2*3600)), answer: func() (llm.Answer, error) { return llm.Answer{}, nil }}
	now := func() time.Time { return w.now }
	store, err := bolt.New(db, now)
	ok(t, err)
	w.faults = tabletest.NewFaulty(tabletest.NewContended(store, 0))
	w.Limit = budget.Limit{Table: w.faults, Now: now, TokensPerDay: perDay}
	return w
}

func (w *till) ID() string { return "counted" }

func (w *till) Ask(context.Context, llm.Request) (llm.Answer, error) {
	w.asked.Add(1)
	return w.answer()
}

// question may cost 3,000 tokens: 1,500 bytes, 1,000 that services add, and 500
// of the answer.
func question(payer string) llm.Request {
	return llm.Request{Instructions: strings.Repeat("i", 400), Text: strings.Repeat("t", 1000), Schema: []byte(strings.Repeat("s", 100)), MaxTokens: 500, Payer: payer}
}

const most = 3000

func (w *till) ask(t *testing.T, payer string) (llm.Answer, error) {
	return w.Guard(w).Ask(t.Context(), question(payer))
}

// row is what the day of a workspace has: tokens, and reservations that are
// open.
func (w *till) row(t *testing.T, workspace, day string) (tokens int64, open int) {
	t.Helper()
	item, err := w.Table.Get(t.Context(), table.Key{Table: table.Sessions, PK: workspace + "#model", SK: "day#" + day}, table.Consistent)
	if !errors.Is(err, table.ErrNotFound) {
		ok(t, err)
	}
	for name := range item.Attrs {
		if strings.HasPrefix(name, "open#") {
			open++
		}
	}
	return item.Int("tokens"), open
}

func TestWhatIsCounted(t *testing.T) {
	fail := func(e llm.Error) error { e.Cause = errors.New("x"); return &e }
	used := llm.Usage{Input: 40, Output: 2}
	full := llm.Usage{Input: 2500, Output: 500}
	tests := map[string]struct {
		answer llm.Answer
		err    error
		want   llm.Usage
	}{
		"an answer":               {llm.Answer{Usage: used}, nil, used},
		"one without usage":       {llm.Answer{}, nil, full},
		"one with half of it":     {llm.Answer{Usage: llm.Usage{Output: 2}}, nil, llm.Usage{Input: 2500, Output: 2}},
		"more than was thought":   {llm.Answer{Usage: llm.Usage{Input: 9000, Output: 9000}}, nil, llm.Usage{Input: 9000, Output: 9000}},
		"refused, paid":           {llm.Answer{}, fail(llm.Error{Kind: llm.Refused, Usage: used}), used},
		"refused, who knows":      {llm.Answer{}, fail(llm.Error{Kind: llm.Refused}), full},
		"cut off":                 {llm.Answer{}, fail(llm.Error{Kind: llm.CutOff, Usage: used}), used},
		"unreadable":              {llm.Answer{}, fail(llm.Error{Kind: llm.Unreadable}), full},
		"no access":               {llm.Answer{}, fail(llm.Error{Kind: llm.Denied}), llm.Usage{}},
		"too long":                {llm.Answer{}, fail(llm.Error{Kind: llm.TooLong}), llm.Usage{}},
		"throttled":               {llm.Answer{}, fail(llm.Error{Kind: llm.Unavailable}), llm.Usage{}},
		"lost on the way":         {llm.Answer{}, fail(llm.Error{Kind: llm.Unavailable, Lost: true}), full},
		"an error of another way": {llm.Answer{}, errors.New("x"), full},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newTill(t, 100_000)
			w.answer = func() (llm.Answer, error) { return test.answer, test.err }
			a, err := w.ask(t, "ws_a")
			if (err == nil) != (test.err == nil) || llm.KindOf(err) != llm.KindOf(test.err) {
				t.Fatalf("the error is %v", err)
			}
			_, isModels := errors.AsType[*llm.Error](test.err)
			if paid := llm.Paid(a, err); paid != test.want && (err == nil || isModels) {
				t.Errorf("paid %v, want %v", paid, test.want)
			}
			if tokens, open := w.row(t, "ws_a", "2026-05-07"); tokens != test.want.Total() || open != 0 {
				t.Errorf("%d tokens, %d open", tokens, open)
			}
		})
	}
}

func TestSpent(t *testing.T) {
	w := newTill(t, 3*most)
	w.answer = func() (llm.Answer, error) { return llm.Answer{Usage: llm.Usage{Input: most - 1, Output: 1}}, nil }
	for range 3 {
		_, err := w.ask(t, "ws_a")
		ok(t, err)
	}
	_, err := w.ask(t, "ws_a")
	spent, is := errors.AsType[budget.Spent](err)
	if !is || llm.KindOf(err) != llm.Spent || spent.Alone || !spent.Again.Equal(time.Date(2026, 5, 8, 0, 0, 0, 0, time.UTC)) || w.asked.Load() != 3 {
		t.Errorf("asked %d times: %v", w.asked.Load(), err)
	}
	_, err = w.ask(t, "ws_b") // pays for itself
	ok(t, err)
	w.now = spent.Again.Add(-time.Millisecond)
	if _, err = w.ask(t, "ws_a"); llm.KindOf(err) != llm.Spent {
		t.Errorf("before midnight: %v", err)
	}
	w.now = spent.Again
	_, err = w.ask(t, "ws_a")
	ok(t, err)
}

// A request that is dearer than a day is refused on every day.
func TestAlone(t *testing.T) {
	w := newTill(t, most-1)
	_, err := w.ask(t, "ws_a")
	if spent, _ := errors.AsType[budget.Spent](err); !spent.Alone || w.asked.Load() > 0 {
		t.Errorf("asked %d times: %v", w.asked.Load(), err)
	}
	w = newTill(t, most)
	_, err = w.ask(t, "ws_a")
	ok(t, err)
}

func TestNoLimit(t *testing.T) {
	for _, perDay := range []int64{0, -1} {
		w := newTill(t, perDay)
		w.answer = func() (llm.Answer, error) { return llm.Answer{Usage: llm.Usage{Input: 1 << 40, Output: 1}}, nil }
		for range 3 {
			_, err := w.ask(t, "ws_a")
			ok(t, err)
		}
		if tokens, _ := w.row(t, "ws_a", "2026-05-07"); tokens != 0 {
			t.Errorf("%d tokens are counted", tokens)
		}
	}
}

// Requests that are made at once never cost more together than the limit, and
// when all are settled the row says what they have cost.
func TestAtOnce(t *testing.T) {
	const limit = 20 * most
	w := newTill(t, limit)
	var under, worst, paid, refused atomic.Int64
	w.answer = func() (llm.Answer, error) {
		worst.Store(max(worst.Load(), under.Add(1)))
		defer under.Add(-1)
		paid.Add(most / 2)
		return llm.Answer{Usage: llm.Usage{Input: most/2 - 1, Output: 1}}, nil
	}
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			if _, err := w.Guard(w).Ask(t.Context(), question("ws_a")); llm.KindOf(err) == llm.Spent || err != nil && llm.After(err) > 0 {
				refused.Add(1)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	tokens, open := w.row(t, "ws_a", "2026-05-07")
	if tokens != paid.Load() || tokens > limit || open != 0 || worst.Load() > limit/most || w.asked.Load()+refused.Load() != 60 || w.asked.Load() < 20 {
		t.Errorf("%d tokens, %d paid, %d open, %d at once, %d refused", tokens, paid.Load(), open, worst.Load(), refused.Load())
	}
}

// What requests under way have reserved is waited for; what one has left behind
// whose process ended is spent.
func TestWhatIsReserved(t *testing.T) {
	w := newTill(t, most+most/2)
	w.answer = func() (llm.Answer, error) {
		_, err := w.Guard(w).Ask(t.Context(), question("ws_a"))
		if llm.KindOf(err) != llm.Unavailable || llm.After(err) <= 0 || llm.After(err) > time.Minute {
			t.Errorf("while another is under way: %v", err)
		}
		w.faults.Fail(fault.Before, func(tabletest.Call) bool { return true }) // ends here
		return llm.Answer{Usage: llm.Usage{Input: 1, Output: 1}}, nil
	}
	_, err := w.ask(t, "ws_a")
	ok(t, err)
	w.faults.Heal()
	if tokens, open := w.row(t, "ws_a", "2026-05-07"); tokens != most || open != 1 {
		t.Errorf("%d tokens, %d open", tokens, open)
	}
	w.now = w.now.Add(time.Hour)
	if _, err = w.ask(t, "ws_a"); llm.KindOf(err) != llm.Spent {
		t.Errorf("an hour later: %v", err)
	}
}

// A request that is answered on the next day is paid for on its own.
func TestOverMidnight(t *testing.T) {
	w := newTill(t, 2*most)
	w.answer = func() (llm.Answer, error) {
		w.now = w.now.Add(6 * time.Hour)
		return llm.Answer{Usage: llm.Usage{Input: 10, Output: 5}}, nil
	}
	_, err := w.ask(t, "ws_a")
	ok(t, err)
	before, _ := w.row(t, "ws_a", "2026-05-07")
	after, _ := w.row(t, "ws_a", "2026-05-08")
	if before != 15 || after != 0 {
		t.Errorf("%d tokens on the day, %d on the next", before, after)
	}
}

// Wherever a write fails, no less is counted than was paid, and no request is
// sent that was not reserved.
func TestFailures(t *testing.T) {
	tabletest.EachWrite(t, func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newTill(t, 10*most)
		paid := int64(0)
		w.answer = func() (llm.Answer, error) {
			if tokens, open := w.row(t, "ws_a", "2026-05-07"); tokens < paid+most || open == 0 {
				t.Errorf("asked with %d tokens reserved", tokens)
			}
			paid += 15
			return llm.Answer{Usage: llm.Usage{Input: 10, Output: 5}}, nil
		}
		arm(w.faults)
		for range 2 {
			if _, err := w.ask(t, "ws_a"); err != nil && !errors.Is(err, fault.ErrInjected) {
				t.Error(err)
			}
		}
		w.faults.Heal()
		if tokens, _ := w.row(t, "ws_a", "2026-05-07"); tokens < paid || tokens > paid+most {
			t.Errorf("%d tokens for %d", tokens, paid)
		}
	})
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
