package conversation_test

import (
	"encoding/json"
	"iter"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/conversation"
	"griot/internal/conversation/bridge"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/conversation/upkeep"
	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/search"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
	"griot/internal/task"
)

var start = time.Date(2026, 5, 18, 14, 0, 0, 123e6, time.UTC)

// hand is a clock that tests set; it moves a little whenever it is read.
type hand struct {
	mu  sync.Mutex
	now time.Time
}

func (h *hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(time.Microsecond)
	return h.now
}

func (h *hand) advance(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

// world is a service on the embedded stores, with a caller.
type world struct {
	*conversation.Service
	memories   *memory.Service
	topicLists *topic.Service
	merges     *merge.Service
	searches   *find.Service
	bridges    *bridge.Service
	keeper     *upkeep.Service
	t          testing.TB
	p          access.Principal
	clock      *hand
	db         *disk.File
	path       string
	blobs      blob.Store
	bare       table.Store // without what a test puts around it
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: &hand{now: start}, path: filepath.Join(t.TempDir(), "griot.db")}
	db, err := disk.Open(w.path, disk.Options{NoSync: true})
	w.ok(err)
	t.Cleanup(func() { _ = db.Close() })
	w.db = db
	w.bare, err = tablebolt.New(db, w.clock.Now)
	w.ok(err)
	jobs := map[queue.Name]queue.Queue{}
	for _, name := range []queue.Name{queue.Purge, queue.Tidy, queue.Merge} {
		jobs[name], err = queuebolt.New(db, name, queuebolt.Options{})
		w.ok(err)
	}
	blobs, err := dir.Open(t.TempDir(), dir.Options{Base: "http://unused", NoSync: true, Now: w.clock.Now})
	w.ok(err)
	t.Cleanup(func() { _ = blobs.Close() })
	w.blobs = blobs
	w.Service = &conversation.Service{Jobs: jobs, Now: w.clock.Now}
	w.memories = &memory.Service{Conversations: w.Service}
	w.topicLists = &topic.Service{Jobs: jobs, Now: w.clock.Now}
	w.merges, w.searches = &merge.Service{Conversations: w.Service}, &find.Service{Conversations: w.Service}
	w.bridges, w.keeper = &bridge.Service{Conversations: w.Service}, &upkeep.Service{Conversations: w.Service}
	w.use(w.bare)
	w.p = principal()
	return w
}

// use lets the service work on a store.
func (w *world) use(store table.Store) {
	w.Service.Table, w.topicLists.Table = store, store
	w.Service.Index = &search.Index{
		Table: store, Blobs: w.blobs, Merges: w.Jobs[queue.Merge], Cache: search.NewCache(1 << 20),
	}
}

func principal() access.Principal {
	return access.Principal{Workspace: id.At(id.Workspace, start), KeyID: "k", Scopes: []access.Scope{access.All}}
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) kind(err error, kind errs.Kind) {
	w.t.Helper()
	if !errs.Is(err, kind) {
		w.t.Errorf("error %v, want kind %d", err, kind)
	}
}

// create makes an empty conversation.
func (w *world) create(title string) string {
	w.t.Helper()
	c, err := w.Create(w.t.Context(), w.p, conversation.CreateInput{Title: title}, nil)
	w.ok(err)
	return c.ID
}

// add makes a memory in a conversation.
func (w *world) add(conversationID, content string, topics ...string) memory.Memory {
	w.t.Helper()
	made, err := w.memories.Create(w.t.Context(), w.p, memory.Input{
		Conversation: conversationID, Content: content, Topics: topics,
	}, nil)
	w.ok(err)
	return made.Memory
}

func (w *world) claim(key string) *idempotency.Claim {
	return idempotency.New(idempotency.Request{
		Workspace: w.p.Workspace, KeyID: "k", Method: "POST", Path: "/x", Key: key,
	}, w.clock.Now(), func(result any) (idempotency.Answer, error) {
		text := "?"
		switch r := result.(type) {
		case memory.Created:
			text = r.Memory.ID + " " + r.Memory.Content
		case conversation.Conversation:
			text = r.ID + " " + r.Title
		case topic.Topic:
			text = r.ID + " " + r.Name
		}
		body, err := json.Marshal(text)
		return idempotency.Answer{Status: 201, Body: body}, err
	})
}

// timeline returns the contents of a conversation's memories.
func (w *world) timeline(conversationID string) []string {
	w.t.Helper()
	tl, err := w.memories.Timeline(w.t.Context(), w.p, conversationID, 0, 0)
	w.ok(err)
	var out []string
	for m, err := range tl.Memories {
		w.ok(err)
		out = append(out, m.Content)
	}
	if int64(len(out)) != tl.Count {
		w.t.Errorf("the timeline has %d memories and counts %d", len(out), tl.Count)
	}
	return out
}

// work does all jobs that are queued, and then what is due.
func (w *world) work() {
	w.t.Helper()
	for range 20 {
		w.clock.advance(2 * time.Hour)
		sweeper := &task.Sweeper{Table: w.bare, Now: w.clock.Now, Looks: w.keeper.Looks()}
		_, err := sweeper.Sweep(w.t.Context())
		w.ok(err)
		if w.drain(queue.Purge)+w.drain(queue.Tidy) == 0 {
			return
		}
	}
	w.t.Fatal("the jobs do not end")
}

// drain does the jobs of a queue as a worker does them.
func (w *world) drain(name queue.Name) (done int) {
	w.t.Helper()
	for {
		messages, err := w.Jobs[name].Receive(w.t.Context(), 10, 0)
		w.ok(err)
		if len(messages) == 0 {
			return done
		}
		for _, m := range messages {
			j, err := task.Decode(m.Body)
			w.ok(err)
			w.ok(w.do(name, j))
			w.ok(w.Jobs[name].Ack(w.t.Context(), m))
			done++
		}
	}
}

// lose forgets the messages of a queue.
func (w *world) lose(name queue.Name) {
	w.t.Helper()
	for {
		messages, err := w.Jobs[name].Receive(w.t.Context(), 10, 0)
		w.ok(err)
		if len(messages) == 0 {
			return
		}
		for _, m := range messages {
			w.ok(w.Jobs[name].Ack(w.t.Context(), m))
		}
	}
}

// do does what a message of a queue says.
func (w *world) do(from queue.Name, m task.Message) error {
	return w.keeper.Handlers()[task.KindOf(from, m)](w.t.Context(), m)
}

// all reads a list to its end.
func (w *world) all(list iter.Seq2[memory.Memory, error]) (out []memory.Memory) {
	w.t.Helper()
	for m, err := range list {
		w.ok(err)
		out = append(out, m)
	}
	return out
}
