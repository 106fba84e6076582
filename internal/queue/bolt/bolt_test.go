package bolt_test

import (
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/disk/disktest"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/queue/bolt"
	"griot/internal/queue/queuetest"
)

const visibility = 30 * time.Second

func TestConformance(t *testing.T) {
	queuetest.Run(t, queuetest.Harness{
		New: func(t *testing.T) (queue.Queue, func(time.Duration)) {
			f := open(t, filepath.Join(t.TempDir(), "db"))
			return f.q, f.advance
		},
		Visibility: visibility,
		MaxReceive: 3,
	})
}

// file is a database with one queue and a clock that tests move.
type file struct {
	path   string
	db     *disk.File
	q      *bolt.Queue
	offset *atomic.Int64
	share  int
}

func (f *file) advance(d time.Duration) { f.offset.Add(int64(d)) }

func open(t testing.TB, path string) *file {
	t.Helper()
	f := &file{path: path, offset: new(atomic.Int64)}
	f.reopen(t)
	t.Cleanup(func() { f.db.Close() })
	return f
}

func (f *file) reopen(t testing.TB) {
	t.Helper()
	if f.db != nil {
		if err := f.db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	f.db, err = disk.Open(f.path, disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	f.q, err = bolt.New(f.db, queue.Ingest, bolt.Options{
		Visibility: visibility, MaxReceive: 3, Share: f.share,
		Now: func() time.Time { return time.Now().Add(time.Duration(f.offset.Load())) },
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (f *file) send(t testing.TB, messages ...queue.Outgoing) {
	t.Helper()
	if err := f.q.Send(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
}

func (f *file) receive(t testing.TB, n int) []queue.Message {
	t.Helper()
	got, err := f.q.Receive(t.Context(), queue.MaxBatch, 0)
	if err != nil || len(got) != n {
		t.Fatalf("received %d messages, want %d (%v)", len(got), n, err)
	}
	return got
}

func (f *file) depth(t testing.TB, want queue.Depth) {
	t.Helper()
	got, err := f.q.Depth(t.Context())
	if err != nil || got != want {
		t.Fatalf("depth %+v, want %+v (%v)", got, want, err)
	}
}

func text(s string) queue.Outgoing { return queue.Outgoing{Body: []byte(s)} }

func TestReopen(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.send(t, text("in flight"), text("retried"))
	for _, m := range f.receive(t, 2) {
		if string(m.Body) == "retried" {
			if err := f.q.Retry(t.Context(), m, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
	}
	delayed := text("delayed")
	delayed.Delay = time.Minute
	f.send(t, text("ready"), delayed)
	f.depth(t, queue.Depth{Ready: 1, InFlight: 2, Delayed: 1})

	f.reopen(t)
	f.depth(t, queue.Depth{Ready: 2, InFlight: 1, Delayed: 1})
	receives := map[string]int{}
	for _, m := range f.receive(t, 2) {
		receives[string(m.Body)] = m.Receives
	}
	if fmt.Sprint(receives) != "map[in flight:2 ready:1]" {
		t.Errorf("receives by message: %v", receives)
	}
	f.advance(time.Minute)
	f.receive(t, 4) // the retry's and the delay's time came, and two expired
}

// TestCrashingReceiver makes sure that a message that kills its receiver dies
// in the end, although every restart releases it.
func TestCrashingReceiver(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.send(t, text("poison"))
	for range 3 {
		f.receive(t, 1)
		f.reopen(t)
	}
	f.receive(t, 0)
	f.depth(t, queue.Depth{Dead: 1})
}

func TestOutdatedReceiptDoesNothing(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.send(t, text("a"))
	old := f.receive(t, 1)[0]
	f.advance(visibility)
	current := f.receive(t, 1)[0]
	if err := f.q.Ack(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := f.q.Retry(t.Context(), old, 0); err != nil {
		t.Fatal(err)
	}
	f.depth(t, queue.Depth{InFlight: 1})
	if err := f.q.Ack(t.Context(), current); err != nil {
		t.Fatal(err)
	}
	f.depth(t, queue.Depth{})
}

// TestReceiptSurvivesRedrive makes sure that a receipt from before a message's
// death is outdated, though receives count from 1 again.
func TestReceiptSurvivesRedrive(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.send(t, text("a"))
	old := f.receive(t, 1)[0]
	for range 2 {
		f.advance(visibility)
		f.receive(t, 1)
	}
	f.advance(visibility)
	if n, err := f.q.Redrive(t.Context()); n != 1 || err != nil {
		t.Fatalf("Redrive: %d, %v", n, err)
	}
	if m := f.receive(t, 1)[0]; m.Receives != 1 || m.Receipt == old.Receipt {
		t.Errorf("received %+v, before %+v", m, old)
	}
	if err := f.q.Ack(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	f.depth(t, queue.Depth{InFlight: 1})
}

// TestDeadStayDead makes sure that the last receipt of a message that died
// meanwhile neither removes nor revives it.
func TestDeadStayDead(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.send(t, text("a"))
	var last queue.Message
	for range 3 {
		last = f.receive(t, 1)[0]
		f.advance(visibility)
	}
	f.receive(t, 0)
	if err := f.q.Ack(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if err := f.q.Retry(t.Context(), last, 0); err != nil {
		t.Fatal(err)
	}
	f.depth(t, queue.Depth{Dead: 1})
}

// TestAckFreesAll makes sure that nothing of an acknowledged message stays.
func TestAckFreesAll(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.send(t, text("a"), text("b"))
	for _, m := range f.receive(t, 2) {
		if err := f.q.Ack(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	err := f.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("queue/ingest")).ForEachBucket(func(name []byte) error {
			if n := tx.Bucket([]byte("queue/ingest")).Bucket(name).Stats().KeyN; n != 0 {
				t.Errorf("%d keys are left in %s", n, name)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNothingToWrite counts the commits of calls that change nothing.
func TestNothingToWrite(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.send(t, text("a"))
	m := f.receive(t, 1)[0]
	if err := f.q.Ack(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	before := f.lastTx(t)
	for range 3 {
		if err := f.q.Ack(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		f.receive(t, 0)
	}
	if n := f.lastTx(t) - before; n != 0 {
		t.Errorf("%d transactions committed", n)
	}
}

// lastTx is the number of the last committed transaction.
func (f *file) lastTx(t *testing.T) int {
	t.Helper()
	id := 0
	if err := f.db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestForeignReceipt(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	if err := f.q.Ack(t.Context(), queue.Message{Receipt: "?"}); err == nil {
		t.Error("Ack took a receipt that no queue gave")
	}
}

func TestGroupsTakeTurns(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	for _, group := range []string{"a", "a", "a", "a!", "a!", "b", ""} {
		f.send(t, queue.Outgoing{Body: []byte("x"), Group: group})
	}
	var order []string
	for range 7 {
		got, err := f.q.Receive(t.Context(), 1, 0)
		if err != nil || len(got) != 1 {
			t.Fatal(got, err)
		}
		order = append(order, got[0].Group)
	}
	if fmt.Sprintf("%q", order) != `["" "a" "a!" "b" "a" "a!" "a"]` {
		t.Errorf("served %q", order)
	}
}

func TestManyAtOnce(t *testing.T) {
	const n = 2500 // more than one promotion and one redrive take
	f := open(t, filepath.Join(t.TempDir(), "db"))
	delayed := queue.Outgoing{Body: []byte("x"), Delay: time.Minute}
	for range n / 10 {
		f.send(t, delayed, delayed, delayed, delayed, delayed, delayed, delayed, delayed, delayed, delayed)
	}
	for range 3 {
		f.advance(time.Minute)
		f.depth(t, queue.Depth{Ready: n})
		for range n / 10 {
			f.receive(t, 10)
		}
	}
	f.advance(time.Minute)
	f.receive(t, 0)
	f.depth(t, queue.Depth{Dead: n})
	if got, err := f.q.Redrive(t.Context()); got != n || err != nil {
		t.Errorf("Redrive: %d, %v", got, err)
	}
	f.depth(t, queue.Depth{Ready: n})
}

func TestClosedFile(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.db.Close()
	if err := f.q.Send(t.Context(), text("a")); err == nil {
		t.Error("Send into a closed file succeeded")
	}
	if _, err := f.q.Receive(t.Context(), 1, time.Minute); err == nil {
		t.Error("Receive from a closed file succeeded")
	}
	if err := f.q.Send(t.Context(), text("b")); err == nil {
		t.Error("the second Send succeeded")
	}
}

// TestOpenOnFullDisk opens a queue whose messages in flight cannot be made
// ready yet: the first Receive after there is room does it.
func TestOpenOnFullDisk(t *testing.T) {
	if !disktest.Alone(t) {
		return
	}
	f := open(t, filepath.Join(t.TempDir(), "db"))
	f.send(t, text("a"), text("b"))
	if _, err := f.q.Receive(t.Context(), 1, 0); err != nil {
		t.Fatal(err)
	}
	free := disktest.Full(t, 8<<10)
	f.reopen(t)
	for range 2 {
		if _, err := f.q.Receive(t.Context(), 10, 0); !errs.Is(err, errs.InsufficientStorage) {
			t.Errorf("receiving on a full disk: %v", err)
		}
	}
	free()
	f.receive(t, 2)
	f.receive(t, 0)
}
