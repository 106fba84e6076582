package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"griot/internal/extraction"
	"griot/internal/llm"
	"griot/internal/metric"
	"griot/internal/session"
	"griot/internal/session/result"
)

// answers is a model whose answers are kept beside a session until its result
// stands: what was paid for once is not paid for again when a job comes back.
// It adds up what the session has cost.
type answers struct {
	llm.Model
	sessions *result.Service
	session  session.Session

	mu       sync.Mutex
	account  account
	failures map[string]llm.Usage // kept ones that this job has met, by name
}

// account is what the model has done for one session.
type account struct {
	paid     llm.Usage // in all, jobs before this one included
	lost     llm.Usage // of that: for requests that were without an answer that can be kept
	cost     llm.Usage // of this job
	requests int       // of this job; kept answers are none
	stored   int       // answers of this job
	failed   map[llm.Kind]int
}

// note is a kept answer, or the failure of a request that will fail again.
type note struct {
	llm.Answer
	Failed llm.Kind `json:",omitempty"`
}

// errUnwanted ends an extraction that nobody waits for any more: its session was
// deleted or cancelled, or another one was asked for. The rest of a transcript
// is not shown to a model then.
var errUnwanted = errors.New("the extraction is not wanted any more")

// lasting failures are those that the same request would meet again.
func lasting(kind llm.Kind) bool {
	switch kind {
	case llm.Refused, llm.CutOff, llm.TooLong, llm.Unreadable:
		return true
	}
	return false
}

const (
	// lostNote is the note of what was paid without an answer that can be kept.
	lostNote = "lost"
	// keeping is the time for keeping an answer that came when time was over.
	keeping = 10 * time.Second
)

// newAnswers reads what jobs before this one have paid for nothing.
func newAnswers(ctx context.Context, model llm.Model, sessions *result.Service, sess session.Session) (*answers, error) {
	a := &answers{Model: model, sessions: sessions, session: sess, account: account{failed: map[llm.Kind]int{}}, failures: map[string]llm.Usage{}}
	data, found, err := sessions.Note(ctx, sess, lostNote)
	if err != nil {
		return nil, fmt.Errorf("looking for what was paid before: %w", err)
	}
	if found && json.Unmarshal(data, &a.account.lost) == nil {
		a.account.paid = a.account.lost
	}
	return a, nil
}

// Ask looks first whether the answer is there. An answer from there is paid for
// already: its usage is what it was then.
func (a *answers) Ask(ctx context.Context, r llm.Request) (llm.Answer, error) {
	name := a.name(r)
	data, found, err := a.sessions.Note(ctx, a.session, name)
	if err != nil {
		return llm.Answer{}, lookFailed(ctx, fmt.Errorf("looking for a kept answer: %w", err))
	}
	var kept note
	if found && json.Unmarshal(data, &kept) == nil {
		return a.again(name, kept)
	}
	switch wanted, err := a.sessions.StillWanted(ctx, a.session); {
	case err != nil:
		return llm.Answer{}, lookFailed(ctx, fmt.Errorf("looking whether the session is there: %w", err))
	case !wanted:
		return llm.Answer{}, errUnwanted
	}
	r.Payer = a.session.Workspace
	got, err := a.Model.Ask(ctx, r)
	a.count(got, err)
	switch kind := llm.KindOf(err); {
	case err == nil:
		a.keep(ctx, name, note{Answer: got})
	case lasting(kind):
		a.keep(ctx, name, note{Answer: llm.Answer{Usage: llm.Paid(got, err)}, Failed: kind})
	}
	return got, err
}

// lookFailed is what comes of a look at the session that failed: where the time
// of the job is over, it comes back as for a model that took too long.
func lookFailed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return llm.Fail(llm.Unavailable, "%w", err)
	}
	return err
}

