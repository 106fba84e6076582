package docs_test

import (
	"path/filepath"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/conversation"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/conversation/upkeep"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
)

// world is both halves of the program on a table, with a caller. Objects and
// jobs are the embedded host's: they cost no units.
type world struct {
	*testing.T
	table         table.Store
	blobs         blob.Store
	jobs          map[queue.Name]queue.Queue
	now           time.Time
	caller        access.Principal
	sessions      *session.Service
	conversations *conversation.Service
	memories      *memory.Service
	topicLists    *topic.Service
	merges        *merge.Service
	searches      *find.Service
	keeper        *upkeep.Service
	index         *search.Index
}

// clock moves whenever it is read: two ids of one millisecond cost a write
// more.
func (w *world) clock() time.Time {
	w.now = w.now.Add(10 * time.Millisecond)
	return w.now
}

func newWorld(t *testing.T, store table.Store) *world {
	t.Helper()
	w := &world{T: t, table: store, now: time.Now(), jobs: map[queue.Name]queue.Queue{}}
	data := t.TempDir()
	db, err := disk.Open(filepath.Join(data, "jobs.db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	for _, name := range queue.Names {
		w.jobs[name], err = queuebolt.New(db, name, queuebolt.Options{})
		ok(t, err)
	}
	blobs, err := dir.Open(filepath.Join(data, "objects"), dir.Options{Base: "http://127.0.0.1:3000", NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, blobs.Close()) })
	w.blobs = blobs
	w.serve()
	return w
}

func (w *world) serve() {
	projects := &access.Directory{Table: w.table, Now: w.clock}
	ws, _, err := projects.CreateWorkspace(w.Context(), "Acme")
	ok(w, err)
	w.caller = access.Principal{Workspace: ws.ID, KeyID: "k", Scopes: []access.Scope{access.All}}
	w.sessions = &session.Service{Table: w.table, Blobs: w.blobs, Jobs: w.jobs, Projects: projects, Now: w.clock}
	w.index = &search.Index{Table: w.table, Blobs: w.blobs, Merges: w.jobs[queue.Merge]}
	w.conversations = &conversation.Service{Table: w.table, Index: w.index, Jobs: w.jobs, Now: w.clock}
	w.memories = &memory.Service{Conversations: w.conversations}
	w.topicLists = &topic.Service{Table: w.table, Jobs: w.jobs, Now: w.clock}
	w.merges, w.searches = &merge.Service{Conversations: w.conversations}, &find.Service{Conversations: w.conversations}
	w.keeper = &upkeep.Service{Conversations: w.conversations}
}

func embeddedTable(t *testing.T) table.Store {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { ok(t, db.Close()) })
	store, err := tablebolt.New(db, time.Now)
	ok(t, err)
	return store
}
