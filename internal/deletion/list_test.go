package deletion

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/table"
	"griot/internal/table/bolt"
	"griot/internal/table/tabletest"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// thing is something with rows and objects whose deletion has begun.
type thing struct {
	*testing.T
	table   table.Store
	blobs   blob.Store
	receipt table.Key
}

const (
	manyRows, manyObjects = 40, 3
	at                    = "ws_1#ses_1"
)

func newThing(t *testing.T) *thing {
	f, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, f.Close()) })
	store, err := bolt.New(f, time.Now)
	ok(t, err)
	blobs, err := dir.Open(t.TempDir(), dir.Options{Base: "http://127.0.0.1:3000", NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, blobs.Close()) })
	d := New("ses_1", time.Now())
	d.TableItems = 1
	w := &thing{t, store, blobs, Key("ws_1", d.ID)}
	ops := []table.Op{Begin("ws_1", d, 2)}
	for i := range manyRows {
		ops = append(ops, table.Put(table.Key{Table: table.Sessions, PK: at, SK: fmt.Sprintf("row#%020d", i)}, nil))
	}
	ok(t, store.Transact(t.Context(), ops))
	for i := range manyObjects {
		_, err := blobs.Put(t.Context(), fmt.Sprintf("%s/%d", at, i), strings.NewReader("words"), 5, blob.Put{})
		ok(t, err)
	}
	return w
}

// purge removes all that is there; then it notes that it is done in a row, which
// is there only once.
func (w *thing) purge(ctx context.Context, store table.Store) error {
	p := &Purge{Table: store, Receipt: w.receipt, Blobs: w.blobs, Part: "session"}
	tomb := table.Key{Table: table.Sessions, PK: at, SK: "tomb"}
	if _, err := store.Get(ctx, tomb, table.Consistent); err == nil {
		return nil
	}
	if err := p.Resume(ctx); err != nil {
		return err
	}
	objects, _, err := w.blobs.List(ctx, at, "")
	if err != nil {
		return err
	}
	for _, o := range objects {
		if err := p.List(ctx, Object(o.Key)); err != nil {
			return err
		}
	}
	err = p.Each(ctx, table.Sessions, at, "row#", func(i table.Item) error { return p.List(ctx, Row(i.Key)) })
	if err != nil {
		return err
	}
	op, err := p.Finish(ctx, time.Now())
	if err != nil {
		return err
	}
	err = table.Retry(ctx, tries, func() error { return store.Transact(ctx, []table.Op{op, table.Put(tomb, nil, table.Absent())}) })
	if errors.Is(err, table.ErrCondition) {
		return ErrTwin
	}
	return err
}

// sound checks that everything has gone, and was counted once.
func (w *thing) sound() {
	w.Helper()
	rows, err := table.ReadAll(w.Context(), w.table, table.Query{Table: table.Sessions, PK: at, Prefix: "row#", Consistency: table.Consistent})
	ok(w, err)
	objects, _, err := w.blobs.List(w.Context(), at, "")
	ok(w, err)
	if len(rows)+len(objects) > 0 {
		w.Errorf("%d rows and %d objects are left", len(rows), len(objects))
	}
	receipt, err := w.table.Get(w.Context(), w.receipt, table.Consistent)
	ok(w, err)
	if receipt.Int(TableItems) != 1+manyRows || receipt.Int(Objects) != manyObjects || receipt.Int("open") != 1 || receipt.Str("status") != Running {
		w.Errorf("the receipt is %v", receipt.Attrs)
	}
	if receipt.Bytes("session_list") != nil {
		w.Error("a list is left in the receipt")
	}
}

