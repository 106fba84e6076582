package engine

import (
	"errors"
	"strings"
	"testing"

	"griot/internal/transcript/format/source"
)

// Memory is bounded by the number of what is held, also when it is empty.
func TestRoom(t *testing.T) {
	for _, in := range []string{
		`[{},{},{}]`, `{"segments":[{},{},{}]}`, `{"words":[{},{},{}]}`, `{"results":{"items":[{},{},{}]}}`,
		`{"results":{"transcripts":[{},{},{}]}}`, `{"results":{"channels":[{},{},{}]}}`,
		`{"results":{"channel_labels":{"channels":[{},{},{}]}}}`,
	} {
		f := found{left: 100, room: 2}
		err := f.read(newCursor(&source.Source{R: strings.NewReader(in), Limit: 100}))
		var e *source.Error
		if !errors.As(err, &e) || e.Code != source.TooLarge {
			t.Errorf("%s: %v", in, err)
		}
	}
}
