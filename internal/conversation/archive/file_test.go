package archive_test

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"griot/internal/conversation/archive"
)

// TestFile reads archives, whole and other ones.
func TestFile(t *testing.T) {
	const head, tail = `{"exportVersion":"1","profile":{"a":[1,{"b":null}]},`, `"facts":[],"counts":{"memories":2,"conversations":1,"facts":0}}`
	const lists = `"memories":[{"id":"m1"},{"id":"m2"}],"conversations":[{"id":"c1"}],`
	whole := head + lists + tail
	for name, c := range map[string]struct{ text, want, fails string }{
		"whole":                   {whole, "m1 m2 c1", ""},
		"in another order":        {`{"counts":{},"conversations":[{"id":"c1"}],"memories":[],"exportVersion":"1"} ` + "\n", "c1", ""},
		"with what is not known":  {`{"exportVersion":"1","narratives":[[],[{"x":[1]}]],"memories":[{"id":"m"}]}`, "m", ""},
		"nothing":                 {"", "", "no end"},
		"cut off in a memory":     {whole[:len(head)+20], "", "no end"},
		"cut off before the end":  {whole[:len(whole)-1], "", "no end"},
		"cut off between":         {head + lists, "m1 m2 c1", "no end"},
		"without a version":       {`{"memories":[]}`, "", "exportVersion"},
		"of another version":      {`{"exportVersion":"2"}`, "", "exportVersion"},
		"with fewer than it says": {head + `"memories":[{"id":"m1"}],` + tail, "m1", "counts"},
		"two of them":             {whole + whole, "m1 m2 c1", "behind its end"},
		"no object":               {`["memories"]`, "", "should be"},
		"no list":                 {`{"exportVersion":"1","memories":{"id":"m1"}}`, "", "should be"},
		"no JSON":                 {`{"exportVersion":"1","memories":[{"id":}]}`, "", "cannot be read"},
		"nested deeply":           {head + `"x":` + strings.Repeat("[", 5000), "", "nested"},
		"a large item":            {head + `"memories":[{"id":"` + strings.Repeat("x", 2<<20) + `"}]`, "", "more than"},
		"a large name":            {head + `"` + strings.Repeat("x", 2<<20) + `":1`, "", "more than"},
	} {
		var got []string
		note := func(raw json.RawMessage) error {
			var item struct{ ID string }
			err := json.Unmarshal(raw, &item)
			got = append(got, item.ID)
			return err
		}
		_, _, err := archive.File{Conversation: note, Memory: note}.Read(strings.NewReader(c.text))
		if (err != nil) != (c.fails != "") || err != nil && !strings.Contains(err.Error(), c.fails) {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// endless is an archive that is written while it is read.
type endless struct {
	left int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	if e.rest == "" && e.left > 0 {
		e.left--
		e.rest = fmt.Sprintf(`{"id":"%d","content":"%s"},`, e.left, strings.Repeat("word ", 200))
		if e.left == 0 {
			e.rest = `{}]}`
		}
	}
	if e.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// TestFileIsHeldInPart reads 50 MB in a few.
func TestFileIsHeldInPart(t *testing.T) {
	in := &endless{left: 50_000, rest: `{"exportVersion":"1","memories":[`}
	var most uint64
	seen := 0
	_, n, err := archive.File{Memory: func(json.RawMessage) error {
		if seen++; seen%5000 == 0 {
			runtime.GC()
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
		return nil
	}}.Read(in)
	if err != nil || n != 50_000 || most > 32<<20 {
		t.Errorf("%d memories, %d bytes held, %v", n, most, err)
	}
}