func TestListsSurviveEveryFailure(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newThing(t)
		faulty := tabletest.NewFaulty(w.table)
		arm(faulty)
		if err := w.purge(t.Context(), faulty); err != nil {
			faulty.Heal()
			ok(t, w.purge(t.Context(), faulty))
		}
		w.sound()
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// Purges of the same that run at once, and stop anywhere for the others to go on.
func TestListsOfTwins(t *testing.T) {
	for range 10 {
		w := newThing(t)
		store := tabletest.NewContended(w.table, 0)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				err := w.purge(t.Context(), store)
				for errors.Is(err, ErrTwin) || table.Retryable(err) {
					err = w.purge(t.Context(), store)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		w.sound()
	}
}

// A purge that was stopped when it had listed what comes next, and goes on when
// another one is long done, takes nothing away and counts nothing.
func TestListOfALateTwin(t *testing.T) {
	w := newThing(t)
	idle := &Purge{Table: w.table, Receipt: w.receipt, Blobs: w.blobs, Part: "session"}
	ok(t, idle.Resume(t.Context()))
	late := &Purge{Table: w.table, Receipt: w.receipt, Blobs: w.blobs, Part: "session"}
	ok(t, late.Resume(t.Context()))
	for i := range manyRows / 2 {
		ok(t, late.List(t.Context(), Row(table.Key{Table: table.Sessions, PK: at, SK: fmt.Sprintf("row#%020d", i)})))
	}
	ok(t, w.purge(t.Context(), w.table))
	if _, err := late.Finish(t.Context(), time.Now()); !errors.Is(err, ErrTwin) {
		t.Errorf("the late one: %v", err)
	}
	op, err := idle.Finish(t.Context(), time.Now())
	ok(t, err)
	if err := w.table.Transact(t.Context(), []table.Op{op}); !errors.Is(err, table.ErrCondition) {
		t.Errorf("one that had read the receipt before all lists: %v", err)
	}
	w.sound()
}

// A purge that goes on with a list finds another file at the key of one that it
// had removed: it is somebody's new drop.
func TestAListLeavesWhatIsThereAnew(t *testing.T) {
	w := newThing(t)
	drop := func(words string) string {
		info, err := w.blobs.Put(t.Context(), "inbox/talk.txt", strings.NewReader(words), int64(len(words)), blob.Put{})
		ok(t, err)
		return info.ETag
	}
	old := drop("the talk of Monday")
	purge := func() *Purge { return &Purge{Table: w.table, Receipt: w.receipt, Blobs: w.blobs, Part: "session"} }
	p := purge()
	ok(t, p.Resume(t.Context()))
	ok(t, p.List(t.Context(), Version("inbox/talk.txt", old)))
	ok(t, p.removeNext(t.Context()))
	if _, err := w.blobs.Stat(t.Context(), "inbox/talk.txt"); !errors.Is(err, blob.ErrNotFound) {
		t.Fatalf("the version that was meant: %v", err)
	}
	ok(t, purge().Resume(t.Context()))
	anew := drop("the talk of Tuesday")
	ok(t, purge().Resume(t.Context()))
	if info, err := w.blobs.Stat(t.Context(), "inbox/talk.txt"); err != nil || info.ETag != anew {
		t.Errorf("the new file: %v, %v", info, err)
	}
}

func TestReceiptsWithListsStaySmall(t *testing.T) {
	w := newThing(t)
	p := &Purge{Table: w.table, Receipt: w.receipt, Blobs: w.blobs, Part: "session"}
	ok(t, p.Resume(t.Context()))
	workspace, session := "ws_01M8QD6JX12P28G3M0F052ZKPJ", "ses_01M8QD6JXN9RP02WYB1YE4ZWGK"
	for i := range 200 {
		ok(t, p.List(t.Context(), Row(table.Key{Table: table.Sessions, PK: workspace + "#" + session, SK: fmt.Sprintf("seg#%016d", i)}),
			Object(fmt.Sprintf("sessions/%s/%s/%d", workspace, session, i))))
		receipt, err := w.table.Get(t.Context(), w.receipt, table.Consistent)
		ok(t, err)
		if receipt.Size() > 1024 {
			t.Fatalf("the receipt has %d bytes", receipt.Size())
		}
	}
	if p.step > 200*400/mostListed {
		t.Errorf("%d lists", p.step)
	}
}

func TestListIsReadBack(t *testing.T) {
	list := []Listed{
		Object("a/b"), Row(table.Key{Table: table.Sessions, PK: "p", SK: "s#\n"}), Object("c"), Version("inbox/d", `"5d41-1"`),
		Row(table.Key{Table: table.Sessions, PK: "p", SK: "="}), Row(table.Key{Table: table.Sessions, PK: "other", SK: strings.Repeat("x", 300)}),
	}
	encoded := appendList(nil, list)
	got, err := readList(encoded)
	if err != nil || !slices.Equal(got, list) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := readList(encoded[:len(encoded)-1]); !errors.Is(err, errList) {
		t.Errorf("cut: %v, %v", got, err)
	}
}
