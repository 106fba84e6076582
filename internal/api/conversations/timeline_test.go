package conversations

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"griot/internal/conversation"
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

func TestATimelineIsWholeWhateverItsSize(t *testing.T) {
	for _, c := range []struct{ n, bytes int }{{0, 0}, {1, 10}, {1000, 100}, {300, 50_000}} {
		var w writes
		held := &heldBack{out: &w, most: holdBack}
		timeline := conversation.Timeline{Count: 9, Memories: memories(c.n, c.bytes, nil)}
		if err := errors.Join(writeTimeline(held, timeline, true), held.flush()); err != nil {
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

func TestAPartOfATimelineCountsAll(t *testing.T) {
	var w bytes.Buffer
	if err := writeTimeline(&w, conversation.Timeline{Count: 9, Memories: memories(2, 1, nil)}, false); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(w.String(), `],"count":9}`) {
		t.Error(w.String())
	}
}

// What fails before so much is ready has sent nothing; later the JSON has no
// end.
func TestATimelineThatFails(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		n    int
		sent bool
	}{{3, false}, {100, true}} {
		var w writes
		held := &heldBack{out: &w, most: holdBack}
		err := writeTimeline(held, conversation.Timeline{Memories: memories(c.n, 50_000, broken)}, true)
		if !errors.Is(err, broken) || (w.Len() > 0) != c.sent || json.Valid(w.Bytes()) {
			t.Errorf("%d memories: %v, %d bytes", c.n, err, w.Len())
		}
	}
}
