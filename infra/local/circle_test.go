package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"griot/internal/disk"
)

// passage is a memory of a timeline as a client reads it.
type passage struct {
	ID, Content, Context, EventTime string
	Topics                          []string
}

// TestCircle goes all the way round: a file becomes a session and the session a
// conversation, which is found by words and by names; deleting the session
// leaves nothing of either.
func TestCircle(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	// No other word begins with a z, so that the index, which leaves out what a
	// word has in common with the one before it, cannot hide it from places.
	id := s.Upload(t, strings.ReplaceAll(sample(t, "month-end-close.vtt"), "Meridale", "Zyzzyva"))
	conversation, memories := s.bridged(t, id)
	s.cites(t, id, memories)
	found := s.Call(t, "POST", "/api/conversations/search", map[string]string{"query": "What do the auditors want to see?"}, 200)
	hit := found["data"].([]any)[0].(map[string]any)
	if hit["id"] != conversation || !strings.Contains(hit["snippet"].(string), "want to see") {
		t.Errorf("found: %v", hit)
	}
	entities := s.Call(t, "GET", "/v1/sessions/"+id+"/extraction", nil, 200)["entity_candidates"].([]any)
	for _, e := range entities[:5] {
		if ids := s.about(t, e.(map[string]any)["name"]); len(ids) != 1 || ids[0] != conversation {
			t.Errorf("about %v: %v", e, ids)
		}
	}
	s.deleted(t, id, conversation, memories)
	ok(t, s.stop())
	for _, place := range places(t, data, "zyzzyv") {
		t.Errorf("a word of it is still in %s", place)
	}
}

// bridged waits until all of a session's transcript is in its conversation.
func (s *server) bridged(t testing.TB, id string) (conversation string, memories []passage) {
	t.Helper()
	if status := s.Ended(t, id); status != "completed" {
		t.Fatalf("the session is %s", status)
	}
	await(t, func() bool {
		conversation, _ = s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["conversation_id"].(string)
		return conversation != ""
	})
	text := s.Call(t, "GET", "/v1/sessions/"+id+"/transcript?format=json", nil, 200)["text"].(string)
	end := fmt.Sprintf("-%d", len(text)-1)
	await(t, func() bool {
		memories = s.timeline(t, conversation)
		return len(memories) > 0 && strings.HasSuffix(memories[len(memories)-1].Context, end)
	})
	return conversation, memories
}

func (s *server) timeline(t testing.TB, conversation string) []passage {
	t.Helper()
	var tl struct{ Data []passage }
	s.Decode(t, "/api/conversations/"+conversation+"/timeline", &tl)
	return tl.Data
}

// cites checks that the passages are the transcript, in order and in time.
func (s *server) cites(t testing.TB, id string, memories []passage) {
	t.Helper()
	text := s.Call(t, "GET", "/v1/sessions/"+id+"/transcript?format=json", nil, 200)["text"].(string)
	next, last := 0, 0
	for i, m := range memories {
		first := 0
		_, bytes, _ := strings.Cut(m.Context, "?range=")
		if _, err := fmt.Sscanf(bytes, "%d-%d", &first, &last); err != nil || first != next {
			t.Fatalf("passage %d is cited as %s, want it from byte %d", i, m.Context, next)
		}
		next = last + 2 // after the line's end
		var said []string
		for line := range strings.Lines(m.Content) {
			_, words, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			said = append(said, words)
		}
		if quote := text[first : last+1]; quote != strings.Join(said, "\n") {
			t.Errorf("passage %d says %q and cites %q", i, said, quote)
		}
		if i > 0 && m.EventTime < memories[i-1].EventTime {
			t.Errorf("passage %d was said before the one before it", i)
		}
	}
}

// about returns the conversations that have a topic.
func (s *server) about(t testing.TB, topic any) (ids []any) {
	t.Helper()
	for _, c := range s.Call(t, "POST", "/api/conversations/by-topic", map[string]any{"topicId": topic}, 200)["data"].([]any) {
		ids = append(ids, c.(map[string]any)["id"])
	}
	return ids
}

// topicOf is a topic of one of the passages.
func topicOf(memories []passage) string {
	i := slices.IndexFunc(memories, func(m passage) bool { return len(m.Topics) > 0 })
	return memories[i].Topics[0]
}

// deleted deletes a session and checks that it and its conversation are gone
// at once, and what the receipt says in the end.
func (s *server) deleted(t testing.TB, id, conversation string, memories []passage) {
	t.Helper()
	receipt := "/v1/deletions/" + s.Call(t, "DELETE", "/v1/sessions/"+id, nil, 202)["id"].(string)
	for _, path := range []string{
		"/v1/sessions/" + id, "/v1/sessions/" + id + "/extraction",
		"/api/conversations/" + conversation, "/api/conversations/" + conversation + "/timeline", "/api/memories/" + memories[0].ID,
	} {
		s.Call(t, "GET", path, nil, 404)
	}
	s.Call(t, "DELETE", "/api/conversations/"+conversation, nil, 404)
	for path, query := range map[string]map[string]string{
		"/api/conversations/search": {"query": "auditors"}, "/api/conversations/by-topic": {"topicId": topicOf(memories)},
	} {
		if n := s.Call(t, "POST", path, query, 200)["count"]; n != 0.0 {
			t.Errorf("%s still has %v", path, n)
		}
	}
	if topics := s.Call(t, "GET", "/api/topics", nil, 200)["data"].([]any); len(topics) > 0 {
		t.Errorf("topics are left: %v", topics)
	}
	var done map[string]any
	await(t, func() bool {
		done = s.Call(t, "GET", receipt, nil, 200)
		return done["status"] == "done"
	})
	// Each passage and the title are in the index; upload, document and
	// candidates are objects.
	removed := done["removed"].(map[string]any)
	if removed["index_entries"] != float64(len(memories)+1) || removed["objects"] != 3.0 || removed["table_items"].(float64) < float64(3*len(memories)) {
		t.Errorf("%d passages, receipt %v", len(memories), done)
	}
}

func has(data []byte, word string) bool {
	return bytes.Contains(bytes.ToLower(data), []byte(strings.ToLower(word)))
}

// places returns the rows and objects of an ended server that have a word.
func places(t testing.TB, data, word string) (found []string) {
	t.Helper()
	db, err := disk.Open(filepath.Join(data, "griot.db"), disk.Options{})
	ok(t, err)
	defer db.Close()
	var visit func(path string, b *bbolt.Bucket) error
	visit = func(path string, b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				return visit(path+"/"+string(k), b.Bucket(k))
			}
			if has(k, word) || has(v, word) {
				found = append(found, fmt.Sprintf("%s %q", path, k))
			}
			return nil
		})
	}
	ok(t, db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return visit(string(name), b) })
	}))
	ok(t, filepath.WalkDir(filepath.Join(data, "objects"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if has(content, word) {
			found = append(found, path)
		}
		return err
	}))
	return found
}
