// Package conversationtest has what the tests of conversations and of everything
// that belongs to them stand on.
package conversationtest

import (
	"bytes"
	order "cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.etcd.io/bbolt"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/conversation"
	"griot/internal/conversation/bridge"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/topic"
	"griot/internal/disk"
	"griot/internal/errs"
	"griot/internal/fault"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/queue"
	"griot/internal/quota"
	"griot/internal/search"
	"griot/internal/system"
	"griot/internal/system/systemtest"
	"griot/internal/table"
	"griot/internal/task"
)

// Start is when a test begins.
var Start = time.Date(2026, 5, 18, 14, 0, 0, 123e6, time.UTC)

// Hand is a clock that tests set; it moves a little whenever it is read.
type Hand struct {
	mu  sync.Mutex
	now time.Time
}

// Now moves the clock a little.
func (h *Hand) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(time.Microsecond)
	return h.now
}

// Marker is a word that is nowhere but where a test puts it. No other word begins
// with its letter, so that the index, which leaves out what a word has in common
// with the one before it, cannot hide it from Where.
const Marker = "zyzzyva"

// World is the system on the embedded stores, with a caller.
type World struct {
	*system.System
	Bridges *bridge.Service

	T     testing.TB
	P     access.Principal
	Hand  *Hand
	DB    *disk.File
	Blobs blob.Store
	Bare  table.Store // without what a test puts around it
	ports system.Ports
}

// New returns a world of a test's own.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{T: t, Hand: &Hand{now: Start}, P: Principal()}
	drivers, db := systemtest.Embed(t, "http://unused", w.Hand.Now)
	w.DB, w.ports = db, drivers.Ports()
	w.Bare, w.Blobs = w.ports.Table, w.ports.Blobs
	w.Use(w.Bare)
	return w
}

// Advance moves the clock.
func (w *World) Advance(d time.Duration) {
	w.Hand.mu.Lock()
	defer w.Hand.mu.Unlock()
	w.Hand.now = w.Hand.now.Add(d)
}

// Use lets the services work on a store.
func (w *World) Use(store table.Store) {
	w.ports.Table = store
	w.System = system.New(w.ports, system.Config{Cache: search.NewCache(1 << 20)})
	w.Bridges = &bridge.Service{Conversations: w.Conversations}
}

// Principal is somebody who may do everything in a workspace.
func Principal() access.Principal {
	return access.Principal{Workspace: id.At(id.Workspace, Start), KeyID: "k", Scopes: []access.Scope{access.All}}
}

