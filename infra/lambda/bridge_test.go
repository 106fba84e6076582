package main

import (
	"encoding/json"
	"slices"
	"testing"

	"griot/internal/conversation/bridge/passage"
	"griot/internal/transcript"
)

// checkBridged waits until the passages of a session's transcript are the
// memories of its conversation, each once, and checks that it has one.
func (s *server) checkBridged(t testing.TB, id string) {
	t.Helper()
	want := s.passages(t, id)
	awaitFor(t, sweeps, func() bool {
		conversation, known := s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["conversation_id"].(string)
		return known && slices.Equal(s.remembered(t, conversation), want)
	})
	n := 0
	for _, c := range s.Call(t, "GET", "/api/conversations?limit=1000", nil, 200)["data"].([]any) {
		if c.(map[string]any)["sourceSessionId"] == id {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%s is %d conversations", id, n)
	}
}

func (s *server) passages(t testing.TB, id string) (texts []string) {
	t.Helper()
	segments := func(yield func(transcript.Segment, error) bool) {
		for _, raw := range s.Document(t, id) {
			var seg transcript.Segment
			err := json.Unmarshal([]byte(raw), &seg)
			if !yield(seg, err) {
				return
			}
		}
	}
	for p, err := range passage.Cut(segments) {
		ok(t, err)
		texts = append(texts, p.Text)
	}
	return texts
}

// remembered are the contents of a conversation's memories.
func (s *server) remembered(t testing.TB, conversation string) (contents []string) {
	t.Helper()
	timeline := s.Call(t, "GET", "/api/conversations/"+conversation+"/timeline", nil, 200)
	for _, m := range timeline["data"].([]any) {
		contents = append(contents, m.(map[string]any)["content"].(string))
	}
	return contents
}
