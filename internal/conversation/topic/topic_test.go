package topic_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/topic"
	"griot/internal/disk"
	"griot/internal/record"
	"griot/internal/table/bolt"
)

const workspace = "ws_1"

var at = time.Date(2026, 5, 18, 14, 0, 0, 0, time.UTC)

func open(t *testing.T) topic.Index {
	t.Helper()
	db, err := disk.Open(filepath.Join(t.TempDir(), "griot.db"), disk.Options{NoSync: true})
	ok(t, err)
	t.Cleanup(func() { _ = db.Close() })
	store, err := bolt.New(db, time.Now)
	ok(t, err)
	return topic.Index{Table: store}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNames(t *testing.T) {
	same := [][]string{
		{"Größe", "GRÖSSE", "  gro\u0308ße\t"}, {"K", "\u212a"}, {"ΣΑΣ", "σας"}, {"a b", "A B"},
		{"machine learning", " Machine  Learning", "machine\u00a0learning", "machine\u2003\u3000learning", "machine\t\u202f learning\u200b"},
		{"deploy", "ｄｅｐｌｏｙ", "ＤＥＰＬＯＹ", "de\u00adploy", "\ufeffdeploy"}, {"ﬁx", "fix"}, {"ｶﾞ", "ガ"}, {"x²", "x2"},
	}
	for _, names := range same {
		for _, name := range names[1:] {
			if topic.ID(workspace, name) != topic.ID(workspace, names[0]) {
				t.Errorf("%q and %q are two topics", name, names[0])
			}
		}
	}
	if topic.ID(workspace, "a") == topic.ID("ws_2", "a") || topic.ID(workspace, "a") == topic.ID(workspace, "b") {
		t.Error("two topics have one id")
	}
	for _, name := range []string{"naïve", "a-b", "C++", "日本"} {
		if ids := topic.IDs(workspace, name); len(ids) != 1 {
			t.Errorf("%q has the ids %v: it is told apart as it was before", name, ids)
		}
	}
	if ids := topic.IDs(workspace, "a  b"); len(ids) != 2 || ids[0] != topic.ID(workspace, "a b") {
		t.Errorf("a name that folds differently now: %v", ids)
	}
	if got := topic.Distinct([]string{" B ", "a", "b", " ", "A"}); !slices.Equal(got, []string{"B", "a"}) {
		t.Errorf("distinct: %q", got)
	}
}

func TestChanges(t *testing.T) {
	got := topic.Changes(topic.Names(workspace, []string{"a", "B"}), topic.Names(workspace, []string{"b", "C"}))
	want := []topic.Change{{ID: topic.ID(workspace, "c"), Name: "C", N: 1}, {ID: topic.ID(workspace, "a"), N: -1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Deltas of more topics than fit a row or a transaction are counted all the
// same, before they are folded, halfway and afterwards, and leave nothing.
func TestLargeDeltas(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	x := open(t)
	const n = 18_000
	changes := make([]topic.Change, n)
	for i := range changes {
		name := fmt.Sprint("topic ", i)
		changes[i] = topic.Change{ID: topic.ID(workspace, name), Name: name, N: int64(i%3 + 1)}
	}
	ops := topic.Deltas(workspace, at, changes)
	if len(ops) < 2 {
		t.Fatalf("%d rows: the test shows nothing", len(ops))
	}
	ok(t, x.Table.Transact(t.Context(), ops))
	check(t, x, changes)
	_, err := x.Fold(t.Context(), workspace)
	ok(t, err)
	check(t, x, changes)
	got, there, err := x.Get(t.Context(), record.In(workspace, changes[7].ID))
	if ok(t, err); !there || got.Memories != 2 || got.Name != "topic 7" || !got.CreatedAt.Equal(at) {
		t.Errorf("one topic: %+v", got)
	}
	for i := range changes {
		changes[i].N, changes[i].Name = -changes[i].N, ""
	}
	ok(t, x.Table.Transact(t.Context(), topic.Deltas(workspace, at.Add(time.Second), changes)))
	check(t, x, nil)
	_, err = x.Fold(t.Context(), workspace)
	ok(t, err)
	check(t, x, nil)
}

func check(t *testing.T, x topic.Index, want []topic.Change) {
	t.Helper()
	all, _, err := x.All(t.Context(), workspace)
	ok(t, err)
	counts := map[string]int64{}
	for _, got := range all {
		counts[got.ID] = got.Memories
	}
	for _, c := range want {
		if counts[c.ID] != c.N {
			t.Fatalf("%q is counted %d times, want %d", c.Name, counts[c.ID], c.N)
		}
	}
	if len(all) != len(want) {
		t.Errorf("%d topics, want %d", len(all), len(want))
	}
}

// A topic's removal may be folded before what it removes.
func TestFoldOutOfOrder(t *testing.T) {
	x := open(t)
	topicID := topic.ID(workspace, "a")
	for _, c := range []topic.Change{{ID: topicID, N: -1}, {ID: topicID, Name: "a", N: 1}} {
		ok(t, x.Table.Transact(t.Context(), topic.Deltas(workspace, at, []topic.Change{c})))
		_, err := x.Fold(t.Context(), workspace)
		ok(t, err)
		check(t, x, nil)
	}
	ok(t, x.Table.Transact(t.Context(), topic.Deltas(workspace, at, []topic.Change{{ID: topicID, Name: "a", N: 1}})))
	check(t, x, []topic.Change{{ID: topicID, N: 1}})
}
