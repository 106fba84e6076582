package bedrock_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"griot/internal/llm"
	"griot/internal/llm/bedrock"
	"griot/internal/llm/llmtest"
)

func open(c llm.Doer, id string) llm.Model {
	config := aws.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}
	return bedrock.New(config, c, "", id)
}

func converse(content, stop string, u llm.Usage) llmtest.Reply {
	return llmtest.Reply{Body: fmt.Sprintf(`{"output":{"message":{"role":"assistant","content":[%s]}},"stopReason":%q,
		"usage":{"inputTokens":%d,"cacheReadInputTokens":1,"cacheWriteInputTokens":1,"outputTokens":%d},"metrics":{"latencyMs":1}}`, content, stop, u.Input-min(2, u.Input), u.Output)}
}

func uses(object string) string {
	return `{"text":"Here."},{"toolUse":{"toolUseId":"t","name":"record","input":` + object + `}}`
}

func TestConformance(t *testing.T) {
	llmtest.Run(t, llmtest.Service{
		New:     func(c llm.Doer) llm.Model { return open(c, "eu.anthropic.claude-x-v1:0") },
		Answers: func(object string, u llm.Usage) llmtest.Reply { return converse(uses(object), "tool_use", u) },
		Writes: func(words string) llmtest.Reply {
			text, _ := json.Marshal(words)
			return converse(`{"text":`+string(text)+`}`, "end_turn", llm.Usage{})
		},
		CutOff:  func(u llm.Usage) llmtest.Reply { return converse(uses(`{"fruit":"pl"}`), "max_tokens", u) },
		Refuses: func(u llm.Usage) llmtest.Reply { return converse(`{"text":"No."}`, "guardrail_intervened", u) },
		TooLong: func() llmtest.Reply {
			return llmtest.Reply{Status: 400, Header: map[string]string{"X-Amzn-Errortype": "ValidationException"}, Body: `{"message":"Input is too long for requested model."}`}
		},
	})
}

// service refuses what a model does not take.
type service struct {
	refuses map[string]string // a member, and the message about it
	asked   []*http.Request
	bodies  []string
}

func (s *service) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.asked, s.bodies = append(s.asked, r), append(s.bodies, string(body))
	for member, message := range s.refuses {
		if strings.Contains(string(body), `"`+member+`"`) {
			return &http.Response{StatusCode: 400, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(`{"message":"` + message + `"}`))}, nil
		}
	}
	reply := converse(uses(`{"a":1}`), "tool_use", llm.Usage{})
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(reply.Body))}, nil
}

func TestWhatModelsRefuse(t *testing.T) {
	s := &service{refuses: map[string]string{
		"temperature": "The model returned: `temperature` is deprecated for this model.",
		"cachePoint":  "You invoked an unsupported model or your request did not allow prompt caching.",
		"toolChoice":  "This model doesn't support the toolConfig.toolChoice.tool field.",
	}}
	m := open(s, "amazon.nova-x-v1:0")
	for range 2 {
		a, err := m.Ask(t.Context(), llm.Request{Name: "record", Schema: json.RawMessage(`{}`), MaxTokens: 5})
		if err != nil || string(a.JSON) != `{"a":1}` {
			t.Fatalf("%s, %v", a.JSON, err)
		}
	}
	if len(s.asked) != 5 {
		t.Errorf("asked %d times, want 4 and then once", len(s.asked))
	}
}

// Ids, profiles of several regions and ARNs are one element of the path.
func TestAddress(t *testing.T) {
	for id, path := range map[string]string{
		"a.b-v1:0":              "/model/a.b-v1:0/converse",
		"global.a.b-v1:0":       "/model/global.a.b-v1:0/converse",
		"arn:aws:bedrock:x/y.z": "/model/arn:aws:bedrock:x%2Fy.z/converse",
	} {
		s := &service{}
		if _, err := open(s, id).Ask(t.Context(), llm.Request{Name: "record", Schema: json.RawMessage(`{}`)}); err != nil {
			t.Fatal(err)
		}
		r := s.asked[0]
		if r.URL.Host != "bedrock-runtime.eu-west-1.amazonaws.com" || r.URL.EscapedPath() != path {
			t.Errorf("%s: %s", id, r.URL)
		}
		if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "/eu-west-1/bedrock/aws4_request") {
			t.Errorf("signed as %q", auth)
		}
		if strings.Contains(s.bodies[0], "cachePoint") {
			t.Errorf("%s: asks for a cache", id)
		}
	}
}
