package quota_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/table/bolt"
	"griot/internal/table/tabletest"
)

const tenant = "ws_01ARZ3NDEKTSV4RRFFQ69G5FAV"

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a book with a clock that the test moves.
type world struct {
	quota.Book
	now time.Time
}

func open(t *testing.T) *world {
	t.Helper()
	f, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, f.Close()) })
	w := &world{now: time.Date(2026, 5, 7, 10, 1, 0, 0, time.UTC)}
	now := func() time.Time { return w.now }
	store, err := bolt.New(f, now)
	ok(t, err)
	w.Book = quota.Book{Table: store, Now: now}
	return w
}

func (w *world) set(t *testing.T, n quota.Name, limit int64) {
	t.Helper()
	ok(t, w.Set(t.Context(), tenant, n, &limit))
}

func (w *world) used(t *testing.T, n quota.Name) int64 {
	t.Helper()
	s, err := w.Read(t.Context(), tenant)
	ok(t, err)
	return s.Used(n)
}

// take counts a thing as the domain does: in a transaction with what it makes.
func take(ctx context.Context, b quota.Book, id string, amounts ...quota.Amount) error {
	return record.Change(ctx, 8, func() error {
		op, err := b.Take(ctx, tenant, id, amounts...)
		if err != nil {
			return err
		}
		thing := table.Key{Table: table.Sessions, PK: tenant + "#things", SK: id}
		return quota.Lost(b.Table.Transact(ctx, []table.Op{table.Put(thing, nil, table.Absent()), op}))
	})
}

func (w *world) give(t *testing.T, id string, amounts ...quota.Amount) {
	t.Helper()
	ok(t, w.Table.Transact(t.Context(), w.Change(tenant, id, amounts...)))
}

func session(n int64) quota.Amount { return quota.Amount{Counter: quota.Open, N: n} }

// crowd has writers take one each at once, and returns how many could. Every
// other one is told that the quota is used up.
func crowd(t *testing.T, b quota.Book, round string, writers int, limit int64) int64 {
	t.Helper()
	var took atomic.Int64
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			err := take(t.Context(), b, fmt.Sprintf("%s_%d", round, i), session(1))
			switch {
			case err == nil:
				took.Add(1)
			case !errs.Is(err, errs.QuotaExceeded) || !strings.Contains(err.Error(), fmt.Sprintf("open_sessions: the quota is %d", limit)):
				t.Errorf("refused with %v", err)
			}
		})
	}
	all.Wait()
	return took.Load()
}

func TestACrowdTakesWhatIsLeft(t *testing.T) {
	for _, tt := range []struct{ had, limit int64 }{{0, 0}, {0, 1}, {0, 7}, {60, 64}, {950, 1000}, {999, 1000}, {40, 30}} {
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			w := open(t)
			for i := range tt.had {
				ok(t, take(t.Context(), w.Book, fmt.Sprintf("before_%d", i), session(1)))
			}
			w.set(t, quota.OpenSessions, tt.limit)
			left := max(0, tt.limit-tt.had)
			if took := crowd(t, w.Book, "first", 100, tt.limit); took != left {
				t.Fatalf("%d were taken of %d", took, left)
			}
			back := min(tt.had, 5)
			for i := range back {
				w.give(t, fmt.Sprintf("before_%d", i), session(-1))
			}
			left = max(0, tt.limit-(max(tt.had, tt.limit)-back))
			if took := crowd(t, w.Book, "second", 100, tt.limit); took != left {
				t.Errorf("%d were taken of the %d that were given back", took, left)
			}
		})
	}
}

