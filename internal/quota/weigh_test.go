package quota_test

import (
	"context"
	"errors"
	"testing"

	"griot/internal/clock"
	"griot/internal/quota"
	"griot/internal/table"
)

// scarce is what the clock of the workspace says.
func (w *world) scarce(t *testing.T) bool {
	t.Helper()
	row, err := w.Table.Get(t.Context(), clock.Key(tenant), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return false
	}
	ok(t, err)
	return clock.Scarce(row)
}

func (w *world) remember(t *testing.T, bytes int64) {
	t.Helper()
	_, err := w.Table.Write(t.Context(), table.Increment(quota.Memories(tenant, 300), quota.MemoryBytes, bytes))
	ok(t, err)
}

// The clock says that there is little room from when it is known: by weighing,
// by files, by a quota that is lowered; and no longer than that is so.
func TestScarce(t *testing.T) {
	w := open(t)
	full := quota.StoredBytes.Default()
	for _, step := range []struct {
		what string
		do   func()
		want bool
	}{
		{"nothing", func() { ok(t, w.Weigh(t.Context(), tenant)) }, false},
		{"memories that nobody weighed", func() { w.remember(t, full-3<<30) }, false},
		{"which are weighed", func() { ok(t, w.Weigh(t.Context(), tenant)) }, true},
		{"fewer of them", func() { w.remember(t, -10<<30) }, true},
		{"which a file finds", func() { ok(t, take(t.Context(), w.Book, "f", quota.Amount{Counter: quota.Stored, N: 5 << 30})) }, false},
		{"a large file", func() { ok(t, take(t.Context(), w.Book, "g", quota.Amount{Counter: quota.Stored, N: 6 << 30})) }, false},
		{"another one, which finds it", func() { ok(t, take(t.Context(), w.Book, "h", quota.Amount{Counter: quota.Stored, N: 1})) }, true},
		{"a higher quota", func() { w.set(t, quota.StoredBytes, 2*full) }, false},
		{"a lower one", func() { w.set(t, quota.StoredBytes, 1000) }, true},
		{"another quota", func() { w.set(t, quota.Streams, 1) }, true},
		{"the default", func() { ok(t, w.Set(t.Context(), tenant, quota.StoredBytes, nil)) }, true},
		{"and less", func() {
			w.give(t, "g", quota.Amount{Counter: quota.Stored, N: -6 << 30})
			ok(t, w.Weigh(t.Context(), tenant))
		}, false},
	} {
		if step.do(); w.scarce(t) != step.want {
			t.Errorf("%s: scarce is %v", step.what, !step.want)
		}
	}
}

// Who weighs by a quota that is lowered meanwhile does not have the last word.
func TestWeighingByAFormerQuota(t *testing.T) {
	w := open(t)
	w.remember(t, 5000)
	late := &between{Store: w.Table, do: func() { w.set(t, quota.StoredBytes, 1000) }}
	ok(t, quota.Book{Table: late, Now: w.Now}.Weigh(t.Context(), tenant))
	if !w.scarce(t) {
		t.Error("the clock does not know of the lower quota")
	}
}

// between lets somebody do something once, after the quotas and before memories are read.
type between struct {
	table.Store
	do func()
}

func (b *between) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if do := b.do; do != nil && q.Table == table.Conversations {
		b.do = nil
		do()
	}
	return b.Store.Query(ctx, q)
}
