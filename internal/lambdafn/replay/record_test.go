package replay_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"griot/internal/api"
)

// usual are the headers of nearly every answer. The record says only what is
// otherwise.
var usual = map[string]string{
	"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Request-Id": "req_*",
	"Content-Type": "application/json; charset=utf-8",
}

// answered is what a route's function returned, as it is recorded: the status,
// the headers that are not as usual, and the body, JSON so that it can be read.
func answered(ep api.Endpoint, status int, headers map[string][]string, text string) string {
	headers = maps.Clone(headers)
	if len(headers["X-Request-Id"]) == 1 && strings.HasPrefix(headers["X-Request-Id"][0], "req_") {
		headers["X-Request-Id"] = []string{"req_*"}
	}
	if len(headers["X-Ratelimit-Bucket"])*len(headers["X-Ratelimit-Limit"])*len(headers["X-Ratelimit-Remaining"])*len(headers["X-Ratelimit-Reset"]) == 1 && !ep.Public {
		maps.DeleteFunc(headers, func(name string, _ []string) bool { return strings.HasPrefix(name, "X-Ratelimit-") })
	}
	if slices.Equal(headers["Content-Length"], []string{strconv.Itoa(len(text))}) || strings.Contains(ep.Name, "-search") {
		delete(headers, "Content-Length")
	}
	if strings.HasSuffix(ep.Path, "/openapi.json") && status == http.StatusOK { // has tests of its own
		text = "the document"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "=> %d\n", status)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if value := strings.Join(headers[name], ", "); value != usual[name] {
			fmt.Fprintf(&b, "%s: %s\n", name, value)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(usual)) {
		if headers[name] == nil {
			fmt.Fprintf(&b, "no %s\n", name)
		}
	}
	if text != "" {
		b.WriteString("\n" + legible(text) + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// effect is what a worker's function returned and did.
type effect struct {
	Failed []string          `json:"failed,omitempty"` // messages that come again
	Error  string            `json:"error,omitempty"`
	Became map[string]string `json:"became,omitempty"` // states that are others now
	Sent   map[string]int    `json:"sent,omitempty"`   // but for what is sent by chance
}

func (e effect) String() string {
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings always encode
	}
	return "=>\n" + legible(string(text)) + "\n"
}

// widest is how long a line of JSON is at most, but for what has no parts.
const widest = 150

// legible is a JSON text with its members in order, on one line where that is
// short; any other text as it is.
func legible(text string) string {
	var v any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if dec.Decode(&v) != nil || dec.More() {
		return text
	}
	return written(v, "")
}

func written(v any, indent string) string {
	var parts []string
	var begin, end string
	switch v := v.(type) {
	case []any:
		begin, end = "[", "]"
		for _, e := range v {
			parts = append(parts, written(e, indent+"  "))
		}
	case map[string]any:
		begin, end = "{", "}"
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, scalar(name)+": "+written(v[name], indent+"  "))
		}
	default:
		return scalar(v)
	}
	short := begin + strings.Join(parts, ", ") + end
	if !strings.Contains(short, "\n") && len(indent)+len(short) <= widest {
		return short
	}
	return begin + "\n" + indent + "  " + strings.Join(parts, ",\n"+indent+"  ") + "\n" + indent + end
}

func scalar(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // it was JSON before
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func TestLegible(t *testing.T) {
	long := strings.Repeat("x", widest)
	for text, want := range map[string]string{
		`{"b":1.50,"a":[true,null,"<&>"]}`: `{"a": [true, null, "<&>"], "b": 1.50}`,
		`{"a":"` + long + `","b":{}}`:      "{\n  \"a\": \"" + long + "\",\n  \"b\": {}\n}",
		"no JSON":                          "no JSON",
		`{} {}`:                            `{} {}`,
	} {
		if got := legible(text); got != want {
			t.Errorf("%s is %s", text, got)
		}
	}
}
