package bolt

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/table"
)

func TestSweep(t *testing.T) {
	clock := new(fakeClock)
	store := newStore(t, openFile(t, filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true}), clock.now)
	soon := epoch.Add(time.Minute).Unix()
	const n = sweepRows + 20
	for i := range n {
		name := table.Names[i%len(table.Names)]
		mustWrite(t, store, table.Put(table.Key{Table: name, PK: "p", SK: fmt.Sprint(i)}, table.Attrs{table.ExpiresAttr: soon}))
	}
	at := func(sk string) table.Key { return table.Key{Table: table.Access, PK: "kept", SK: sk} }
	mustWrite(t, store, table.Put(at("never"), nil))
	mustWrite(t, store, table.Put(at("later"), table.Attrs{table.ExpiresAttr: soon + 1}))
	mustWrite(t, store, table.Put(at("moved"), table.Attrs{table.ExpiresAttr: soon}))
	mustWrite(t, store, table.Update(at("moved"), table.Attrs{table.ExpiresAttr: soon + 9}))
	mustWrite(t, store, table.Put(at("replaced"), table.Attrs{table.ExpiresAttr: soon}))
	mustWrite(t, store, table.Put(at("replaced"), nil))
	mustWrite(t, store, table.Put(at("deleted"), table.Attrs{table.ExpiresAttr: soon}))
	mustWrite(t, store, table.Delete(at("deleted")))

	sweeps(t, store, 0)
	clock.advance(time.Minute)
	sweeps(t, store, sweepRows)
	sweeps(t, store, n-sweepRows)
	sweeps(t, store, 0)
	checkExpiryList(t, store)
	if got := countRows(t, store); got != 4 {
		t.Errorf("%d rows are left, want 4", got)
	}
}

// An idle Sweep must not cost a commit.
func TestSweepIdle(t *testing.T) {
	store := newStore(t, openFile(t, filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true}), new(fakeClock).now)
	before := lastTx(t, store.db)
	sweeps(t, store, 0)
	if after := lastTx(t, store.db); after != before {
		t.Errorf("transaction %d after the sweep, %d before", after, before)
	}
}

func mustWrite(t *testing.T, s *Store, op table.Op) {
	t.Helper()
	if _, err := s.Write(t.Context(), op); err != nil {
		t.Fatal(err)
	}
}

func sweeps(t *testing.T, s *Store, want int) {
	t.Helper()
	got, err := s.Sweep(t.Context())
	if err != nil || got != want {
		t.Errorf("Sweep removed %d (error %v), want %d", got, err, want)
	}
}

func countRows(t *testing.T, s *Store) int {
	t.Helper()
	n := 0
	err := s.db.View(func(tx *bbolt.Tx) error {
		for _, name := range table.Names {
			n += tx.Bucket(rowsBucket(name)).Inspect().KeyN
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lastTx is the number of the last committed transaction.
func lastTx(t *testing.T, db *disk.File) int {
	t.Helper()
	id := 0
	if err := db.View(func(tx *bbolt.Tx) error { id = tx.ID(); return nil }); err != nil {
		t.Fatal(err)
	}
	return id
}
