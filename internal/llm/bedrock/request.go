package bedrock

import (
	"encoding/json"
	"strings"

	"griot/internal/llm"
)

// dialect is what a model takes. The zero dialect is tried first.
type dialect struct {
	noCache       bool // it keeps nothing of a request's front
	noTemperature bool // it allows its own only
	noChoice      bool // it cannot be made to call a certain tool
}

// caches reports whether a model is of a family that can keep the front of a
// request (Amazon Bedrock user guide, prompt caching).
func caches(id string) bool {
	return strings.Contains(id, "anthropic.") || strings.Contains(id, "amazon.nova")
}

// What Converse takes (Amazon Bedrock API reference).
type (
	converse struct {
		System    []block    `json:"system"`
		Messages  []message  `json:"messages"`
		Inference inference  `json:"inferenceConfig"`
		Tools     toolConfig `json:"toolConfig"`
	}
	message struct {
		Role    string  `json:"role"`
		Content []block `json:"content"`
	}
	block struct {
		Text       string      `json:"text,omitempty"`
		CachePoint *cachePoint `json:"cachePoint,omitempty"`
	}
	cachePoint struct {
		Type string `json:"type"`
	}
	inference struct {
		MaxTokens   int      `json:"maxTokens"`
		Temperature *float64 `json:"temperature,omitempty"`
	}
	toolConfig struct {
		Tools  []tool      `json:"tools"`
		Choice *toolChoice `json:"toolChoice,omitempty"`
	}
	tool struct {
		Spec toolSpec `json:"toolSpec"`
	}
	toolSpec struct {
		Name   string      `json:"name"`
		Schema inputSchema `json:"inputSchema"`
	}
	inputSchema struct {
		JSON json.RawMessage `json:"json"`
	}
	toolChoice struct {
		Tool named `json:"tool"`
	}
	named struct {
		Name string `json:"name"`
	}
)

func (d dialect) body(r llm.Request) []byte {
	c := converse{
		System:    []block{{Text: r.Instructions}},
		Messages:  []message{{"user", []block{{Text: r.Text}}}},
		Inference: inference{MaxTokens: r.MaxTokens},
		Tools:     toolConfig{Tools: []tool{{toolSpec{r.Name, inputSchema{r.Schema}}}}},
	}
	if !d.noCache {
		c.System = append(c.System, block{CachePoint: &cachePoint{"default"}})
	}
	if !d.noTemperature {
		c.Inference.Temperature = new(float64)
	}
	if d.noChoice {
		c.System[0].Text += "\n\nAnswer by calling the tool " + r.Name + "."
	} else {
		c.Tools.Choice = &toolChoice{named{r.Name}}
	}
	body, err := json.Marshal(c)
	if err != nil {
		panic(err) // a schema of ours is JSON
	}
	return body
}
