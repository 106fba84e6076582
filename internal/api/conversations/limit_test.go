package conversations_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"griot/internal/conversation"
)

// limits: 400 in a query, 422 in a body; the maximum is in the text.
func TestLimits(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		method, path, body string // %s is the limit
		most, bad          int
	}{
		{"GET", "/api/conversations?limit=%s", "", 1000, 400},
		{"GET", "/api/memories?limit=%s", "", 1000, 400},
		{"GET", "/api/topics?limit=%s", "", 100, 400},
		{"GET", "/api/memories/search?q=x&limit=%s", "", 1000, 400},
		{"POST", "/api/conversations/search", `{"query":"x","limit":%s}`, 1000, 422},
		{"POST", "/api/conversations/by-topic", `{"topicId":"x","limit":%s}`, 1000, 422},
		{"POST", "/api/memories/search", `{"query":"x","limit":%s}`, 1000, 422},
		{"POST", "/api/topics/search", `{"query":"x","limit":%s}`, 100, 422},
	} {
		for limit, want := range map[string]int{
			"1": 200, fmt.Sprint(c.most): 200, fmt.Sprint(c.most + 1): c.bad, "0": c.bad, "-1": c.bad, "1.5": c.bad,
			`"5"`: c.bad, "true": c.bad, "99999999999999999999": c.bad,
		} {
			path, body := c.path, c.body
			if body == "" {
				path = strings.Replace(path, "%s", strings.ReplaceAll(limit, `"`, "%22"), 1)
			} else {
				body = fmt.Sprintf(body, limit)
			}
			got := w.do(t, c.method, path, body)
			if got.status != want || want != 200 && !strings.Contains(got.body, "limit") {
				t.Errorf("%s %s: %d %s, want %d", path, body, got.status, got.body, want)
			}
			if limit == fmt.Sprint(c.most+1) && !strings.Contains(got.body, fmt.Sprint(c.most)) {
				t.Errorf("%s %s does not say the maximum: %s", path, body, got.body)
			}
		}
	}
	for _, offset := range []string{"-1", "x", "1.5", ""} {
		for _, path := range []string{"/api/conversations", "/api/memories", "/api/topics", "/api/memories/search?q=x"} {
			path += map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]
			if got := w.do(t, "GET", path+"offset="+offset, ""); got.status != 400 || !strings.Contains(got.body, "offset") {
				t.Errorf("%soffset=%s: %d %s", path, offset, got.status, got.body)
			}
		}
	}
}

// Whatever a client accepts, it gets JSON: nothing else is there.
func TestEverybodyGetsJSON(t *testing.T) {
	w := newWorld(t)
	for _, accept := range []string{"", "*/*", "text/html", "application/xml;q=0.9", "application/problem+json", "bogus"} {
		for path, status := range map[string]int{"/api/conversations": 200, "/api/conversations/x": 404, "/api/x": 404} {
			got := w.do(t, "GET", path, "", "Accept", accept)
			if got.status != status || got.header.Get("Content-Type") != "application/json; charset=utf-8" || !json.Valid([]byte(got.body)) {
				t.Errorf("%q %s: %d %s %s", accept, path, got.status, got.header.Get("Content-Type"), got.body)
			}
		}
	}
}

// A page over 5 MB is streamed, or refused and not cut.
func TestLargePagesAreRefusedNotCut(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and of one goroutine: there is no race to find")
	}
	w := newWorld(t)
	body := `{"claudeSessionId":"s","content":"` + strings.Repeat("é", 50_000) + `"}`
	for range 60 {
		if got := w.do(t, "POST", "/api/memories", body); got.status != 201 {
			t.Fatal(got.status, got.body[:200])
		}
	}
	var list struct{ Data []struct{ ID string } }
	ok(t, json.Unmarshal([]byte(w.do(t, "GET", "/api/conversations", "").body), &list))
	var first struct{ Data []struct{ ID string } }
	ok(t, json.Unmarshal([]byte(w.do(t, "GET", "/api/memories?limit=1", "").body), &first))
	for path, want := range map[string]int{
		"/api/memories?limit=1000":                                             60,
		"/api/conversations/" + list.Data[0].ID + "/timeline":                  60,
		"/api/memories/" + first.Data[0].ID + "/conversation-memories":         59,
		"/api/memories/" + first.Data[0].ID + "/conversation-memories?limit=1": 1,
	} {
		got := w.do(t, "GET", path, "")
		var all struct{ Data []json.RawMessage }
		ok(t, json.Unmarshal([]byte(got.body), &all))
		if got.status != 200 || len(all.Data) != want || want > 1 && len(got.body) < conversation.MaxPage {
			t.Errorf("%s: %d, %d bytes, %d memories", path, got.status, len(got.body), len(all.Data))
		}
	}
	for _, filter := range []string{"", "&memoryType=episodic"} {
		query := "/api/memories/search?q=" + strings.Repeat("%C3%A9", 30) + "*" + filter
		if got := w.do(t, "GET", query+"&limit=1000", ""); got.status == 200 && len(got.body) > conversation.MaxPage {
			t.Errorf("%d, %d bytes", got.status, len(got.body))
		}
	}
}

// What cannot be read is a 400, what was read and refused a 422.
func TestStatuses(t *testing.T) {
	w := newWorld(t)
	posts := []string{
		"/api/conversations", "/api/conversations/search", "/api/conversations/by-topic", "/api/memories", "/api/memories/search",
		"/api/memories/batch", "/api/topics/search", "/api/topics/merge", "/api/apikeys",
	}
	for _, path := range posts {
		for body, want := range map[string]int{"": 400, "{": 400, "[]": 400, "null": 400, `"x"`: 400, "{} {}": 400, "{}": 422} {
			if path == "/api/apikeys" && (body == "" || body == "{}") {
				want = 201
			}
			if got := w.do(t, "POST", path, body); got.status != want || got.header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("%s %s: %d %s, want %d", path, body, got.status, got.body, want)
			}
		}
	}
	if got := w.do(t, "PUT", "/api/memories/"+noUUID, "{"); got.status != 400 {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := w.do(t, "DELETE", "/api/memories/bulk", ""); got.status != 400 {
		t.Errorf("%d %s", got.status, got.body)
	}
}
