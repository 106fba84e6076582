package limit_test

import (
	"context"
	"math"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/fault"
	"griot/internal/limit"
	"griot/internal/table"
	"griot/internal/table/bolt"
	"griot/internal/table/tabletest"
)

var start = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

// clock is everybody's.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newTable(t *testing.T, c *clock) table.Store {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	store, err := bolt.New(db, c.Now)
	ok(t, err)
	return store
}

var rates = limit.Rates{
	limit.Standard: {5, 50, 50}, limit.Heavy: {2, 20, 200}, limit.Search: {1, 100, 1},
}

func newLimiter(t *testing.T) (*limit.Limiter, *clock) {
	t.Helper()
	c := &clock{now: start}
	return &limit.Limiter{Table: newTable(t, c), Now: c.Now, Default: rates}, c
}

var acme = limit.Caller{Workspace: "ws_acme", Key: "cmk_live_acme"}

// take is a request that costs what was estimated.
func take(t *testing.T, l *limit.Limiter, c limit.Caller, class limit.Class, cost limit.Amount) error {
	t.Helper()
	ticket, err := l.Take(t.Context(), c, class, cost)
	ticket.Settle(t.Context(), cost)
	return err
}

func retryAfter(t *testing.T, err error) time.Duration {
	t.Helper()
	e := errs.As(err)
	if e == nil || e.Kind != errs.ResourceExhausted || e.RetryAfter <= 0 {
		t.Fatalf("%v, want ResourceExhausted with a time", err)
	}
	return e.RetryAfter
}

// A burst is served, then refused, and served again after the time that was
// told; other classes and other workspaces go on.
func TestBurst(t *testing.T) {
	l, c := newLimiter(t)
	one := limit.Amount{1, 1, 50}
	served := 0
	var err error
	for err == nil {
		if err = take(t, l, acme, limit.Heavy, one); err == nil {
			served++
		}
	}
	if served != 120 {
		t.Errorf("%d were served, want 120", served)
	}
	for _, other := range []struct {
		limit.Caller
		limit.Class
	}{{acme, limit.Standard}, {limit.Caller{Workspace: "ws_other"}, limit.Heavy}} {
		ok(t, take(t, l, other.Caller, other.Class, one))
	}
	wait := retryAfter(t, err)
	c.advance(wait - time.Millisecond)
	if take(t, l, acme, limit.Heavy, one) == nil {
		t.Error("served too early")
	}
	c.advance(time.Millisecond)
	ok(t, take(t, l, acme, limit.Heavy, one))
}

// What was estimated too high is given back, what was too low is owed.
func TestSettling(t *testing.T) {
	for _, test := range []struct {
		name           string
		estimate, cost float64
		left           float64
	}{
		{"as estimated", 100, 100, 2900}, {"less", 1000, 4, 2996}, {"more", 4, 1000, 2000}, {"more than there is", 4, 5000, -2000},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, _ := newLimiter(t)
			ticket, err := l.Take(t.Context(), acme, limit.Standard, limit.Amount{1, test.estimate, 0})
			ok(t, err)
			ticket.Settle(t.Context(), limit.Amount{1, test.cost, 0})
			if got := ticket.State().Remaining[limit.Reads]; got != test.left {
				t.Errorf("%v are left, want %v", got, test.left)
			}
		})
	}
}

// A body that is larger than it seemed is taken before it is stored, or
// nothing of it.
func TestRaising(t *testing.T) {
	l, _ := newLimiter(t)
	ticket, err := l.Take(t.Context(), acme, limit.Standard, limit.Amount{1, 0, 10})
	ok(t, err)
	ok(t, ticket.Raise(t.Context(), limit.Amount{1, 0, 2000}))
	if left := ticket.State().Remaining[limit.Writes]; left != 1000 {
		t.Errorf("%v are left", left)
	}
	second, err := l.Take(t.Context(), acme, limit.Standard, limit.Amount{1, 0, 10})
	ok(t, err)
	retryAfter(t, second.Raise(t.Context(), limit.Amount{1, 0, 1500}))
	second.Settle(t.Context(), limit.Amount{1, 0, 0})
	if left := second.State().Remaining[limit.Writes]; left != 1000 {
		t.Errorf("after it was refused %v are left", left)
	}
}

