package index

import (
	"encoding/json"
	"fmt"
	"testing"

	"griot/internal/table"
)

// FuzzManifest: whatever is taken for a manifest can be read by, and is
// written again as it is.
func FuzzManifest(f *testing.F) {
	for _, data := range []string{
		`{"segments":[{"key":"search/ws_1/0-x","size":10,"meta":4}],"purging":[{"conversation":"conv_1","memories":["a"]}]}`,
		`{"segments":null}`, `{"segments":[{"key":"k","size":-1,"meta":-2}]}`, `{"segments":[{}]}`, `null`,
	} {
		f.Add([]byte(data))
	}
	parse := func(data []byte) (manifest, error) {
		return parseManifest(table.Item{Key: manifestKey("ws_1"), Attrs: table.Attrs{revAttr: int64(1), manifestAttr: data}})
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parse(data)
		if err != nil {
			return
		}
		for _, r := range m.Segments {
			if r.Key == "" || r.Meta < 0 || r.Size < r.Meta {
				t.Errorf("a segment is %+v", r)
			}
		}
		if from := m.mergeFrom(1); from < 0 || from > len(m.Segments) {
			t.Errorf("merges begin at %d of %d", from, len(m.Segments))
		}
		written, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse(written)
		if fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", m) || err != nil {
			t.Errorf("%+v is %+v again, %v", m, again, err)
		}
	})
}
