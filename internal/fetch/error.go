package fetch

import (
	"errors"
	"fmt"

	"code.dny.dev/ssrf"
)

// Codes of an Error: why the session fails (contract E).
const (
	Refused     = "url_refused"
	Unreachable = "url_unreachable"
	TooLarge    = "too_large"
)

// Error is a fetch that failed because of the URL or its server. Message is a
// sentence for the client; neither it nor Cause contains the URL.
type Error struct {
	Code    string
	Message string
	Cause   error // may be nil
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// As returns the Error in err's chain, if there is one.
func As(err error) (e *Error, ok bool) {
	ok = errors.As(err, &e)
	return e, ok
}

func refused(cause error, format string, args ...any) *Error {
	return &Error{Code: Refused, Message: fmt.Sprintf(format, args...), Cause: cause}
}

func unreachable(cause error, format string, args ...any) *Error {
	return &Error{Code: Unreachable, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// classify turns a transport's error into an Error.
func classify(err error) *Error {
	for _, prohibited := range []error{ssrf.ErrProhibitedIP, ssrf.ErrProhibitedPort, ssrf.ErrProhibitedNetwork} {
		if errors.Is(err, prohibited) {
			return refused(err, "upload_url leads to an address that is not on the public internet")
		}
	}
	return unreachable(err, "the server of upload_url cannot be reached or does not answer")
}
