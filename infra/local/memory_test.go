package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"griot/internal/disk/disktest"
)

// remembers makes a memory and returns its id, or "" when nothing was
// acknowledged.
func (s *server) remembers(conversation, content string, topics ...string) string {
	body, err := json.Marshal(map[string]any{"conversationId": conversation, "content": content, "topics": topics})
	if err != nil {
		return ""
	}
	req, err := http.NewRequest(http.MethodPost, s.Base+"/api/memories", strings.NewReader(string(body)))
	if err != nil {
		return ""
	}
	req.Header.Set("Authorization", "Bearer "+s.env.First.Key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	var made struct{ Data struct{ ID string } }
	if json.NewDecoder(resp.Body).Decode(&made) != nil || resp.StatusCode != http.StatusCreated {
		return ""
	}
	return made.Data.ID
}

func (s *server) converse(t testing.TB) string {
	t.Helper()
	made := s.Call(t, "POST", "/api/conversations", map[string]string{"title": "Talk"}, 201)
	return made["data"].(map[string]any)["id"].(string)
}

// counted checks that every counter says how many memories there are, and
// that those that were acknowledged are among them. All have the topic "All".
func (s *server) counted(t testing.TB, conversation string, acknowledged []string) []passage {
	t.Helper()
	memories := s.timeline(t, conversation)
	var ids []string
	for _, m := range memories {
		ids = append(ids, m.ID)
	}
	for _, id := range acknowledged {
		if !slices.Contains(ids, id) {
			t.Errorf("memory %s is lost", id)
		}
	}
	get := func(path string) map[string]any { return s.Call(t, "GET", path, nil, 200) }
	for what, n := range map[string]any{
		"conversation": get("/api/conversations/" + conversation)["data"].(map[string]any)["memoryCount"],
		"list":         get("/api/memories?conversationId=" + conversation)["pagination"].(map[string]any)["count"],
		"topic":        get("/api/topics/all")["data"].(map[string]any)["memoryCount"],
	} {
		if n != float64(len(memories)) {
			t.Errorf("%d memories, the %s counts %v", len(memories), what, n)
		}
	}
	return memories
}

// TestHundredWriters has a hundred clients add to one conversation at once.
func TestHundredWriters(t *testing.T) {
	s := start(t, t.TempDir())
	conversation := s.converse(t)
	ids := make([]string, 100)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() { ids[i] = s.remembers(conversation, fmt.Sprint("number ", i), "All", fmt.Sprint("T", i%10)) })
	}
	wg.Wait()
	if slices.Contains(ids, "") {
		t.Fatal("a memory was refused")
	}
	if n := len(s.counted(t, conversation, ids)); n != len(ids) {
		t.Errorf("%d memories", n)
	}
	for i := range 10 {
		topic := s.Call(t, "GET", fmt.Sprint("/api/topics/t", i), nil, 200)["data"].(map[string]any)
		if topic["memoryCount"] != 10.0 {
			t.Errorf("topic %d: %v", i, topic)
		}
	}
}

// TestKilledServerLosesNoMemory kills the server with memories on their way
// and a session on its way to be a conversation, again and again.
func TestKilledServerLosesNoMemory(t *testing.T) {
	data := t.TempDir()
	s, cmd := child(t, data)
	conversation := s.converse(t)
	var mu sync.Mutex
	var acknowledged, files []string
	const writers, rounds = 4, 3
	for round := range rounds {
		var wg sync.WaitGroup
		for writer := range writers {
			wg.Go(func() {
				for n := 0; ; n++ {
					id := s.remembers(conversation, fmt.Sprintf("round%d writer%d number%d", round, writer, n), "All")
					if id == "" {
						return
					}
					mu.Lock()
					acknowledged = append(acknowledged, id)
					mu.Unlock()
				}
			})
		}
		file := s.Upload(t, sample(t, "month-end-close.vtt"))
		files = append(files, file)
		await(t, func() bool { // a part of it may be there, and seldom all
			became := s.Call(t, "GET", "/v1/sessions/"+file, nil, 200)["conversation_id"]
			return became != nil
		})
		disktest.Kill(t, cmd)
		wg.Wait()
		s, cmd = child(t, data)
	}
	memories := s.counted(t, conversation, acknowledged)
	if more := len(memories) - len(acknowledged); more > writers*rounds {
		t.Errorf("%d memories, %d were acknowledged", len(memories), len(acknowledged))
	}
	for _, id := range files {
		_, passages := s.bridged(t, id)
		s.cites(t, id, passages)
	}
	found := s.Call(t, "POST", "/api/conversations/search", map[string]any{"query": "round2 writer3", "limit": 1}, 200)
	if hits := found["data"].([]any); len(hits) != 1 || hits[0].(map[string]any)["id"] != conversation {
		t.Errorf("found: %v", found)
	}
}
