package conversation_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/upkeep"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/quota"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// stored is what the workspace has of stored_bytes.
func (w *world) stored() int64 {
	w.t.Helper()
	state, err := w.quotas().Usage(w.t.Context(), w.p.Workspace)
	w.ok(err)
	return state.Used(quota.StoredBytes)
}

func (w *world) limitBytes(limit int64) {
	w.t.Helper()
	w.ok(w.quotas().Set(w.t.Context(), w.p.Workspace, quota.StoredBytes, &limit))
}

func (w *world) weighs(want int64) {
	w.t.Helper()
	if got := w.stored(); got != want {
		w.t.Errorf("%d bytes are stored, want %d", got, want)
	}
}

func (w *world) reword(m memory.Memory, content string) error {
	_, err := w.memories.Update(w.t.Context(), w.p, m.ID, memory.Change{Content: &content})
	return err
}

// overBytes checks a refusal by the quota of bytes, which names it.
func (w *world) overBytes(err error, limit int64) {
	w.t.Helper()
	if !errs.Is(err, errs.QuotaExceeded) || !quota.Over(err, quota.StoredBytes) ||
		!strings.Contains(err.Error(), fmt.Sprint("stored_bytes: the quota is ", limit)) {
		w.t.Errorf("error %v, want a refusal by the quota of %d bytes", err, limit)
	}
}

// All that a client sent of a memory counts, whether there is much room or little.
func TestBytesOfMemories(t *testing.T) {
	for name, limit := range map[string]int64{"far from the quota": quota.StoredBytes.Default(), "near": 10_000} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.limitBytes(limit)
			made, err := w.memories.Create(t.Context(), w.p, memory.Input{
				Conversation: "NEW", Content: "größer", Name: "n1", Context: "ctx", Topics: []string{"Topic", "T2"}, TaskID: "task",
				CodeContext: &memory.CodeContext{Repo: "repo", Extra: map[string]string{"key": "value"}},
			}, nil)
			w.ok(err)
			w.weighs(8 + 2 + 3 + 5 + 2 + 4 + 4 + 3 + 5)
			c := made.Memory.Conversation
			second := w.add(c, strings.Repeat("x", 100))
			other := w.add("NEW", strings.Repeat("y", 50))
			w.weighs(36 + 100 + 50)

			w.ok(w.reword(second, strings.Repeat("x", 4100)))
			w.weighs(36 + 4100 + 50)
			w.ok(w.reword(second, "x"))
			w.weighs(36 + 1 + 50)
			w.ok(w.memories.Delete(t.Context(), w.p, made.Memory.ID))
			w.weighs(1 + 50)
			_, err = w.Delete(t.Context(), w.p, c)
			w.ok(err)
			w.weighs(50) // at once
			w.work()
			w.weighs(50)
			w.ok(w.memories.Delete(t.Context(), w.p, other.ID))
			w.ok(w.memories.Delete(t.Context(), w.p, other.ID))
			w.weighs(0)
		})
	}
}

// A small change far from the quota is told with the next write of the
// workspace's count, and is known to its conversation at once.
func TestSmallChangesAreToldLater(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", strings.Repeat("x", 100))
	for n := 101; n <= 1100; n += 333 {
		w.ok(w.reword(m, strings.Repeat("x", n)))
		if low, got := int64(n-(1<<10)), w.stored(); got < low || got > int64(n) {
			t.Errorf("%d bytes are stored of %d", got, n)
		}
	}
	w.add(m.Conversation, "x")
	w.weighs(1100 + 1)
	w.ok(w.reword(m, strings.Repeat("x", 200)))
	_, err := w.Delete(t.Context(), w.p, m.Conversation)
	w.ok(err)
	w.weighs(0)
}

func TestNoRoomForBytes(t *testing.T) {
	w := newWorld(t)
	m := w.add("NEW", strings.Repeat("x", 600))
	w.limitBytes(1000)
	remember := func(n int, to string) error {
		_, err := w.memories.Create(t.Context(), w.p, memory.Input{Conversation: to, Content: strings.Repeat("x", n)}, nil)
		return err
	}
	before := w.timeline(m.Conversation)
	for name, err := range map[string]error{
		"more in it": remember(401, m.Conversation), "more in another": remember(401, "NEW"), "grown": w.reword(m, strings.Repeat("x", 1001)),
	} {
		t.Log(name)
		w.overBytes(err, 1000)
	}
	if !slices.Equal(w.timeline(m.Conversation), before) {
		t.Error("something of what was refused is there")
	}
	w.weighs(600)
	w.ok(remember(400, "NEW"))
	w.overBytes(remember(1, "NEW"), 1000)
	w.overBytes(w.reword(m, strings.Repeat("x", 601)), 1000)

	// What does not grow is not refused, and what it gives back is there for others at once.
	w.ok(w.reword(m, strings.Repeat("y", 600)))
	w.ok(w.reword(m, strings.Repeat("y", 500)))
	w.ok(remember(100, "NEW"))
	w.limitBytes(0)
	w.overBytes(remember(1, m.Conversation), 0)
	w.ok(w.reword(m, strings.Repeat("z", 499)))
	w.ok(w.memories.Delete(t.Context(), w.p, m.ID))
	w.weighs(500)
	w.limitBytes(quota.StoredBytes.Default())
	w.ok(remember(5000, "NEW"))
	w.weighs(5500)
}

