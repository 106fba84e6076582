// Package fault plans which calls of a port fail in a test, and how. The
// decorators of the ports' suites, [griot/internal/table/tabletest.Faulty],
// [griot/internal/blob/blobtest.Faulty] and
// [griot/internal/queue/queuetest.Faulty], each have such a plan.
package fault

import (
	"errors"
	"fmt"
	"math"
	"sync"
	"testing"
)

// ErrInjected is what a call that was made to fail returns, unless its Kind
// says otherwise.
var ErrInjected = errors.New("injected failure")

// Kind is a way for a call to fail.
type Kind int

const (
	Before    Kind = iota // nothing happened
	After                 // it happened, but the caller is told that it failed
	Midway                // the content of an object breaks off: Put's source or Get's reader; else Before
	Conflict              // table.ErrConflict; nothing was written
	Throttled             // table.ErrThrottled; nothing was written
)

func (k Kind) String() string {
	return [...]string{"before", "after", "midway", "conflict", "throttled"}[k]
}

// A Call is what a port's decorator says of a call.
type Call interface {
	// Counts is true for the calls that are meant where a plan names none.
	Counts() bool
}

// Plan says which calls fail. All calls of a match are made one after the
// other; it must not use the plan. A nil match is [Call.Counts].
// It is safe for concurrent use.
type Plan[C Call] struct {
	errs map[Kind]error

	mu      sync.Mutex
	rules   []*rule[C]
	counted int
	fired   int
	down    bool
}

type rule[C Call] struct {
	match func(C) bool
	kind  Kind
	left  int // calls until the only one that fails; below 0: every one does
	dies  bool
}

// New returns a plan by which nothing fails yet. errs are the errors of kinds
// that are not ErrInjected.
func New[C Call](errs map[Kind]error) *Plan[C] { return &Plan[C]{errs: errs} }

// Fail makes every call that matches fail, until Heal.
func (p *Plan[C]) Fail(kind Kind, match func(C) bool) {
	p.add(rule[C]{match: match, kind: kind, left: -1})
}

// FailNth makes the n-th call from now on (1 is the next) that matches fail.
func (p *Plan[C]) FailNth(n int, kind Kind, match func(C) bool) {
	p.add(rule[C]{match: match, kind: kind, left: n})
}

// CrashNth is FailNth for a process that dies there: every call after that one
// fails, until Heal. What the ports then have is what the next process finds.
// Other ports of the process have to follow Down.
func (p *Plan[C]) CrashNth(n int, kind Kind, match func(C) bool) {
	p.add(rule[C]{match: match, kind: kind, left: n, dies: true})
}

func (p *Plan[C]) add(r rule[C]) {
	if r.match == nil {
		r.match = C.Counts
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules = append(p.rules, &r)
}

// Heal ends all failing. The counts go on.
func (p *Plan[C]) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rules, p.down = nil, false
}

// Down reports whether the process has crashed.
func (p *Plan[C]) Down() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.down
}

// Counted returns how many calls so far were such as [Call.Counts].
func (p *Plan[C]) Counted() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counted
}

// Fired returns how many calls failed as planned.
func (p *Plan[C]) Fired() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fired
}

// Next counts a call, and says whether and how it fails.
func (p *Plan[C]) Next(c C) (kind Kind, fails bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.Counts() {
		p.counted++
	}
	if p.down {
		return Before, true
	}
	for _, r := range p.rules {
		if r.left == 0 || !r.match(c) {
			continue
		}
		if r.left > 0 {
			r.left--
		}
		if r.left <= 0 && !fails {
			p.fired++
			kind, fails, p.down = r.kind, true, r.dies
		}
	}
	return kind, fails
}

// Err is what a call returns that fails.
func (p *Plan[C]) Err(kind Kind) error {
	if err := p.errs[kind]; err != nil {
		return err
	}
	return ErrInjected
}

// Do makes a call, or fails it. What a call found that is made to fail After is
// not returned; one that failed by itself returns its own error.
func Do[C Call, T any](p *Plan[C], c C, do func() (T, error)) (T, error) {
	kind, fails := p.Next(c)
	if !fails {
		return do()
	}
	var none T
	if kind == After {
		if _, err := do(); err != nil {
			return none, err
		}
	}
	return none, p.Err(kind)
}

// Only matches the calls that are one of these.
func Only[C comparable](calls ...C) func(C) bool {
	return func(c C) bool {
		for _, one := range calls {
			if one == c {
				return true
			}
		}
		return false
	}
}

// Each runs a scenario as a subtest for n = 1, 2, 3 …, until nothing failed in
// one: so it has been tried with each of its calls failing. The scenario makes
// its plan and hands it to armed. A short test tries the first call and none:
// tests race that way, and a scenario takes about the same paths whichever
// call fails.
func Each(t *testing.T, name string, scenario func(t *testing.T, n int, armed func(plan interface{ Fired() int }))) {
	t.Helper()
	for n := 1; ; n++ {
		if n > 1 && testing.Short() {
			n = math.MaxInt32
		}
		var armed interface{ Fired() int }
		t.Run(fmt.Sprint(name, " ", n), func(t *testing.T) {
			scenario(t, n, func(plan interface{ Fired() int }) { armed = plan })
		})
		if armed == nil || armed.Fired() == 0 {
			return
		}
	}
}
