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

// TestTimelineOfAnySize reads a timeline of more than Lambda gives at once.
func TestTimelineOfAnySize(t *testing.T) {
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
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.Base+"/api/conversations/"+made.ID+"/timeline", nil)
	ok(t, err)
	req.Header.Set("Authorization", "Bearer "+s.Key)
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	defer res.Body.Close()
	var out struct {
		Data  []struct{ Content string }
		Count int
	}
	ok(t, json.NewDecoder(res.Body).Decode(&out))
	if res.StatusCode != 200 || out.Count != memories || len(out.Data) != memories {
		t.Fatalf("%s: %d memories, counted as %d", res.Status, len(out.Data), out.Count)
	}
	for i, m := range out.Data {
		if !strings.HasPrefix(m.Content, fmt.Sprintf("%06d ", i)) || len(m.Content) < size {
			t.Fatalf("memory %d is %.20q of %d bytes", i, m.Content, len(m.Content))
		}
	}
}
