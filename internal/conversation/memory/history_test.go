package memory_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/conversationtest"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// named makes a memory that has a name.
func (w *world) named(name, content string) memory.Memory {
	w.T.Helper()
	made, err := w.Memories.Create(w.T.Context(), w.P, memory.Input{Conversation: "NEW", Content: content, Name: name}, nil)
	w.OK(err)
	return made.Memory
}

func (w *world) append(name, block, separator string, claim *idempotency.Claim) (memory.Memory, error) {
	return memory.Versions{Service: w.Memories}.Append(w.T.Context(), w.P, name, memory.Appended{Block: block, Separator: &separator}, claim)
}

// history returns the versions of what has a name, as "number content".
func (w *world) history(name string, limit int) (out []string) {
	w.T.Helper()
	_, versions, err := memory.Versions{Service: w.Memories}.History(w.T.Context(), w.P, name, limit)
	w.OK(err)
	for v, err := range versions {
		w.OK(err)
		if v.Current != (len(out) == 0) {
			w.T.Errorf("version %d is current: %v", v.Number, v.Current)
		}
		out = append(out, fmt.Sprint(v.Number, " ", v.Content))
	}
	return out
}

func (w *world) remembers(name string, want ...string) {
	w.T.Helper()
	if diff := cmp.Diff(want, w.history(name, 0)); diff != "" {
		w.T.Errorf("the history of %s: %s", name, diff)
	}
}

func TestHistory(t *testing.T) {
	tests := map[string]struct {
		do   func(w *world, m memory.Memory)
		want []string
	}{
		"nothing happened": {func(*world, memory.Memory) {}, []string{"1 oak"}},
		"replaced": {func(w *world, m memory.Memory) {
			w.OK(w.reword(m, "elm"))
			w.OK(w.reword(m, "ash"))
		}, []string{"3 ash", "2 elm", "1 oak"}},
		"appended to, and replaced by what begins like it": {func(w *world, m memory.Memory) {
			_, err := w.append("tree", "elm", "/", nil)
			w.OK(err)
			w.OK(w.reword(m, "oak/elm/ash"))
			w.OK(w.reword(m, "oa"))
		}, []string{"4 oa", "3 oak/elm/ash", "2 oak/elm", "1 oak"}},
		"the same again": {func(w *world, m memory.Memory) { w.OK(w.reword(m, "oak")) }, []string{"2 oak"}},
		"other topics, by whoever": {func(w *world, m memory.Memory) {
			_, err := w.Memories.Update(w.T.Context(), w.P, m.ID, memory.Change{Topics: &[]string{"wood"}})
			w.OK(err)
			w.OK(w.reword(m, "elm"))
		}, []string{"3 elm", "2 oak"}},
		"without a name for a while": {func(w *world, m memory.Memory) {
			for _, name := range []string{"", "tree"} {
				w.OK(w.reword(m, "between "+name))
				_, err := w.Memories.Update(w.T.Context(), w.P, m.ID, memory.Change{Name: &name})
				w.OK(err)
				w.OK(w.reword(m, "after "+name))
			}
		}, []string{"7 after tree", "6 between tree", "4 after ", "3 between ", "1 oak"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tt.do(w, w.named("tree", "oak"))
			w.remembers("tree", tt.want...)
			if got := w.history("tree", 1); len(got) != 1 {
				t.Errorf("%d versions with a limit of one", len(got))
			}
			w.Sound()
		})
	}
}

// Only what has a name is kept, from then on.
func TestWithoutANameNothingIsKept(t *testing.T) {
	w := newWorld(t)
	m := w.Add("NEW", conversationtest.Marker)
	w.OK(w.reword(m, "second"))
	name := "late"
	_, err := w.Memories.Update(t.Context(), w.P, m.ID, memory.Change{Name: &name})
	w.OK(err)
	w.OK(w.reword(m, "fourth"))
	w.remembers("late", "4 fourth", "3 second")
}

