package attack

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Tally counts the answers that requests of one kind got.
type Tally struct {
	Served  int // with success
	Limited int // 429
	Quota   int // 409
	Refused int // with another status of 4xx
	Failed  int // with 5xx, or not at all
}

// Sent is what a hostile tenant's round came to.
type Sent struct {
	Tally
	Lasted time.Duration
	Busy   time.Duration // of a processor, for its own work
}

// Asked is how many answers there were.
func (t Tally) Asked() int { return t.Served + t.Limited + t.Quota + t.Refused + t.Failed }

func (t *Tally) count(status int) {
	switch {
	case status >= 200 && status < 300:
		t.Served++
	case status == http.StatusTooManyRequests:
		t.Limited++
	case status == http.StatusConflict:
		t.Quota++
	case status >= 400 && status < 500:
		t.Refused++
	default:
		t.Failed++
	}
}

// Press sends requests from so many clients, at most so many a second or, at 0,
// without a pause, until ctx ends or enough says so.
func Press(ctx context.Context, clients, rate int, ask func(ctx context.Context, n int64) int, enough func(Tally) bool) Tally {
	var (
		mu    sync.Mutex
		sent  int64
		total Tally
		all   sync.WaitGroup
	)
	next := func() (n int64, more bool) {
		mu.Lock()
		defer mu.Unlock()
		sent++
		return sent, ctx.Err() == nil && !enough(total)
	}
	pause := time.Duration(0) // of one client
	if rate > 0 {
		pause = time.Second * time.Duration(clients) / time.Duration(rate)
	}
	for range clients {
		all.Go(func() {
			for n, more := next(); more && (pause == 0 || rest(ctx, pause)); n, more = next() {
				status := ask(ctx, n)
				if ctx.Err() != nil {
					return // the answer is not the host's
				}
				mu.Lock()
				total.count(status)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return total
}
