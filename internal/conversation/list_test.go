package conversation_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"griot/internal/conversation"
	"griot/internal/cursor"
	"griot/internal/errs"
	"griot/internal/table/tabletest"
)

// model is what a list should be, worked out the slow way.
type model struct {
	all []conversation.Conversation // oldest first
}

// about is what an order by events goes by.
func about(c conversation.Conversation) time.Time {
	if c.Memories == 0 {
		return c.CreatedAt
	}
	return c.LastEvent
}

func (m *model) remove(i int) { m.all = slices.Delete(m.all, i, i+1) }

func (m *model) list(in conversation.ListInput, since time.Time) (page []string, total int) {
	var found []conversation.Conversation
	for _, c := range m.all {
		if c.CreatedAt.After(since) && c.Memories >= in.MinMemories {
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b conversation.Conversation) int {
		by := 0
		switch in.SortBy {
		case conversation.SortActivity:
			by = a.UpdatedAt.Compare(b.UpdatedAt)
		case conversation.SortMemories:
			by = cmp.Compare(a.Memories, b.Memories)
		case conversation.SortEvent, "eventTime":
			by = about(a).Compare(about(b))
		}
		if by = cmp.Or(by, cmp.Compare(a.ID, b.ID)); in.Order != cursor.Ascending {
			by = -by
		}
		return by
	})
	for i, c := range found {
		if i >= in.Offset && i < in.Offset+in.Limit {
			page = append(page, c.ID)
		}
	}
	return page, len(found)
}

