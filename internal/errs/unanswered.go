package errs

import (
	"errors"
	"io"
	"net"
	"time"
)

// Unanswered reports whether an error of a service's client leaves open what
// became of the request: the connection broke, the answer cannot be read, or the
// service failed itself. The clients of AWS tell it by methods of their errors,
// so that nobody needs to link them for it.
func Unanswered(err error) bool {
	var answer interface{ HTTPStatusCode() int }
	if errors.As(err, &answer) {
		status := answer.HTTPStatusCode()
		return status >= 500 || status < 300 // done, as it seems, but what it says is broken
	}
	var sending interface{ ConnectionError() bool }
	return errors.As(err, &sending) && sending.ConnectionError() || errors.Is(err, io.ErrUnexpectedEOF)
}

// Undelivered reports whether a request was not even sent: no connection came
// about.
func Undelivered(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// Unreachable returns an error for a store that did not answer, or has too much
// to do: its client is to come back. A request that is repeated with its
// Idempotency-Key takes effect once.
func Unreachable(cause error) *Error {
	e := Wrap(Unavailable, cause, "what is stored could not be reached: try again, with the same Idempotency-Key if there was one")
	e.RetryAfter = time.Second
	return e
}
