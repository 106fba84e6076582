package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync/atomic"

	"griot/internal/llm"
	"griot/internal/session"
)

// answers is a model whose answers are kept beside a session until its result
// stands: what was paid for once is not paid for again when a job comes back.
type answers struct {
	llm.Model
	sessions *session.Service
	session  session.Session
	stored   *atomic.Int64 // by this job
}

// Ask looks first whether the answer is there. An answer from there is paid for
// already: its usage is what it was then.
func (a answers) Ask(ctx context.Context, r llm.Request) (llm.Answer, error) {
	name := a.name(r)
	var kept llm.Answer
	data, found, err := a.sessions.Note(ctx, a.session, name)
	if err != nil {
		return llm.Answer{}, fmt.Errorf("looking for a kept answer: %w", err)
	}
	if found && json.Unmarshal(data, &kept) == nil {
		return kept, nil
	}
	got, err := a.Model.Ask(ctx, r)
	if err != nil {
		return got, err
	}
	if data, err = json.Marshal(got); err == nil {
		err = a.sessions.PutNote(ctx, a.session, name, data)
	}
	if err == nil {
		a.stored.Add(1)
	} else { // it is only paid for again
		slog.WarnContext(ctx, "an answer of the model is not kept", "session", a.session.ID, "error", err)
	}
	return got, nil
}

// name of an answer: that of the model and of all that it was asked.
func (a answers) name(r llm.Request) string {
	data, err := json.Marshal([]any{a.ID(), r})
	if err != nil {
		panic(err) // a schema of ours is JSON
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

func (a answers) forget(ctx context.Context) error { return a.sessions.DeleteNotes(ctx, a.session) }