// Files and memories share the quota: what one of them took the other one has not.
func TestBytesOfFilesAndMemories(t *testing.T) {
	w := newWorld(t)
	file := func(n int64) error {
		op, err := w.quotas().Take(t.Context(), w.p.Workspace, fmt.Sprint(n), quota.Amount{Counter: quota.Stored, N: n})
		if err == nil {
			err = w.bare.Transact(t.Context(), []table.Op{op})
		}
		return err
	}
	w.add("NEW", strings.Repeat("x", 300))
	w.limitBytes(1000)
	w.overBytes(file(701), 1000)
	w.ok(file(600))
	_, err := w.memories.Create(t.Context(), w.p, memory.Input{Content: strings.Repeat("x", 101)}, nil)
	w.overBytes(err, 1000)
	w.add("NEW", strings.Repeat("x", 100))
	w.overBytes(file(1), 1000)

	// Whoever decided by what was there before is refused, and reads again.
	w.limitBytes(1001)
	op, err := w.quotas().Take(t.Context(), w.p.Workspace, "f", quota.Amount{Counter: quota.Stored, N: 1})
	w.ok(err)
	w.add("NEW", "x")
	if err := w.bare.Transact(t.Context(), []table.Op{op}); !quota.Contested(err) {
		t.Errorf("a file beside a memory that took the last byte: %v", err)
	}
}

// A session's words count as its text, and its passages not again, until somebody
// edits one of them.
func TestBytesOfPassages(t *testing.T) {
	w := newWorld(t)
	f := newSession(w)
	f.say("Aria", 0, sentence(60, "about refunds"))
	f.say("Ben", 30_000, sentence(60, "about billing"))
	w.ok(f.bridge(t.Context()))
	w.weighs(0)
	list, err := w.memories.List(t.Context(), w.p, memory.ListInput{Limit: 10})
	w.ok(err)
	passages := w.all(list.Memories)
	w.limitBytes(100)
	w.overBytes(w.reword(passages[0], strings.Repeat("x", 100)), 100)
	w.limitBytes(4000)
	w.ok(w.reword(passages[0], strings.Repeat("x", 100)))
	edited, err := w.memories.Get(t.Context(), w.p, passages[0].ID)
	w.ok(err)
	w.weighs(100 + int64(len(edited.Context)))
	f.extract("second", extraction.Result{Entities: []extraction.EntityCandidate{{Common: sure(2), Name: "Billing"}}})
	w.ok(f.bridge(t.Context()))
	w.weighs(100 + int64(len(edited.Context)))
	_, err = w.Delete(t.Context(), w.p, passages[0].Conversation)
	w.ok(err)
	w.weighs(0)
}

// Rows of a version that counted no bytes give nothing back, and count from
// their next change on.
func TestBytesOfBefore(t *testing.T) {
	w := newWorld(t)
	var made []memory.Memory
	for i := range 4 {
		made = append(made, w.add(w.create(fmt.Sprint(i)), strings.Repeat("x", 2000)))
	}
	w.forgetBytes()
	w.weighs(0)
	w.ok(w.memories.Delete(t.Context(), w.p, made[0].ID))
	w.weighs(0)
	_, err := w.Delete(t.Context(), w.p, made[1].Conversation)
	w.ok(err)
	w.weighs(0)
	w.ok(w.reword(made[2], strings.Repeat("x", 1500)))
	w.weighs(1500)
	w.add(made[3].Conversation, "y")
	w.weighs(1501)
	_, err = w.Delete(t.Context(), w.p, made[3].Conversation)
	w.ok(err)
	w.weighs(1500)
	w.ok(w.memories.Delete(t.Context(), w.p, made[2].ID))
	w.weighs(0)
}

