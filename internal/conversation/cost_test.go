package conversation_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"griot/internal/conversation"
	"griot/internal/conversation/fence"
	"griot/internal/cursor"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
)

// seed writes n conversations, a second apart and the last of them just now, as
// they are after sealing, without going through the service. It returns their
// ids, oldest first.
func (w *world) seed(n int) []string {
	w.T.Helper()
	ids := make([]string, n)
	now := w.Hand.Now()
	var info, order, fences []table.Op
	flush := func(ops []table.Op) []table.Op {
		if len(ops) > 0 {
			w.OK(w.Bare.Transact(context.Background(), ops))
		}
		return ops[:0]
	}
	key := func(list, sk string) table.Key {
		return table.Key{Table: table.Conversations, PK: w.P.Workspace + "#" + list, SK: sk}
	}
	for i := range ids {
		at := now.Add(time.Duration(i-n) * time.Second).Truncate(time.Millisecond)
		ids[i] = id.At(id.Conversation, at)
		info = append(info, table.Put(key("convs", ids[i]), table.Attrs{"title": fmt.Sprintf("Conversation number %d about refunds", i), "summary": "What the team said about it, in a few words."}))
		order = append(order, table.Put(key("order", ids[i]), table.Attrs{
			"activity": at.UnixMilli(), "memories": int64(i % 50), "rev": int64(i%50 + 1), "session": id.At(id.MemorySession, at),
		}))
		if len(info) == fence.Size {
			if now.Sub(at) > fence.SealAfter {
				fences = append(fences, table.Put(key("fences", "old#"+ids[i]), table.Attrs{"first": ids[i-fence.Size+1], "n": int64(fence.Size)}))
			} else {
				fences = flush(fences)
				for _, recent := range ids[i-fence.Size+1 : i+1] {
					fences = append(fences, fence.Add(record.In(w.P.Workspace, recent)))
				}
				fences = flush(fences)
			}
			if len(fences) == fence.Size {
				fences = flush(fences)
			}
			info, order = flush(info), flush(order)
		}
	}
	for _, recent := range ids[n-len(info):] {
		fences = flush(append(fences, fence.Add(record.In(w.P.Workspace, recent))))
	}
	flush(fences)
	flush(info)
	flush(order)
	return ids
}

// An offset of any depth costs five reads at most and 60 read units, with a board 20.
func TestDeepOffset(t *testing.T) {
	n, offsets := 120_000, []int{0, 1000, 100_000, 119_990}
	if testing.Short() {
		n, offsets = 12_000, []int{0, 1000, 11_990}
	}
	w := newWorld(t)
	ids := w.seed(n)
	since := id.Time(ids[n/3]).Format(time.RFC3339Nano)
	w.deep(ids, since, offsets)
	w.OK(conversation.Lists{Service: w.Conversations}.Renew(t.Context(), w.P.Workspace, true))
	w.deep(ids, since, offsets)
	for i := range 3 { // deletions at depth keep it exact
		_, err := w.Conversations.Delete(t.Context(), w.P, ids[n/2+i*7])
		w.OK(err)
	}
	w.Talk("new")
	newest := w.Talk("newest")
	_, err := w.Conversations.Delete(t.Context(), w.P, w.Talk("gone"))
	w.OK(err)
	total := n - 3 + 2
	for _, c := range []struct {
		offset int
		order  string
		want   string
	}{
		{total - 1 - 2, cursor.Descending, ids[2]}, {0, cursor.Descending, newest}, {total - 1, cursor.Ascending, newest}, {n / 2, cursor.Ascending, ids[n/2+1]},
	} {
		page, err := w.Conversations.List(t.Context(), w.P, conversation.ListInput{Limit: 1, Offset: c.offset, Order: c.order})
		if w.OK(err); page.Total != total || page.Conversations[0].ID != c.want {
			t.Errorf("after changes, %s %d: %s of %d, want %s of %d", c.order, c.offset, page.Conversations[0].ID, page.Total, c.want, total)
		}
	}
}

// deep lists some conversations, oldest first, at offsets, and checks what that costs.
func (w *world) deep(ids []string, since string, offsets []int) {
	w.T.Helper()
	n := len(ids)
	for _, order := range []string{cursor.Descending, cursor.Ascending} {
		for _, bound := range []string{"", since} {
			total, first := n, 0
			if bound != "" {
				total, first = n-n/3-1, n/3+1
			}
			for _, offset := range offsets {
				var u table.Usage
				page, err := w.Conversations.List(table.WithUsage(w.T.Context(), &u), w.P, conversation.ListInput{Limit: 20, Offset: offset, Since: bound, Order: order})
				w.OK(err)
				if page.Total != total || len(page.Conversations) != max(0, min(20, total-offset)) {
					w.T.Fatalf("%s %d: %d of %d", order, offset, len(page.Conversations), page.Total)
				}
				for i, c := range page.Conversations {
					want := ids[n-1-offset-i]
					if order == cursor.Ascending {
						want = ids[first+offset+i]
					}
					if c.ID != want {
						w.T.Fatalf("%s %d: conversation %d is %s, want %s", order, offset, i, c.ID, want)
					}
				}
				cost := u.Totals()
				w.T.Logf("%-4s since %-5v offset %6d: %d reads, %.1f units, %d items", order, bound != "", offset, cost.Reads, cost.ReadUnits, cost.ItemsRead)
				if cost.Reads > 5 || cost.ReadUnits > 60 {
					w.T.Errorf("%d reads of %.1f units", cost.Reads, cost.ReadUnits)
				}
			}
		}
	}
}
