package memory_test

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
	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/conversation/upkeep"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// stored is what the workspace has of stored_bytes.
func (w *world) stored() int64 {
	w.T.Helper()
	state, err := w.Quotas().Usage(w.T.Context(), w.P.Workspace)
	w.OK(err)
	return state.Used(quota.StoredBytes)
}

func (w *world) limitBytes(limit int64) {
	w.T.Helper()
	w.OK(w.Quotas().Set(w.T.Context(), w.P.Workspace, quota.StoredBytes, &limit))
}

func (w *world) weighs(want int64) {
	w.T.Helper()
	if got := w.stored(); got != want {
		w.T.Errorf("%d bytes are stored, want %d", got, want)
	}
}

func (w *world) reword(m memory.Memory, content string) error {
	_, err := w.Memories.Update(w.T.Context(), w.P, m.ID, memory.Change{Content: &content})
	return err
}

// overBytes checks a refusal by the quota of bytes, which names it.
func (w *world) overBytes(err error, limit int64) {
	w.T.Helper()
	if !errs.Is(err, errs.QuotaExceeded) || !quota.Over(err, quota.StoredBytes) ||
		!strings.Contains(err.Error(), fmt.Sprint("stored_bytes: the quota is ", limit)) {
		w.T.Errorf("error %v, want a refusal by the quota of %d bytes", err, limit)
	}
}

// All that a client sent of a memory counts, whether there is much room or little.
func TestBytesOfMemories(t *testing.T) {
	for name, limit := range map[string]int64{"far from the quota": quota.StoredBytes.Default(), "near": 10_000} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.limitBytes(limit)
			made, err := w.Memories.Create(t.Context(), w.P, memory.Input{
				Conversation: "NEW", Content: "größer", Name: "n1", Context: "ctx", Topics: []string{"Topic", "T2"}, TaskID: "task",
				CodeContext: &memory.CodeContext{Repo: "repo", Extra: map[string]string{"key": "value"}},
			}, nil)
			w.OK(err)
			w.weighs(8 + 2 + 3 + 5 + 2 + 4 + 4 + 3 + 5)
			c := made.Memory.Conversation
			second := w.Add(c, strings.Repeat("x", 100))
			other := w.Add("NEW", strings.Repeat("y", 50))
			w.weighs(36 + 100 + 50)

			w.OK(w.reword(second, strings.Repeat("x", 4100)))
			w.weighs(36 + 4100 + 50)
			w.OK(w.reword(second, "x"))
			w.weighs(36 + 1 + 50)
			w.OK(w.Memories.Delete(t.Context(), w.P, made.Memory.ID))
			w.weighs(1 + 50)
			_, err = w.Conversations.Delete(t.Context(), w.P, c)
			w.OK(err)
			w.weighs(50) // at once
			w.Work()
			w.weighs(50)
			w.OK(w.Memories.Delete(t.Context(), w.P, other.ID))
			w.OK(w.Memories.Delete(t.Context(), w.P, other.ID))
			w.weighs(0)
		})
	}
}

// A small change far from the quota is told with the next write of the
// workspace's count, and is known to its conversation at once.
func TestSmallChangesAreToldLater(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", strings.Repeat("x", 100))
	for n := 101; n <= 1100; n += 333 {
		w.OK(w.reword(m, strings.Repeat("x", n)))
		if low, got := int64(n-(1<<10)), w.stored(); got < low || got > int64(n) {
			t.Errorf("%d bytes are stored of %d", got, n)
		}
	}
	w.Add(m.Conversation, "x")
	w.weighs(1100 + 1)
	w.OK(w.reword(m, strings.Repeat("x", 200)))
	_, err := w.Conversations.Delete(t.Context(), w.P, m.Conversation)
	w.OK(err)
	w.weighs(0)
}

