package openai_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"griot/internal/llm"
	"griot/internal/llm/llmtest"
	"griot/internal/llm/openai"
)

func completion(message, finish string, u llm.Usage) llmtest.Reply {
	return llmtest.Reply{Body: fmt.Sprintf(`{"id":"c","object":"chat.completion","choices":[{"index":0,"message":%s,"finish_reason":%q}],
		"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`, message, finish, u.Input, u.Output, u.Input+u.Output)}
}

func says(words string) string {
	text, _ := json.Marshal(words)
	return `{"role":"assistant","content":` + string(text) + `}`
}

func TestConformance(t *testing.T) {
	llmtest.Run(t, llmtest.Service{
		New:     func(c llm.Doer) llm.Model { return openai.New(c, "http://127.0.0.1:8080/v1/", "m", "k") },
		Answers: func(object string, u llm.Usage) llmtest.Reply { return completion(says(object), "stop", u) },
		Writes:  func(words string) llmtest.Reply { return completion(says(words), "stop", llm.Usage{}) },
		CutOff:  func(u llm.Usage) llmtest.Reply { return completion(says(`{"fruit": "pl`), "length", u) },
		Refuses: func(u llm.Usage) llmtest.Reply {
			return completion(`{"role":"assistant","content":null,"refusal":"I will not."}`, "stop", u)
		},
		TooLong: func() llmtest.Reply {
			return llmtest.Reply{Status: 400, Body: `{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`}
		},
	})
}

// server takes requests by what they have, and answers as their way wants it.
type server struct {
	takes func(map[string]any) string // "" or the message of a 400
	asked []map[string]any
	auth  string
	path  string
}

func (s *server) Do(r *http.Request) (*http.Response, error) {
	var q map[string]any
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return nil, err
	}
	s.asked, s.auth, s.path = append(s.asked, q), r.Header.Get("Authorization"), r.URL.String()
	resp := &http.Response{StatusCode: 200, Header: http.Header{}}
	body := completion(says(`{"a":1}`), "stop", llm.Usage{}).Body
	if no := s.takes(q); no != "" {
		resp.StatusCode, body = 400, fmt.Sprintf(`{"error":{"message":%q}}`, no)
	} else if q["tools"] != nil {
		body = completion(`{"content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}`, "tool_calls", llm.Usage{}).Body
	}
	resp.Body = io.NopCloser(strings.NewReader(body))
	return resp, nil
}

// A server is asked by the best way that it takes; once that is known, by no
// other.
func TestWays(t *testing.T) {
	tests := map[string]struct {
		takes func(map[string]any) string
		tries int
		has   string
	}{
		"schema": {func(map[string]any) string { return "" }, 1, `"json_schema"`},
		"tools": {func(q map[string]any) string {
			if q["response_format"] != nil {
				return "response_format is not supported"
			}
			return ""
		}, 2, `"tool_choice"`},
		"object": {func(q map[string]any) string {
			if format, _ := q["response_format"].(map[string]any); format["type"] != "json_object" {
				return "unknown"
			}
			return ""
		}, 3, `"json_object"`},
		"words": {func(q map[string]any) string {
			if q["response_format"] != nil || q["tools"] != nil {
				return "extra fields not permitted"
			}
			return ""
		}, 4, `Its JSON schema`},
		"no temperature": {func(q map[string]any) string {
			if q["temperature"] != nil {
				return "Unsupported value: 'temperature' does not support 0 with this model."
			}
			return ""
		}, 2, `"json_schema"`},
		"completion tokens": {func(q map[string]any) string {
			if q["max_tokens"] != nil {
				return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
			}
			return ""
		}, 2, `"max_completion_tokens"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &server{takes: test.takes}
			m := openai.New(s, "https://models.example", "m", "k")
			for range 2 {
				a, err := m.Ask(t.Context(), llm.Request{Name: "f", Schema: json.RawMessage(`{}`), MaxTokens: 5})
				if err != nil || string(a.JSON) != `{"a":1}` {
					t.Fatalf("%s, %v", a.JSON, err)
				}
			}
			if len(s.asked) != test.tries+1 {
				t.Errorf("asked %d times, want %d and then once", len(s.asked), test.tries)
			}
			last, _ := json.Marshal(s.asked[len(s.asked)-1])
			if !strings.Contains(string(last), test.has) {
				t.Errorf("the last request has no %s: %s", test.has, last)
			}
			if s.auth != "Bearer k" || s.path != "https://models.example/v1/chat/completions" {
				t.Errorf("asked %s as %q", s.path, s.auth)
			}
		})
	}
}
