// Package format reads transcripts out of files. What a file is gets decided
// by its content, never by its name; one ordered list says who may look first.
package format

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"griot/internal/errs"
	"griot/internal/transcript"
)

// MaxText is the most bytes of text that griot takes in one transcript
// (contract E).
const MaxText = 10 << 20

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

// failAt blames a line; problem continues "line 7 …".
func failAt(kind Kind, line int, problem string) *Error {
	return &Error{ParseError, line, fmt.Sprintf("The file cannot be read as %s: line %d %s.", kind, line, problem)}
}

// Parsed is what a file holds.
type Parsed struct {
	Format     string            // the Kind that read it
	Language   string            // BCP 47, "" when the file names none
	DurationMS *int64            // of the recording, when the file states it
	Turns      []transcript.Turn // in file order, at least one
}

// A reader is one format: whether a file looks like it, and how to read it.
type reader struct {
	kind  Kind
	sniff func(head string) bool
	parse func(s *source, out *turns) (Parsed, error)
}

// readers are asked in this order; the last one takes any text.
var readers = []reader{
	{VTT, isVTT, parseVTT},
	{SRT, isSRT, parseSRT},
	{JSON, isJSON, parseJSON},
	{Markdown, isMarkdown, parseMarkdown},
	{Text, func(string) bool { return true }, parseText},
}

// Parse reads a transcript of at most limit bytes of text; a file is never
// read further than is needed to know that it holds more. What is wrong with
// the file comes as *Error, what is wrong with r as any other error.
//
// Every turn is one segment of contract E: its text is one line, not blank,
// at most [transcript.MaxSegmentRunes] characters; times are not negative and
// an end is later than its start.
func Parse(r io.Reader, limit int64) (Parsed, error) {
	br := bufio.NewReaderSize(r, SniffLen)
	head, err := br.Peek(SniffLen)
	if err != nil && !errors.Is(err, io.EOF) {
		return Parsed{}, fmt.Errorf("reading the head of the file: %w", err)
	}
	kind := Sniff(head)
	for _, f := range readers {
		if f.kind == kind {
			return f.read(&source{kind: kind, r: decoded(br, head), limit: limit})
		}
	}
	return Parsed{}, unsupported(kind)
}

func (f reader) read(s *source) (Parsed, error) {
	out := &turns{left: s.limit, room: maxPieces}
	p, err := f.parse(s, out)
	if err == nil && out.over {
		err = s.tooLarge()
	}
	if err != nil {
		return Parsed{}, err
	}
	if len(out.list) == 0 {
		return Parsed{}, &Error{EmptyTranscript, 0, "The file was read as " + f.kind.String() + " and has no words in it."}
	}
	p.Format, p.Turns = string(f.kind), out.list
	return p, nil
}

func unsupported(kind Kind) *Error {
	msg := "The file is neither a transcript (WebVTT, SRT, JSON, Markdown, text) nor a recording that griot knows."
	if kind.Recording() {
		msg = "The file is a recording (" + string(kind) + ") and has no text to read."
	}
	return &Error{UnsupportedFormat, 0, msg}
}
