package memory_test

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
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// lanes gives a conversation lanes, as those do who write at once.
func (w *world) lanes(conversationID string) {
	w.T.Helper()
	w.OK(tally.Store{Table: w.Bare, Now: w.Hand.Now}.Split(w.T.Context(), record.In(w.P.Workspace, conversationID)))
}

// gather adds a conversation's lanes up.
func (w *world) gather(conversationID string) error {
	w.T.Helper()
	t, ok, err := w.Tallies().Get(w.T.Context(), record.In(w.P.Workspace, conversationID))
	if err != nil || !ok {
		return err
	}
	return w.Tallies().Gather(w.T.Context(), record.In(w.P.Workspace, conversationID), t)
}

// addAt makes a memory that is about some time, or about none.
func (w *world) addAt(conversationID, content string, rnd *rand.Rand, topics ...string) memory.Memory {
	w.T.Helper()
	in := memory.Input{Conversation: conversationID, Content: content, Topics: topics}
	if rnd.IntN(2) == 0 {
		at := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rnd.Int64N(int64(150 * 365 * 24 * time.Hour))))
		in.EventTime = at.Format(time.RFC3339Nano)
	}
	made, err := w.Memories.Create(w.T.Context(), w.P, in, nil)
	w.OK(err)
	return made.Memory
}

// busy makes a conversation with lanes and some memories, added before and since.
func (w *world) busy() (conversationID string, memories []memory.Memory) {
	w.T.Helper()
	first := w.Add("NEW", "first words", "A")
	memories = append(memories, first)
	w.lanes(first.Conversation)
	for i := range 5 {
		memories = append(memories, w.Add(first.Conversation, fmt.Sprint("more", i), "A", fmt.Sprint("T", i%2)))
	}
	return first.Conversation, memories
}

// spread checks how many lanes there are.
func (w *world) spread(want int) {
	w.T.Helper()
	if n := len(w.Where("#lanes")); n != want {
		w.T.Errorf("%d lanes, want %d", n, want)
	}
}

