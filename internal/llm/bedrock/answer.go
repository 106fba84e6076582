package bedrock

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"griot/internal/llm"
)

// answer is what Converse returns (Amazon Bedrock API reference).
type answer struct {
	Output struct {
		Message struct {
			Content []struct {
				Text    string `json:"text"`
				ToolUse *struct {
					Input json.RawMessage `json:"input"`
				} `json:"toolUse"`
			} `json:"content"`
		} `json:"message"`
	} `json:"output"`
	StopReason string `json:"stopReason"`
	Usage      struct {
		Input      int64 `json:"inputTokens"` // without those of a cache
		Output     int64 `json:"outputTokens"`
		CacheRead  int64 `json:"cacheReadInputTokens"`
		CacheWrite int64 `json:"cacheWriteInputTokens"`
	} `json:"usage"`
}

func read(body []byte) (llm.Answer, error) {
	var a answer
	if err := json.Unmarshal(body, &a); llm.Broken(err) {
		return llm.Answer{}, llm.Fail(llm.Unreadable, "reading the answer: %w", err)
	}
	usage := llm.Counted(a.Usage.Input, a.Usage.Output).
		Add(llm.Counted(a.Usage.CacheRead, 0)).Add(llm.Counted(a.Usage.CacheWrite, 0))
	fail := func(kind llm.Kind, cause error) (llm.Answer, error) {
		return llm.Answer{}, &llm.Error{Kind: kind, Usage: usage, Cause: cause}
	}
	stop := errors.New("stopReason " + a.StopReason)
	switch a.StopReason {
	case "content_filtered", "guardrail_intervened":
		return fail(llm.Refused, stop)
	case "max_tokens": // a tool's input may look whole and not be
		return fail(llm.CutOff, stop)
	case "model_context_window_exceeded":
		return fail(llm.TooLong, stop)
	}
	var text strings.Builder
	for _, c := range a.Output.Message.Content {
		if c.ToolUse != nil {
			text.Reset()
			text.Write(c.ToolUse.Input)
			break
		}
		text.WriteString(c.Text) // of a model that was not made to use the tool
	}
	object, err := llm.Object(text.String())
	if err != nil {
		return fail(llm.Unreadable, err)
	}
	return llm.Answer{JSON: object, Usage: usage}, nil
}

// refused is what the service says that does not take a request. The message
// may quote the request: it is looked at, and shown to nobody.
type refused struct {
	status        int
	code, message string
}

func refusal(resp llm.Response) refused {
	var body struct{ Message string }
	_ = json.Unmarshal(resp.Body, &body) // what is no JSON says nothing
	code, _, _ := strings.Cut(resp.Header.Get("X-Amzn-Errortype"), ":")
	return refused{resp.Status, code, strings.ToLower(body.Message)}
}

// failure is a refusal that no other way of asking will change.
func (r refused) failure() *llm.Error {
	kind := llm.Denied
	for _, sign := range []string{"too long", "context length", "context window", "maximum number of tokens", "too many input tokens"} {
		if strings.Contains(r.message, sign) {
			kind = llm.TooLong
		}
	}
	return llm.Fail(kind, "the service answered with status %d, %.60q", r.status, r.code)
}

// without is the next dialect to try after a refusal: without what it names.
func (d dialect) without(r refused) (dialect, bool) {
	says := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(r.message, w) {
				return true
			}
		}
		return false
	}
	switch {
	case r.status != http.StatusBadRequest || r.failure().Kind == llm.TooLong:
		return d, false
	case says("temperature") && !d.noTemperature:
		d.noTemperature = true
	case says("cachepoint", "cache point", "caching") && !d.noCache:
		d.noCache = true
	case says("toolchoice", "tool choice", "tool_choice") && !d.noChoice:
		d.noChoice = true
	default:
		return d, false
	}
	return d, true
}
