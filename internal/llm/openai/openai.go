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

// New returns a model. base is the server's URL, with or without /v1; key may
// be "".
func New(client llm.Doer, base, id, key string) *Model {
	base = strings.TrimSuffix(strings.TrimRight(base, "/"), "/v1")
	m := &Model{address: base + "/v1/chat/completions", id: id, key: key, client: client}
	m.dialect.Store(&dialect{})
	return m
}

// ID returns the model's name.
func (m *Model) ID() string { return m.id }

// Ask asks once, or, until it is known what the server takes, once for each
// way of asking that it refuses.
func (m *Model) Ask(ctx context.Context, r llm.Request) (llm.Answer, error) {
	for d := *m.dialect.Load(); ; {
		resp, err := m.post(ctx, d.body(m.id, r))
		if err != nil {
			return llm.Answer{}, err
		}
		if resp.Status == http.StatusOK {
			m.dialect.Store(&d)
			return d.read(resp.Body)
		}
		r := refusal(resp)
		next, ok := d.without(r)
		if !ok {
			return llm.Answer{}, r.failure()
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