// The operator's limits hold for the workspace, those of a key for it alone,
// and both go as they came.
func TestPlans(t *testing.T) {
	l, c := newLimiter(t)
	remaining := func(key string) float64 {
		t.Helper()
		ticket, err := l.Take(t.Context(), limit.Caller{Workspace: "ws_acme", Key: key}, limit.Standard, limit.Amount{1, 0, 0})
		ok(t, err)
		return ticket.State().Limit[limit.Requests]
	}
	if got := remaining("a"); got != 300 {
		t.Fatalf("by default %v", got)
	}
	ok(t, l.Set(t.Context(), "ws_acme", "", limit.Rates{limit.Standard: {2, 0, 0}}))
	ok(t, l.Set(t.Context(), "ws_acme", "a", limit.Rates{limit.Standard: {1, 0, 0}}))
	if a, b := remaining("a"), remaining("b"); a != 60 || b != 120 {
		t.Errorf("%v and %v, want 60 and 120", a, b)
	}
	elsewhere := &limit.Limiter{Table: l.Table, Now: c.Now, Default: rates}
	_, err := elsewhere.Take(t.Context(), limit.Caller{Workspace: "ws_acme", Key: "b"}, limit.Standard, limit.Amount{1, 0, 0})
	ok(t, err)
	ok(t, l.Set(t.Context(), "ws_acme", "a", nil))
	ok(t, l.Set(t.Context(), "ws_acme", "", nil))
	if got := remaining("a"); got != 300 {
		t.Errorf("taken back, it is %v", got)
	}
	c.advance(limit.PlanAge)
	ticket, err := elsewhere.Take(t.Context(), limit.Caller{Workspace: "ws_acme", Key: "b"}, limit.Standard, limit.Amount{1, 0, 0})
	if ok(t, err); ticket.State().Limit[limit.Requests] != 300 {
		t.Errorf("another process has %v", ticket.State().Limit)
	}
	for _, wrong := range []limit.Rates{{"free": {1, 1, 1}}, {limit.Heavy: {-1, 1, 1}}, {limit.Heavy: {1e10, 1, 1}}, {limit.Heavy: {math.NaN(), 1, 1}}} {
		if err := l.Set(t.Context(), "ws_acme", "", wrong); !errs.Is(err, errs.FailedPrecondition) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

// fleet are the instances of functions that share a bucket.
type fleet struct {
	*testing.T
	clock     *clock
	instances []*limit.Limiter
}

func newFleet(t *testing.T, n int, store func(table.Store) table.Store) *fleet {
	t.Helper()
	f := &fleet{T: t, clock: &clock{now: start}}
	shared := store(newTable(t, f.clock))
	for range n {
		f.instances = append(f.instances, &limit.Limiter{Table: shared, Now: f.clock.Now, Default: rates, Shared: true})
	}
	return f
}

// press has requests come at every instance at once, more than there may be,
// for some time; it returns how much was served.
func (f *fleet) press(cost limit.Amount, during, pause time.Duration) (served limit.Amount) {
	f.Helper()
	for end := f.clock.Now().Add(during); f.clock.Now().Before(end); f.clock.advance(pause) {
		var wg sync.WaitGroup
		var mu sync.Mutex
		for _, l := range f.instances {
			wg.Go(func() {
				for range 3 {
					if take(f.T, l, acme, limit.Heavy, cost) == nil {
						mu.Lock()
						for d := range served {
							served[d] += cost[d]
						}
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
	}
	return served
}

// Many instances together keep to the limit, to about a tenth, whichever
// writes fail.
func TestInstancesShareABucket(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	some := func(n int) func(tabletest.Call) bool {
		return func(c tabletest.Call) bool {
			mu.Lock()
			defer mu.Unlock()
			return c.Method == "Write" && r.IntN(n) == 0
		}
	}
	for _, test := range []struct {
		name  string
		kind  fault.Kind
		often int // one in so many writes; 0: none
	}{
		{"all goes well", 0, 0}, {"conflicts", fault.Conflict, 5}, {"throttled", fault.Throttled, 5},
		{"not written", fault.Before, 50}, {"written, and not answered", fault.After, 50},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFleet(t, 30, func(s table.Store) table.Store {
				faulty := tabletest.NewFaulty(s)
				if test.often > 0 {
					faulty.Fail(test.kind, some(test.often))
				}
				return faulty
			})
			const during = 60 * time.Second
			got := f.press(limit.Amount{1, 2, 150}, during, 500*time.Millisecond)[limit.Writes]
			want := rates[limit.Heavy][limit.Writes] * (limit.Span + during).Seconds()
			t.Logf("%.0f write units in %v, where there may be %.0f", got, during, want)
			if got > 1.1*want || got < 0.9*want {
				t.Errorf("%.0f write units were served, want %.0f to a tenth", got, want)
			}
		})
	}
}

// A request costs a part of a write only.
func TestASharedBucketCostsLittle(t *testing.T) {
	f := newFleet(t, 4, func(s table.Store) table.Store { return s })
	var used table.Usage
	ctx := table.WithUsage(t.Context(), &used)
	const requests = 4000
	for i := range requests {
		cost := limit.Amount{0.01, 0.05, 0.2}
		ticket, err := f.instances[i%4].Take(ctx, acme, limit.Heavy, cost)
		ok(t, err)
		ticket.Settle(ctx, cost)
		f.clock.advance(5 * time.Millisecond)
	}
	if got := used.Totals(); got.WriteUnits > requests/10 || got.ReadUnits > requests/10 {
		t.Errorf("%v requests cost %.0f read and %.0f write units", requests, got.ReadUnits, got.WriteUnits)
	}
}

// A table that does not answer stops nobody, and each instance keeps to the
// limit for itself.
func TestATableThatFailsStopsNobody(t *testing.T) {
	for _, kind := range tabletest.Faults {
		f := newFleet(t, 1, func(s table.Store) table.Store {
			faulty := tabletest.NewFaulty(s)
			faulty.Fail(kind, func(tabletest.Call) bool { return true })
			return faulty
		})
		served := 0
		for take(t, f.instances[0], acme, limit.Heavy, limit.Amount{1, 1, 300}) == nil {
			served++
		}
		if served != 40 {
			t.Errorf("%v: %d were served, want 40", kind, served)
		}
	}
}

// A clock that is behind changes little.
func TestClocksOfInstances(t *testing.T) {
	f := newFleet(t, 2, func(s table.Store) table.Store { return s })
	f.instances[1].Now = func() time.Time { return f.clock.Now().Add(-200 * time.Millisecond) }
	cost := limit.Amount{1, 2, 150}
	got := f.press(cost, 120*time.Second, 100*time.Millisecond)[limit.Writes]
	if want := 200.0 * 180; got > 1.1*want || got < 0.9*want {
		t.Errorf("%.0f, want %.0f", got, want)
	}
}

// What an instance reads of its workspace is what all have taken.
func TestUsageIsOfAllInstances(t *testing.T) {
	f := newFleet(t, 3, func(s table.Store) table.Store { return s })
	for _, l := range f.instances {
		ok(t, take(t, l, acme, limit.Heavy, limit.Amount{10, 20, 1000}))
	}
	states, err := f.instances[2].Usage(context.Background(), acme.Workspace)
	ok(t, err)
	for _, s := range states {
		if s.Class == limit.Heavy && s.Remaining != (limit.Amount{90, 1140, 9000}) {
			t.Errorf("%+v", s)
		}
		if s.Class != limit.Heavy && s.Remaining != s.Limit {
			t.Errorf("%+v", s)
		}
	}
}

// Rows of limits are the workspace's own, and go.
func TestRowsExpire(t *testing.T) {
	f := newFleet(t, 1, func(s table.Store) table.Store { return s })
	ok(t, take(t, f.instances[0], acme, limit.Heavy, limit.Amount{10, 20, 1000}))
	rows := func() int {
		page, err := f.instances[0].Table.Query(t.Context(), table.Query{Table: table.Access, PK: acme.Workspace + "#limit"})
		ok(t, err)
		return len(page.Items)
	}
	if rows() != 1 {
		t.Error("there is no row")
	}
	f.clock.advance(time.Hour)
	if rows() != 0 {
		t.Error("the row stays")
	}
	ok(t, take(t, f.instances[0], acme, limit.Heavy, limit.Amount{10, 20, 1000}))
}

// Who goes on for long is told of limits that were set meanwhile.
func TestContinuing(t *testing.T) {
	l, c := newLimiter(t)
	ticket, err := l.Take(t.Context(), acme, limit.Standard, limit.Amount{1, 10, 0})
	ok(t, err)
	ok(t, ticket.Continue(t.Context(), limit.Amount{2, 500, 0}))
	ok(t, l.Set(t.Context(), acme.Workspace, acme.Key, limit.Rates{limit.Standard: {0, 1, 0}}))
	c.advance(time.Minute)
	ok(t, ticket.Continue(t.Context(), limit.Amount{3, 550, 0}))
	retryAfter(t, ticket.Continue(t.Context(), limit.Amount{4, 600, 0})) // 10 of 60 are left
	ticket.Settle(t.Context(), limit.Amount{4, 600, 0})
	if left := ticket.State(); left.Bucket != "key:cmk_live_acme:standard" || left.Remaining[limit.Reads] != -40 {
		t.Errorf("%+v", left)
	}
}

// A client that has left is charged all the same, and is no fault of the table.
func TestClientsThatLeave(t *testing.T) {
	f := newFleet(t, 1, func(s table.Store) table.Store { return s })
	l := f.instances[0]
	ctx, leave := context.WithCancel(t.Context())
	leave()
	ticket, err := l.Take(ctx, acme, limit.Heavy, limit.Amount{1, 1, 5000})
	ok(t, err)
	ticket.Settle(ctx, limit.Amount{1, 1, 6000})
	other := &limit.Limiter{Table: l.Table, Now: l.Now, Default: rates, Shared: true}
	states, err := other.Usage(t.Context(), acme.Workspace)
	if ok(t, err); states[1].Class != limit.Heavy || states[1].Remaining[limit.Writes] != 6000 {
		t.Errorf("%+v", states[1])
	}
}

// What was not asked for is forgotten, and is full when it is asked for again.
func TestBucketsAreForgotten(t *testing.T) {
	l, c := newLimiter(t)
	ok(t, take(t, l, acme, limit.Heavy, limit.Amount{100, 1, 1}))
	c.advance(time.Hour)
	ok(t, take(t, l, limit.Caller{Workspace: "ws_other"}, limit.Heavy, limit.Amount{1, 1, 1}))
	ok(t, take(t, l, acme, limit.Heavy, limit.Amount{120, 1, 1}))
}
