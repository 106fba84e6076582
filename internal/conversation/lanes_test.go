package conversation_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/errs"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

func (w *world) tallies() tally.Store { return tally.Store{Table: w.Service.Table, Now: w.clock.Now} }

// lanes gives a conversation lanes, as those do who write at once.
func (w *world) lanes(conversationID string) {
	w.t.Helper()
	w.ok(tally.Store{Table: w.bare, Now: w.clock.Now}.Split(w.t.Context(), w.p.Workspace, conversationID))
}

// gather adds a conversation's lanes up.
func (w *world) gather(conversationID string) error {
	w.t.Helper()
	t, ok, err := w.tallies().Get(w.t.Context(), w.p.Workspace, conversationID)
	if err != nil || !ok {
		return err
	}
	return w.tallies().Gather(w.t.Context(), w.p.Workspace, conversationID, t)
}

// busy makes a conversation with lanes and some memories, added before and since.
func (w *world) busy() (conversationID string, memories []memory.Memory) {
	w.t.Helper()
	first := w.add("NEW", "first words", "A")
	memories = append(memories, first)
	w.lanes(first.Conversation)
	for i := range 5 {
		memories = append(memories, w.add(first.Conversation, fmt.Sprint("more", i), "A", fmt.Sprint("T", i%2)))
	}
	return first.Conversation, memories
}

// spread checks how many lanes there are.
func (w *world) spread(want int) {
	w.t.Helper()
	if n := len(w.where("#lanes")); n != want {
		w.t.Errorf("%d lanes, want %d", n, want)
	}
}

// Random histories, with lanes that come and go at any time, count what a naive
// model counts, and lists have its order.
func TestLanesCountAsARow(t *testing.T) {
	type known struct {
		active   time.Time
		memories []memory.Memory
	}
	rnd := rand.New(rand.NewPCG(21, 1))
	w := newWorld(t)
	talks := map[string]*known{}
	pick := func() string {
		ids := make([]string, 0, len(talks))
		for id := range talks {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return ids[rnd.IntN(len(ids))]
	}
	for step := range 240 {
		w.clock.advance(time.Duration(rnd.IntN(2000)) * time.Millisecond)
		if rnd.IntN(40) == 0 {
			w.clock.advance(2 * time.Hour)
		}
		if len(talks) < 2 {
			id := w.create(fmt.Sprint("talk", step))
			c, err := w.Get(t.Context(), w.p, id)
			w.ok(err)
			talks[id] = &known{active: c.CreatedAt}
			continue
		}
		id := pick()
		talk := talks[id]
		n := len(talk.memories)
		switch what := rnd.IntN(20); {
		case what < 9:
			m := w.add(id, fmt.Sprint("said", step), fmt.Sprint("T", rnd.IntN(3)), "All")
			talk.memories, talk.active = append(talk.memories, m), m.CreatedAt
		case what < 11 && n > 0:
			topics := []string{fmt.Sprint("T", rnd.IntN(4))}
			_, err := w.memories.Update(t.Context(), w.p, talk.memories[rnd.IntN(n)].ID, memory.Change{Topics: &topics})
			w.ok(err)
		case what < 13 && n > 0:
			i := rnd.IntN(n)
			w.ok(w.memories.Delete(t.Context(), w.p, talk.memories[i].ID))
			talk.memories = slices.Delete(talk.memories, i, i+1)
		case what < 16:
			w.lanes(id)
		case what < 18:
			w.ok(w.gather(id))
		case what == 18:
			w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
		case rnd.IntN(3) == 0:
			_, err := w.Delete(t.Context(), w.p, id)
			w.ok(err)
			delete(talks, id)
		}
		total := 0
		var want []string
		for id, talk := range talks {
			want, total = append(want, id), total+len(talk.memories)
			c, err := w.Get(t.Context(), w.p, id)
			if w.ok(err); c.Memories != int64(len(talk.memories)) || !c.ActiveAt.Equal(talk.active) {
				t.Fatalf("step %d: %d memories, active at %v; want %d, %v", step, c.Memories, c.ActiveAt, len(talk.memories), talk.active)
			}
		}
		if n := w.count(); n != total {
			t.Fatalf("step %d: the workspace counts %d memories, want %d", step, n, total)
		}
		slices.SortFunc(want, func(a, b string) int {
			return cmp.Or(talks[b].active.Compare(talks[a].active), cmp.Compare(b, a))
		})
		page, err := w.List(t.Context(), w.p, conversation.ListInput{Limit: 100, SortBy: conversation.SortActivity})
		w.ok(err)
		var got []string
		for _, c := range page.Conversations {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("step %d: by activity %v, want %v", step, got, want)
		}
	}
	w.sound()
	w.work()
	w.sound()
}

// Whatever is done in a conversation with lanes is done once and counted, where
// each write of it fails, or the process dies there.
func TestLanesUnderFaults(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and of few goroutines: there is no race to find")
	}
	content := "other words"
	for name, step := range map[string]struct {
		do   func(w *world, c string, m []memory.Memory) error
		left int
	}{
		"split": {func(w *world, c string, _ []memory.Memory) error {
			w.ok(tally.Store{Table: w.bare, Now: w.clock.Now}.Gather(w.t.Context(), w.p.Workspace, c, w.tallyOf(c)))
			return w.tallies().Split(w.t.Context(), w.p.Workspace, c)
		}, 6},
		"tidy": {func(w *world, _ string, _ []memory.Memory) error {
			w.clock.advance(time.Hour)
			return w.keeper.Tidy(w.t.Context(), w.p.Workspace)
		}, 6},
		"change": {func(w *world, _ string, m []memory.Memory) error {
			_, err := w.memories.Update(w.t.Context(), w.p, m[2].ID, memory.Change{Content: &content, Topics: &[]string{"B"}})
			return err
		}, 6},
		"change what gave the title": {func(w *world, _ string, m []memory.Memory) error {
			_, err := w.memories.Update(w.t.Context(), w.p, m[0].ID, memory.Change{Content: &content})
			return err
		}, 6},
		"forget": {func(w *world, _ string, m []memory.Memory) error {
			return w.memories.Delete(w.t.Context(), w.p, m[3].ID)
		}, 5},
		"forget what gave the title": {func(w *world, _ string, m []memory.Memory) error {
			return w.memories.Delete(w.t.Context(), w.p, m[0].ID)
		}, 5},
		"hide": {func(w *world, c string, _ []memory.Memory) error {
			_, err := w.Delete(w.t.Context(), w.p, c)
			return err
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
				w := newWorld(t)
				w.add("NEW", "another one", "A")
				c, memories := w.busy()
				faulty := tabletest.NewFaulty(w.bare)
				w.use(faulty)
				arm(faulty)
				err := step.do(w, c, memories)
				faulty.Heal()
				w.tolerate(err)
				w.sound()
				if err := step.do(w, c, memories); step.left > 0 {
					w.ok(err)
				} else if err != nil {
					w.kind(err, errs.NotFound)
				}
				if w.count() != step.left+1 {
					t.Errorf("%d memories", w.count())
				}
				w.sound()
				w.work()
				w.sound()
				w.spread(0)
			}
			tabletest.EachWrite(t, scenario)
			tabletest.EachCrash(t, scenario)
		})
	}
}

