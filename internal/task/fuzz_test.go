package task_test

import (
	"bytes"
	"testing"

	"griot/internal/queue"
	"griot/internal/task"
)

// FuzzDecode: whatever is taken for a message is written again as it is, and a
// merge is one of some workspace.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{"workspace":"ws_1"}`, `{}`, `null`, `[1]`, `{"workspace": 1}`, "{\"workspace\": \"\xff\"}",
		`{"workspace":"ws_1","conversation":"conv_1","memories":["mem_1"]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := task.Decode(body)
		if err != nil {
			return
		}
		again, err := task.Decode(m.Encode())
		if err != nil || !bytes.Equal(again.Encode(), m.Encode()) || again.Workspace != m.Workspace {
			t.Errorf("%+v is %+v again, %v", m, again, err)
		}
		if merge := task.KindOf(queue.Merge, m) == task.MergeIndex; merge != (m.Workspace != "") {
			t.Errorf("%+v is a merge: %v", m, merge)
		}
	})
}