func bounds(e tally.Events) []time.Time {
	if e == (tally.Events{}) {
		return nil
	}
	return []time.Time{e.First, e.Last}
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
		w.Advance(time.Duration(rnd.IntN(2000)) * time.Millisecond)
		if rnd.IntN(40) == 0 {
			w.Advance(2 * time.Hour)
		}
		if len(talks) < 2 {
			id := w.Talk(fmt.Sprint("talk", step))
			c, err := w.Conversations.Get(t.Context(), w.P, id)
			w.OK(err)
			talks[id] = &known{active: c.CreatedAt}
			continue
		}
		id := pick()
		talk := talks[id]
		n := len(talk.memories)
		switch what := rnd.IntN(20); {
		case what < 9:
			m := w.addAt(id, fmt.Sprint("said", step), rnd, fmt.Sprint("T", rnd.IntN(3)), "All")
			talk.memories, talk.active = append(talk.memories, m), m.CreatedAt
		case what < 11 && n > 0:
			topics := []string{fmt.Sprint("T", rnd.IntN(4))}
			_, err := w.Memories.Update(t.Context(), w.P, talk.memories[rnd.IntN(n)].ID, memory.Change{Topics: &topics})
			w.OK(err)
		case what < 13 && n > 0:
			i := rnd.IntN(n)
			w.OK(w.Memories.Delete(t.Context(), w.P, talk.memories[i].ID))
			talk.memories = slices.Delete(talk.memories, i, i+1)
		case what < 16:
			w.lanes(id)
		case what < 18:
			w.OK(w.gather(id))
		case what == 18:
			w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
			w.OK(conversation.Lists{Service: w.Conversations}.Renew(t.Context(), w.P.Workspace, true))
		case rnd.IntN(3) == 0:
			_, err := w.Conversations.Delete(t.Context(), w.P, id)
			w.OK(err)
			delete(talks, id)
		}
		total := 0
		var want []string
		for id, talk := range talks {
			want, total = append(want, id), total+len(talk.memories)
			c, err := w.Conversations.Get(t.Context(), w.P, id)
			if w.OK(err); c.Memories != int64(len(talk.memories)) || !c.ActiveAt.Equal(talk.active) {
				t.Fatalf("step %d: %d memories, active at %v; want %d, %v", step, c.Memories, c.ActiveAt, len(talk.memories), talk.active)
			}
			var events tally.Events
			for _, m := range talk.memories {
				events = tally.EventsOf(append([]time.Time{m.At()}, bounds(events)...)...)
			}
			if !c.FirstEvent.Equal(events.First) || !c.LastEvent.Equal(events.Last) {
				t.Fatalf("step %d: about %v to %v, want %v", step, c.FirstEvent, c.LastEvent, events)
			}
		}
		if n := w.Count(); n != total {
			t.Fatalf("step %d: the workspace counts %d memories, want %d", step, n, total)
		}
		slices.SortFunc(want, func(a, b string) int {
			return cmp.Or(talks[b].active.Compare(talks[a].active), cmp.Compare(b, a))
		})
		page, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 100, SortBy: conversation.SortActivity})
		w.OK(err)
		var got []string
		for _, c := range page.Conversations {
			got = append(got, c.ID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("step %d: by activity %v, want %v", step, got, want)
		}
	}
	w.Sound()
	w.Work()
	w.Sound()
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
			w.OK(tally.Store{Table: w.Bare, Now: w.Hand.Now}.Gather(w.T.Context(), record.In(w.P.Workspace, c), w.tallyOf(c)))
			return w.Tallies().Split(w.T.Context(), record.In(w.P.Workspace, c))
		}, 6},
		"tidy": {func(w *world, _ string, _ []memory.Memory) error {
			w.Advance(time.Hour)
			return w.Upkeep.Tidy(w.T.Context(), w.P.Workspace)
		}, 6},
		"change": {func(w *world, _ string, m []memory.Memory) error {
			_, err := w.Memories.Update(w.T.Context(), w.P, m[2].ID, memory.Change{Content: &content, Topics: &[]string{"B"}})
			return err
		}, 6},
		"change what gave the title": {func(w *world, _ string, m []memory.Memory) error {
			_, err := w.Memories.Update(w.T.Context(), w.P, m[0].ID, memory.Change{Content: &content})
			return err
		}, 6},
		"forget": {func(w *world, _ string, m []memory.Memory) error {
			return w.Memories.Delete(w.T.Context(), w.P, m[3].ID)
		}, 5},
		"forget what gave the title": {func(w *world, _ string, m []memory.Memory) error {
			return w.Memories.Delete(w.T.Context(), w.P, m[0].ID)
		}, 5},
		"hide": {func(w *world, c string, _ []memory.Memory) error {
			_, err := w.Conversations.Delete(w.T.Context(), w.P, c)
			return err
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
				w := newWorld(t)
				w.Add("NEW", "another one", "A")
				c, memories := w.busy()
				faulty := tabletest.NewFaulty(w.Bare)
				w.Use(faulty)
				arm(faulty)
				err := step.do(w, c, memories)
				faulty.Heal()
				w.Tolerate(err)
				w.Sound()
				if err := step.do(w, c, memories); step.left > 0 {
					w.OK(err)
				} else if err != nil {
					w.Kind(err, errs.NotFound)
				}
				if w.Count() != step.left+1 {
					t.Errorf("%d memories", w.Count())
				}
				w.Sound()
				w.Work()
				w.Sound()
				w.spread(0)
			}
			tabletest.EachWrite(t, scenario)
			tabletest.EachCrash(t, scenario)
		})
	}
}

func (w *world) tallyOf(c string) tally.Tally {
	w.T.Helper()
	t, ok, err := tally.Store{Table: w.Bare, Now: w.Hand.Now}.Get(w.T.Context(), record.In(w.P.Workspace, c))
	if w.OK(err); !ok {
		w.T.Fatal("there is no such conversation")
	}
	return t
}

func TestMemoryAgainstGather(t *testing.T) {
	w := newWorld(t)
	c, _ := w.busy()
	w.Race("#lanes", func() { w.OK(w.gather(c)) })
	w.Add(c, "in between", "A")
	w.Sound()
	w.spread(0)
}

// Somebody has closed lanes and died: they count, and the next writer who comes
// to one of them finishes that.
func TestMemoryAfterAHalfGather(t *testing.T) {
	for _, closed := range []int{4, tally.Lanes} {
		w := newWorld(t)
		c, _ := w.busy()
		lanes, err := w.Bare.Query(t.Context(), table.Query{Table: table.Conversations, PK: w.P.Workspace + "#lanes"})
		w.OK(err)
		for _, lane := range lanes.Items[:closed] {
			_, err := w.Bare.Write(t.Context(), table.Update(lane.Key, table.Attrs{"closed": int64(1)}))
			w.OK(err)
		}
		w.Sound()
		for i := 0; w.tallyOf(c).Lane() != "" && i < 200; i++ {
			w.Add(c, fmt.Sprint("after", i), "A")
		}
		w.Sound()
		w.spread(0)
	}
}

