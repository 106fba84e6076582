// Package budget bounds what a workspace spends in one day of UTC: on a language
// model, in tokens ([Limit]), and on having recordings written down, in minutes
// ([Recordings]). What is spent of a thing in a day is one row.
//
// A request to a model reserves the most that it can cost before it is sent, by one
// conditional write to the row of its workspace and day, and is settled to what
// it has cost when it is answered. So requests that are made at once, by several
// processes, never cost more together than the limit, except for what an
// estimate was below the cost. What nobody knows the cost of, since a connection
// broke or a process ended, stays as reserved until the day is over.
package budget

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"strconv"
	"strings"
	"time"

	"griot/internal/llm"
	"griot/internal/table"
)

// Limit is what each workspace may spend.
type Limit struct {
	Table        table.Store
	Now          func() time.Time
	TokensPerDay int64 // read and written; 0: as many as it likes
}

// Spent says why a request was not sent.
type Spent struct {
	Again time.Time // when the next day begins
	// Alone means that the request may cost more than a whole day's budget, so
	// that it will not be sent on another day either.
	Alone bool
}

func (s Spent) Error() string {
	if s.Alone {
		return "the request may cost more than the budget of a day"
	}
	return "the budget is spent until " + s.Again.Format(time.RFC3339)
}

// Guard returns a model that asks m only for what the payer of a request can
// pay. Otherwise it fails as [llm.Spent], with a [Spent] as the cause; or as
// Unavailable, where so much is reserved by requests under way that there may
// be enough once they are settled. It puts the most that it can be in place of
// a cost that the service does not say.
func (l Limit) Guard(m llm.Model) llm.Model { return guarded{m, l} }

type guarded struct {
	llm.Model
	limit Limit
}

func (g guarded) Ask(ctx context.Context, r llm.Request) (llm.Answer, error) {
	most := Most(r)
	reserved, err := g.limit.reserve(ctx, r.Payer, most.Total())
	if err != nil {
		return llm.Answer{}, err
	}
	a, err := g.Model.Ask(ctx, r)
	paid := cost(most, a, err)
	g.limit.settle(ctx, reserved, paid.Total())
	if e, ok := errors.AsType[*llm.Error](err); ok {
		known := *e
		known.Usage = paid
		return llm.Answer{}, &known
	}
	a.Usage = paid
	return a, err
}

// overhead is more than what services add to a request: marks of who speaks,
// and how a tool is called (some 700 tokens at Anthropic's).
const overhead = 1_000

// Most is the most that a request can cost. A token of what is read stands for
// a byte at least: tokenizers fall back to bytes where they know nothing longer.
// It is four or five in English, so that a request reserves a few times what it
// costs, for as long as it takes.
func Most(r llm.Request) llm.Usage {
	return llm.Usage{
		Input:  int64(len(r.Instructions)+len(r.Text)+len(r.Schema)) + overhead,
		Output: int64(r.MaxTokens),
	}
}

// cost is what a request has cost, as far as that is known: an answer has been
// paid for, whether or not the service says how much, and so may one have been
// that was lost. A service that says no charges nothing.
func cost(most llm.Usage, a llm.Answer, err error) llm.Usage {
	paid := llm.Paid(a, err)
	e, failed := errors.AsType[*llm.Error](err)
	switch {
	case err != nil && !failed:
		return most
	case !failed:
		if paid.Input == 0 {
			paid.Input = most.Input
		}
		if paid.Output == 0 {
			paid.Output = most.Output
		}
	case paid == (llm.Usage{}) && (e.Lost || e.Kind == llm.Refused || e.Kind == llm.CutOff || e.Kind == llm.Unreadable):
		return most
	}
	return paid
}

// reservation is a part of the budget of one day.
type reservation struct {
	row    table.Key
	name   string
	tokens int64
}

// The row of a day has the tokens that are spent or reserved and, for each
// reservation, an attribute with its tokens, named after when it was made.
const (
	tokens = "tokens"
	open   = "open#"

	tries = 8
	// underWay is longer than a request can be: a reservation that is older was
	// left behind.
	underWay = 20 * time.Minute
	// busy is about how long to wait for requests to be settled.
	busy = 10 * time.Second
	// settling is the time for a write that is made after the time is over.
	settling = 5 * time.Second
)

func (l Limit) reserve(ctx context.Context, workspace string, n int64) (*reservation, error) {
	if l.TokensPerDay <= 0 {
		return nil, nil
	}
	now := l.Now().UTC()
	day := Day(now)
	spent := Spent{Again: next(day), Alone: n > l.TokensPerDay}
	if spent.Alone {
		return nil, &llm.Error{Kind: llm.Spent, Cause: spent}
	}
	r := &reservation{
		row:    dayKey(workspace, "model", day),
		name:   open + strconv.FormatInt(now.Unix(), 10) + "#" + rand.Text(),
		tokens: n,
	}
	op := table.Update(r.row, table.Attrs{r.name: n, table.ExpiresAttr: expires(day)},
		table.MissingOrLess(tokens, l.TokensPerDay-n+1), table.Missing(r.name))
	op.Add = map[string]int64{tokens: n}
	err := l.write(ctx, op)
	failed := table.Failed(err)
	switch {
	case err == nil, failed != nil && failed.Old.Int(r.name) == n: // written by a try whose answer was lost
		return r, nil
	case failed == nil && ctx.Err() != nil:
		return nil, llm.Fail(llm.Unavailable, "reserving tokens: %w", err)
	case failed == nil:
		return nil, fmt.Errorf("reserving tokens: %w", err)
	case failed.Old.Int(tokens)-reserved(failed.Old, now)+n <= l.TokensPerDay:
		return nil, &llm.Error{Kind: llm.Unavailable, After: busy/2 + mathrand.N(busy), Cause: spent}
	}
	return nil, &llm.Error{Kind: llm.Spent, Cause: spent}
}

// reserved are the tokens of requests that are under way.
func reserved(row table.Item, now time.Time) (sum int64) {
	for name, value := range row.Attrs {
		at, ours := strings.CutPrefix(name, open)
		at, _, _ = strings.Cut(at, "#")
		seconds, err := strconv.ParseInt(at, 10, 64)
		if n, ok := value.(int64); ours && ok && err == nil && now.Sub(time.Unix(seconds, 0)) < underWay {
			sum += n
		}
	}
	return sum
}

// settle puts what a request has cost in place of what it had reserved, once.
// If it cannot, that stays.
func (l Limit) settle(ctx context.Context, r *reservation, paid int64) {
	if r == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settling)
	defer cancel()
	op := table.Increment(r.row, tokens, paid-r.tokens, table.Equal(r.name, r.tokens))
	op.Remove = []string{r.name}
	if err := l.write(ctx, op); err != nil && table.Failed(err) == nil {
		slog.WarnContext(ctx, "what a request has reserved of the budget stays reserved", "error", err)
	}
}

// write makes a reservation or settles one: where its own first doing fails the
// condition, the row shows it by the reservation's name.
func (l Limit) write(ctx context.Context, op table.Op) error {
	return table.Retry(ctx, tries, func() error {
		_, err := l.Table.Write(ctx, table.Repeatable(op))
		return err
	})
}
