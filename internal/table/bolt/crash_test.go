package bolt

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"griot/internal/disk"
	"griot/internal/disk/disktest"
	"griot/internal/table"
)

func TestMain(m *testing.M) { disktest.Main(m, writeForever) }

// writeForever writes rows and a count of them, one transaction each, and
// prints each row that was acknowledged.
func writeForever(path string) error {
	db, err := disk.Open(path, disk.Options{})
	if err != nil {
		return err
	}
	store, err := New(db, time.Now)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range 4 {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("row %d %d", w, i)
				ops := []table.Op{table.Put(crashKey(name), table.Attrs{"name": name}), table.Increment(crashKey("count"), "n", 1)}
				if err := store.Transact(context.Background(), ops); err != nil {
					failed <- err
				}
				fmt.Println(name)
			}
		}()
	}
	return <-failed
}

func crashKey(sk string) table.Key {
	return table.Key{Table: table.Conversations, PK: "p", SK: sk}
}

func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	var acked []string
	disktest.Killed(t, path, 300, func(row string) { acked = append(acked, row) })
	store := newStore(t, openFile(t, path, disk.Options{}), time.Now)
	for _, name := range acked {
		item, err := store.Get(t.Context(), crashKey(name), table.Consistent)
		if err != nil || item.Str("name") != name {
			t.Errorf("%s was acknowledged, but now: %v", name, err)
		}
	}
	rows, err := table.ReadAll(t.Context(), store, table.Query{Table: table.Conversations, PK: "p", Prefix: "row "})
	if err != nil {
		t.Fatal(err)
	}
	count, err := store.Get(t.Context(), crashKey("count"), table.Consistent)
	if err != nil || count.Int("n") != int64(len(rows)) {
		t.Errorf("%d rows, but their count is %d (error %v): a transaction is torn", len(rows), count.Int("n"), err)
	}
	t.Logf("%d acknowledged, %d there", len(acked), len(rows))
}

func TestReopen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	clock := new(fakeClock)
	for i := range 3 {
		db, err := disk.Open(path, disk.Options{})
		if err != nil {
			t.Fatal(err)
		}
		store := newStore(t, db, clock.now)
		item, err := store.Write(t.Context(), table.Increment(crashKey("n"), "n", 1))
		if err != nil || item.Int("n") != int64(i+1) {
			t.Errorf("the count after opening number %d is %d (error %v)", i, item.Int("n"), err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Get(t.Context(), crashKey("n"), table.Consistent); err == nil {
			t.Error("reading a closed file: no error")
		}
		if _, err := store.Write(t.Context(), table.Delete(crashKey("n"))); err == nil {
			t.Error("writing to a closed file: no error")
		}
	}
}