func TestNoRoomForBytes(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", strings.Repeat("x", 600))
	w.limitBytes(1000)
	remember := func(n int, to string) error {
		_, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: to, Content: strings.Repeat("x", n)}, nil)
		return err
	}
	before := w.Timeline(m.Conversation)
	for name, err := range map[string]error{
		"more in it": remember(401, m.Conversation), "more in another": remember(401, "NEW"), "grown": w.reword(m, strings.Repeat("x", 1001)),
	} {
		t.Log(name)
		w.overBytes(err, 1000)
	}
	if !slices.Equal(w.Timeline(m.Conversation), before) {
		t.Error("something of what was refused is there")
	}
	w.weighs(600)
	w.OK(remember(400, "NEW"))
	w.overBytes(remember(1, "NEW"), 1000)
	w.overBytes(w.reword(m, strings.Repeat("x", 601)), 1000)

	// What does not grow is not refused, and what it gives back is there for others at once.
	w.OK(w.reword(m, strings.Repeat("y", 600)))
	w.OK(w.reword(m, strings.Repeat("y", 500)))
	w.OK(remember(100, "NEW"))
	w.limitBytes(0)
	w.overBytes(remember(1, m.Conversation), 0)
	w.OK(w.reword(m, strings.Repeat("z", 499)))
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	w.weighs(500)
	w.limitBytes(quota.StoredBytes.Default())
	w.OK(remember(5000, "NEW"))
	w.weighs(5500)
}

// Files and memories share the quota: what one of them took the other one has not.
func TestBytesOfFilesAndMemories(t *testing.T) {
	w := newWorld(t)
	file := func(n int64) error {
		op, err := w.Quotas().Take(t.Context(), w.P.Workspace, fmt.Sprint(n), quota.Amount{Counter: quota.Stored, N: n})
		if err == nil {
			err = w.Bare.Transact(t.Context(), []table.Op{op})
		}
		return err
	}
	w.Add("NEW", strings.Repeat("x", 300))
	w.limitBytes(1000)
	w.overBytes(file(701), 1000)
	w.OK(file(600))
	_, err := w.Memories.Create(t.Context(), w.P, memory.Input{Content: strings.Repeat("x", 101)}, nil)
	w.overBytes(err, 1000)
	w.Add("NEW", strings.Repeat("x", 100))
	w.overBytes(file(1), 1000)

	// Whoever decided by what was there before is refused, and reads again.
	w.limitBytes(1001)
	op, err := w.Quotas().Take(t.Context(), w.P.Workspace, "f", quota.Amount{Counter: quota.Stored, N: 1})
	w.OK(err)
	w.Add("NEW", "x")
	if err := w.Bare.Transact(t.Context(), []table.Op{op}); !quota.Contested(err) {
		t.Errorf("a file beside a memory that took the last byte: %v", err)
	}
}

// A session's words count as its text, and its passages not again, until somebody
// edits one of them.
func TestBytesOfPassages(t *testing.T) {
	w := newWorld(t)
	f := conversationtest.NewSession(w.World)
	f.Say("Aria", 0, conversationtest.Sentence(60, "about refunds"))
	f.Say("Ben", 30_000, conversationtest.Sentence(60, "about billing"))
	w.OK(f.Bridge(t.Context()))
	w.weighs(0)
	list, err := w.Memories.List(t.Context(), w.P, memory.ListInput{Limit: 10})
	w.OK(err)
	passages := w.All(list.Memories)
	w.limitBytes(100)
	w.overBytes(w.reword(passages[0], strings.Repeat("x", 100)), 100)
	w.limitBytes(4000)
	w.OK(w.reword(passages[0], strings.Repeat("x", 100)))
	edited, err := w.Memories.Get(t.Context(), w.P, passages[0].ID)
	w.OK(err)
	w.weighs(100 + int64(len(edited.Context)))
	f.Extract("second", extraction.Result{Entities: []extraction.EntityCandidate{{Common: conversationtest.Sure(2), Name: "Billing"}}})
	w.OK(f.Bridge(t.Context()))
	w.weighs(100 + int64(len(edited.Context)))
	_, err = w.Conversations.Delete(t.Context(), w.P, passages[0].Conversation)
	w.OK(err)
	w.weighs(0)
}

// Rows of a version that counted no bytes give nothing back, and count from
// their next change on.
func TestBytesOfBefore(t *testing.T) {
	w := newWorld(t)
	var made []memory.Memory
	for i := range 4 {
		made = append(made, w.Add(w.Talk(fmt.Sprint(i)), strings.Repeat("x", 2000)))
	}
	w.forgetBytes()
	w.weighs(0)
	w.OK(w.Memories.Delete(t.Context(), w.P, made[0].ID))
	w.weighs(0)
	_, err := w.Conversations.Delete(t.Context(), w.P, made[1].Conversation)
	w.OK(err)
	w.weighs(0)
	w.OK(w.reword(made[2], strings.Repeat("x", 1500)))
	w.weighs(1500)
	w.Add(made[3].Conversation, "y")
	w.weighs(1501)
	_, err = w.Conversations.Delete(t.Context(), w.P, made[3].Conversation)
	w.OK(err)
	w.weighs(1500)
	w.OK(w.Memories.Delete(t.Context(), w.P, made[2].ID))
	w.weighs(0)
}

