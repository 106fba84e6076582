package llm

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"

	"griot/internal/timestamp"
)

// Doer sends a request; an [http.Client] does. It must not give up on its own
// while a model thinks: answers begin after minutes.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// MaxAnswer is the most bytes of an answer that are read, far above what
// MaxTokens can be.
const MaxAnswer = 4 << 20

// Response is an answer of a service: a success, or a refusal that no other
// try would change.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Post sends a request that build makes. Where the service is throttled,
// overloaded or broken (408, 424, 429, 5xx, no connection) it fails as
// Unavailable; all its errors are an *Error.
func Post(ctx context.Context, client Doer, build func(context.Context) (*http.Request, error)) (Response, error) {
	req, err := build(ctx)
	if err != nil {
		return Response{}, Fail(Denied, "making the request: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		e := Fail(Unavailable, "asking: %w", err)
		e.Lost = !unsent(err)
		return Response{}, e
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	switch {
	case again(resp.StatusCode):
		e := Fail(Unavailable, "the service answered with status %d", resp.StatusCode)
		e.After, e.Lost = timestamp.Wait(resp.Header.Get("Retry-After")), overtaken(resp.StatusCode)
		return Response{}, e
	case err != nil:
		e := Fail(Unavailable, "reading the answer: %w", err)
		e.Lost = true
		return Response{}, e
	case len(body) > MaxAnswer:
		return Response{}, Fail(Unreadable, "the service answered with more than %d bytes", MaxAnswer)
	}
	return Response{resp.StatusCode, resp.Header, body}, nil
}

// unsent reports whether a request failed before any of it was sent: there was
// no connection.
func unsent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// overtaken says of which statuses the model may have been at work all the
// same: its time was over, or a gateway has lost it.
func overtaken(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusGatewayTimeout:
		return true
	}
	return false
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