// On a table whose transactions collide, as DynamoDB's do, those who are near a
// limit meet in one row, and the quota holds; those who are far do not.
func TestACrowdOnATableThatCollides(t *testing.T) {
	w := open(t)
	synctest.Test(t, func(t *testing.T) {
		b := quota.Book{Table: tabletest.NewContended(w.Table, 10*time.Millisecond), Now: time.Now}
		var took, refused, busy atomic.Int64
		var all sync.WaitGroup
		limit := int64(30)
		ok(t, b.Set(t.Context(), tenant, quota.OpenSessions, &limit))
		for i := range 100 {
			all.Go(func() {
				switch err := take(t.Context(), b, fmt.Sprint(i), session(1)); {
				case err == nil:
					took.Add(1)
				case errs.Is(err, errs.QuotaExceeded):
					refused.Add(1)
				case errs.Is(err, errs.Unavailable):
					busy.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		s, err := b.Read(t.Context(), tenant)
		ok(t, err)
		if s.Used(quota.OpenSessions) != took.Load() || took.Load() > limit {
			t.Errorf("%d count, %d were taken of %d", s.Used(quota.OpenSessions), took.Load(), limit)
		}
		t.Logf("near: %d taken, %d refused, %d told to come back", took.Load(), refused.Load(), busy.Load())
	})
}

// Sums are right whatever is taken and given back in which order, and nothing is
// refused that fits.
func TestWhatCountsIsWhatThereIs(t *testing.T) {
	w := open(t)
	limit := int64(5000)
	w.set(t, quota.StoredBytes, limit)
	there := map[string]int64{}
	var sum int64
	for i := range 2000 {
		id, size := fmt.Sprintf("f_%d", i), rand.Int64N(900)+1
		err := take(t.Context(), w.Book, id, quota.Amount{Counter: quota.Stored, N: size})
		if fits := sum+size <= limit; fits != (err == nil) {
			t.Fatalf("%d of %d are taken; %d more: %v", sum, limit, size, err)
		}
		if err == nil {
			there[id] = size
			sum += size
		}
		for id, size := range there {
			if rand.IntN(20) == 0 {
				w.give(t, id, quota.Amount{Counter: quota.Stored, N: -size})
				delete(there, id)
				sum -= size
			}
		}
		if used := w.used(t, quota.StoredBytes); used != sum {
			t.Fatalf("%d count, there are %d", used, sum)
		}
	}
}

// An amount of nothing asks for any room at all.
func TestRoomForAnything(t *testing.T) {
	w := open(t)
	w.set(t, quota.StoredBytes, 10)
	ask := func() error { return take(t.Context(), w.Book, "x", quota.Amount{Counter: quota.Stored}) }
	op, err := w.Take(t.Context(), tenant, "x", quota.Amount{Counter: quota.Stored})
	if err != nil || len(op.Add) > 0 {
		t.Errorf("adds %v, %v", op.Add, err)
	}
	ok(t, take(t.Context(), w.Book, "y", quota.Amount{Counter: quota.Stored, N: 10}))
	if err := ask(); !errs.Is(err, errs.QuotaExceeded) || !quota.Over(err, quota.StoredBytes) || quota.Over(err, quota.Streams) {
		t.Errorf("got %v", err)
	}
}

// What is lent for a time falls out of the count, at once when it is given back.
func TestWindows(t *testing.T) {
	w := open(t)
	w.set(t, quota.WaitingUploads, 2)
	upload := func(id string) error {
		return take(t.Context(), w.Book, id, quota.Amount{Counter: quota.Waiting, N: 1, At: w.now}, quota.Amount{Counter: quota.Incoming, N: 10, At: w.now})
	}
	begun := w.now
	ok(t, upload("a"))
	ok(t, upload("b"))
	if err := upload("c"); !quota.Over(err, quota.WaitingUploads) {
		t.Fatalf("the third: %v", err)
	}
	back := []quota.Amount{{Counter: quota.Waiting, N: -1, At: begun}, {Counter: quota.Incoming, N: -10, At: begun}, {Counter: quota.Stored, N: 10}}
	w.give(t, "a", back...)
	ok(t, upload("d"))
	w.now = begun.Add(15 * time.Minute)
	if err := upload("e"); !quota.Over(err, quota.WaitingUploads) {
		t.Fatalf("as long as the URL is valid: %v", err)
	}
	w.now = begun.Add(30 * time.Minute)
	if n, bytes := w.used(t, quota.WaitingUploads), w.used(t, quota.StoredBytes); n != 0 || bytes != 10 {
		t.Errorf("%d wait, and %d bytes are stored", n, bytes)
	}
	if ops := w.Change(tenant, "b", back[:2]...); ops != nil {
		t.Errorf("what does not count is given back: %+v", ops)
	}
	for range 2 {
		ok(t, upload("f"+w.now.String()))
		w.now = w.now.Add(time.Hour)
	}
	page, err := w.Table.Query(t.Context(), table.Query{Table: table.Sessions, PK: tenant + "#quota", Prefix: "00"})
	ok(t, err)
	var windows int
	for attr := range page.Items[0].Attrs {
		if strings.Contains(attr, "@") {
			windows++
		}
	}
	if windows > 2 {
		t.Errorf("the windows that have passed are kept: %v", page.Items[0].Attrs)
	}
}

func TestLeases(t *testing.T) {
	w := open(t)
	w.set(t, quota.Streams, 3)
	lease := func() (*quota.Lease, error) { return w.Lease(t.Context(), tenant, quota.Followed) }
	var held []*quota.Lease
	for range 3 {
		l, err := lease()
		ok(t, err)
		held = append(held, l)
	}
	if _, err := lease(); !quota.Over(err, quota.Streams) {
		t.Fatalf("the fourth: %v", err)
	}
	held[0].End(t.Context())
	held[0].End(t.Context())
	if n := w.used(t, quota.Streams); n != 2 {
		t.Fatalf("%d count, of 2", n)
	}
	for range 30 { // one lives on, one died
		w.now = w.now.Add(time.Minute)
		held[1].Renew(t.Context())
	}
	if n := w.used(t, quota.Streams); n != 1 {
		t.Errorf("%d count, and one is renewed", n)
	}
	held[1].End(t.Context())
	if n := w.used(t, quota.Streams); n != 0 {
		t.Errorf("%d count, and none is left", n)
	}
	var none *quota.Lease
	none.Renew(t.Context())
	none.End(t.Context())
}

// A stream of an hour costs a write when it begins, one when it ends, and one in
// five minutes.
func TestLeasesAreCheap(t *testing.T) {
	w := open(t)
	faulty := tabletest.NewFaulty(w.Table)
	w.Table = faulty
	l, err := w.Lease(t.Context(), tenant, quota.Followed)
	ok(t, err)
	for range 60 {
		w.now = w.now.Add(time.Minute)
		l.Renew(t.Context())
	}
	l.End(t.Context())
	if n := faulty.Counted(); n > 2+12 {
		t.Errorf("%d writes in an hour", n)
	}
}

// A table that fails refuses no stream, and what it may have done is forgotten
// when its window has passed.
func TestLeasesOnATableThatFails(t *testing.T) {
	for n := 1; n <= 3; n++ {
		for _, kind := range tabletest.Faults {
			t.Run(fmt.Sprint(n, " ", kind), func(t *testing.T) {
				w := open(t)
				faulty := tabletest.NewFaulty(w.Table)
				w.Table = faulty
				faulty.FailNth(n, kind, nil)
				l, err := w.Lease(t.Context(), tenant, quota.Followed)
				ok(t, err)
				w.now = w.now.Add(5 * time.Minute)
				l.Renew(t.Context())
				l.End(t.Context())
				faulty.Heal()
				if n := w.used(t, quota.Streams); n < 0 || n > 1 {
					t.Errorf("%d count", n)
				}
				w.now = w.now.Add(10 * time.Minute)
				if n := w.used(t, quota.Streams); n != 0 {
					t.Errorf("%d count for ever", n)
				}
			})
		}
	}
}

func TestSet(t *testing.T) {
	w := open(t)
	limits := func() (all []int64) {
		s, err := w.Read(t.Context(), tenant)
		ok(t, err)
		for _, n := range quota.Names {
			one, err := w.Limit(t.Context(), tenant, n)
			ok(t, err)
			if one != s.Limit(n) {
				t.Errorf("%s is %d and %d", n, one, s.Limit(n))
			}
			all = append(all, one)
		}
		return all
	}
	defaults := limits()
	w.set(t, quota.Keys, 3)
	w.set(t, quota.StoredBytes, 0)
	want := slices.Clone(defaults)
	want[slices.Index(quota.Names, quota.Keys)], want[slices.Index(quota.Names, quota.StoredBytes)] = 3, 0
	if got := limits(); !slices.Equal(got, want) {
		t.Errorf("limits = %v, want %v", got, want)
	}
	ok(t, w.Set(t.Context(), tenant, quota.Keys, nil))
	ok(t, w.Set(t.Context(), tenant, quota.StoredBytes, nil))
	if got := limits(); !slices.Equal(got, defaults) {
		t.Errorf("limits = %v, want %v", got, defaults)
	}
	below, above := int64(-1), int64(quota.Most+1)
	for n, limit := range map[quota.Name]*int64{"seats": nil, quota.Keys: &below, quota.Streams: &above} {
		if err := w.Set(t.Context(), tenant, n, limit); !errs.Is(err, errs.FailedPrecondition) {
			t.Errorf("%s was set: %v", n, err)
		}
	}
}

// The state of a workspace with all counters is read for one unit.
func TestAStateIsOneUnit(t *testing.T) {
	w := open(t)
	for _, n := range quota.Names {
		w.set(t, n, quota.Most)
	}
	for i := range 500 {
		id := fmt.Sprint(i)
		ok(t, take(t.Context(), w.Book, id, session(1), quota.Amount{Counter: quota.Waiting, N: 1, At: w.now},
			quota.Amount{Counter: quota.Incoming, N: 2 << 30, At: w.now}, quota.Amount{Counter: quota.Stored, N: 2 << 30},
			quota.Amount{Counter: quota.Followed, N: 1, At: w.now}))
		if i == 250 {
			w.now = w.now.Add(15 * time.Minute)
		}
	}
	var usage table.Usage
	_, err := w.Read(table.WithUsage(t.Context(), &usage), tenant)
	ok(t, err)
	if units := usage.Totals().ReadUnits; units != 1 {
		t.Errorf("%v units", units)
	}
}

func TestContested(t *testing.T) {
	of := func(pk string) error {
		return fmt.Errorf("writing: %w", &table.ConditionError{Old: table.Item{Key: table.Key{PK: pk}}})
	}
	other := errors.New("other")
	if quota.Contested(of(tenant+"#sessions")) || quota.Contested(other) || !quota.Contested(of(tenant+"#quota")) {
		t.Error("conditions are taken for each other")
	}
	if quota.Lost(other) != other || quota.Lost(of(tenant+"#quota")) != record.ErrStale {
		t.Error("errors are taken for each other")
	}
}