// What was read before lanes were gathered, and others split, gathers nothing.
func TestGatherTwice(t *testing.T) {
	w := newWorld(t)
	c, _ := w.busy()
	old := w.tallyOf(c)
	for range 2 {
		w.OK(w.Tallies().Gather(t.Context(), record.In(w.P.Workspace, c), old))
		w.Sound()
	}
	w.lanes(c)
	w.Add(c, "again", "A")
	w.OK(w.Tallies().Gather(t.Context(), record.In(w.P.Workspace, c), old))
	w.spread(tally.Lanes)
	w.Sound()
}

func TestGatherAgainstGather(t *testing.T) {
	w := newWorld(t)
	c, _ := w.busy()
	w.Race("#lanes", func() { w.OK(w.gather(c)) })
	w.OK(w.gather(c))
	w.Sound()
	w.spread(0)
}

// A conversation is hidden while others add to its lanes, and get new ones.
func TestHideAgainstLanes(t *testing.T) {
	for _, again := range []bool{false, true} {
		w := newWorld(t)
		c, _ := w.busy()
		w.Race("#hidden", func() {
			if again {
				w.lanes(c)
			}
			w.Add(c, "late words", "A", "Late")
		})
		_, err := w.Conversations.Delete(t.Context(), w.P, c)
		w.OK(err)
		if n := w.Count(); n != 0 {
			t.Errorf("%d memories", n)
		}
		w.TopicCounts()
		w.Work()
		w.TopicCounts()
		w.spread(0)
		if found := w.Where("late"); len(found) > 0 {
			t.Errorf("left: %v", found)
		}
	}
}

func TestMemoryInLanesAgainstHide(t *testing.T) {
	w := newWorld(t)
	c, _ := w.busy()
	w.Race("#lanes", func() {
		_, err := w.Conversations.Delete(t.Context(), w.P, c)
		w.OK(err)
	})
	_, err := w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: "x", Topics: []string{"A"}}, nil)
	w.Kind(err, errs.NotFound)
	if n := w.Count(); n != 0 {
		t.Errorf("%d memories", n)
	}
	w.Work()
	w.TopicCounts()
}

// The title passes to a memory that is changed at the same time: no old word
// stays.
func TestTitlePassesAgainstLanes(t *testing.T) {
	w := newWorld(t)
	c, memories := w.busy()
	content := "new title"
	w.Race("#convs", func() {
		_, err := w.Memories.Update(t.Context(), w.P, memories[1].ID, memory.Change{Content: &content})
		w.OK(err)
	})
	w.OK(w.Memories.Delete(t.Context(), w.P, memories[0].ID))
	w.titled(c, content)
	w.Sound()
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
	w.Advance(80 * time.Minute)
	w.Add(c, "still")
	w.Advance(80 * time.Minute)
	made, err := w.Memories.Create(t.Context(), w.P, memory.Input{Content: "chosen"}, nil)
	if w.OK(err); made.Memory.Conversation != c || made.SessionCreated {
		t.Errorf("goes to %s and begins a session: %v", made.Memory.Conversation, made.SessionCreated)
	}
	w.Advance(100 * time.Minute)
	made, err = w.Memories.Create(t.Context(), w.P, memory.Input{Conversation: c, Content: "later"}, nil)
	if w.OK(err); !made.SessionCreated {
		t.Error("no session begins after a gap")
	}
	w.Sound()
}

// Lanes to which nobody adds any more are gathered, others stay.
func TestTidyGathersIdleLanes(t *testing.T) {
	w := newWorld(t)
	w.busy()
	w.Advance(50 * time.Second)
	busy, _ := w.busy()
	w.Advance(20 * time.Second)
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	w.spread(tally.Lanes)
	w.Add(busy, "goes on", "A")
	w.Sound()
	w.Advance(time.Hour)
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	w.spread(0)
	w.Sound()
}

// Counts of before, in eight rows, go on.
func TestCountsOfBefore(t *testing.T) {
	w := newWorld(t)
	for shard := range 8 {
		_, err := w.Bare.Write(t.Context(), table.Increment(
			table.Key{Table: table.Conversations, PK: w.P.Workspace + "#count", SK: fmt.Sprint(shard)}, "memories", int64(shard)))
		w.OK(err)
	}
	m := w.Add("NEW", "one more")
	w.OK(w.Memories.Delete(t.Context(), w.P, w.Add(m.Conversation, "and gone").ID))
	if n := w.Count(); n != 28+1 {
		t.Errorf("%d memories", n)
	}
}