// forgetBytes leaves the rows as a version left them that counted no bytes.
func (w *world) forgetBytes() {
	w.T.Helper()
	list, err := w.Memories.List(w.T.Context(), w.P, memory.ListInput{Limit: 100})
	w.OK(err)
	partitions := []string{"#order", "#lanes", "#count"}
	for _, m := range w.All(list.Memories) {
		partitions = append(partitions, "#"+m.Conversation)
	}
	for _, of := range partitions {
		rows, err := table.ReadAll(w.T.Context(), w.Bare, table.Query{Table: table.Conversations, PK: w.P.Workspace + of})
		w.OK(err)
		for _, item := range rows {
			op := table.Update(item.Key, nil, table.Exists())
			op.Remove = []string{"bytes", "told", "counted"}
			_, err := w.Bare.Write(w.T.Context(), op)
			w.OK(err)
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
		w.Advance(time.Duration(rnd.IntN(2000)) * time.Millisecond)
		if len(known) < 3 {
			known[w.Talk(fmt.Sprint(step))] = map[string]int64{}
			continue
		}
		n := rnd.IntN(3000)
		content := strings.Repeat("x", n+1)
		c, m := pick()
		switch what := rnd.IntN(20); {
		case what < 7:
			known[c][w.Add(c, content).ID] = int64(n + 1)
		case what < 12 && m != "":
			w.OK(w.reword(memory.Memory{ID: m}, content))
			known[c][m] = int64(n + 1)
		case what < 14 && m != "":
			w.OK(w.Memories.Delete(t.Context(), w.P, m))
			delete(known[c], m)
		case what < 16:
			w.lanes(c)
		case what == 16:
			w.OK(w.gather(c))
		case what == 17:
			w.limitBytes(quota.StoredBytes.Default() * int64(rnd.IntN(2)+1) / 2)
		case what == 18:
			w.limitBytes(1 << 30) // near
		case rnd.IntN(3) == 0:
			_, err := w.Conversations.Delete(t.Context(), w.P, c)
			w.OK(err)
			delete(known, c)
		}
	}
	sum := int64(0)
	for c, memories := range known {
		counts, _, err := w.Tallies().Get(t.Context(), record.In(w.P.Workspace, c))
		w.OK(err)
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
		_, err := w.Conversations.Delete(t.Context(), w.P, c)
		w.OK(err)
	}
	w.weighs(0)
}

// Many who write at once in conversations of a table that cancels what overlaps
// never have more than the quota, and what they have counts.
func TestBytesAmongMany(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("crowd")
	w.limitBytes(2000)
	w.Use(tabletest.NewContended(w.Bare, time.Millisecond))
	var kept atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				made, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: strings.Repeat("x", 50)}, nil)
				if errs.Is(err, errs.QuotaExceeded) {
					return
				}
				if err != nil || w.Memories.Delete(t.Context(), w.P, made.Memory.ID) != nil && !errs.Is(err, errs.Unavailable) {
					continue
				}
				if _, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: strings.Repeat("y", 100)}, nil); err == nil {
					kept.Add(100)
				}
			}
		})
	}
	all.Wait()
	w.Use(w.Bare)
	there := int64(0)
	for _, content := range w.Timeline(c) {
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
			w.write(table.Increment(quota.Memories(w.P.Workspace, 7), quota.MemoryBytes, -5000))
		},
		"a conversation": func(w *world, c string) {
			op := table.Increment(tally.Key(record.In(w.P.Workspace, c)), "bytes", 77)
			op.Add["told"] = 33
			w.write(op)
		},
		"topics": func(w *world, _ string) { w.write(quota.Note(w.P.Workspace, quota.Named, 77)) },
		"lanes that a version before left": func(w *world, c string) {
			w.write(table.Put(table.Key{Table: table.Conversations, PK: w.P.Workspace + "#lanes", SK: c + "#gone#1"}, table.Attrs{"told": int64(9)}))
		},
	}
	for name, wrong := range wrongs {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c, made := w.busy()
			w.OK(w.reword(made[0], strings.Repeat("x", 300))) // told later
			other := w.Add("NEW", strings.Repeat("y", 700))
			w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
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
				w.OK(w.Upkeep.Recount(t.Context(), w.P.Workspace))
				w.weighs(want)
				w.Noted()
			}
			_, err := w.Conversations.Delete(t.Context(), w.P, c)
			w.OK(err)
			w.weighs(700)
			w.OK(w.Memories.Delete(t.Context(), w.P, other.ID))
			w.weighs(0)
		})
	}
}

