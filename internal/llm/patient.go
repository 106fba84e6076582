package llm

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	tries     = 6
	firstWait = time.Second
	mostWait  = 30 * time.Second
	// enough is what has to be left of the time for another try.
	enough = 5 * time.Second
)

// Patient returns a model that is asked again where it is unavailable, after a
// random part of 1, 2, 4 … 30 s or what the service asks for, as long as the
// context's deadline leaves time for it. What tries that failed have cost is
// added to the usage of the last.
func Patient(m Model) Model { return patient{m} }

type patient struct{ Model }

func (p patient) Ask(ctx context.Context, r Request) (Answer, error) {
	var paid Usage
	for try := 1; ; try++ {
		a, err := p.Model.Ask(ctx, r)
		if err == nil {
			a.Usage = a.Usage.Add(paid)
			return a, nil
		}
		e, ok := errors.AsType[*Error](err)
		if !ok {
			return a, err
		}
		paid = paid.Add(e.Usage)
		if e.Kind != Unavailable || try == tries || !pause(ctx, try, e) {
			last := *e
			last.Usage = paid
			return a, &last
		}
	}
}

// pause waits before another try; false where there is no time for one. Whoever
// has given up on the request that failed, or on this one, wants no other.
func pause(ctx context.Context, try int, e *Error) bool {
	wait := e.After
	if wait == 0 {
		wait = min(firstWait<<(try-1), mostWait)
		wait = wait/10 + rand.N(wait)
	}
	deadline, ok := ctx.Deadline()
	if ctx.Err() != nil || errors.Is(e, context.Canceled) || wait > mostWait && !ok || ok && time.Until(deadline) < wait+enough {
		return false
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
