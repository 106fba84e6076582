package transcriber

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what an Error means for the next step.
type Kind int

const (
	// Busy is to be asked later: throttled, or at a limit of its own.
	Busy Kind = iota
	// Unavailable may work later, and is not waited for without end: not
	// reached, broken, cut off.
	Unavailable
	// Denied will not work until somebody changes something: a key, a model,
	// an address, money.
	Denied
	// Failed is an engine that tried and gave up.
	Failed
	// Unsupported is a recording that the engine cannot read, or one without
	// sound.
	Unsupported
	// TooLarge is longer or larger than the engine takes.
	TooLarge
)

func (k Kind) String() string {
	return [...]string{"busy", "unavailable", "denied", "failed", "unsupported", "too_large"}[k]
}

// Passes is true for what may be another way soon.
func (k Kind) Passes() bool { return k == Busy || k == Unavailable }

// Error says why there is no answer. Message is for clients of the API, whole
// sentences: what is the matter, and what to do. It quotes no key, and nothing
// that an engine has said.
type Error struct {
	Kind    Kind
	Message string
	After   time.Duration // of what may pass: how long the engine wants to be left alone, 0 when it does not say
	Cause   error         // for the log; may be nil
}

func (e *Error) Error() string {
	if e.Cause == nil {
		return fmt.Sprintf("the engine: %s: %s", e.Kind, e.Message)
	}
	return fmt.Sprintf("the engine: %s: %v", e.Kind, e.Cause)
}

func (e *Error) Unwrap() error { return e.Cause }

// Fail returns an Error.
func Fail(kind Kind, message string, cause error) *Error {
	return &Error{Kind: kind, Message: message, Cause: cause}
}

// ErrUnwanted is the cause with which a context ends when nobody waits for a
// job any more.
var ErrUnwanted = errors.New("the job is not wanted any more")

// As returns the Error in err's chain, and whether there is one.
func As(err error) (*Error, bool) { return errors.AsType[*Error](err) }
