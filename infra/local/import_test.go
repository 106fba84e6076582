package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// exported is the archive of the server's first workspace, and the same without
// what differs between workspaces.
func (s *server) exported(t *testing.T) (raw []byte, rest string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Base+"/api/users/me/export", nil)
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+s.Key)
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer resp.Body.Close()
	raw, err = io.ReadAll(resp.Body)
	ok(t, err)
	_, after, found := bytes.Cut(raw, []byte(`"memories":`))
	if !found {
		t.Fatalf("%d: %.300s", resp.StatusCode, raw)
	}
	return raw, string(after)
}

// talks makes conversations: of a session, and of memories.
func (s *server) talks(t *testing.T) {
	t.Helper()
	s.Ended(t, s.Upload(t, interview("weir")))
	await(t, func() bool {
		return len(s.Call(t, "GET", "/api/conversations", nil, 200)["data"].([]any)) == 1
	})
	for i := range 3 {
		talk := s.Call(t, "POST", "/api/conversations", map[string]any{"title": fmt.Sprint("Talk ", i), "summary": "s"}, 201)["data"].(map[string]any)["id"]
		for j := range 40 {
			s.Call(t, "POST", "/api/memories", map[string]any{
				"conversationId": talk, "content": fmt.Sprintf("Lock%d of canal%d leaks.", j, i), "topics": []string{"canals", fmt.Sprint("lock ", j)},
				"eventTime": fmt.Sprintf("2024-01-%02dT00:00:00Z", 1+j%28),
			}, 201)
		}
	}
	s.Call(t, "POST", "/api/memories", map[string]any{"conversationId": "NEW", "content": "Who keeps the keys?", "name": "keys"}, 201)
}

// TestImportWithAndWithoutServer takes an archive to other data directories, where
// an import ends, is repeated, or breaks off: the archive of each is then the same.
func TestImportWithAndWithoutServer(t *testing.T) {
	s := start(t, t.TempDir())
	s.talks(t)
	archive, want := s.exported(t)
	file := filepath.Join(t.TempDir(), "archive.json")
	ok(t, os.WriteFile(file, archive, 0o600))

	data := t.TempDir()
	alone := command(t, data, "import", file)
	if !strings.Contains(alone, "conversations: 5 imported, 0 were there, 0 passed over") || !strings.Contains(alone, " imported, 0 were there, 0 passed over\n") {
		t.Error(alone)
	}
	other := start(t, data)
	if _, got := other.exported(t); got != want {
		t.Errorf("exported %.2000s\nwant %.2000s", got, want)
	}
	through := command(t, data, "import", file)
	if !strings.Contains(through, "conversations: 0 imported, 5 were there, 0 passed over") || !strings.Contains(through, "memories: 0 imported") {
		t.Error(through)
	}
	if _, got := other.exported(t); got != want {
		t.Errorf("exported %.2000s\nwant %.2000s", got, want)
	}
	hits := other.Call(t, "POST", "/api/conversations/search", map[string]any{"query": "lock17 canal2"}, 200)["data"].([]any)
	if len(hits) == 0 || hits[0].(map[string]any)["title"] != "Talk 2" {
		t.Errorf("found %v", hits)
	}
	if got := other.Call(t, "GET", "/api/memories/named/keys", nil, 200)["data"].(map[string]any)["content"]; got != "Who keeps the keys?" {
		t.Errorf("%v has the name", got)
	}

	third := start(t, t.TempDir())
	third.breakOff(t, file)
	t.Setenv("GRIOT_KEY", third.Key)
	command(t, nowhere, "import", "-to", third.Base, file)
	if _, got := third.exported(t); got != want {
		t.Errorf("broken off and repeated: exported %.2000s\nwant %.2000s", got, want)
	}
}

// breakOff begins an import, and ends it when something is there.
func (s *server) breakOff(t *testing.T, file string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-data", s.data, "import", file}, io.Discard, io.Discard) }()
	await(t, func() bool {
		return s.Call(t, "GET", "/api/memories?limit=1", nil, 200)["pagination"].(map[string]any)["count"].(float64) > 0
	})
	stop()
	<-ended // it may have been faster
}

// TestImportOfWhatIsNoArchive names what is wrong with a file, and imports what is
// right of one that is whole.
func TestImportOfWhatIsNoArchive(t *testing.T) {
	s := start(t, t.TempDir())
	dir := t.TempDir()
	file := func(text string) string {
		name := filepath.Join(dir, "file.json")
		ok(t, os.WriteFile(name, []byte(text), 0o600))
		return name
	}
	const talk = `{"id":"conv_01KRXN6W2VY3N0J8Q5Y3M2N4P6","title":"Talk"}`
	const memory = `{"id":"%s","conversationId":"conv_01KRXN6W2VY3N0J8Q5Y3M2N4P6","content":"x","createdAt":"2026-05-18T14:00:00Z"}`
	good := fmt.Sprintf(memory, "0b7e0a2e-0000-4000-8000-000000000001")
	whole := `{"exportVersion":"1","memories":[` + good + `],"conversations":[` + talk + `]}`
	for name, c := range map[string][2]string{
		"cut off":         {whole[:len(whole)-4], "no end"},
		"a directory":     {"", "is a directory"},
		"another version": {`{"exportVersion":"7"}`, "exportVersion"},
	} {
		path := file(c[0])
		if name == "a directory" {
			path = dir
		}
		err := run(t.Context(), []string{"-data", s.data, "import", path}, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(s.Call(t, "GET", "/api/conversations", nil, 200)["data"].([]any)); n != 0 {
		t.Errorf("%d conversations of broken files", n)
	}
	some := `{"exportVersion":"1","conversations":[` + talk + `,{"id":"none","title":"t"}],"memories":[` + good + `,` + fmt.Sprintf(memory, "7") + `,{"id":8},7]}`
	out := command(t, s.data, "import", file(some))
	for _, want := range []string{"conversations: 1 imported, 0 were there, 1 passed over", "memories: 1 imported, 0 were there, 3 passed over", "memories 7 is passed over", "conversations none is passed over"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	var all struct{ Memories []json.RawMessage }
	raw, _ := s.exported(t)
	ok(t, json.Unmarshal(raw, &all))
	if len(all.Memories) != 1 {
		t.Errorf("%d memories", len(all.Memories))
	}
}