// OK ends the test on an error.
func (w *World) OK(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Kind checks what kind an error is of.
func (w *World) Kind(err error, kind errs.Kind) {
	w.T.Helper()
	if !errs.Is(err, kind) {
		w.T.Errorf("error %v, want kind %d", err, kind)
	}
}

// Talk makes an empty conversation.
func (w *World) Talk(title string) string {
	w.T.Helper()
	c, err := w.Conversations.Create(w.T.Context(), w.P, conversation.CreateInput{Title: title}, nil)
	w.OK(err)
	return c.ID
}

// Add makes a memory in a conversation.
func (w *World) Add(conversationID, content string, topics ...string) memory.Memory {
	w.T.Helper()
	made, err := w.Memories.Create(w.T.Context(), w.P, memory.Input{
		Conversation: conversationID, Content: content, Topics: topics,
	}, nil)
	w.OK(err)
	return made.Memory
}

// Claim is that of a request with an Idempotency-Key.
func (w *World) Claim(key string) *idempotency.Claim {
	return idempotency.New(idempotency.Request{
		Workspace: w.P.Workspace, KeyID: "k", Method: "POST", Path: "/x", Key: key,
	}, w.Hand.Now(), func(result any) (idempotency.Answer, error) {
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

// Timeline returns the contents of a conversation's memories.
func (w *World) Timeline(conversationID string) []string {
	w.T.Helper()
	tl, err := w.Memories.Timeline(w.T.Context(), w.P, conversationID, 0, 0)
	w.OK(err)
	var out []string
	for m, err := range tl.Memories {
		w.OK(err)
		out = append(out, m.Content)
	}
	if int64(len(out)) != tl.Count {
		w.T.Errorf("the timeline has %d memories and counts %d", len(out), tl.Count)
	}
	return out
}

// Work does all jobs that are queued, and then what is due.
func (w *World) Work() {
	w.T.Helper()
	for range 20 {
		w.Advance(2 * time.Hour)
		sweeper := &task.Sweeper{Table: w.Bare, Now: w.Hand.Now, Looks: w.Upkeep.Looks()}
		_, err := sweeper.Sweep(w.T.Context())
		w.OK(err)
		if w.Drain(queue.Purge)+w.Drain(queue.Tidy) == 0 {
			return
		}
	}
	w.T.Fatal("the jobs do not end")
}

// Drain does the jobs of a queue as a worker does them.
func (w *World) Drain(name queue.Name) (done int) {
	w.T.Helper()
	for {
		messages, err := w.Conversations.Jobs[name].Receive(w.T.Context(), 10, 0)
		w.OK(err)
		if len(messages) == 0 {
			return done
		}
		for _, m := range messages {
			j, err := task.Decode(m.Body)
			w.OK(err)
			w.OK(w.Do(name, j))
			w.OK(w.Conversations.Jobs[name].Ack(w.T.Context(), m))
			done++
		}
	}
}

// Lose forgets the messages of a queue.
func (w *World) Lose(name queue.Name) {
	w.T.Helper()
	for {
		messages, err := w.Conversations.Jobs[name].Receive(w.T.Context(), 10, 0)
		w.OK(err)
		if len(messages) == 0 {
			return
		}
		for _, m := range messages {
			w.OK(w.Conversations.Jobs[name].Ack(w.T.Context(), m))
		}
	}
}

// Do does what a message of a queue says.
func (w *World) Do(from queue.Name, m task.Message) error {
	return w.Upkeep.Handlers()[task.KindOf(from, m)](w.T.Context(), m)
}

// All reads a list to its end.
func (w *World) All(list iter.Seq2[memory.Memory, error]) (out []memory.Memory) {
	w.T.Helper()
	for m, err := range list {
		w.OK(err)
		out = append(out, m)
	}
	return out
}

// Tolerate fails the test on any error but an injected one.
func (w *World) Tolerate(err error) {
	w.T.Helper()
	if err != nil && !errors.Is(err, fault.ErrInjected) {
		w.T.Fatal(err)
	}
}

// Sound checks that everything that counts agrees with what is there.
func (w *World) Sound() {
	w.T.Helper()
	ctx := w.T.Context()
	list, err := w.Conversations.List(ctx, w.P, conversation.ListInput{Limit: 1000})
	w.OK(err)
	if list.Total != len(list.Conversations) {
		w.T.Errorf("%d conversations, %d counted", len(list.Conversations), list.Total)
	}
	w.sorted(list.Conversations)
	topics := map[string]int{}
	memories := 0
	for _, c := range list.Conversations {
		tl, err := w.Memories.Timeline(ctx, w.P, c.ID, 0, 0)
		w.OK(err)
		n := 0
		var events tally.Events
		for m, err := range tl.Memories { // in the order of their events
			w.OK(err)
			if n++; n == 1 {
				events.First = m.At()
			}
			events.Last = m.At()
			got, err := w.Memories.Get(ctx, w.P, m.ID)
			if w.OK(err); got.Content != m.Content {
				w.T.Errorf("memory %s has two contents", m.ID)
			}
			for _, name := range m.Topics {
				topics[name]++
				found, err := w.Conversations.ByTopic(ctx, w.P, conversation.TopicInput{Topic: name, Limit: 1000})
				if w.OK(err); !slices.ContainsFunc(found, func(o conversation.Conversation) bool { return o.ID == c.ID }) {
					w.T.Errorf("%s is not found by %s", c.ID, name)
				}
			}
			if !slices.Contains(w.Search(strings.Fields(m.Content)[0]), c.ID) {
				w.T.Errorf("%q is not found", m.Content)
			}
		}
		if memories += n; c.Memories != int64(n) {
			w.T.Errorf("%s has %d memories, %d counted", c.ID, n, c.Memories)
		}
		if !c.FirstEvent.Equal(events.First) || !c.LastEvent.Equal(events.Last) {
			w.T.Errorf("%s is about %v to %v, and says %v to %v", c.ID, events.First, events.Last, c.FirstEvent, c.LastEvent)
		}
	}
	walked, err := w.Memories.List(ctx, w.P, memory.ListInput{Limit: 100, SortBy: memory.SortUpdated})
	if w.OK(err); walked.Total != memories || w.Count() != memories {
		w.T.Errorf("%d memories, %d in the list, %d counted", memories, walked.Total, w.Count())
	}
	var want []string
	for name, n := range topics {
		want = append(want, fmt.Sprint(name, " ", n))
	}
	slices.Sort(want)
	w.TopicCounts(want...)
}

// sorted checks that lists have some conversations, which are all, in all orders.
func (w *World) sorted(all []conversation.Conversation) {
	w.T.Helper()
	for by, of := range map[string]func(conversation.Conversation) int64{
		conversation.SortActivity: func(c conversation.Conversation) int64 { return c.ActiveAt.UnixMilli() },
		conversation.SortMemories: func(c conversation.Conversation) int64 { return c.Memories },
		conversation.SortEvent: func(c conversation.Conversation) int64 {
			if c.Memories == 0 {
				return c.CreatedAt.UnixMilli()
			}
			return c.LastEvent.UnixMilli()
		},
	} {
		want := slices.SortedFunc(slices.Values(all), func(a, b conversation.Conversation) int {
			return order.Or(order.Compare(of(b), of(a)), strings.Compare(b.ID, a.ID))
		})
		got, err := w.Conversations.List(w.T.Context(), w.P, conversation.ListInput{Limit: 1000, SortBy: by})
		w.OK(err)
		if diff := cmp.Diff(want, got.Conversations, cmpopts.EquateEmpty()); diff != "" || got.Total != len(all) {
			w.T.Errorf("by %s, %d of %d:\n%s", by, got.Total, len(all), diff)
		}
	}
}

// Count is the number of memories that an unfiltered list counts.
func (w *World) Count() int {
	w.T.Helper()
	page, err := w.Memories.List(w.T.Context(), w.P, memory.ListInput{Limit: 1})
	w.OK(err)
	return page.Total
}

// Search returns the ids of the conversations that a query finds.
func (w *World) Search(query string) []string {
	w.T.Helper()
	page, err := w.Searches.SearchConversations(w.T.Context(), w.P, find.ConversationQuery{Query: query, Limit: 100})
	w.OK(err)
	var out []string
	for _, hit := range page.Hits {
		out = append(out, hit.ID)
	}
	return out
}

// TopicCounts checks all topics and their counts, as "name count" in the order of
// names, before and after folding.
func (w *World) TopicCounts(want ...string) {
	w.T.Helper()
	check := func(when string) {
		w.T.Helper()
		var got []string
		for offset := 0; ; offset += 100 {
			page, err := w.Topics.List(w.T.Context(), w.P, topic.ListInput{Limit: 100, Offset: offset, SortBy: topic.SortName})
			w.OK(err)
			for _, topic := range page.Topics {
				got = append(got, fmt.Sprint(topic.Name, " ", topic.Memories))
			}
			if len(got) == page.Total {
				break
			}
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			w.T.Errorf("topics %s:\n%s", when, diff)
		}
	}
	check("before folding")
	w.OK(w.Upkeep.Tidy(w.T.Context(), w.P.Workspace))
	check("after folding")
	w.Noted()
}

// MergeIndex makes the index's tail worth a segment, and it one.
func (w *World) MergeIndex() {
	w.T.Helper()
	for i := range 8 {
		var text strings.Builder
		for j := range 9000 {
			fmt.Fprint(&text, "filler", j, " ")
		}
		doc := search.Doc{Conversation: "conv_nobody", Memory: fmt.Sprint(i), Text: text.String()}
		w.OK(w.Bare.Transact(w.T.Context(), []table.Op{w.Conversations.Index.Put(w.P.Workspace, doc)}))
	}
	w.OK(w.Conversations.Index.Merge(w.T.Context(), w.P.Workspace))
}

// Where returns the keys and values of the file, and the objects, that have a
// text.
func (w *World) Where(text string) (found []string) {
	w.T.Helper()
	objects, _, err := w.Blobs.List(w.T.Context(), "", "")
	w.OK(err)
	for _, o := range objects {
		r, _, err := w.Blobs.Get(w.T.Context(), o.Key)
		w.OK(err)
		data, err := io.ReadAll(r)
		w.OK(errors.Join(err, r.Close()))
		if bytes.Contains(data, []byte(text)) {
			found = append(found, o.Key)
		}
	}
	var visit func(path string, b *bbolt.Bucket) error
	visit = func(path string, b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				return visit(path+"/"+string(k), b.Bucket(k))
			}
			if bytes.Contains(k, []byte(text)) || bytes.Contains(v, []byte(text)) {
				found = append(found, fmt.Sprintf("%s %q", path, k))
			}
			return nil
		})
	}
	w.OK(w.DB.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return visit(string(name), b) })
	}))
	return found
}