// forgetBytes leaves the rows as a version left them that counted no bytes.
func (w *world) forgetBytes() {
	w.t.Helper()
	list, err := w.memories.List(w.t.Context(), w.p, memory.ListInput{Limit: 100})
	w.ok(err)
	partitions := []string{"#order", "#lanes", "#count"}
	for _, m := range w.all(list.Memories) {
		partitions = append(partitions, "#"+m.Conversation)
	}
	for _, of := range partitions {
		rows, err := table.ReadAll(w.t.Context(), w.bare, table.Query{Table: table.Conversations, PK: w.p.Workspace + of})
		w.ok(err)
		for _, item := range rows {
			op := table.Update(item.Key, nil, table.Exists())
			op.Remove = []string{"bytes", "told", "counted"}
			_, err := w.bare.Write(w.t.Context(), op)
			w.ok(err)
		}
	}
}

// Random histories count what is there, with lanes that come and go, near the quota
// and far from it.
func TestBytesAreThoseThatAreThere(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 16))
	w := newWorld(t)
	known := map[string]map[string]int64{} // conversation, memory, bytes
	pick := func() (c, m string) {
		ids := []string{}
		for id := range known {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		c = ids[rnd.IntN(len(ids))]
		ids = ids[:0]
		for id := range known[c] {
			ids = append(ids, id)
		}
		if slices.Sort(ids); len(ids) > 0 {
			m = ids[rnd.IntN(len(ids))]
		}
		return c, m
	}
	for step := range 300 {
		w.clock.advance(time.Duration(rnd.IntN(2000)) * time.Millisecond)
		if len(known) < 3 {
			known[w.create(fmt.Sprint(step))] = map[string]int64{}
			continue
		}
		n := rnd.IntN(3000)
		content := strings.Repeat("x", n+1)
		c, m := pick()
		switch what := rnd.IntN(20); {
		case what < 7:
			known[c][w.add(c, content).ID] = int64(n + 1)
		case what < 12 && m != "":
			w.ok(w.reword(memory.Memory{ID: m}, content))
			known[c][m] = int64(n + 1)
		case what < 14 && m != "":
			w.ok(w.memories.Delete(t.Context(), w.p, m))
			delete(known[c], m)
		case what < 16:
			w.lanes(c)
		case what == 16:
			w.ok(w.gather(c))
		case what == 17:
			w.limitBytes(quota.StoredBytes.Default() * int64(rnd.IntN(2)+1) / 2)
		case what == 18:
			w.limitBytes(1 << 30) // near
		case rnd.IntN(3) == 0:
			_, err := w.Delete(t.Context(), w.p, c)
			w.ok(err)
			delete(known, c)
		}
	}
	sum := int64(0)
	for c, memories := range known {
		counts, _, err := w.tallies().Get(t.Context(), w.p.Workspace, c)
		w.ok(err)
		own := int64(0)
		for _, n := range memories {
			own += n
		}
		if counts.Bytes != own {
			t.Errorf("a conversation has %d bytes and counts %d", own, counts.Bytes)
		}
		sum += own - counts.Untold()
	}
	w.weighs(sum)
	for c := range known {
		_, err := w.Delete(t.Context(), w.p, c)
		w.ok(err)
	}
	w.weighs(0)
}

// Many who write at once in conversations of a table that cancels what overlaps
// never have more than the quota, and what they have counts.
func TestBytesAmongMany(t *testing.T) {
	w := newWorld(t)
	c := w.create("crowd")
	w.limitBytes(2000)
	w.use(tabletest.NewContended(w.bare, time.Millisecond))
	var kept atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				made, err := w.memories.Create(t.Context(), w.p, memory.Input{Conversation: c, Content: strings.Repeat("x", 50)}, nil)
				if errs.Is(err, errs.QuotaExceeded) {
					return
				}
				if err != nil || w.memories.Delete(t.Context(), w.p, made.Memory.ID) != nil && !errs.Is(err, errs.Unavailable) {
					continue
				}
				if _, err := w.memories.Create(t.Context(), w.p, memory.Input{Conversation: c, Content: strings.Repeat("y", 100)}, nil); err == nil {
					kept.Add(100)
				}
			}
		})
	}
	all.Wait()
	w.use(w.bare)
	there := int64(0)
	for _, content := range w.timeline(c) {
		there += int64(len(content))
	}
	if there > 2000 || there < kept.Load() {
		t.Errorf("%d bytes are there, of %d that were kept", there, kept.Load())
	}
	w.weighs(there)
}

