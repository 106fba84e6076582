package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/queue"
	"griot/internal/search"
	"griot/internal/setup"
	"griot/internal/setup/queues"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

// TestListsOfAnySize reads lists of more than Lambda gives at once.
func TestListsOfAnySize(t *testing.T) {
	s := start(t)
	c, err := setup.Stack(os.Getenv, s.h.options.stack)
	ok(t, err)
	store, err := tables.New(c, table.Names...)
	ok(t, err)
	jobs := map[queue.Name]queue.Queue{}
	for _, name := range []queue.Name{queue.Merge, queue.Tidy} {
		jobs[name], err = queues.Deployed(t.Context(), c, name)
		ok(t, err)
	}
	index := &search.Index{Table: store, Merges: jobs[queue.Merge], Now: time.Now}
	svc := &conversation.Service{Table: store, Index: index, Jobs: jobs, Now: time.Now}
	caller, err := (&access.Directory{Table: store, Now: time.Now}).Verify(t.Context(), s.Key)
	ok(t, err)
	made, err := svc.Create(t.Context(), caller, conversation.CreateInput{Title: "Long"}, nil)
	ok(t, err)
	const memories, size = 170, 49_000 // 8.3 MB; Lambda buffers 6
	for i := range memories {
		in := conversation.MemoryInput{Conversation: made.ID, Content: fmt.Sprintf("%06d%s", i, strings.Repeat(" word", size/5))}
		_, err := svc.CreateMemory(t.Context(), caller, in, nil)
		ok(t, err)
	}
	// Each in the order of its list: of memories, the newest are first.
	for path, first := range map[string]int{
		"/api/conversations/" + made.ID + "/timeline":        0,
		"/api/memories?limit=1000&conversationId=" + made.ID: memories - 1,
	} {
		got := s.list(t, path)
		if len(got) != memories {
			t.Fatalf("%s: %d memories", path, len(got))
		}
		for i, content := range got {
			if n := max(first-i, i-first); !strings.HasPrefix(content, fmt.Sprintf("%06d ", n)) || len(content) < size {
				t.Fatalf("%s: memory %d is %.20q of %d bytes", path, i, content, len(content))
			}
		}
	}
}

// list reads a list of memories to its end.
func (s *server) list(t *testing.T, path string) (contents []string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Base+path, nil)
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+s.Key)
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer res.Body.Close()
	var out struct{ Data []struct{ Content string } }
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != 200 {
		t.Fatalf("%s: %s, %v", path, res.Status, err)
	}
	for _, m := range out.Data {
		contents = append(contents, m.Content)
	}
	return contents
}
