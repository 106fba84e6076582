package openai

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"griot/internal/llm"
)

type completion struct {
	Choices []struct {
		FinishReason string `json:"finish_reason"`
		Message      struct {
			Content   json.RawMessage // a string, or a list of parts
			Refusal   string
			ToolCalls []struct {
				Function struct {
					Arguments json.RawMessage // a string, as OpenAI has it, or an object
				}
			} `json:"tool_calls"`
		}
	}
	Usage struct {
		Input  int64 `json:"prompt_tokens"`
		Output int64 `json:"completion_tokens"`
	}
	Error json.RawMessage
}

// read takes the answer out of a completion.
func (dialect) read(body []byte) (llm.Answer, error) {
	var c completion
	if err := json.Unmarshal(body, &c); err != nil {
		return llm.Answer{}, llm.Fail(llm.Unreadable, "reading the completion: %w", err)
	}
	usage := llm.Usage(c.Usage)
	fail := func(kind llm.Kind, problem string) (llm.Answer, error) {
		return llm.Answer{}, &llm.Error{Kind: kind, Usage: usage, Cause: errors.New(problem)}
	}
	if len(c.Choices) == 0 {
		if len(c.Error) > 0 { // gateways pass on what their models said as a success
			return fail(llm.Unavailable, "an error in place of a completion")
		}
		return fail(llm.Unreadable, "a completion without choices")
	}
	choice := c.Choices[0]
	if choice.Message.Refusal != "" || choice.FinishReason == "content_filter" {
		return fail(llm.Refused, "finish_reason "+choice.FinishReason)
	}
	text := words(choice.Message.Content)
	if calls := choice.Message.ToolCalls; len(calls) > 0 {
		text = words(calls[0].Function.Arguments)
	}
	object, err := llm.Object(text)
	switch {
	case err == nil:
		return llm.Answer{JSON: object, Usage: usage}, nil
	case choice.FinishReason == "length":
		return fail(llm.CutOff, "finish_reason length")
	}
	return fail(llm.Unreadable, err.Error())
}

// words are those of a string, of a list of parts with text, or of JSON itself.
func words(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var parts []struct{ Text string }
	if json.Unmarshal(value, &parts) == nil {
		var b strings.Builder
		for _, p := range parts {
			b.WriteString(p.Text)
		}
		return b.String()
	}
	return string(value)
}

// refused is what a server says that does not take a request. The message may
// quote the request: it is looked at, and shown to nobody.
type refused struct {
	status               int
	code, param, message string
}

func refusal(resp llm.Response) refused {
	r := refused{status: resp.Status}
	var body struct {
		Error   json.RawMessage
		Message string
		Detail  json.RawMessage
	}
	_ = json.Unmarshal(resp.Body, &body) // what is no JSON says nothing
	var inner struct {
		Message, Param, Type string
		Code                 any
	}
	_ = json.Unmarshal(body.Error, &inner)
	r.param = inner.Param
	if r.code, _ = inner.Code.(string); r.code == "" {
		r.code = inner.Type
	}
	r.message = strings.ToLower(inner.Message + " " + string(body.Error) + " " + body.Message + " " + string(body.Detail))
	return r
}

// failure is a refusal that no other way of asking will change.
func (r refused) failure() *llm.Error {
	kind := llm.Denied
	for _, sign := range []string{"context_length", "context length", "context size", "context_size", "context window", "maximum context", "prompt is too long"} {
		if strings.Contains(r.message, sign) {
			kind = llm.TooLong
		}
	}
	return llm.Fail(kind, "the server answered with status %d, code %.60q", r.status, r.code)
}

// without is the next dialect to try after a refusal: without the parameter
// that it names, or else by the next way.
func (d dialect) without(r refused) (dialect, bool) {
	says := func(word string) bool { return r.param == word || strings.Contains(r.message, word) }
	asks := r.status == http.StatusBadRequest || r.status == http.StatusUnprocessableEntity || r.status == http.StatusNotImplemented
	switch {
	case r.failure().Kind == llm.TooLong:
		return d, false
	case asks && says("temperature") && !d.noTemperature:
		d.noTemperature = true
	case asks && (says("max_completion_tokens") || r.param == "max_tokens") && !d.completionTokens:
		d.completionTokens = true
	case d.way < byWords && (asks || r.status == http.StatusNotFound && (says("response_format") || says("tool"))):
		d.way++
	default:
		return d, false
	}
	return d, true
}
