// Package openai asks models that are served as OpenAI serves its own, by
// POST /v1/chat/completions: llama.cpp, Ollama, vLLM, LM Studio, LocalAI and
// OpenAI itself.
package openai

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync/atomic"

	"griot/internal/llm"
)

// Model is one model of one server.
type Model struct {
	address, id, key string
	client           llm.Doer
	dialect          atomic.Pointer[dialect] // what the server was found to take
}

// New returns a model. base is the server's URL: its root, with its version
// (/v1, /openai/v1) or the whole address of its chat completions; key may be "".
func New(client llm.Doer, base, id, key string) *Model {
	m := &Model{address: address(base), id: id, key: key, client: honest{client}}
	m.dialect.Store(&dialect{})
	return m
}

func address(base string) string {
	base, query, _ := strings.Cut(base, "?")
	base = strings.TrimRight(base, "/")
	switch {
	case strings.HasSuffix(base, "/chat/completions"):
	case versioned(base):
		base += "/chat/completions"
	default:
		base += "/v1/chat/completions"
	}
	if query != "" {
		base += "?" + query
	}
	return base
}

// versioned says whether a part of the path is a version: v1, v4, v1beta.
func versioned(base string) bool {
	for part := range strings.SplitSeq(base, "/") {
		number, ok := strings.CutPrefix(part, "v")
		number = strings.TrimSuffix(strings.TrimSuffix(number, "alpha"), "beta")
		if ok && number != "" && strings.Trim(number, "0123456789") == "" {
			return true
		}
	}
	return false
}

// ID returns the model's name.
func (m *Model) ID() string { return m.id }

// Ask asks once, or, until it is known what the server takes, once for each
// way of asking that it refuses.
func (m *Model) Ask(ctx context.Context, r llm.Request) (llm.Answer, error) {
	known := m.dialect.Load()
	for d := *known; ; {
		resp, err := m.post(ctx, d.body(m.id, r))
		if err != nil {
			return llm.Answer{}, err
		}
		if resp.Status == http.StatusOK {
			a, err := read(resp.Body)
			a, err = d.judge(r, a, err)
			if d != *known {
				m.dialect.CompareAndSwap(known, &d) // what another request has found out meanwhile stays
			}
			return a, err
		}
		refused := refusal(resp)
		next, ok := d.without(refused)
		if !ok {
			return llm.Answer{}, refused.failure()
		}
		d = next
	}
}

func (m *Model) post(ctx context.Context, body []byte) (llm.Response, error) {
	return llm.Post(ctx, m.client, func(ctx context.Context) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.address, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/json")
		if m.key != "" {
			req.Header.Set("Authorization", "Bearer "+m.key)
		}
		return req, nil
	})
}
