package smoke

import (
	"bytes"
	"context"
	"errors"
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

// A burst is sent by so many at once, until one is refused or this is over: a
// limit that was set is in force everywhere within ten seconds.
const (
	burstWidth = 8
	burstTime  = time.Minute
)

// burst asks more than its key may, which the operator limits to a request a
// second, as others would have to be asked for minutes.
func (r *run) burst(ctx context.Context) (string, error) {
	header, err := r.client.call(ctx, http.MethodGet, "/v1/projects", nil, http.StatusOK, nil)
	if err != nil {
		return "", err
	}
	usual := header.Get("X-RateLimit-Limit")
	if usual == "" {
		return "", errors.New("the API tells of no limits (X-RateLimit-Limit)")
	}
	err = r.command(ctx, nil, "workspaces", "limit", "-workspace", r.workspace, "-key", r.keyID, "-class", "standard", "-requests", "1")
	if err != nil {
		return "", err
	}
	refused, sent, err := r.rush(ctx)
	if err != nil {
		return "", err
	}
	wait := refused.header.Get("Retry-After")
	if n, err := strconv.Atoi(wait); err != nil || n < 1 {
		return "", fmt.Errorf("429 whose Retry-After is %q", wait)
	}
	return fmt.Sprintf("429 among %d requests of a key that may send one a second, to come again after %s s; it could have %s before", sent, wait, usual), nil
}

// rush sends requests until one of them is refused.
func (r *run) rush(ctx context.Context) (refused answer, sent int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, burstTime)
	defer cancel()
	var all atomic.Int64
	found := make(chan answer, burstWidth)
	var senders sync.WaitGroup
	for range burstWidth {
		senders.Go(func() {
			for ctx.Err() == nil {
				a, err := r.client.once(ctx, http.MethodGet, "/v1/projects", nil)
				all.Add(1)
				if err == nil && a.status == http.StatusTooManyRequests {
					found <- a
					cancel()
					return
				}
			}
		})
	}
	senders.Wait()
	select {
	case refused = <-found:
		return refused, all.Load(), nil
	default:
		return refused, 0, fmt.Errorf("none of %d requests within %v was refused", all.Load(), burstTime)
	}
}