func (w *world) write(op table.Op) {
	w.T.Helper()
	_, err := w.Bare.Write(w.T.Context(), op)
	w.OK(err)
}

// beside is a store that lets somebody else do something before its reads, so
// many times.
type beside struct {
	table.Store
	reads, after, times int
	asked               table.Query // that it is before
	do                  func()
}

func (b *beside) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if b.reads++; b.reads > b.after && b.times > 0 {
		b.times, b.asked = b.times-1, q
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
			c := w.Talk("c")
			want := int64(0)
			made := w.Add(c, strings.Repeat("x", 1000))
			second := w.Add("NEW", strings.Repeat("z", 10))
			want += 1010
			w.forgetBytes()
			w.write(table.Increment(quota.Memories(w.P.Workspace, 3), quota.MemoryBytes, 4321))
			other := *w.Conversations // on the bare store
			gap := &beside{Store: w.Bare, after: after, times: 1}
			gap.do = func() {
				switch what {
				case "create":
					w.added(&other, "NEW", 500)
					want += 500
				case "create and delete":
					m := w.added(&other, c, 500)
					w.OK((&memory.Service{Conversations: &other}).Delete(t.Context(), w.P, m.ID))
				case "change":
					content := strings.Repeat("x", 3000)
					_, err := (&memory.Service{Conversations: &other}).Update(t.Context(), w.P, made.ID, memory.Change{Content: &content})
					w.OK(err)
					want += 2000
				case "delete":
					_, err := other.Delete(t.Context(), w.P, second.Conversation)
					w.OK(err)
					want -= 10
				case "recount":
					w.OK((&upkeep.Service{Conversations: &other}).Recount(t.Context(), w.P.Workspace))
				}
			}
			w.Use(gap)
			w.OK(w.Upkeep.Recount(t.Context(), w.P.Workspace))
			w.Use(w.Bare)
			if got := w.stored(); got != want {
				t.Errorf("%s before read %d: %d bytes count, want %d", what, after, got, want)
			}
		}
	}
}

func (w *world) added(s *conversation.Service, to string, n int) memory.Memory {
	w.T.Helper()
	made, err := (&memory.Service{Conversations: s}).Create(w.T.Context(), w.P, memory.Input{Conversation: to, Content: strings.Repeat("y", n)}, nil)
	w.OK(err)
	return made.Memory
}

// A memory that is changed to and fro, so that each reading of its conversation
// finds it short and each reading of the workspace's count finds it long, is
// not taken for one that nobody changes.
func TestRecountBesideToAndFro(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", strings.Repeat("x", 100))
	svc := *w.Conversations // on the bare store
	fro := &beside{Store: w.Bare, times: 1 << 20}
	fro.do = func() {
		for pk, n := range map[string]int{tally.Key(record.In(w.P.Workspace, "")).PK: 100, quota.Memories(w.P.Workspace, 0).PK: 3000} {
			if fro.asked.PK != pk {
				continue
			}
			content := strings.Repeat("x", n)
			_, err := (&memory.Service{Conversations: &svc}).Update(t.Context(), w.P, m.ID, memory.Change{Content: &content})
			w.OK(err)
		}
	}
	w.Use(fro)
	if err := w.Upkeep.Recount(t.Context(), w.P.Workspace); err != nil && !errs.Is(err, errs.Unavailable) {
		t.Error(err)
	}
	w.Use(w.Bare)
	w.weighs(int64(len(w.Timeline(m.Conversation)[0])))
}

// A workspace that never rests is not put right by half.
func TestRecountOfARestlessWorkspace(t *testing.T) {
	w := newWorld(t)
	w.Add("NEW", strings.Repeat("x", 1000))
	w.write(table.Increment(quota.Memories(w.P.Workspace, 3), quota.MemoryBytes, 500))
	other, n := *w.Conversations, 0
	gap := &beside{Store: w.Bare, after: 3, times: 1 << 20}
	gap.do = func() {
		w.added(&other, "NEW", 1)
		n++
	}
	w.Use(gap)
	err := w.Upkeep.Recount(t.Context(), w.P.Workspace)
	w.Kind(err, errs.Unavailable)
	w.Use(w.Bare)
	w.weighs(1500 + int64(n))
}