// again answers as it was answered before.
func (a *answers) again(name string, kept note) (llm.Answer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.account.paid = a.account.paid.Add(kept.Usage)
	if kept.Failed == 0 {
		return kept.Answer, nil
	}
	a.failures[name] = kept.Usage
	return llm.Answer{}, &llm.Error{Kind: kept.Failed, Usage: kept.Usage, Cause: errors.New("it was so before")}
}

func (a *answers) count(got llm.Answer, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	paid := llm.Paid(got, err)
	a.account.paid, a.account.cost = a.account.paid.Add(paid), a.account.cost.Add(paid)
	if err == nil {
		a.account.requests++
		return
	}
	kind := llm.KindOf(err)
	a.account.failed[kind]++
	if kind != llm.Spent {
		a.account.requests++
	}
	if !lasting(kind) {
		a.account.lost = a.account.lost.Add(paid)
	}
}

// keep stores a note; one that is not there is only paid for again.
func (a *answers) keep(ctx context.Context, name string, n note) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keeping)
	defer cancel()
	data, err := json.Marshal(n)
	if err == nil {
		err = a.sessions.PutNote(ctx, a.session, name, data)
	}
	if err != nil {
		slog.WarnContext(ctx, "an answer of the model is not kept", "session", a.session.ID, "error", err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if n.Failed == 0 {
		a.account.stored++
	} else {
		a.failures[name] = n.Usage
	}
}

// name of an answer: that of the model and of all that it was asked.
func (a *answers) name(r llm.Request) string {
	data, err := json.Marshal([]any{a.ID(), r})
	if err != nil {
		panic(err) // a schema of ours is JSON
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16])
}

// usage is what a result says.
func (a *answers) usage() *extraction.Usage {
	if a.account.paid == (llm.Usage{}) {
		return nil
	}
	return &extraction.Usage{InputTokens: a.account.paid.Input, OutputTokens: a.account.paid.Output}
}

// log says what a job has asked and paid for, and what came of it: model,
// rules, goes_on and waits (the job comes back), unwanted, failed. Hosts may
// count its numbers.
func (a *answers) log(ctx context.Context, outcome string, parts int, took time.Duration) {
	fallbacks, failures := 0, 0
	if outcome == "rules" {
		fallbacks = 1
	}
	attrs := []slog.Attr{
		slog.String("workspace", a.session.Workspace), slog.String("session", a.session.ID), slog.String("model", a.ID()),
		slog.String("outcome", outcome), slog.Int("parts", parts), slog.Float64("seconds", took.Seconds()),
		metric.Count("input_tokens", a.account.cost.Input), metric.Count("output_tokens", a.account.cost.Output),
		metric.Count("requests", int64(a.account.requests)), metric.Count("fallbacks", int64(fallbacks)),
	}
	for kind, n := range a.account.failed {
		failures += n
		attrs = append(attrs, metric.Count("failed_"+kind.String(), int64(n)))
	}
	attrs = append(attrs, metric.Count("failures", int64(failures)))
	slog.LogAttrs(ctx, slog.LevelInfo, "extraction", attrs...)
}

// keepLost notes what was paid for nothing, for the job that comes after.
func (a *answers) keepLost(ctx context.Context) error {
	if a.account.lost == (llm.Usage{}) {
		return nil
	}
	data, err := json.Marshal(a.account.lost)
	if err != nil {
		return fmt.Errorf("noting what was paid: %w", err)
	}
	return a.sessions.PutNote(ctx, a.session, lostNote, data)
}

// close leaves beside a session whose result is the rules' what a later
// extraction by the model can go on from: its answers. Its failures are tried
// again then.
func (a *answers) close(ctx context.Context) error {
	for name, paid := range a.failures {
		if err := a.sessions.DeleteNote(ctx, a.session, name); err != nil {
			return err
		}
		a.account.lost = a.account.lost.Add(paid)
	}
	return a.keepLost(ctx)
}

func (a *answers) forget(ctx context.Context) error { return a.sessions.DeleteNotes(ctx, a.session) }
