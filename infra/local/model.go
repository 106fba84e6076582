package main

import (
	"context"

	"griot/internal/budget"
	"griot/internal/llm"
)

// openModel returns the language model that extracts; nil where the options
// name none. A server that ends does not wait for it: the job comes back.
func (h *host) openModel(o options) llm.Model {
	m := o.model.Open()
	if m == nil {
		return nil
	}
	limit := budget.Limit{Table: h.Table, Now: h.now, TokensPerDay: o.tokensPerDay}
	return drainedModel{llm.Patient(limit.Guard(m)), h.drain}
}

// drainedModel gives up when its channel is closed.
type drainedModel struct {
	llm.Model
	drain <-chan struct{}
}

func (m drainedModel) Ask(ctx context.Context, r llm.Request) (llm.Answer, error) {
	ctx, cancel := until(ctx, m.drain)
	defer cancel()
	return m.Model.Ask(ctx, r)
}

// until returns a context that also ends when a channel is closed.
func until(ctx context.Context, drain <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-drain:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
