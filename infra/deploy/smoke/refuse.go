package smoke

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// unknownPaths are the gateway's business, and those with a bearer key another
// part of it than those without.
func (r *run) unknownPaths(ctx context.Context) (string, error) {
	nobody := r.client
	nobody.key = ""
	for _, c := range []client{r.client, nobody} {
		for _, path := range []string{"/v1/nowhere", "/api/nowhere", "/v1/sessions/x/y/z"} {
			if err := c.refused(ctx, http.MethodGet, path, nil, http.StatusNotFound); err != nil {
				return "", err
			}
		}
		if err := c.refused(ctx, http.MethodPatch, "/v1/projects", nil, http.StatusNotFound); err != nil {
			return "", err
		}
	}
	return "404 with and without a key, in both dialects", nil
}

func (r *run) unknownIDs(ctx context.Context) (string, error) {
	for _, path := range []string{
		"/v1/sessions/ses_01HZX0000000000000000000Q0", "/v1/sessions/ses_01HZX0000000000000000000Q0/transcript",
		"/api/conversations/conv_01HZX0000000000000000000Q0", "/api/conversations/conv_01HZX0000000000000000000Q0/timeline",
	} {
		if err := r.client.refused(ctx, http.MethodGet, path, nil, http.StatusNotFound); err != nil {
			return "", err
		}
	}
	return "404 buffered and streamed, in both dialects", nil
}

// tooLarge has bodies that the API refuses itself, that are more than Lambda
// is handed, and that are more than the gateway takes.
func (r *run) tooLarge(ctx context.Context) (string, error) {
	for _, size := range []int{1<<20 + 1, 7 << 20, 10<<20 + 1} {
		body := fmt.Appendf(nil, `{"content":"%s"}`, bytes.Repeat([]byte("x"), size))
		for _, path := range []string{"/v1/sessions", "/api/memories"} {
			if err := r.client.refused(ctx, http.MethodPost, path, body, http.StatusRequestEntityTooLarge); err != nil {
				return "", fmt.Errorf("a body of %d bytes: %w", len(body), err)
			}
		}
	}
	return "413 for 1, 7 and 10 MB, in both dialects", nil
}

// A burst is sent by so many at once, until one is refused or this is over.
const (
	burstWidth = 16
	burstTime  = time.Minute
)

// burst asks more than the API's limits allow, where it announces some.
func (r *run) burst(ctx context.Context) (string, error) {
	header, err := r.client.call(ctx, http.MethodGet, "/v1/projects", nil, http.StatusOK, nil)
	if err != nil {
		return "", err
	}
	limit, err := strconv.Atoi(header.Get("X-RateLimit-Limit"))
	if err != nil || limit == 0 {
		return "", leftOut("the API announces no limits (X-RateLimit-Limit)")
	}
	ctx, cancel := context.WithTimeout(ctx, burstTime)
	defer cancel()
	var sent atomic.Int64
	var refusals sync.Map
	var senders sync.WaitGroup
	for range burstWidth {
		senders.Go(func() {
			for ctx.Err() == nil {
				a, err := r.client.once(ctx, http.MethodGet, "/v1/projects", nil)
				sent.Add(1)
				if err == nil && a.status == http.StatusTooManyRequests {
					refusals.Store("one", a)
					cancel()
				}
			}
		})
	}
	senders.Wait()
	one, found := refusals.Load("one")
	if !found {
		return "", fmt.Errorf("none of %d requests within %v is refused, though the limit is %d", sent.Load(), burstTime, limit)
	}
	wait := one.(answer).header.Get("Retry-After")
	if n, err := strconv.Atoi(wait); err != nil || n < 1 {
		return "", fmt.Errorf("429 whose Retry-After is %q", wait)
	}
	return fmt.Sprintf("429 among %d requests, to come again after %s s; the limit is %d", sent.Load(), wait, limit), nil
}