// A hundred versions are kept, and count as long as they are.
func TestVersionsHaveABound(t *testing.T) {
	w := newWorld(t)
	m := w.named("log", "00001")
	const last = memory.MaxVersions + 50
	for i := 2; i <= last; i++ {
		if i%10 == 0 { // costs nothing
			_, err := w.append("log", "+", "", nil)
			w.OK(err)
			continue
		}
		w.OK(w.reword(m, fmt.Sprintf("%05d", i)))
	}
	got := w.history("log", 0)
	if len(got) != memory.MaxVersions+1 {
		t.Fatalf("%d versions", len(got))
	}
	for i, v := range got {
		n := last - i
		want := fmt.Sprintf("%d %05d", n, n)
		if n%10 == 0 {
			want = fmt.Sprintf("%d %05d+", n, n-1)
		}
		if v != want {
			t.Errorf("%q, want %q", v, want)
		}
	}
	w.Add(m.Conversation, "x") // tells what is untold
	// Ten of the versions are appended to later, and ten are six long.
	w.weighs(1 + int64(len("log")+len("00149+")) + 5*(memory.MaxVersions-20) + 6*10)

	for version, want := range map[int64]string{last: "00149+", last - 1: "00149", last - memory.MaxVersions: "00049+"} {
		if as, err := (memory.Versions{Service: w.Memories}).AsOf(t.Context(), w.P, m.ID, version); err != nil || as.Content != want || as.Version != version {
			t.Errorf("version %d: %q, %v", version, as.Content, err)
		}
	}
	_, err := memory.Versions{Service: w.Memories}.AsOf(t.Context(), w.P, m.ID, 7)
	w.Kind(err, errs.NotFound)
}

// A memory's versions go with it, and with its conversation.
func TestVersionsGoWithTheMemory(t *testing.T) {
	w := newWorld(t)
	m := w.named("told", conversationtest.Marker+" one")
	w.OK(w.reword(m, "two"))
	if len(w.Where(conversationtest.Marker)) == 0 {
		t.Fatal("nothing is kept")
	}
	w.OK(w.Memories.Delete(t.Context(), w.P, m.ID))
	w.weighs(0) // at once
	w.Work()
	if left := w.Where(conversationtest.Marker); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// Of blocks that come at once none is lost, whatever order they get.
func TestAppendAtOnce(t *testing.T) {
	w := newWorld(t)
	w.named("log", "begin")
	const writers, each = 6, 5
	var all sync.WaitGroup
	for i := range writers {
		all.Go(func() {
			for n := range each {
				_, err := w.append("log", fmt.Sprintf("w%d-%d", i, n), "\n", nil)
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	m, err := w.Memories.ByName(t.Context(), w.P, "log")
	w.OK(err)
	lines := strings.Split(m.Content, "\n")
	if len(lines) != 1+writers*each || m.Version != int64(len(lines)) {
		t.Errorf("version %d with %d lines", m.Version, len(lines))
	}
	for i := range writers {
		at := 0
		for n := range each {
			now := strings.Index(m.Content, fmt.Sprintf("w%d-%d", i, n))
			if now < at {
				t.Errorf("block %d of writer %d is not where it belongs", n, i)
			}
			at = now
		}
	}
	if n := len(w.history("log", 0)); n != len(lines) {
		t.Errorf("%d versions", n)
	}
}

func TestAppendHasTheBoundOfContents(t *testing.T) {
	w := newWorld(t)
	w.named("log", strings.Repeat("ä", memory.MaxContent-10))
	for block, fits := range map[string]bool{strings.Repeat("ö", 10): false, strings.Repeat("ö", 8): true} {
		_, err := w.append("log", block, "--", nil)
		switch e := errs.As(err); {
		case fits:
			w.OK(err)
		case e == nil || e.Kind != errs.TooLarge || e.Code != "NAMED_MEMORY_APPEND_EXHAUSTED":
			t.Errorf("error %v", err)
		}
	}
}

// An append that is asked for again with its key is made once, wherever the
// first one broke off.
func TestAppendUnderFaults(t *testing.T) {
	scenario := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		w.named("log", "begin")
		faulty := tabletest.NewFaulty(w.Bare)
		w.Use(faulty)
		arm(faulty)
		_, err := w.append("log", "block", " ", w.Claim("append"))
		faulty.Heal()
		w.Tolerate(err)
		claim := w.Claim("append")
		_, stored, err := claim.Lookup(t.Context(), w.Bare)
		if w.OK(err); !stored {
			_, err = w.append("log", "block", " ", claim)
			w.OK(err)
		}
		w.remembers("log", "2 begin block", "1 begin")
		w.Sound()
	}
	tabletest.EachWrite(t, scenario)
	tabletest.EachCrash(t, scenario)
}

// refusing is a store in which others are always faster.
type refusing struct{ table.Store }

func (refusing) Transact(context.Context, []table.Op) error { return table.ErrConflict }

// Who loses against too many others has written nothing, and is told so.
func TestTooManyWriteANamedMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		m := w.named("log", "begin")
		w.Use(refusing{w.Bare})
		_, err := w.append("log", "block", " ", nil)
		if e := errs.As(err); e == nil || e.Kind != errs.ResourceExhausted || e.Code != "NAMED_WRITE_CONCURRENCY_LIMIT" || e.RetryAfter == 0 {
			t.Errorf("error %v", err)
		}
		w.Use(w.Bare)
		if got := w.Timeline(m.Conversation); got[0] != "begin" {
			t.Errorf("it says %q", got[0])
		}
	})
}
