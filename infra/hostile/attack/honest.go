package attack

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Experience is what a tenant had of its own requests.
type Experience struct {
	Took    []time.Duration // of requests, the shortest first
	Failed  int
	Example string        // of one that failed
	File    time.Duration // from an upload to its completed session; 0: not in time
}

// At returns what so many of a hundred requests took at most.
func (e Experience) At(percent int) time.Duration {
	if len(e.Took) == 0 {
		return 0
	}
	return e.Took[min(len(e.Took)-1, len(e.Took)*percent/100)]
}

const interview = "# Interview\n\n**Maud:** How do you close the weir?\n\n**Piet:** First, I drain it. Then I lock the gate. Last, Maud signs the log.\n"

// Work works with a key as a team does, until ctx ends or so many requests were
// made, unless that is 0: one request after the other from each of its clients,
// with a pause in between, and an interview beside them.
func Work(ctx context.Context, c Client, clients int, pause time.Duration, requests int) (Experience, error) {
	session, err := c.Live(context.WithoutCancel(ctx))
	if err != nil {
		return Experience{}, err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		e   Experience
		mu  sync.Mutex
		all sync.WaitGroup
	)
	for client := range clients {
		all.Go(func() {
			for n := 0; rest(ctx, pause); n++ {
				method, path, body := nth(session, client, n)
				begun := time.Now()
				status, answer := c.Ask(context.WithoutCancel(ctx), method, path, body)
				took := time.Since(begun)
				mu.Lock()
				if e.Took = append(e.Took, took); len(e.Took) == requests {
					stop()
				}
				if status < 200 || status > 299 {
					e.Failed++
					e.Example = fmt.Sprintf("%s %s: %d: %.200s", method, path, status, answer)
				}
				mu.Unlock()
			}
		})
	}
	all.Go(func() { e.File = c.interview(ctx) })
	all.Wait()
	slices.Sort(e.Took)
	return e, nil
}

// nth is the n-th request of a client.
func nth(session string, client, n int) (method, path string, body []byte) {
	switch n % 5 {
	case 0:
		return http.MethodPost, "/api/memories", fmt.Appendf(nil, `{"conversationId":"NEW","content":"standup %d of %d"}`, n, client)
	case 1:
		return http.MethodPost, "/api/conversations/search", []byte(`{"query":"standup"}`)
	case 2:
		return http.MethodGet, "/v1/sessions", nil
	case 3:
		return http.MethodPost, "/v1/sessions/" + session + "/segments",
			fmt.Appendf(nil, `{"source":"client %d","segments":[{"client_seq":%d,"text":"Number %d."}]}`, client, n, n)
	}
	return http.MethodGet, "/v1/sessions/" + session + "/segments", nil
}

// interview sends a small file and returns how long it took to be read.
func (c Client) interview(ctx context.Context) time.Duration {
	begun := time.Now()
	id, _ := c.Upload(ctx, []byte(interview))
	for id != "" && rest(ctx, 50*time.Millisecond) {
		var session struct{ Status string }
		if err := c.make(ctx, http.MethodGet, "/v1/sessions/"+id, "", &session); err == nil && session.Status == "completed" {
			return time.Since(begun)
		}
	}
	return 0
}

// rest pauses, and reports whether there is time for more.
func rest(ctx context.Context, pause time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(pause):
		return ctx.Err() == nil
	}
}
