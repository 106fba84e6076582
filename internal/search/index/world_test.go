package index_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/search"
	"griot/internal/search/index"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
	"griot/internal/table/tabletest"
)

const workspace = "ws_1"

// world is an index on the embedded stores.
type world struct {
	*search.Index
	t testing.TB
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	w := &world{t: t}
	w.ok(err)
	t.Cleanup(func() { _ = db.Close() })
	store, err := tablebolt.New(db, time.Now)
	w.ok(err)
	merges, err := queuebolt.New(db, queue.Merge, queuebolt.Options{})
	w.ok(err)
	blobs, err := dir.Open(t.TempDir(), dir.Options{Base: "http://127.0.0.1", NoSync: true})
	w.ok(err)
	t.Cleanup(func() { _ = blobs.Close() })
	w.Index = &search.Index{Table: tabletest.NewContended(store, 0), Blobs: blobs, Merges: merges, Cache: search.NewCache(64 << 20)}
	return w
}

func (w *world) index() *index.Index { return (*index.Index)(w.Index) }

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// put indexes units, in transactions as large as they may be.
func (w *world) put(docs ...search.Doc) {
	w.t.Helper()
	var ops []table.Op
	size := 0
	flush := func() {
		w.ok(w.Table.Transact(context.Background(), ops))
		ops, size = nil, 0
	}
	for _, doc := range docs {
		op := w.Put(workspace, doc)
		bytes := table.Item{Key: op.Key, Attrs: op.Attrs}.Size()
		if len(ops) == table.MaxTransactItems || size+bytes > table.MaxTransact/2 {
			flush()
		}
		ops, size = append(ops, op), size+bytes
	}
	flush()
}

func (w *world) remove(conversation, memory string) {
	w.t.Helper()
	w.ok(w.Table.Transact(context.Background(), []table.Op{w.Remove(workspace, conversation, memory)}))
}

// seal makes a segment of the tail, however small it is.
func (w *world) seal() {
	w.t.Helper()
	w.sealing(func() {})
}

// sealing is seal, with something that happens when the segment counts, and its
// rows are still to be removed.
func (w *world) sealing(meanwhile func()) {
	w.t.Helper()
	m, err := w.index().ReadManifest(w.t.Context(), workspace)
	w.ok(err)
	rows, _, err := w.index().ReadTail(w.t.Context(), workspace, "", 0)
	w.ok(err)
	if len(rows) == 0 {
		return
	}
	inputs, err := w.index().Inputs(w.t.Context(), nil, rows)
	w.ok(err)
	_, err = w.index().Replace(w.t.Context(), workspace, m, len(m.Segments), len(m.Segments), inputs)
	w.ok(err)
	meanwhile()
	w.ok(w.index().DeleteRows(w.t.Context(), rows))
}

func (w *world) find(query string) []search.Hit {
	w.t.Helper()
	return w.findAll(search.Query{Text: query})
}

func (w *world) findAll(query search.Query) []search.Hit {
	w.t.Helper()
	var hits []search.Hit
	for hit, err := range w.Search(w.t.Context(), workspace, query) {
		w.ok(err)
		hits = append(hits, hit)
	}
	return hits
}

func ids(hits []search.Hit) []string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Conversation)
	}
	return out
}
