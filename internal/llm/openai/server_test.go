package openai_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/llm"
	"griot/internal/llm/llmtest"
	"griot/internal/llm/openai"
)

// These tests ask a real model server. Its model is small: that the server
// takes what the driver sends, and what it answers, is looked at, not whether
// it makes sense.

// fruit can be answered in few words only: a small model does not end a text.
var fruit = llm.Request{
	Name: "record", Instructions: "Say what they have.", Text: "Ana has two plums, and Bo has none.",
	Schema: json.RawMessage(`{"type":"object","properties":{"fruit":{"type":"string","enum":["plum","pear"]},"many":{"type":"boolean"}},
		"required":["fruit","many"],"additionalProperties":false}`),
	MaxTokens: 50,
}

// list cannot be answered in a few words.
var list = llm.Request{
	Name: "record", Instructions: "Count.", Text: "One, two, three.",
	Schema: json.RawMessage(`{"type":"object","properties":{"all":{"type":"array","minItems":100,"items":{"type":"integer"}}},
		"required":["all"],"additionalProperties":false}`),
	MaxTokens: 5000,
}

// tap passes requests on, and keeps what was asked and how it was answered.
type tap struct {
	refuses string // requests with this are refused, as servers do that do not know it

	mu     sync.Mutex
	asked  []string
	status []int // 0 without an answer
}

func (s *tap) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	s.mu.Lock()
	s.asked = append(s.asked, string(body))
	s.mu.Unlock()
	var resp *http.Response
	if s.refuses != "" && strings.Contains(string(body), s.refuses) {
		resp = &http.Response{StatusCode: 400, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"error":"no such parameter"}`))}
	} else {
		resp, err = http.DefaultClient.Do(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.status = append(s.status, 0)
		return nil, err
	}
	s.status = append(s.status, resp.StatusCode)
	return resp, nil
}

func wantFruit(t *testing.T, a llm.Answer, err error) {
	t.Helper()
	var got struct {
		Fruit string
		Many  *bool
	}
	if err != nil || json.Unmarshal(a.JSON, &got) != nil || got.Fruit != "plum" && got.Fruit != "pear" || got.Many == nil {
		t.Errorf("%s, %v", a.JSON, err)
	}
	if a.Usage.Input == 0 || a.Usage.Output == 0 {
		t.Errorf("usage is %v", a.Usage)
	}
}

func TestModelServer(t *testing.T) {
	server := llmtest.Start(t, "--ctx-size", "512", "--api-key", "secret")
	ask := func(t *testing.T, s *tap, key string, r llm.Request) (llm.Answer, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		return openai.New(s, server.URL, "any", key).Ask(ctx, r)
	}
	t.Run("Schema", func(t *testing.T) {
		var s tap
		a, err := ask(t, &s, "secret", fruit)
		wantFruit(t, a, err)
		if len(s.asked) != 1 {
			t.Errorf("asked %d times: %q", len(s.asked), s.asked)
		}
	})

	long, nearly := list, list
	long.Text = strings.Repeat("One, two, three. ", 100)
	nearly.Text = strings.Repeat("One, two, three. ", 65) // the answer has no room
	few := list
	few.MaxTokens = 10
	failures := map[string]struct {
		key  string
		r    llm.Request
		kind llm.Kind
		paid bool
	}{
		"no key":                {"", fruit, llm.Denied, false},
		"another key":           {"guess", fruit, llm.Denied, false},
		"longer than MaxTokens": {"secret", few, llm.CutOff, true},
		"too long":              {"secret", long, llm.TooLong, false},
		"fills the context":     {"secret", nearly, llm.CutOff, true},
	}
	for name, test := range failures {
		t.Run(name, func(t *testing.T) {
			var s tap
			_, err := ask(t, &s, test.key, test.r)
			if usage := llm.Paid(llm.Answer{}, err); err == nil || llm.KindOf(err) != test.kind || (usage.Input > 0 && usage.Output > 0) != test.paid {
				t.Errorf("%v, usage %v; the kind should be %v", err, usage, test.kind)
			}
			if len(s.asked) != 1 {
				t.Errorf("asked %d times, answered with %d", len(s.asked), s.status)
			}
		})
	}

	// What is refused in front of it is not known to servers before json_schema
	// or before tools.
	t.Run("Tools", func(t *testing.T) {
		s := tap{refuses: `"json_schema"`}
		_, err := ask(t, &s, "secret", fruit) // without tools in its template the model writes what it likes
		if err == nil || llm.KindOf(err) != llm.Unreadable && llm.KindOf(err) != llm.CutOff || !slices.Equal(s.status, []int{400, 200}) || !strings.Contains(s.asked[1], `"tool_choice"`) {
			t.Errorf("%v after %d: %q", err, s.status, s.asked)
		}
	})
	t.Run("Object", func(t *testing.T) {
		s := tap{refuses: `"name":"record"`} // which both have
		_, err := ask(t, &s, "secret", fruit)
		if err != nil && llm.KindOf(err) != llm.CutOff || !slices.Equal(s.status, []int{400, 400, 200}) || !strings.Contains(s.asked[2], `"json_object"`) {
			t.Errorf("%v after %d: %q", err, s.status, s.asked)
		}
	})
}

// A server that ends in the middle of an answer cannot be had; one that is
// still loading its model cannot yet.
func TestModelServerComesAndGoes(t *testing.T) {
	server := llmtest.Start(t)
	var s tap
	model := openai.New(&s, server.URL, "any", "")
	failed := make(chan error)
	go func() {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second) // not enough for another try
		defer cancel()
		_, err := model.Ask(ctx, list)
		failed <- err
	}()
	server.Await(t, "/slots", func(r *http.Response) bool {
		var slots []struct {
			Processing bool `json:"is_processing"`
		}
		return json.NewDecoder(r.Body).Decode(&slots) == nil && len(slots) == 1 && slots[0].Processing
	})
	server.Kill()
	if err := <-failed; llm.KindOf(err) != llm.Unavailable || err == nil {
		t.Errorf("after the end of the server: %v", err)
	}
	s.status = nil
	server.Relaunch(t)
	server.Await(t, "/health", func(r *http.Response) bool { return true })
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	a, err := model.Ask(ctx, fruit)
	for err != nil && llm.KindOf(err) == llm.Unavailable && ctx.Err() == nil {
		a, err = model.Ask(ctx, fruit)
	}
	wantFruit(t, a, err)
	if fmt.Sprint(s.status) == "[200]" || s.status[len(s.status)-1] != 200 {
		t.Errorf("a server that loads its model answered with %d", s.status)
	}
}
