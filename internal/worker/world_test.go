package worker_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/upkeep"
	"griot/internal/disk"
	"griot/internal/extraction"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/session/upload"
	"griot/internal/system"
	"griot/internal/system/systemtest"
	"griot/internal/table"
	"griot/internal/table/tabletest"
	"griot/internal/task"
	"griot/internal/transcriber"
	"griot/internal/worker"
)

// world is the whole system on a directory, with a clock that the test moves
// and workers that run when the test says so.
type world struct {
	t         *testing.T
	db        *disk.File
	bare      table.Store // without what refuses or fails
	table     table.Store
	blobs     blob.Store
	queues    map[queue.Name]queue.Queue
	access    *access.Directory
	sessions  *lifecycle.Service
	talks     *conversation.Service // conversations
	memories  *memory.Service
	topics    *topic.Service
	keeper    *upkeep.Service
	index     *search.Index
	workers   map[queue.Name]worker.Worker
	sweeper   *task.Sweeper
	extractor extraction.Extractor // the rules
	caller    access.Principal
	project   string
	faults    *tabletest.Faulty  // in front of table, in tests of failures
	engine    transcriber.Engine // of recordings; nil for none

	minutesPerDay int64 // of recordings

	mu  sync.Mutex
	now time.Time
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), extractor: speakers}
	ports, db := systemtest.Embed(t, "http://127.0.0.1:3000", w.clock)
	w.db, w.bare, w.table, w.blobs, w.queues = db, ports.Table, tabletest.NewContended(ports.Table, 0), ports.Blobs, ports.Queues
	w.assemble()
	ws, project, err := w.access.CreateWorkspace(t.Context(), "Acme")
	ok(t, err)
	w.project = project.ID
	w.caller = access.Principal{Workspace: ws.ID, KeyID: "k", Scopes: []access.Scope{access.All}}
	return w
}

// assemble makes the services anew on the stores as they are: a restart.
func (w *world) assemble() {
	ports := system.Ports{Table: w.table, Blobs: w.blobs, Queues: w.queues, Now: w.clock}
	s := system.New(ports, system.Config{Extractor: w.extractor, Engine: w.engine, MinutesPerDay: w.minutesPerDay})
	w.access, w.index, w.talks, w.sessions, w.workers = s.Access, s.Index, s.Conversations, s.Sessions, s.Workers
	w.memories, w.topics, w.keeper, w.sweeper = s.Memories, s.Topics, s.Upkeep, s.Sweeper
}

// speakers is an extractor that finds everybody who speaks.
var speakers = extraction.Extractor{
	Name: "speakers", Version: "1",
	Extract: func(_ context.Context, in extraction.Input) (extraction.Findings, error) {
		var f extraction.Findings
		seen := map[string]bool{}
		for _, seg := range in.Segments {
			if name := seg.SpeakerName(); name != "" && !seen[name] {
				seen[name] = true
				f.Entities = append(f.Entities, extraction.Entity{
					Type: "Person", Name: name, Mentions: 1, Confidence: 1,
					Evidence: []extraction.Evidence{{Seq: seg.Seq, Quote: seg.Text}},
				})
			}
		}
		return f, nil
	},
}

// drain handles jobs until there are none.
func (w *world) drain() {
	w.t.Helper()
	for busy := true; busy; {
		busy = false
		for name, handle := range w.workers {
			for w.step(name, handle) {
				busy = true
			}
		}
	}
}

func (w *world) step(name queue.Name, handle worker.Worker) bool {
	w.t.Helper()
	q := w.queues[name]
	messages, err := q.Receive(w.t.Context(), 1, 0)
	if err != nil || len(messages) == 0 {
		return false
	}
	err = handle(w.t.Context(), messages[0].Body)
	if _, dropped := worker.Dropped(err); err != nil && !dropped {
		w.restart()
		return true // the message is hidden for a while, as after a crash
	}
	_ = q.Ack(w.t.Context(), messages[0]) // a failure delivers it again
	return true
}

// settle lets time pass and the sweeper work until nothing is left to do. A
// sweep that fails is done again, as the next minute would.
func (w *world) settle() {
	w.t.Helper()
	for range 30 {
		w.drain()
		w.advance(3 * time.Minute)
		w.insist(func() error {
			return w.sweep()
		})
	}
	w.drain()
}

// sweep is the sweeper's turn. It is left out where no row is due: these are
// most turns of most tests, and each would begin on all shards at once.
func (w *world) sweep() error {
	for shard := range 16 {
		page, err := w.bare.Query(w.t.Context(), table.Query{
			Table: table.Sessions, PK: fmt.Sprintf("due#%d", shard), To: fmt.Sprintf("%013d#~", w.clock().UnixMilli()), Limit: 1,
		})
		ok(w.t, err)
		if len(page.Items) > 0 {
			_, err := w.sweeper.Sweep(w.t.Context())
			return err
		}
	}
	return nil
}

// insist does something until it succeeds, each time as a process that was
// started anew.
func (w *world) insist(do func() error) {
	w.t.Helper()
	var err error
	for range 5 {
		if err = do(); err == nil {
			return
		}
		w.restart()
	}
	w.t.Fatal(err)
}

// restart is what follows a crash: the stores work again, and hold what they
// held.
func (w *world) restart() {
	if w.faults != nil {
		w.faults.Heal()
	}
	w.assemble()
}

// upload makes an upload with its object in place and returns its URL.
func (w *world) upload(content string) string {
	w.t.Helper()
	size := int64(len(content))
	up, err := w.sessions.Uploads.CreateUpload(w.t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
	ok(w.t, err)
	w.arrive(up.Request.URL, content)
	return up.Request.URL
}

// arrive puts an upload's object in place, as its client would.
func (w *world) arrive(uploadURL, content string) {
	w.t.Helper()
	key, known := w.blobs.KeyOf(uploadURL)
	if !known {
		w.t.Fatalf("not an upload: %s", uploadURL)
	}
	_, err := w.blobs.Put(w.t.Context(), key, strings.NewReader(content), int64(len(content)), blob.Put{})
	ok(w.t, err)
	ok(w.t, w.queues[queue.Ingest].Send(w.t.Context(), queue.Outgoing{Body: task.Message{Object: key}.Encode()}))
}

func (w *world) get(id string) session.Session {
	w.t.Helper()
	s, err := w.sessions.Sessions.Get(w.t.Context(), w.caller, id)
	ok(w.t, err)
	return s
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
