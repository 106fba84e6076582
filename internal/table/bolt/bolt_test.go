package bolt

import (
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// fakeClock is a clock that stands until it is moved.
type fakeClock struct{ offset atomic.Int64 }

var epoch = time.Date(2026, 4, 1, 14, 0, 0, 0, time.UTC)

func (c *fakeClock) now() time.Time { return epoch.Add(time.Duration(c.offset.Load())) }

func (c *fakeClock) advance(d time.Duration) { c.offset.Add(int64(d)) }

func TestConformance(t *testing.T) {
	clock := new(fakeClock)
	db := openFile(t, filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	store := newStore(t, db, clock.now)
	tabletest.Run(t, tabletest.Harness{
		Open:    func(*testing.T) table.Store { return store },
		Now:     clock.now,
		Advance: clock.advance,
	})
	checkExpiryList(t, store)
}

func openFile(t testing.TB, path string, o disk.Options) *disk.File {
	t.Helper()
	db, err := disk.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func newStore(t testing.TB, db *disk.File, now func() time.Time) *Store {
	t.Helper()
	store, err := New(db, now)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// checkExpiryList checks that the list names exactly the rows that expire.
func checkExpiryList(t *testing.T, s *Store) {
	t.Helper()
	err := s.db.View(func(tx *bbolt.Tx) error {
		for _, name := range table.Names {
			want := map[string]bool{}
			err := tx.Bucket(rowsBucket(name)).ForEach(func(k, v []byte) error {
				row, err := parseRow(v)
				if row.expires != never {
					want[string(expiryKey(row.expires, k))] = true
				}
				return err
			})
			if err != nil {
				return err
			}
			got := 0
			err = tx.Bucket(expiryBucket(name)).ForEach(func(k, _ []byte) error {
				got++
				if !want[string(k)] {
					t.Errorf("%s: the list names %q, which does not expire then", name, k)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if got != len(want) {
				t.Errorf("%s: %d rows expire, %d are listed", name, len(want), got)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
