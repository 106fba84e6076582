package conversations

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"griot/internal/conversation/memory"
)

// memories yields n memories of so many bytes, and then an error.
func memories(n, bytes int, err error) iter.Seq2[memory.Memory, error] {
	return func(yield func(memory.Memory, error) bool) {
		for i := range n {
			m := memory.Memory{ID: fmt.Sprint(i), Content: strings.Repeat("x", bytes)}
			if !yield(m, nil) {
				return
			}
		}
		if err != nil {
			yield(memory.Memory{}, err)
		}
	}
}

// writes notes the sizes of what reaches the connection.
type writes struct {
	bytes.Buffer
	sizes []int
}

func (w *writes) Write(p []byte) (int, error) {
	w.sizes = append(w.sizes, len(p))
	return w.Buffer.Write(p)
}

func listOf(items iter.Seq2[memory.Memory, error]) streamed[memory.Memory, memoryResponse] {
	return streamed[memory.Memory, memoryResponse]{
		items: items, convert: newMemoryResponse, rest: func(written int64) any { return timelineRest{written} },
	}
}

func TestAListIsWholeWhateverItsSize(t *testing.T) {
	for _, c := range []struct{ n, bytes int }{{0, 0}, {1, 10}, {1000, 100}, {300, 50_000}} {
		var w writes
		held := &heldBack{out: &w, most: holdBack}
		if err := errors.Join(listOf(memories(c.n, c.bytes, nil)).encode(held), held.flush()); err != nil {
			t.Fatal(err)
		}
		var got struct {
			Data  []struct{ ID string }
			Count int
		}
		if err := json.Unmarshal(w.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Data) != c.n || got.Count != c.n || got.Data == nil {
			t.Errorf("%d memories: %d, and the count is %d", c.n, len(got.Data), got.Count)
		}
		if large := c.n*c.bytes > holdBack; large != (len(w.sizes) > 1) || large && w.sizes[0] < holdBack {
			t.Errorf("%d memories went out in %d writes, the first of %d bytes", c.n, len(w.sizes), w.sizes[0])
		}
	}
}

// What was read in several steps is verified before its end is sent.
func TestAListThatDoesNotVerify(t *testing.T) {
	gone := errors.New("gone")
	for _, c := range []struct {
		n    int
		want error
	}{{5, nil}, {100, gone}, {300, gone}} {
		var w writes
		list := listOf(memories(c.n, 50_000, nil))
		list.verify = func() error { return gone }
		if err := list.write(&w); !errors.Is(err, c.want) || json.Valid(w.Bytes()) != (c.want == nil) {
			t.Errorf("%d memories: %v, %d bytes", c.n, err, w.Len())
		}
	}
}

// What fails before so much is ready has sent nothing; later the JSON has no
// end.
func TestAListThatFails(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		n    int
		sent bool
	}{{3, false}, {100, true}} {
		var w writes
		held := &heldBack{out: &w, most: holdBack}
		err := listOf(memories(c.n, 50_000, broken)).encode(held)
		if !errors.Is(err, broken) || (w.Len() > 0) != c.sent || json.Valid(w.Bytes()) {
			t.Errorf("%d memories: %v, %d bytes", c.n, err, w.Len())
		}
	}
}
