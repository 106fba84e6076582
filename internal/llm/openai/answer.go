package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"griot/internal/llm"
)

type completion struct {
	Choices []struct {
		FinishReason string `json:"finish_reason"`
		Message      reply
	}
	Usage struct {
		Input  int64 `json:"prompt_tokens"`
		Output int64 `json:"completion_tokens"`
	}
	Error json.RawMessage
}

type reply struct {
	Content   json.RawMessage // a string, or a list of parts
	Refusal   string
	Reasoning json.RawMessage
	Thoughts  json.RawMessage `json:"reasoning_content"` // the same by its older name
	ToolCalls []struct {
		Function struct {
			Arguments json.RawMessage // a string, as OpenAI has it, or an object
		}
	} `json:"tool_calls"`
}

// errWords is an answer that does not even begin as an object does.
var errWords = errors.New("words in place of an object")

// read takes the answer out of a completion.
func read(body []byte) (llm.Answer, error) {
	var c completion
	if err := json.Unmarshal(body, &c); llm.Broken(err) {
		return llm.Answer{}, llm.Fail(llm.Unreadable, "reading the completion: %w", err)
	}
	usage := llm.Counted(c.Usage.Input, c.Usage.Output)
	fail := func(kind llm.Kind, problem error) (llm.Answer, error) {
		return llm.Answer{}, &llm.Error{Kind: kind, Usage: usage, Cause: problem}
	}
	if len(c.Choices) == 0 {
		if len(c.Error) > 0 && string(c.Error) != "null" { // gateways pass on what their models said as a success
			return fail(llm.Unavailable, errors.New("an error in place of a completion"))
		}
		return fail(llm.Unreadable, errors.New("a completion without choices"))
	}
	choice := c.Choices[0]
	reason := fmt.Errorf("finish_reason %.60q", choice.FinishReason)
	text := choice.Message.text()
	object, err := llm.Object(text)
	if err != nil && prose(text) {
		reason = fmt.Errorf("%w, %w", reason, errWords)
	}
	switch {
	case choice.Message.Refusal != "" || choice.FinishReason == "content_filter":
		return fail(llm.Refused, reason)
	case choice.FinishReason == "error":
		return llm.Answer{}, &llm.Error{Kind: llm.Unavailable, Usage: usage, Lost: true, Cause: reason}
	case err == nil:
		return llm.Answer{JSON: object, Usage: usage}, nil
	case choice.FinishReason == "length":
		return fail(llm.CutOff, reason)
	}
	return fail(llm.Unreadable, fmt.Errorf("%w: %w", reason, err))
}

// prose is what neither is nor begins an object, alone or in a fence.
func prose(text string) bool {
	text = strings.TrimSpace(llm.Said(text))
	return text != "" && !strings.Contains(text, "{") && !strings.HasPrefix(text, "`")
}

// text is what the object is looked for in. Where thoughts are told apart and a
// schema binds the model from its first word, vLLM takes all of the answer for
// a thought.
func (r reply) text() string {
	if len(r.ToolCalls) > 0 {
		return words(r.ToolCalls[0].Function.Arguments)
	}
	text := words(r.Content)
	for _, thought := range []string{words(r.Thoughts), words(r.Reasoning)} {
		if text == "" && strings.HasPrefix(strings.TrimSpace(thought), "{") {
			text = thought
		}
	}
	return text
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

// judge looks at an answer for what some servers do without a word: they read
// a part of the request only, or let the model answer as it likes. Either is
// part of the dialect from then on.
func (d *dialect) judge(r llm.Request, a llm.Answer, err error) (llm.Answer, error) {
	usage := llm.Paid(a, err)
	fail := func(kind llm.Kind, problem string) (llm.Answer, error) {
		return llm.Answer{}, &llm.Error{Kind: kind, Usage: usage, Cause: errors.New(problem)}
	}
	if d.cut(utf8.RuneCountInString(r.Instructions)+utf8.RuneCountInString(r.Text), usage.Input) {
		d.reads = usage.Input
		return fail(llm.TooLong, fmt.Sprintf("the server read %d tokens, not the whole request", usage.Input))
	}
	switch {
	case d.binds || d.way >= byObject:
	case err == nil && fits(a.JSON, r.Schema):
		d.binds = true
	case errors.Is(err, errWords):
		d.way = byObject
	case err == nil:
		d.way = byObject
		return fail(llm.Unreadable, "an object without any member of its schema")
	}
	return a, err
}

const (
	// A token has 3 to 5 characters of most languages, and seldom more than 7.
	mostPerToken = 7
	// leastCut is the smallest number of tokens that a server is believed to
	// end at; one that does not count what it had in a cache counts fewer.
	leastCut = 1000
)

// cut says whether a server has read so few tokens of so many characters that
// it must have dropped some: Ollama does, where its context is too small.
func (d *dialect) cut(characters int, tokens int64) bool {
	return tokens >= leastCut && (tokens == d.reads || int64(characters) > mostPerToken*tokens)
}

// fits says whether an answer has any member that its schema requires. Models
// that have not seen the schema name them otherwise.
func fits(object, schema json.RawMessage) bool {
	var want struct{ Required []string }
	var has map[string]json.RawMessage
	_ = json.Unmarshal(schema, &want)
	_ = json.Unmarshal(object, &has)
	return len(want.Required) == 0 || slices.ContainsFunc(want.Required, func(name string) bool { return has[name] != nil })
}