func (w *world) tallyOf(c string) tally.Tally {
	w.t.Helper()
	t, ok, err := tally.Store{Table: w.bare, Now: w.clock.Now}.Get(w.t.Context(), w.p.Workspace, c)
	if w.ok(err); !ok {
		w.t.Fatal("there is no such conversation")
	}
	return t
}

func TestMemoryAgainstGather(t *testing.T) {
	w := newWorld(t)
	c, _ := w.busy()
	w.race("#lanes", func() { w.ok(w.gather(c)) })
	w.add(c, "in between", "A")
	w.sound()
	w.spread(0)
}

// Somebody has closed lanes and died: they count, and the next writer who comes
// to one of them finishes that.
func TestMemoryAfterAHalfGather(t *testing.T) {
	for _, closed := range []int{4, tally.Lanes} {
		w := newWorld(t)
		c, _ := w.busy()
		lanes, err := w.bare.Query(t.Context(), table.Query{Table: table.Conversations, PK: w.p.Workspace + "#lanes"})
		w.ok(err)
		for _, lane := range lanes.Items[:closed] {
			_, err := w.bare.Write(t.Context(), table.Update(lane.Key, table.Attrs{"closed": int64(1)}))
			w.ok(err)
		}
		w.sound()
		for i := 0; w.tallyOf(c).Lane() != "" && i < 200; i++ {
			w.add(c, fmt.Sprint("after", i), "A")
		}
		w.sound()
		w.spread(0)
	}
}

// What was read before lanes were gathered, and others split, gathers nothing.
func TestGatherTwice(t *testing.T) {
	w := newWorld(t)
	c, _ := w.busy()
	old := w.tallyOf(c)
	for range 2 {
		w.ok(w.tallies().Gather(t.Context(), w.p.Workspace, c, old))
		w.sound()
	}
	w.lanes(c)
	w.add(c, "again", "A")
	w.ok(w.tallies().Gather(t.Context(), w.p.Workspace, c, old))
	w.spread(tally.Lanes)
	w.sound()
}

