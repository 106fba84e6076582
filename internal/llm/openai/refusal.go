package openai

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"griot/internal/llm"
)

// refused is what a server says that does not take a request. The message may
// quote the request: it is looked at, and shown to nobody.
type refused struct {
	status               int
	code, param, message string
}

// refusal reads {"error": {…}}, {"error": "…"}, the members without an error
// around them, or the detail of a validation.
func refusal(resp llm.Response) refused {
	type told struct {
		Message, Param, Type string
		Code                 any
	}
	var body struct {
		told
		Error  json.RawMessage
		Detail json.RawMessage
	}
	whole := bytes.Trim(resp.Body, "[] \r\n") // Gemini has a list of one
	_ = json.Unmarshal(whole, &body)          // what is no JSON says nothing
	inner, text := body.told, ""
	_ = json.Unmarshal(body.Error, &inner)
	_ = json.Unmarshal(body.Error, &text)
	r := refused{status: resp.Status, param: inner.Param}
	if r.code, _ = inner.Code.(string); r.code == "" {
		r.code = inner.Type
	}
	r.message = strings.ToLower(strings.Join([]string{inner.Message, text, detail(body.Detail), r.code}, " "))
	return r
}

// detail is a text, or a list of what is wrong where; the wrong values beside
// them can be the whole request.
func detail(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) == nil {
		return text
	}
	var list []struct {
		Loc []any
		Msg string
	}
	_ = json.Unmarshal(value, &list)
	for _, problem := range list {
		text += fmt.Sprintln(problem.Loc, problem.Msg)
	}
	return text
}

// failure is a refusal that no other way of asking will change.
func (r refused) failure() *llm.Error {
	kind := llm.Denied
	if r.tooLong() {
		kind = llm.TooLong
	}
	return llm.Fail(kind, "the server answered with status %d, code %.60q", r.status, r.code)
}

// asks says whether the request is at fault, rather than who sends it or where.
func (r refused) asks() bool {
	return r.status == http.StatusBadRequest || r.status == http.StatusUnprocessableEntity || r.status == http.StatusNotImplemented
}

func (r refused) names(member string) bool {
	return r.param == member || strings.Contains(r.message, member)
}

func (r refused) says(any ...string) bool {
	for _, words := range any {
		if strings.Contains(r.message, words) {
			return true
		}
	}
	return false
}

func (r refused) tooLong() bool {
	return r.status == http.StatusRequestEntityTooLarge ||
		r.says("context_length", "context length", "context size", "context_size", "context window", "context overflow",
			"maximum context", "max context", "maximum model length", "prompt is too long", "prompt too long", "input is too long",
			"input token count", "too many input tokens", "reduce the length")
}

// limits says whether it is the length of the answer that is not granted, by
// itself or beside the request's.
func (r refused) limits() bool {
	return r.names("max_tokens") || r.names("max_completion_tokens") ||
		r.tooLong() && r.says("in the completion", "output tokens", "completion tokens")
}

// without is the next dialect to try after a refusal: without what it names,
// or else by the next way.
func (d dialect) without(r refused) (dialect, bool) {
	switch asks := r.asks(); {
	case asks && r.names("temperature") && !d.noTemperature:
		d.noTemperature = true
	case asks && r.names("max_completion_tokens") && !d.completionTokens:
		d.completionTokens = true
	case asks && r.limits() && !d.noLimit:
		d.noLimit = true
	case r.tooLong():
		return d, false
	case asks && r.says("system role", "roles must alternate") && !d.noSystem:
		d.noSystem = true
	case asks && d.way == byTool && r.names("tool_choice") && !d.namedTool:
		d.namedTool = true
	case d.way < byWords && (asks || r.status == http.StatusNotFound && (r.names("response_format") || r.names("tool"))):
		d.way++
	default:
		return d, false
	}
	return d, true
}

// honest gives the statuses that servers mean. Some say 500 where a request is
// not valid (llama-cpp-python) or too long (LocalAI), and OpenAI says 429 where
// an account is empty: trying again would change nothing.
type honest struct{ llm.Doer }

func (h honest) Do(req *http.Request) (*http.Response, error) {
	resp, err := h.Doer.Do(req)
	if err != nil || resp.StatusCode != http.StatusInternalServerError && resp.StatusCode != http.StatusTooManyRequests {
		return resp, err
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, mostRefusal)) // a part says what the whole would
	resp.Body = io.NopCloser(bytes.NewReader(body))
	switch r := refusal(llm.Response{Status: resp.StatusCode, Body: body}); {
	case r.status == http.StatusTooManyRequests && r.says("insufficient_quota"):
		resp.StatusCode = http.StatusPaymentRequired
	case r.status == http.StatusInternalServerError && (r.tooLong() || r.says("validation error", "response_format", "tool_choice")):
		resp.StatusCode = http.StatusBadRequest
	}
	return resp, nil
}

// mostRefusal is how many bytes of a refusal are read.
const mostRefusal = 256 << 10
