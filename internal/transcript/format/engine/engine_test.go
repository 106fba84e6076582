package engine

import (
	"errors"
	"os"
	"strings"
	"testing"

	"griot/internal/transcript/format/source"
)

// Memory is bounded by the number of what is held, also when it is empty.
func TestRoom(t *testing.T) {
	for _, in := range []string{
		`[{},{},{}]`, `{"segments":[{},{},{}]}`, `{"words":[{},{},{}]}`, `{"results":{"items":[{},{},{}]}}`,
		`{"results":{"transcripts":[{},{},{}]}}`, `{"results":{"channels":[{},{},{}]}}`, `[{"words":[{},{},{}]}]`,
		`{"results":{"channel_labels":{"channels":[{},{},{}]}}}`, `{"speakers":[{},{},{}]}`,
	} {
		r := newReader(&source.Source{R: strings.NewReader(in), Limit: 100}, 1000, 2)
		err := r.read()
		var e *source.Error
		if !errors.As(err, &e) || e.Code != source.TooLarge {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// The API's document has the name of every export.
func TestExportsAreDocumented(t *testing.T) {
	document, err := os.ReadFile("../../../api/openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range exports {
		if !strings.Contains(string(document), "`"+e.name+"`") {
			t.Errorf("%s is not in the document", e.name)
		}
	}
}
