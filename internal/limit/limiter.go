package limit

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"griot/internal/errs"
	"griot/internal/metric"
	"griot/internal/table"
)

// Limiter has the buckets of all workspaces. Table, Now and Default are
// required; it must not be copied.
type Limiter struct {
	Table table.Store // the operator's limits and, when Shared, the buckets
	Now   func() time.Time
	// Default is what a workspace may take of which the operator said nothing.
	Default Rates
	// Shared is for hosts of many processes: the buckets are rows of the table.
	// A process takes a little of a bucket ([slack]) before it writes that down,
	// so that a row is written once in many requests.
	Shared bool

	mu       sync.Mutex
	accounts map[name]*account
	pruned   time.Time
	plans    map[string]known
	resume   time.Time // the table is not asked before, since it failed
}

// Caller is who is charged.
type Caller struct{ Workspace, Key string }

// name is that of a bucket; key is "" for that of the whole workspace.
type name struct {
	workspace, key string
	class          Class
}

func (n name) String() string {
	if n.key != "" {
		return "key:" + n.key + ":" + string(n.class)
	}
	return "workspace:" + n.workspace + ":" + string(n.class)
}

// account is a bucket as this process knows it. When it is shared, that is its
// row as it was last seen, filled since then, without what was taken here: the
// most that there can be.
type account struct {
	name

	asked time.Time // guarded by the limiter

	mu sync.Mutex
	bucket
	pending Amount // taken here, and not in the row yet; below zero: the other way round
	row     row
}

// part is an account with the rate that is in force.
type part struct {
	*account
	rate Amount
}

// Ticket is what one request has taken. It is not for concurrent use.
type Ticket struct {
	limiter *Limiter
	caller  Caller
	class   Class
	parts   []part
	taken   Amount
	refused bool
}

// Take admits a request that will cost about so much, or returns an error of
// the kind ResourceExhausted that says when to come back. The ticket is there
// in both cases.
func (l *Limiter) Take(ctx context.Context, c Caller, class Class, estimate Amount) (*Ticket, error) {
	t := &Ticket{limiter: l, caller: c, class: class}
	t.find(ctx)
	err := t.Raise(ctx, estimate)
	t.refused = err != nil
	return t, err
}

// find looks for the buckets that hold now.
func (t *Ticket) find(ctx context.Context) {
	t.parts = t.limiter.parts(t.limiter.plan(ctx, t.caller.Workspace), t.caller, t.class)
}

// Raise takes what is missing to a total, for a request that turns out to be
// dearer than it seemed. When there is not as much, it takes nothing.
func (t *Ticket) Raise(ctx context.Context, total Amount) error {
	return t.take(ctx, total, t.taken)
}

// Continue takes what is missing to a total as another request would, for one
// that goes on for so long that the limits may be others.
func (t *Ticket) Continue(ctx context.Context, total Amount) error {
	t.find(ctx)
	return t.take(ctx, most(total.minus(t.taken), Amount{}), Amount{})
}

// take takes what is missing to a total, of all of its buckets or of none.
func (t *Ticket) take(ctx context.Context, total, before Amount) error {
	more := most(total.minus(before), Amount{})
	for i, p := range t.parts {
		wait := t.limiter.take(ctx, p, more, needed(p.rate, total, before))
		if wait <= 0 {
			continue
		}
		for _, earlier := range t.parts[:i] {
			t.limiter.settle(ctx, earlier, more.times(-1))
		}
		return exhausted(p, wait)
	}
	t.taken = t.taken.plus(more)
	return nil
}

func exhausted(p part, wait time.Duration) error {
	whose := "the workspace"
	if p.key != "" {
		whose = "the key"
	}
	e := errs.New(errs.ResourceExhausted, "%s has taken as much of the class %s as it may: try again in %.0f s", whose, p.class, math.Ceil(wait.Seconds()))
	e.RetryAfter = wait
	return e
}

// Settle puts what a request has cost in place of what it took. One that was
// refused costs nothing.
func (t *Ticket) Settle(ctx context.Context, cost Amount) {
	if t.refused {
		return
	}
	for _, p := range t.parts {
		t.limiter.settle(ctx, p, cost.minus(t.taken))
	}
	t.taken = cost
}

// State is that of the bucket that is nearest to its end.
func (t *Ticket) State() State {
	now := t.limiter.Now()
	var nearest State
	for i, p := range t.parts {
		s := p.look(now)
		if i == 0 || s.share(s.Nearest()) <= nearest.share(nearest.Nearest()) {
			nearest = s
		}
	}
	return nearest
}

// Usage returns the buckets of a workspace, and those of its keys that have
// limits of their own.
func (l *Limiter) Usage(ctx context.Context, workspace string) ([]State, error) {
	p, _, err := l.readPlan(ctx, workspace, table.Consistent)
	if err != nil {
		return nil, fmt.Errorf("reading the limits: %w", err)
	}
	var all []State
	for _, key := range append([]string{""}, slices.Sorted(maps.Keys(p.Keys))...) {
		for _, class := range Classes {
			bucket := l.parts(p, Caller{workspace, key}, class)[0]
			if err := l.refresh(ctx, bucket); err != nil {
				return nil, fmt.Errorf("reading what is used: %w", err)
			}
			all = append(all, bucket.look(l.Now()))
		}
	}
	return all, nil
}

// parts are the buckets that a caller takes from: its key's first, if that has
// limits of its own.
func (l *Limiter) parts(p plan, c Caller, class Class) (parts []part) {
	rates := p.Workspace.over(l.Default)
	if own, limited := p.Keys[c.Key]; limited {
		parts = append(parts, part{l.account(name{c.Workspace, c.Key, class}), own.over(rates)[class]})
	}
	return append(parts, part{l.account(name{c.Workspace, "", class}), rates[class]})
}

// account returns the bucket of a name. Now and then it forgets those that
// nobody has asked for: they are full, or their debt is forgiven.
func (l *Limiter) account(n name) *account {
	now := l.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.accounts == nil {
		l.accounts = map[name]*account{}
	}
	if now.Sub(l.pruned) > Span {
		maps.DeleteFunc(l.accounts, func(_ name, a *account) bool { return now.Sub(a.asked) > kept })
		l.pruned = now
	}
	a := l.accounts[n]
	if a == nil {
		a = &account{name: n}
		l.accounts[n] = a
	}
	a.asked = now
	return a
}

// take takes cost if what it needs is there, or returns how long to wait for
// it.
func (l *Limiter) take(ctx context.Context, p part, cost, need Amount) (wait time.Duration) {
	now := l.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refill(p.rate, now)
	if wait := p.wait(p.rate, need); wait > 0 {
		return wait
	}
	if l.Shared && !p.pending.plus(cost).fits(slack(p.rate)) {
		return l.claim(ctx, p, cost, need, now)
	}
	p.add(cost)
	return 0
}

// add takes without asking, or gives back what is below zero.
func (a *account) add(cost Amount) {
	a.level, a.pending = a.level.minus(cost), a.pending.plus(cost)
}

func (p part) look(now time.Time) State {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refill(p.rate, now)
	s := p.state(p.rate)
	s.Bucket, s.Key, s.Class = p.String(), p.key, p.class
	return s
}

// unknown tells that the limits are not what they should be: requests are
// served all the same, and this process alone keeps to them.
func (l *Limiter) unknown(ctx context.Context, what string, err error) {
	slog.LogAttrs(ctx, slog.LevelWarn, what, slog.String("error", err.Error()), metric.Count("limits_unknown", 1))
}
