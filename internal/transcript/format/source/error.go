package source

import (
	"fmt"

	"griot/internal/errs"
)

// Failure codes of contract E that reading a file can end in.
const (
	UnsupportedFormat = "unsupported_format"
	ParseError        = "parse_error"
	EmptyTranscript   = "empty_transcript"
	TooLarge          = "too_large"
)

// Error says why a file is no transcript. Its message is a sentence for the
// client and never quotes what was said.
type Error struct {
	Code    string // one of the failure codes above
	Line    int    // counted from 1; 0 when no line is to blame
	Message string
}

func (e *Error) Error() string { return e.Message }

// As lets errors.As find an *errs.Error with the same code and message.
func (e *Error) As(target any) bool {
	t, ok := target.(**errs.Error)
	if ok {
		*t = &errs.Error{Kind: errs.FailedPrecondition, Code: e.Code, Message: e.Message}
	}
	return ok
}

// Fail blames a line; problem continues "line 7 …".
func (s *Source) Fail(line int, problem string) *Error {
	return &Error{ParseError, line, fmt.Sprintf("The file cannot be read as %s: line %d %s.", s.Name, line, problem)}
}

// NewError returns an error that blames a line, or none with 0.
func NewError(code string, line int, message string) *Error { return &Error{code, line, message} }

// TooLarge says that the file has more than is read.
func (s *Source) TooLarge() *Error {
	return &Error{TooLarge, 0, fmt.Sprintf("The file has more than %d bytes of text, or too many turns or words to be one recording.", s.Limit)}
}

// TooLong says that the file is longer than any transcript that is read.
func TooLong(limit int64) *Error {
	return &Error{TooLarge, 0, fmt.Sprintf("The file has more than %d bytes, which is too long for a transcript.", limit)}
}
