// Package hosttest holds what every host's tests share beside the scripts of
// apitest: a client that speaks the sessions API, and tests of live streams
// that are cut, slow and many.
package hosttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Host is a running host, and a key for it with every scope in a workspace
// with one project.
type Host struct{ Base, Key string }

// Await waits for a condition.
func Await(t testing.TB, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited for two minutes in vain")
		}
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Call sends JSON, checks the status and decodes the answer.
func (h Host) Call(t testing.TB, method, path string, body any, status int) map[string]any {
	t.Helper()
	data, err := json.Marshal(body)
	ok(t, err)
	req, err := http.NewRequest(method, h.Base+path, bytes.NewReader(data))
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+h.Key)
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	ok(t, err)
	if resp.StatusCode != status {
		t.Fatalf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	out := map[string]any{}
	if len(answer) > 0 {
		ok(t, json.Unmarshal(answer, &out))
	}
	return out
}

// Live makes a live session.
func (h Host) Live(t testing.TB) string {
	t.Helper()
	return h.Call(t, "POST", "/v1/sessions", map[string]string{
		"template": "open_exploration", "title": "Talk", "interviewee_email": "ann@acme.com",
	}, 201)["id"].(string)
}

// Say appends n segments from client_seq from on.
func (h Host) Say(t testing.TB, id string, from, n int) {
	t.Helper()
	var segments []map[string]any
	for i := from; i < from+n; i++ {
		segments = append(segments, map[string]any{
			"client_seq": i, "speaker": "Ann", "text": fmt.Sprintf("Number %d, naïve & <b>.\u2028", i),
		})
	}
	h.Call(t, "POST", "/v1/sessions/"+id+"/segments", map[string]any{"segments": segments}, 200)
}

// Upload sends a file and starts a session that reads it.
func (h Host) Upload(t testing.TB, content string) string {
	t.Helper()
	up := h.Call(t, "POST", "/v1/uploads", map[string]int{"size_bytes": len(content)}, 201)
	req, err := http.NewRequest(http.MethodPut, up["upload_url"].(string), strings.NewReader(content))
	ok(t, err)
	for name, value := range up["headers"].(map[string]any) {
		req.Header.Set(name, value.(string))
	}
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the upload answered %s", resp.Status)
	}
	return h.Call(t, "POST", "/v1/sessions", map[string]any{
		"template": "operational_workflow", "title": "File", "upload_url": up["upload_url"],
	}, 201)["id"].(string)
}

// Ended waits for a session's end and returns its status.
func (h Host) Ended(t testing.TB, id string) string {
	t.Helper()
	var status string
	Await(t, func() bool {
		status = h.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["status"].(string)
		return status != "in_progress" && status != "processing"
	})
	return status
}

// Document returns the segments of the JSON document, byte for byte.
func (h Host) Document(t testing.TB, id string) (segments []string) {
	t.Helper()
	var doc struct{ Segments []json.RawMessage }
	h.Decode(t, "/v1/sessions/"+id+"/transcript?format=json", &doc)
	return text(doc.Segments)
}

// Polled returns the same from pages of GET …/segments.
func (h Host) Polled(t testing.TB, id string, limit int) (segments []string) {
	t.Helper()
	for {
		var page struct {
			Data    []json.RawMessage
			HasMore bool `json:"has_more"`
		}
		h.Decode(t, fmt.Sprintf("/v1/sessions/%s/segments?after=%d&limit=%d", id, len(segments), limit), &page)
		segments = append(segments, text(page.Data)...)
		if !page.HasMore {
			return segments
		}
	}
}

func text(raw []json.RawMessage) (out []string) {
	for _, r := range raw {
		out = append(out, string(r))
	}
	return out
}

// Decode reads the answer to a GET.
func (h Host) Decode(t testing.TB, path string, into any) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, h.Base+path, nil)
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+h.Key)
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer resp.Body.Close()
	ok(t, json.NewDecoder(resp.Body).Decode(into))
}
