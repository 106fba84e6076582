// Package errs has the one error type that griot's packages return to the
// edges. The edge renders it in the dialect of the path; any other error
// becomes a bare "internal error" and is logged with its cause.
package errs

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong in the vocabulary of gRPC. Edges map it to a
// status; drivers and domain code compare it with [Is].
type Kind int

const (
	// Internal is the zero Kind: a fault of ours. Its text is never shown.
	Internal Kind = iota
	// Malformed is a request that cannot be read: broken JSON, a bad query
	// parameter, a bad header. 400 in both dialects.
	Malformed
	// InvalidArgument is a body field that fails the schema. 400 on /v1, 422
	// on /api.
	InvalidArgument
	// FailedPrecondition is a well-formed request that is refused for its
	// meaning. 422 in both dialects.
	FailedPrecondition
	// Unauthenticated is a missing, unknown, expired or revoked key. 401.
	Unauthenticated
	// PermissionDenied is a valid key without the scope. 403.
	PermissionDenied
	// NotFound does not exist or belongs to somebody else. 404.
	NotFound
	// Conflict clashes with the state of the resource. 409.
	Conflict
	// TooLarge is a body over its cap. 413.
	TooLarge
	// ResourceExhausted is a limit of what may be taken in a time. 429.
	ResourceExhausted
	// QuotaExceeded is more than a workspace may have. 409.
	QuotaExceeded
	// Unavailable may work when tried again. 503.
	Unavailable
	// InsufficientStorage is a write that the disk refused; reads go on. 507.
	InsufficientStorage
)

// Field is one entry of errors[]: the JSON path of the field, a stable code
// ("required", "invalid", "too_long", …) and a sentence.
type Field struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error is an error with a text for the client and, apart from it, a cause
// for the log.
type Error struct {
	Kind       Kind
	Code       string // overrides the kind's code on the wire; "" is usual
	Message    string // shown to the client
	Fields     []Field
	RetryAfter time.Duration // sent as whole seconds when > 0
	Cause      error         // logged, never shown
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// New returns an error of a kind with a message for the client.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Invalid returns an InvalidArgument that names one body field.
func Invalid(field, code, format string, args ...any) *Error {
	msg := fmt.Sprintf(format, args...)
	return &Error{
		Kind:    InvalidArgument,
		Message: field + " " + msg,
		Fields:  []Field{{Field: field, Code: code, Message: field + " " + msg}},
	}
}

// Wrap returns an error of a kind that keeps its cause for the log.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	e := New(kind, format, args...)
	e.Cause = cause
	return e
}

// As returns the *Error in err's chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Is reports whether err carries an *Error of the kind.
func Is(err error, kind Kind) bool {
	e := As(err)
	return e != nil && e.Kind == kind
}
