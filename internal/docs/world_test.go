package docs_test

import (
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/conversation"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/conversation/upkeep"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/session/lifecycle"
	"griot/internal/system"
	"griot/internal/system/systemtest"
	"griot/internal/table"
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
	sessions      *lifecycle.Service
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
	w := &world{T: t, table: store, now: time.Now()}
	ports, _ := systemtest.Embed(t, "http://127.0.0.1:3000", time.Now)
	w.blobs, w.jobs = ports.Blobs, ports.Queues
	w.serve()
	return w
}

func (w *world) serve() {
	s := system.New(system.Ports{Table: w.table, Blobs: w.blobs, Queues: w.jobs, Now: w.clock}, system.Config{})
	w.sessions, w.conversations, w.index = s.Sessions, s.Conversations, s.Index
	w.memories, w.topicLists, w.merges, w.searches, w.keeper = s.Memories, s.Topics, s.Merges, s.Searches, s.Upkeep
	ws, _, err := s.Access.CreateWorkspace(w.Context(), "Acme")
	ok(w, err)
	w.caller = access.Principal{Workspace: ws.ID, KeyID: "k", Scopes: []access.Scope{access.All}}
}

func embeddedTable(t *testing.T) table.Store {
	t.Helper()
	ports, _ := systemtest.Embed(t, "", time.Now)
	return ports.Table
}