// Whatever was created, deleted and sealed, every list is what the model says.
func TestListAgainstModel(t *testing.T) {
	w := newWorld(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	var m model
	for step := range 900 {
		switch n := rnd.IntN(100); {
		case n < 60 || len(m.all) == 0:
			c, err := w.Conversations.Create(t.Context(), w.P, conversation.CreateInput{Title: fmt.Sprint("c", step)}, nil)
			w.OK(err)
			m.all = append(m.all, c)
		case n < 75:
			i := rnd.IntN(len(m.all))
			_, err := w.Conversations.Delete(t.Context(), w.P, m.all[i].ID)
			w.OK(err)
			m.remove(i)
		case n < 90:
			i := rnd.IntN(len(m.all))
			m.all[i].Memories++
			m.all[i].ActiveAt = w.Add(m.all[i].ID, "x").CreatedAt
			m.all[i].UpdatedAt = m.all[i].ActiveAt
			if m.all[i].LastEvent = m.all[i].ActiveAt; m.all[i].Memories == 1 {
				m.all[i].FirstEvent = m.all[i].ActiveAt
			}
		case n < 92:
			w.OK(conversation.Lists{Service: w.Conversations}.Renew(t.Context(), w.P.Workspace, true))
		case n < 95:
			w.Advance(time.Duration(rnd.IntN(400)) * time.Second)
		default:
			w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
		}
		if step%3 == 0 {
			w.compare(&m, rnd)
		}
	}
	for len(m.all) > 0 { // down to nothing
		i := rnd.IntN(len(m.all))
		_, err := w.Conversations.Delete(t.Context(), w.P, m.all[i].ID)
		w.OK(err)
		m.remove(i)
		if len(m.all)%20 == 0 {
			w.compare(&m, rnd)
		}
	}
}

func (w *world) compare(m *model, rnd *rand.Rand) {
	w.T.Helper()
	in := conversation.ListInput{
		Limit: 1 + rnd.IntN(40), Offset: rnd.IntN(len(m.all) + 3),
		SortBy: []string{"", "createdAt", "lastActivityAt", "memoryCount", "lastEventTime", "eventTime"}[rnd.IntN(6)],
		Order:  []string{"", "asc", "desc"}[rnd.IntN(3)],
	}
	var since time.Time
	if rnd.IntN(2) == 0 && len(m.all) > 0 {
		since = m.all[rnd.IntN(len(m.all))].CreatedAt.Add(time.Duration(rnd.IntN(3)-1) * time.Millisecond)
		in.Since = since.In(time.FixedZone("", 3600)).Format(time.RFC3339Nano)
	}
	if rnd.IntN(4) == 0 {
		in.MinMemories = int64(rnd.IntN(3))
	}
	got, err := w.Conversations.List(w.T.Context(), w.P, in)
	w.OK(err)
	var ids []string
	for _, c := range got.Conversations {
		ids = append(ids, c.ID)
		i := slices.IndexFunc(m.all, func(o conversation.Conversation) bool { return o.ID == c.ID })
		if diff := gocmp.Diff(m.all[i], c); diff != "" {
			w.T.Fatalf("conversation:\n%s", diff)
		}
	}
	want, total := m.list(in, since)
	if diff := gocmp.Diff(want, ids); diff != "" || got.Total != total {
		w.T.Fatalf("%+v of %d: total %d, want %d\n%s", in, len(m.all), got.Total, total, diff)
	}
	if rnd.IntN(4) > 0 {
		return
	}
	in.Offset = 0
	ids = w.walk(in, func() {})
	in.Limit = max(1, len(m.all))
	if want, _ = m.list(in, since); !slices.Equal(want, ids) {
		w.T.Fatalf("by cursor, %+v of %d:\n%s", in, len(m.all), gocmp.Diff(want, ids))
	}
}

// walk reads a list to its end, page by page.
func (w *world) walk(in conversation.ListInput, between func()) (ids []string) {
	w.T.Helper()
	for {
		page, err := w.Conversations.List(w.T.Context(), w.P, in)
		w.OK(err)
		for _, c := range page.Conversations {
			ids = append(ids, c.ID)
		}
		if in.Cursor = page.Next; in.Cursor == "" {
			return ids
		}
		if len(page.Conversations) != in.Limit {
			w.T.Fatalf("%d of %d, and something follows", len(page.Conversations), in.Limit)
		}
		between()
	}
}

// What does not change between two pages is on one of them, once, whatever becomes
// of the others.
func TestListByCursorAmongChanges(t *testing.T) {
	for _, sortBy := range []string{conversation.SortCreated, conversation.SortActivity, conversation.SortMemories, conversation.SortEvent} {
		for _, order := range []string{cursor.Ascending, cursor.Descending} {
			w := newWorld(t)
			var stay, change []string
			for i := range 40 {
				id := w.Talk(fmt.Sprint(i))
				for j := range i % 3 {
					w.Add(id, fmt.Sprint(j))
				}
				if i%4 == 0 {
					change = append(change, id)
				} else {
					stay = append(stay, id)
				}
			}
			between := func() {
				w.Add(change[0], "and again")
				_, err := w.Conversations.Delete(t.Context(), w.P, change[1])
				w.OK(err)
				change = append(change[2:], w.Talk("new"), change[0])
			}
			seen := map[string]int{}
			for _, id := range w.walk(conversation.ListInput{Limit: 7, SortBy: sortBy, Order: order}, between) {
				seen[id]++
			}
			for _, id := range stay {
				if seen[id] != 1 {
					t.Errorf("%s %s: %s is listed %d times", sortBy, order, id, seen[id])
				}
			}
		}
	}
}

// While others create, delete and seal, no page repeats a conversation or
// shows one that was gone, and those that stay are all there; afterwards the
// total is exact.
func TestListAmongWriters(t *testing.T) {
	w := newWorld(t)
	clash := tabletest.NewContended(w.Bare, 0)
	w.Use(clash)
	var stay, go1 []string
	for i := range 300 {
		if id := w.Talk(fmt.Sprint(i)); i%3 == 0 {
			go1 = append(go1, id)
		} else {
			stay = append(stay, id)
		}
	}
	w.Advance(10 * time.Minute)
	var wg sync.WaitGroup
	for part := range slices.Chunk(go1, 25) {
		wg.Go(func() {
			for _, id := range part {
				if _, err := w.Conversations.Delete(t.Context(), w.P, id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var made sync.Map
	for range 2 {
		wg.Go(func() {
			for range 40 {
				c, err := w.Conversations.Create(t.Context(), w.P, conversation.CreateInput{Title: "new"}, nil)
				if err != nil {
					t.Error(err)
				}
				made.Store(c.ID, true)
			}
		})
		wg.Go(func() {
			for range 20 {
				if err := w.Upkeep.Tidy(t.Context(), w.P.Workspace); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 20 {
		page, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1000})
		w.OK(err)
		seen := map[string]bool{}
		for _, c := range page.Conversations {
			if seen[c.ID] {
				t.Fatalf("%s twice on a page", c.ID)
			}
			seen[c.ID] = true
		}
		for _, id := range stay {
			if !seen[id] {
				t.Fatalf("%s is missing", id)
			}
		}
	}
	wg.Wait()
	w.OK(w.Upkeep.Tidy(t.Context(), w.P.Workspace))
	page, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1000})
	w.OK(err)
	if want := len(stay) + 80; page.Total != want || len(page.Conversations) != want {
		t.Errorf("%d of %d, want %d", len(page.Conversations), page.Total, want)
	}
}

func TestListRefuses(t *testing.T) {
	w := newWorld(t)
	w.Talk("a")
	w.Talk("b")
	page, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1})
	w.OK(err)
	next := page.Next
	for name, in := range map[string]conversation.ListInput{
		"no limit":   {},
		"too many":   {Limit: 1001},
		"offset":     {Limit: 1, Offset: -1},
		"since":      {Limit: 1, Since: "yesterday"},
		"since time": {Limit: 1, Since: "2026-05-18 14:00:00"},
		"sortBy":     {Limit: 1, SortBy: "title"},
		"order":      {Limit: 1, Order: "up"},
		"a cursor":   {Limit: 1, Cursor: "x"},
		"of another": {Limit: 1, Cursor: next, Order: cursor.Ascending},
		"and offset": {Limit: 1, Cursor: next, Offset: 1},
	} {
		if _, err := w.Conversations.List(t.Context(), w.P, in); !errs.Is(err, errs.Malformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, since := range []string{"2026-05-18", "0001-02-01T00:00:00Z", "1969-12-31T23:00:00+01:00", "9999-12-31T23:59:59Z"} {
		_, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1, Since: since})
		w.OK(err)
	}
	if err := conversation.CheckPage(5 << 20); err != nil {
		t.Error(err)
	}
	if err := conversation.CheckPage(5<<20 + 1); !errs.Is(err, errs.Malformed) {
		t.Errorf("a page of more than 5 MB: %v", err)
	}
}

func TestCreateConversation(t *testing.T) {
	w := newWorld(t)
	for _, in := range []conversation.CreateInput{{}, {Title: " \t"}, {Title: string(make([]rune, 501))}, {Title: "x", Summary: string(make([]rune, 2001))}} {
		_, err := w.Conversations.Create(t.Context(), w.P, in, nil)
		w.Kind(err, errs.InvalidArgument)
	}
	claim := w.Claim("once")
	c, err := w.Conversations.Create(t.Context(), w.P, conversation.CreateInput{Title: "Talk", Summary: "About it"}, claim)
	w.OK(err)
	got, err := w.Conversations.Get(t.Context(), w.P, c.ID)
	w.OK(err)
	if diff := gocmp.Diff(c, got); diff != "" || got.Title != "Talk" || got.Summary != "About it" {
		t.Errorf("created and read:\n%s", diff)
	}
	_, err = w.Conversations.Create(t.Context(), w.P, conversation.CreateInput{Title: "Talk"}, claim)
	if answer, taken, _ := claim.Taken(err); !taken || string(answer.Body) != `"`+c.ID+` Talk"` {
		t.Errorf("the twin: %v", err)
	}
}
