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
	takes func(map[string]any) llmtest.Reply // the zero Reply, or a refusal
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
	if no := s.takes(q); no.Status != 0 {
		resp.StatusCode, body = no.Status, no.Body
	} else if q["tools"] != nil {
		body = completion(`{"content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]}`, "tool_calls", llm.Usage{}).Body
	}
	resp.Body = io.NopCloser(strings.NewReader(body))
	return resp, nil
}

// format is the type of a request's response_format, "" without one.
func format(q map[string]any) string {
	f, _ := q["response_format"].(map[string]any)
	name, _ := f["type"].(string)
	return name
}

// no is a 400 as OpenAI words it.
func no(message, param, code string) llmtest.Reply {
	body, _ := json.Marshal(map[string]any{"error": map[string]any{"message": message, "type": "invalid_request_error", "param": param, "code": code}})
	return llmtest.Reply{Status: 400, Body: string(body)}
}

// A server is asked by the best way that it takes; once that is known, by no
// other. Servers say in their own ways what they do not take.
func TestWays(t *testing.T) {
	type q = map[string]any
	takes := llmtest.Reply{}
	tests := map[string]struct {
		takes func(q) llmtest.Reply
		tries int
		has   string
	}{
		"all of it": {func(q) llmtest.Reply { return takes }, 1, `"json_schema"`},
		"no format": {func(r q) llmtest.Reply {
			if format(r) != "" {
				return llmtest.Reply{Status: 400, Body: `{"error":"response_format is not known here"}`}
			}
			return takes
		}, 2, `"tool_choice":"required"`},
		"no format, by the route": {func(r q) llmtest.Reply { // as OpenRouter has it
			if format(r) != "" {
				return llmtest.Reply{Status: 404, Body: `{"error":{"message":"no provider has response_format","code":404}}`}
			}
			return takes
		}, 2, `"tool_choice"`},
		"only objects": {func(r q) llmtest.Reply {
			if format(r) != "json_object" {
				return llmtest.Reply{Status: 501, Body: `{"detail":"not implemented"}`}
			}
			return takes
		}, 3, `"json_object"`},
		"only words": {func(r q) llmtest.Reply {
			if r["response_format"] != nil || r["tools"] != nil {
				return llmtest.Reply{Status: 422, Body: `{"detail":[{"loc":["body"],"msg":"unknown members","input":{"temperature":0,"max_tokens":5}}]}`}
			}
			return takes
		}, 4, `Its JSON schema`},
		// llama-cpp-python validates, and calls what is not valid its own fault.
		"llama-cpp-python": {func(r q) llmtest.Reply {
			_, named := r["tool_choice"].(q)
			switch {
			case format(r) == "json_schema":
				return llmtest.Reply{Status: 500, Body: `{"error":{"message":"1 validation error: ('body', 'response_format', 'type') is 'text' or 'json_object'","type":"internal_server_error","param":null,"code":null}}`}
			case !named:
				return llmtest.Reply{Status: 500, Body: `{"error":{"message":"1 validation error: ('body', 'tool_choice') is 'none', 'auto' or a dictionary","type":"internal_server_error","param":null,"code":null}}`}
			}
			return takes
		}, 3, `"tool_choice":{"function":{"name":"f"},"type":"function"}`},
		"LM Studio without schemas": {func(r q) llmtest.Reply { // of an engine that has no grammars
			_, named := r["tool_choice"].(q)
			switch {
			case format(r) == "json_schema":
				return llmtest.Reply{Status: 400, Body: `{"error":"structured output is not there for this model"}`}
			case format(r) != "":
				return llmtest.Reply{Status: 400, Body: `{"error":"'response_format.type' has to be 'json_schema' or 'text'"}`}
			case named:
				return llmtest.Reply{Status: 400, Body: `{"error":"a tool_choice of type 'object' is invalid"}`}
			}
			return takes
		}, 2, `"tool_choice":"required"`},
		"Ollama's model without tools": {func(r q) llmtest.Reply {
			switch {
			case format(r) == "json_schema":
				return llmtest.Reply{Status: 400, Body: `{"error":{"message":"invalid format","type":"invalid_request_error","param":null,"code":null}}`}
			case r["tools"] != nil:
				return llmtest.Reply{Status: 400, Body: `{"error":{"message":"library/m has no support for tools","type":"api_error","param":null,"code":null}}`}
			}
			return takes
		}, 3, `"json_object"`},
		"its own temperature": {func(r q) llmtest.Reply {
			if r["temperature"] != nil {
				return no("'temperature' can only be 1 with this model", "temperature", "unsupported_value")
			}
			return takes
		}, 2, `"json_schema"`},
		"completion tokens": {func(r q) llmtest.Reply {
			if r["max_tokens"] != nil {
				return no("'max_tokens' is not for this model, 'max_completion_tokens' is", "max_tokens", "unsupported_parameter")
			}
			return takes
		}, 2, `"max_completion_tokens"`},
		"shorter answers": {func(r q) llmtest.Reply {
			if r["max_tokens"] != nil {
				return no("max_tokens is too large: this model writes 4096 completion tokens at most", "max_tokens", "invalid_value")
			}
			return takes
		}, 2, `"json_schema"`},
		// vLLM wants room in its context for an answer as long as it may be.
		"vLLM": {func(r q) llmtest.Reply {
			if r["max_tokens"] != nil {
				return llmtest.Reply{Status: 400, Body: `{"error":{"message":"The maximum context length is 4096 tokens, but 5000 output tokens were requested for 900 input tokens.","type":"BadRequestError","param":"input_tokens","code":400}}`}
			}
			return takes
		}, 2, `"json_schema"`},
		"vLLM before that": {func(r q) llmtest.Reply {
			if r["max_tokens"] != nil || r["max_completion_tokens"] != nil {
				return llmtest.Reply{Status: 400, Body: `{"object":"error","message":"'max_tokens' or 'max_completion_tokens' is too large: the maximum context length is 4096 tokens (5000 > 4096 - 900).","type":"BadRequestError","param":null,"code":400}`}
			}
			return takes
		}, 3, `"json_schema"`},
		"no instructions": {func(r q) llmtest.Reply {
			if len(r["messages"].([]any)) != 1 {
				return llmtest.Reply{Status: 400, Body: `{"object":"error","message":"the template has no system role","type":"BadRequestError","param":null,"code":400}`}
			}
			return takes
		}, 2, `"content":"Do.\n\nThis."`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &server{takes: test.takes}
			m := openai.New(s, "https://models.example", "m", "k")
			for range 2 {
				a, err := m.Ask(t.Context(), llm.Request{Name: "f", Instructions: "Do.", Text: "This.", Schema: json.RawMessage(`{}`), MaxTokens: 5})
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

func TestAddress(t *testing.T) {
	for base, want := range map[string]string{
		"http://127.0.0.1:11434":                    "http://127.0.0.1:11434/v1/chat/completions",
		"http://127.0.0.1:1234/v1":                  "http://127.0.0.1:1234/v1/chat/completions",
		"http://127.0.0.1:1234/v1//":                "http://127.0.0.1:1234/v1/chat/completions",
		"https://h.example/v1/chat/completions":     "https://h.example/v1/chat/completions",
		"https://h.example/openai/v1":               "https://h.example/openai/v1/chat/completions",
		"https://h.example/v1beta/openai/":          "https://h.example/v1beta/openai/chat/completions",
		"https://h.example/api/paas/v4":             "https://h.example/api/paas/v4/chat/completions",
		"https://h.example/vault":                   "https://h.example/vault/v1/chat/completions",
		"https://h.example/openai?api-version=2026": "https://h.example/openai/v1/chat/completions?api-version=2026",
	} {
		s := &server{takes: func(map[string]any) llmtest.Reply { return llmtest.Reply{} }}
		if _, err := openai.New(s, base, "m", "").Ask(t.Context(), llm.Request{}); err != nil || s.path != want || s.auth != "" {
			t.Errorf("%s: asked %s as %q, %v", base, s.path, s.auth, err)
		}
	}
}

// What no other way of asking changes is said once, and told apart.
func TestRefusals(t *testing.T) {
	tests := map[string]struct {
		status int
		body   string
		kind   llm.Kind
		once   bool // it is known from the first answer
	}{
		"llama.cpp":               {400, `{"error":{"code":400,"message":"9032 tokens exceed the available context size (2048 tokens)","type":"exceed_context_size_error","n_prompt_tokens":9032,"n_ctx":2048}}`, llm.TooLong, true},
		"llama.cpp's key":         {401, `{"error":{"message":"a wrong key","type":"authentication_error","code":401}}`, llm.Denied, true},
		"llama-cpp-python":        {400, `{"error":{"message":"2048 is the maximum context length; 9043 tokens are requested (9033 in the messages, 10 in the completion)","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}`, llm.TooLong, false},
		"vLLM":                    {400, `{"error":{"message":"The model's maximum context length is 4096 tokens, the request has 9001 input tokens. Please reduce the length of the messages.","type":"BadRequestError","param":null,"code":400}}`, llm.TooLong, true},
		"vLLM's model":            {404, `{"object":"error","message":"There is no model called m.","type":"NotFoundError","param":null,"code":404}`, llm.Denied, true},
		"Ollama":                  {400, `{"error":{"message":"prompt too long; it exceeds the max context length by 900 tokens","type":"invalid_request_error","param":null,"code":null}}`, llm.TooLong, true},
		"Ollama's model":          {404, `{"error":{"message":"model \"m\" not found, pull it first","type":"not_found_error","param":null,"code":null}}`, llm.Denied, true},
		"LM Studio":               {400, `{"error":"the context overflows: the model was loaded with a context length of only 4096 tokens"}`, llm.TooLong, true},
		"LocalAI":                 {500, `{"error":{"code":500,"message":"rpc error: the request exceeds the available context size","type":""}}`, llm.TooLong, true},
		"Gemini":                  {400, `[{"error":{"code":400,"message":"The input token count (2000000) is more than is allowed (1048576).","status":"INVALID_ARGUMENT"}}]`, llm.TooLong, true},
		"a proxy":                 {413, `<html>413</html>`, llm.TooLong, true},
		"no money":                {402, `{"error":{"message":"no credits","code":402}}`, llm.Denied, true},
		"no money, by OpenAI":     {429, `{"error":{"message":"the quota is used up","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}`, llm.Denied, true},
		"a format, for all ways":  {400, `{"error":"response_format, tools and all else are not known here"}`, llm.Denied, false},
		"words of the transcript": {422, `{"detail":[{"loc":["body","messages"],"msg":"not valid","input":"the context window and the temperature"}]}`, llm.Denied, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &server{takes: func(map[string]any) llmtest.Reply { return llmtest.Reply{Status: test.status, Body: test.body} }}
			_, err := openai.New(s, "http://h", "m", "").Ask(t.Context(), llm.Request{MaxTokens: 5})
			if err == nil || llm.KindOf(err) != test.kind || (len(s.asked) == 1) != test.once || len(s.asked) > 8 {
				t.Errorf("asked %d times: %v", len(s.asked), err)
			}
			for _, q := range s.asked {
				if name == "words of the transcript" && q["temperature"] == nil {
					t.Error("what is quoted is taken for what is refused")
				}
			}
		})
	}
}

// Answers stand where servers and models of different kinds put them.
func TestAnswers(t *testing.T) {
	const want = `{"a":1}`
	tests := map[string]struct {
		message, finish string
		kind            llm.Kind // where there is no answer
		ok              bool
	}{
		"parts":                    {`{"content":[{"type":"text","text":"{\"a\""},{"type":"text","text":":1}"}]}`, "stop", 0, true},
		"thoughts apart":           {`{"content":"{\"a\":1}","reasoning_content":"{\"a\":2}? No."}`, "stop", 0, true},
		"thoughts before":          {says("<think>{\"a\":2}? No.</think>\n\n" + want), "stop", 0, true},
		"thoughts, opened for it":  {says("{\"a\":2}? No.\n</think>" + want), "stop", 0, true},
		"taken for a thought":      {`{"content":null,"reasoning_content":"{\"a\":1}"}`, "stop", 0, true},
		"and by the newer name":    {`{"content":"","reasoning":"\n{\"a\":1}"}`, "stop", 0, true},
		"a tool, as an object":     {`{"content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]}`, "tool_calls", 0, true},
		"white space without end":  {says(want + strings.Repeat("\n", 99)), "length", 0, true},
		"only thoughts":            {`{"content":"","reasoning_content":"What about {\"a\":2}?"}`, "stop", llm.Unreadable, false},
		"thoughts without an end":  {says("<think>What about {\"a\":2}?"), "length", llm.CutOff, false},
		"cut off in a thought":     {`{"content":"","reasoning":"Let me see"}`, "length", llm.CutOff, false},
		"cut off":                  {says(`{"a":`), "length", llm.CutOff, false},
		"a refusal":                {`{"content":null,"refusal":"No."}`, "stop", llm.Refused, false},
		"a guard":                  {says(""), "content_filter", llm.Refused, false},
		"a gateway's model failed": {says(""), "error", llm.Unavailable, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := &server{takes: func(map[string]any) llmtest.Reply {
				return llmtest.Reply{Status: 200, Body: completion(test.message, test.finish, llm.Usage{Input: 3, Output: 4}).Body}
			}}
			a, err := openai.New(s, "http://h", "m", "").Ask(t.Context(), llm.Request{})
			if (err == nil) != test.ok || err != nil && llm.KindOf(err) != test.kind || err == nil && string(a.JSON) != want {
				t.Errorf("%s, %v", a.JSON, err)
			}
			if llm.Paid(a, err) != (llm.Usage{Input: 3, Output: 4}) {
				t.Errorf("usage is %v", llm.Paid(a, err))
			}
		})
	}
}

// A server that takes a schema and does not hold the model to it is asked with
// the schema in words from then on; one that has held a model to it is not.
func TestUnbound(t *testing.T) {
	tests := map[string]struct {
		first, finish string
		kind          llm.Kind // of the first answer
	}{
		"prose":           {"There is a plum.", "stop", llm.Unreadable},
		"endless prose":   {"There is a plum, and", "length", llm.CutOff},
		"another object":  {`{"found": "a plum"}`, "stop", llm.Unreadable},
		"after a thought": {"<think>Well.</think>A plum.", "stop", llm.Unreadable},
	}
	ask := func(m *openai.Model) (llm.Answer, error) {
		return m.Ask(t.Context(), llm.Request{Schema: json.RawMessage(`{"required":["fruit"]}`)})
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			words := says(test.first)
			s := &server{takes: func(q map[string]any) llmtest.Reply {
				if format(q) == "json_object" {
					return llmtest.Reply{Status: 200, Body: completion(says(`{"fruit":1}`), "stop", llm.Usage{}).Body}
				}
				return llmtest.Reply{Status: 200, Body: completion(words, test.finish, llm.Usage{}).Body}
			}}
			m := openai.New(s, "http://h", "m", "")
			if _, err := ask(m); err == nil || llm.KindOf(err) != test.kind {
				t.Errorf("at first: %v", err)
			}
			if a, err := ask(m); err != nil || string(a.JSON) != `{"fruit":1}` {
				t.Errorf("then: %s, %v", a.JSON, err)
			}

			m = openai.New(s, "http://h", "m", "")
			words = says(`{"fruit":2}`)
			if _, err := ask(m); err != nil {
				t.Fatal(err)
			}
			words = says(test.first)
			_, _ = ask(m)
			if last := s.asked[len(s.asked)-1]; format(last) != "json_schema" {
				t.Errorf("a slip, and the server is asked for %s", format(last))
			}
			_, _ = ask(m)
			if last := s.asked[len(s.asked)-1]; format(last) != "json_schema" {
				t.Errorf("after a slip the server is asked for %s", format(last))
			}
		})
	}
}

// Ollama reads the end of a request that is longer than its context, and says
// nothing.
func TestServerReadsAPart(t *testing.T) {
	long, half := strings.Repeat("word ", 4000), strings.Repeat("word ", 2000)
	s := &server{}
	m := openai.New(s, "http://h", "m", "")
	for _, test := range []struct {
		text string
		read int64
		kind llm.Kind
		ok   bool
	}{
		{long, 4000, 0, true}, // all of it
		{long, 2050, llm.TooLong, false},
		{half, 2050, llm.TooLong, false}, // the same number says it
		{half, 2000, 0, true},
		{long, 12, 0, true}, // without what was in a cache
		{strings.Repeat("शब्द ", 2000), 2400, 0, true},
	} {
		s.takes = func(map[string]any) llmtest.Reply {
			return llmtest.Reply{Status: 200, Body: completion(says(`{"a":1}`), "stop", llm.Usage{Input: test.read, Output: 4}).Body}
		}
		a, err := m.Ask(t.Context(), llm.Request{Text: test.text})
		if (err == nil) != test.ok || err != nil && llm.KindOf(err) != test.kind || llm.Paid(a, err).Input != test.read {
			t.Errorf("%d characters read as %d tokens: %v", len(test.text), test.read, err)
		}
	}
}