func TestGatherAgainstGather(t *testing.T) {
	w := newWorld(t)
	c, _ := w.busy()
	w.race("#lanes", func() { w.ok(w.gather(c)) })
	w.ok(w.gather(c))
	w.sound()
	w.spread(0)
}

// A conversation is hidden while others add to its lanes, and get new ones.
func TestHideAgainstLanes(t *testing.T) {
	for _, again := range []bool{false, true} {
		w := newWorld(t)
		c, _ := w.busy()
		w.race("#hidden", func() {
			if again {
				w.lanes(c)
			}
			w.add(c, "late words", "A", "Late")
		})
		_, err := w.Delete(t.Context(), w.p, c)
		w.ok(err)
		if n := w.count(); n != 0 {
			t.Errorf("%d memories", n)
		}
		w.topics()
		w.work()
		w.topics()
		w.spread(0)
		if found := w.where("late"); len(found) > 0 {
			t.Errorf("left: %v", found)
		}
	}
}

func TestMemoryInLanesAgainstHide(t *testing.T) {
	w := newWorld(t)
	c, _ := w.busy()
	w.race("#lanes", func() {
		_, err := w.Delete(t.Context(), w.p, c)
		w.ok(err)
	})
	_, err := w.memories.Create(t.Context(), w.p, memory.Input{Conversation: c, Content: "x", Topics: []string{"A"}}, nil)
	w.kind(err, errs.NotFound)
	if n := w.count(); n != 0 {
		t.Errorf("%d memories", n)
	}
	w.work()
	w.topics()
}

// The title passes to a memory that is changed at the same time: no old word
// stays.
func TestTitlePassesAgainstLanes(t *testing.T) {
	w := newWorld(t)
	c, memories := w.busy()
	content := "new title"
	w.race("#convs", func() {
		_, err := w.memories.Update(t.Context(), w.p, memories[1].ID, memory.Change{Content: &content})
		w.ok(err)
	})
	w.ok(w.memories.Delete(t.Context(), w.p, memories[0].ID))
	w.titled(c, content)
	w.sound()
}

// A conversation goes on in its memory session, and begins another, with lanes
// as without.
func TestSessionsInLanes(t *testing.T) {
	w := newWorld(t)
	c, memories := w.busy()
	for _, m := range memories {
		if m.Session != memories[0].Session {
			t.Errorf("%q begins a session", m.Content)
		}
	}
	w.clock.advance(80 * time.Minute)
	w.add(c, "still")
	w.clock.advance(80 * time.Minute)
	made, err := w.memories.Create(t.Context(), w.p, memory.Input{Content: "chosen"}, nil)
	if w.ok(err); made.Memory.Conversation != c || made.SessionCreated {
		t.Errorf("goes to %s and begins a session: %v", made.Memory.Conversation, made.SessionCreated)
	}
	w.clock.advance(100 * time.Minute)
	made, err = w.memories.Create(t.Context(), w.p, memory.Input{Conversation: c, Content: "later"}, nil)
	if w.ok(err); !made.SessionCreated {
		t.Error("no session begins after a gap")
	}
	w.sound()
}

// Lanes to which nobody adds any more are gathered, others stay.
func TestTidyGathersIdleLanes(t *testing.T) {
	w := newWorld(t)
	w.busy()
	w.clock.advance(50 * time.Second)
	busy, _ := w.busy()
	w.clock.advance(20 * time.Second)
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	w.spread(tally.Lanes)
	w.add(busy, "goes on", "A")
	w.sound()
	w.clock.advance(time.Hour)
	w.ok(w.keeper.Tidy(t.Context(), w.p.Workspace))
	w.spread(0)
	w.sound()
}

// Counts of before, in eight rows, go on.
func TestCountsOfBefore(t *testing.T) {
	w := newWorld(t)
	for shard := range 8 {
		_, err := w.bare.Write(t.Context(), table.Increment(
			table.Key{Table: table.Conversations, PK: w.p.Workspace + "#count", SK: fmt.Sprint(shard)}, "memories", int64(shard)))
		w.ok(err)
	}
	m := w.add("NEW", "one more")
	w.ok(w.memories.Delete(t.Context(), w.p, w.add(m.Conversation, "and gone").ID))
	if n := w.count(); n != 28+1 {
		t.Errorf("%d memories", n)
	}
}