// Race does something on the bare store just before the first transaction
// that has an operation on a partition.
func (w *World) Race(partition string, do func()) {
	done := false
	w.Use(&Before{Store: w.Bare, Do: func(ops []table.Op) {
		for _, op := range ops {
			if !done && strings.HasSuffix(op.Key.PK, partition) {
				done = true
				w.Use(w.Bare)
				do()
				return
			}
		}
	}})
	w.T.Cleanup(func() {
		if !done {
			w.T.Errorf("nothing raced on %s", partition)
		}
	})
}

// Quotas are the books of what workspaces have.
func (w *World) Quotas() quota.Book { return quota.Book{Table: w.Bare, Now: w.Hand.Now} }

// Tallies are the rows that count memories, as the services see them.
func (w *World) Tallies() tally.Store {
	return tally.Store{Table: w.Conversations.Table, Now: w.Hand.Now}
}

// Noted checks that as many topics count as there are, when all is folded.
func (w *World) Noted() {
	w.T.Helper()
	page, err := w.Topics.List(w.T.Context(), w.P, topic.ListInput{Limit: 1})
	w.OK(err)
	state, err := w.Quotas().Read(w.T.Context(), w.P.Workspace)
	w.OK(err)
	if got := state.Used(quota.Topics); got != int64(page.Total) {
		w.T.Errorf("%d topics count, there are %d", got, page.Total)
	}
}

// Before is a store that does something before each transaction.
type Before struct {
	table.Store
	Do func(ops []table.Op)
}

// Transact does it first.
func (b *Before) Transact(ctx context.Context, ops []table.Op) error {
	b.Do(ops)
	return b.Store.Transact(ctx, ops)
}
