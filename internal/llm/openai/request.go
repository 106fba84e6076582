package openai

import (
	"encoding/json"

	"griot/internal/llm"
)

// A way is how a server is made to answer with JSON. Servers differ in what
// they take; the first way binds the answer the most.
type way int

const (
	bySchema way = iota // response_format json_schema
	byTool              // the call of a function
	byObject            // response_format json_object, the schema in the instructions
	byWords             // the schema in the instructions
)

// dialect is what a server takes. The zero dialect is tried first.
type dialect struct {
	way              way
	binds            bool  // an answer by this way was as it was asked for
	noTemperature    bool  // it allows its own only
	completionTokens bool  // it wants max_completion_tokens, not max_tokens
	noLimit          bool  // it allows no answer as long as MaxTokens
	noSystem         bool  // its template has no instructions apart from the text
	namedTool        bool  // it wants the function's name, where others take only "required"
	reads            int64 // tokens that it reads of a longer request; 0 while not known
}

type request struct {
	Model               string          `json:"model"`
	Messages            []message       `json:"messages"`
	Temperature         *float64        `json:"temperature,omitempty"`
	MaxTokens           int             `json:"max_tokens,omitempty"`
	MaxCompletionTokens int             `json:"max_completion_tokens,omitempty"`
	ResponseFormat      *responseFormat `json:"response_format,omitempty"`
	Tools               []tool          `json:"tools,omitempty"`
	ToolChoice          any             `json:"tool_choice,omitempty"` // "required" or a toolChoice
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type responseFormat struct {
	Type   string  `json:"type"`
	Schema *schema `json:"json_schema,omitempty"`
}

type schema struct {
	Name   string          `json:"name"`
	Strict bool            `json:"strict"`
	Schema json.RawMessage `json:"schema"`
}

type tool struct {
	Type     string   `json:"type"`
	Function function `json:"function"`
}

type function struct {
	Name       string          `json:"name"`
	Parameters json.RawMessage `json:"parameters,omitempty"`
}

type toolChoice struct {
	Type     string   `json:"type"`
	Function function `json:"function"`
}

func (d dialect) body(model string, r llm.Request) []byte {
	q := request{Model: model}
	instructions := r.Instructions
	switch d.way {
	case bySchema:
		q.ResponseFormat = &responseFormat{"json_schema", &schema{r.Name, true, r.Schema}}
	case byTool:
		q.Tools = []tool{{"function", function{r.Name, r.Schema}}}
		q.ToolChoice = "required"
		if d.namedTool {
			q.ToolChoice = toolChoice{"function", function{Name: r.Name}}
		}
	case byObject:
		q.ResponseFormat = &responseFormat{Type: "json_object"}
		fallthrough
	case byWords:
		instructions += "\n\nAnswer with one JSON object and nothing else. Its JSON schema:\n" + string(r.Schema)
	}
	q.Messages = []message{{"system", instructions}, {"user", r.Text}}
	if d.noSystem {
		q.Messages = []message{{"user", instructions + "\n\n" + r.Text}}
	}
	if !d.noTemperature {
		q.Temperature = new(float64)
	}
	switch {
	case d.noLimit:
	case d.completionTokens:
		q.MaxCompletionTokens = r.MaxTokens
	default:
		q.MaxTokens = r.MaxTokens
	}
	body, err := json.Marshal(q)
	if err != nil {
		panic(err) // a schema of ours is JSON
	}
	return body
}
