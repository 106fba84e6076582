package llm

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Doer sends a request; an [http.Client] does. It must not give up on its own
// while a model thinks: answers begin after minutes.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

const (
	// MaxAnswer is the most bytes of an answer that are read, far above what
	// MaxTokens can be.
	MaxAnswer = 4 << 20

	tries     = 6
	firstWait = time.Second
	mostWait  = 30 * time.Second
	// enough is what has to be left of the time for another try.
	enough = 5 * time.Second
)

// Response is an answer of a service: a success, or a refusal that no other
// try would change.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Post sends requests made by build until the service has answered. Where it
// is throttled, overloaded or broken (408, 424, 429, 5xx, no connection) Post
// waits, a random part of 1, 2, 4 … 30 s or what the service asks for, and
// tries again, as long as the deadline of ctx leaves time for it. It fails with
// an *Error.
func Post(ctx context.Context, client Doer, build func(context.Context) (*http.Request, error)) (Response, error) {
	for try := 1; ; try++ {
		resp, err := post(ctx, client, build)
		failure, failed := errors.AsType[*Error](err)
		if !failed || failure.Kind != Unavailable || ctx.Err() != nil {
			return resp, err
		}
		wait := failure.After
		if wait == 0 {
			wait = min(firstWait<<(try-1), mostWait)
			wait = wait/10 + rand.N(wait)
		}
		if deadline, ok := ctx.Deadline(); try == tries || wait > mostWait && !ok || ok && time.Until(deadline) < wait+enough {
			return Response{}, err
		}
		select {
		case <-ctx.Done():
			return Response{}, err
		case <-time.After(wait):
		}
	}
}

// post sends once.
func post(ctx context.Context, client Doer, build func(context.Context) (*http.Request, error)) (Response, error) {
	req, err := build(ctx)
	if err != nil {
		return Response{}, Fail(Denied, "making the request: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return Response{}, Fail(Unavailable, "asking: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	switch {
	case again(resp.StatusCode):
		e := Fail(Unavailable, "the service answered with status %d", resp.StatusCode)
		e.After = retryAfter(resp.Header)
		return Response{}, e
	case err != nil:
		return Response{}, Fail(Unavailable, "reading the answer: %w", err)
	case len(body) > MaxAnswer:
		return Response{}, Fail(Unreadable, "the service answered with more than %d bytes", MaxAnswer)
	}
	return Response{resp.StatusCode, resp.Header, body}, nil
}

// again says whether a status can be another one soon. 424 is Bedrock's word
// for a model that failed; 501 means never.
func again(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusFailedDependency, http.StatusTooManyRequests:
		return true
	}
	return status >= 500 && status != http.StatusNotImplemented
}

// retryAfter reads seconds or a date; no more than a day, as a guard against
// nonsense.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	wait := time.Duration(0)
	if n, err := strconv.ParseFloat(value, 64); err == nil && n >= 0 && n <= 86_400 {
		wait = time.Duration(n * float64(time.Second))
	} else if at, err := http.ParseTime(value); err == nil {
		wait = time.Until(at)
	}
	return min(max(wait, 0), 24*time.Hour)
}
