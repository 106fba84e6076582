package errs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"griot/internal/errs"
)

// answered and unsent are errors as the clients of AWS have them.
type answered int

func (answered) Error() string         { return "answered" }
func (a answered) HTTPStatusCode() int { return int(a) }

type unsent struct{ error }

func (unsent) ConnectionError() bool { return true }
func (u unsent) Unwrap() error       { return u.error }

func TestUnanswered(t *testing.T) {
	refused := unsent{&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
	for err, want := range map[error]struct{ unanswered, undelivered bool }{
		answered(400):                         {},
		answered(404):                         {},
		answered(500):                         {true, false},
		answered(503):                         {true, false},
		answered(200):                         {true, false},
		unsent{io.EOF}:                        {true, false},
		unsent{context.DeadlineExceeded}:      {true, false}, // of the client's own time-out
		refused:                               {true, true},
		fmt.Errorf("r: %w", answered(502)):    {true, false},
		errors.Join(errors.New("a"), refused): {true, true},
		io.ErrUnexpectedEOF:                   {true, false},
		context.Canceled:                      {},
		errors.New("no credentials"):          {},
	} {
		if got := errs.Unanswered(err); got != want.unanswered {
			t.Errorf("%v: unanswered %v", err, got)
		}
		if got := errs.Undelivered(err); got != want.undelivered {
			t.Errorf("%v: undelivered %v", err, got)
		}
	}
}

func TestUnreachable(t *testing.T) {
	e := errs.Unreachable(io.EOF)
	if !errs.Is(e, errs.Unavailable) || e.RetryAfter != time.Second || !errors.Is(e, io.EOF) {
		t.Errorf("%+v", e)
	}
}