// Counters that are wrong in any way are put right by a recount, and again nothing
// is left to do; rows of before count from then on.
func TestRecount(t *testing.T) {
	wrongs := map[string]func(w *world, c string){
		"nothing":     func(*world, string) {},
		"rows before": func(w *world, _ string) { w.forgetBytes() },
		"the workspace's count": func(w *world, _ string) {
			w.write(table.Increment(quota.Memories(w.p.Workspace, 7), quota.MemoryBytes, -5000))
		},
		"a conversation": func(w *world, c string) {
			op := table.Increment(tally.Key(w.p.Workspace, c), "bytes", 77)
			op.Add["told"] = 33
			w.write(op)
		},
		"topics": func(w *world, _ string) { w.write(quota.Note(w.p.Workspace, quota.Named, 77)) },
		"lanes that a version before left": func(w *world, c string) {
			w.write(table.Put(table.Key{Table: table.Conversations, PK: w.p.Workspace + "#lanes", SK: c + "#gone#1"}, table.Attrs{"told": int64(9)}))
		},
	}
	for name, wrong := range wrongs {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c, made := w.busy()
			w.ok(w.reword(made[0], strings.Repeat("x", 300))) // told later
			other := w.add("NEW", strings.Repeat("y", 700))
			w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
			want := int64(300 + 700)
			for _, m := range made {
				for _, topic := range m.Topics {
					want += int64(len(topic))
				}
			}
			for _, m := range made[1:] {
				want += int64(len(m.Content))
			}
			wrong(w, c)
			for range 2 {
				w.ok(w.keeper.Recount(t.Context(), w.p.Workspace))
				w.weighs(want)
				w.noted()
			}
			_, err := w.Delete(t.Context(), w.p, c)
			w.ok(err)
			w.weighs(700)
			w.ok(w.memories.Delete(t.Context(), w.p, other.ID))
			w.weighs(0)
		})
	}
}

func (w *world) write(op table.Op) {
	w.t.Helper()
	_, err := w.bare.Write(w.t.Context(), op)
	w.ok(err)
}

// beside is a store that lets somebody else do something before its reads, so
// many times.
type beside struct {
	table.Store
	reads, after, times int
	do                  func()
}

func (b *beside) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if b.reads++; b.reads > b.after && b.times > 0 {
		b.times--
		b.do()
	}
	return b.Store.Query(ctx, q)
}

// Writers at any place of a recount, with another recount among them, change
// nothing in what it comes to.
func TestRecountBesideWriters(t *testing.T) {
	for _, what := range []string{"create", "create and delete", "change", "delete", "recount"} {
		for after := range 14 {
			w := newWorld(t)
			c := w.create("c")
			want := int64(0)
			made := w.add(c, strings.Repeat("x", 1000))
			second := w.add("NEW", strings.Repeat("z", 10))
			want += 1010
			w.forgetBytes()
			w.write(table.Increment(quota.Memories(w.p.Workspace, 3), quota.MemoryBytes, 4321))
			other := *w.Service // on the bare store
			gap := &beside{Store: w.bare, after: after, times: 1}
			gap.do = func() {
				switch what {
				case "create":
					w.added(&other, "NEW", 500)
					want += 500
				case "create and delete":
					m := w.added(&other, c, 500)
					w.ok((&memory.Service{Conversations: &other}).Delete(t.Context(), w.p, m.ID))
				case "change":
					content := strings.Repeat("x", 3000)
					_, err := (&memory.Service{Conversations: &other}).Update(t.Context(), w.p, made.ID, memory.Change{Content: &content})
					w.ok(err)
					want += 2000
				case "delete":
					_, err := other.Delete(t.Context(), w.p, second.Conversation)
					w.ok(err)
					want -= 10
				case "recount":
					w.ok((&upkeep.Service{Conversations: &other}).Recount(t.Context(), w.p.Workspace))
				}
			}
			w.use(gap)
			w.ok(w.keeper.Recount(t.Context(), w.p.Workspace))
			w.use(w.bare)
			if got := w.stored(); got != want {
				t.Errorf("%s before read %d: %d bytes count, want %d", what, after, got, want)
			}
		}
	}
}

func (w *world) added(s *conversation.Service, to string, n int) memory.Memory {
	w.t.Helper()
	made, err := (&memory.Service{Conversations: s}).Create(w.t.Context(), w.p, memory.Input{Conversation: to, Content: strings.Repeat("y", n)}, nil)
	w.ok(err)
	return made.Memory
}

// A workspace that never rests is not put right by half.
func TestRecountOfARestlessWorkspace(t *testing.T) {
	w := newWorld(t)
	w.add("NEW", strings.Repeat("x", 1000))
	w.write(table.Increment(quota.Memories(w.p.Workspace, 3), quota.MemoryBytes, 500))
	other, n := *w.Service, 0
	gap := &beside{Store: w.bare, after: 3, times: 1 << 20}
	gap.do = func() {
		w.added(&other, "NEW", 1)
		n++
	}
	w.use(gap)
	err := w.keeper.Recount(t.Context(), w.p.Workspace)
	w.kind(err, errs.Unavailable)
	w.use(w.bare)
	w.weighs(1500 + int64(n))
}
