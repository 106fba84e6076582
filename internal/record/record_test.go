package record_test

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/table/bolt"
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T) table.Store {
	t.Helper()
	f, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, f.Close()) })
	s, err := bolt.New(f, time.Now)
	ok(t, err)
	return s
}

var lamp = record.In("ws_1", "lamp_1")

func headOf(rev int64) record.Head {
	return record.Head{Key: table.Key{Table: table.Sessions, PK: lamp.Partition(), SK: "head"}, Rev: rev}
}

func commit(store table.Store, head table.Op, at int64, claim *idempotency.Claim, ops ...table.Op) error {
	return headOf(at).Commit(context.Background(), store, head, ops, claim, "an answer")
}

// TestWhoWritesHasRead changes a head with the revisions that writers may have
// read: only the last one counts.
func TestWhoWritesHasRead(t *testing.T) {
	store := open(t)
	ok(t, commit(store, headOf(0).Create(table.Attrs{"lit": int64(0)}), 0, nil))
	if err := commit(store, headOf(0).Create(table.Attrs{}), 0, nil); !errors.Is(err, record.ErrStale) {
		t.Errorf("it is created twice: %v", err)
	}
	beside := table.Put(table.Key{Table: table.Sessions, PK: lamp.Partition(), SK: "beside"}, table.Attrs{}, table.Absent())
	ok(t, commit(store, headOf(1).Replace(table.Attrs{"lit": int64(1)}), 1, nil, beside))
	for _, read := range []int64{0, 1, 3} {
		if err := commit(store, headOf(read).Replace(table.Attrs{"lit": int64(5)}), read, nil); !errors.Is(err, record.ErrStale) {
			t.Errorf("revision %d is written over: %v", read, err)
		}
	}
	if err := commit(store, headOf(2).Replace(table.Attrs{"lit": int64(5)}), 2, nil, beside); errors.Is(err, record.ErrStale) || table.Failed(err) == nil {
		t.Errorf("another row's condition is taken for the head's: %v", err)
	}
	item, err := store.Get(t.Context(), headOf(0).Key, table.Consistent)
	ok(t, err)
	if item.Int("lit") != 1 || item.Int("rev") != 2 {
		t.Errorf("the head is %v", item.Attrs)
	}
}

// TestHeadOfBefore is one that was made without a revision: its first change
// gives it one, and a second writer who has not seen that is refused.
func TestHeadOfBefore(t *testing.T) {
	store := open(t)
	_, err := store.Write(t.Context(), table.Put(headOf(0).Key, table.Attrs{"lit": int64(0)}))
	ok(t, err)
	ok(t, commit(store, headOf(0).Replace(table.Attrs{"lit": int64(1)}), 0, nil))
	if err := commit(store, headOf(0).Replace(table.Attrs{"lit": int64(2)}), 0, nil); !errors.Is(err, record.ErrStale) {
		t.Errorf("%v", err)
	}
}

// TestAnswerIsOfTheChange repeats a request: its answer is stored with the
// change, and only then.
func TestAnswerIsOfTheChange(t *testing.T) {
	store := open(t)
	claim := idempotency.New(idempotency.Request{Workspace: "ws_1", KeyID: "key_1", Method: "POST", Path: "/v1/lamps", Key: "once"}, time.Now(),
		func(result any) (idempotency.Answer, error) {
			return idempotency.Answer{Status: 201, Headers: map[string]string{"Of": result.(string)}}, nil
		})
	if err := commit(store, headOf(7).Replace(table.Attrs{}), 7, claim); !errors.Is(err, record.ErrStale) {
		t.Fatal(err)
	}
	if _, stored, err := claim.Lookup(t.Context(), store); stored || err != nil {
		t.Errorf("the answer of a change that was refused is stored: %v", err)
	}
	ok(t, commit(store, headOf(0).Create(table.Attrs{}), 0, claim))
	answer, stored, err := claim.Lookup(t.Context(), store)
	if ok(t, err); !stored || answer.Headers["Of"] != "an answer" {
		t.Errorf("stored: %v, %v", stored, answer)
	}
	if err := commit(store, headOf(1).Replace(table.Attrs{}), 1, claim); errors.Is(err, record.ErrStale) || err == nil {
		t.Errorf("a second change has the same answer: %v", err)
	}
}

// TestTombstoneGoes has it kept for thirty days.
func TestTombstoneGoes(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	got := record.Expire(table.Attrs{"status": "deleted"}, at)[table.ExpiresAttr]
	if want := at.AddDate(0, 0, 30).Unix(); got != want {
		t.Errorf("it goes at %v, want %v", got, want)
	}
}

// TestChangeReadsAgain counts how often a change is tried, by what it meets.
func TestChangeReadsAgain(t *testing.T) {
	final := errors.New("for good")
	for _, c := range []struct {
		name  string
		meets func(try int) error
		tries int
		want  error
		busy  bool // the client is told to come back
	}{
		{"nothing", func(int) error { return nil }, 1, nil, false},
		{"another writer, once", func(try int) error {
			if try == 1 {
				return record.ErrStale
			}
			return nil
		}, 2, nil, false},
		{"what does not pass", func(int) error { return final }, 1, final, false},
		{"others all the time", func(int) error { return record.ErrStale }, 4, nil, true},
		{"a store that refuses", func(int) error { return table.ErrThrottled }, 4, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tries := 0
			err := record.Change(t.Context(), 4, func() error {
				tries++
				return c.meets(tries)
			})
			if tries != c.tries || c.busy != errs.Is(err, errs.Unavailable) || !c.busy && !errors.Is(err, c.want) {
				t.Errorf("%d tries, %v", tries, err)
			}
		})
	}
}

// TestChangesAreBoundedInTime has as many tries as there may be: none begins
// after six seconds, and the client is told when to come back.
func TestChangesAreBoundedInTime(t *testing.T) {
	for name, slow := range map[string]time.Duration{"a quick refusal": 0, "a slow refusal": 2500 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun, last := time.Now(), time.Time{}
				err := record.Change(t.Context(), math.MaxInt, func() error {
					last = time.Now()
					time.Sleep(slow)
					return table.ErrThrottled
				})
				if e := errs.As(err); e == nil || e.Kind != errs.Unavailable || e.RetryAfter != time.Second {
					t.Errorf("got error %v", err)
				}
				const most, pause = 6 * time.Second, 640 * time.Millisecond
				if began := last.Sub(begun); began > most+pause || began < most-slow-pause {
					t.Errorf("the last try began after %v", began)
				}
			})
		})
	}
}
