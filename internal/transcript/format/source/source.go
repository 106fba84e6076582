// Package source has what every parser of transcripts starts from: the file as
// text, its lines, and the error that says what is wrong with it.
package source

import (
	"fmt"
	"io"
	"strings"
)

// Source is a file as UTF-8.
type Source struct {
	R     io.Reader
	Name  string // of the format, for messages
	Limit int64  // bytes of text that are read at most
}

// MaxMarkup is how many times its text a file may be long: captions have times
// and tags for every word, engines also scores.
const MaxMarkup = 8

// Raw reads the whole file, whose times, names and markup do not count as text.
func (s *Source) Raw() (string, error) {
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(s.R, MaxMarkup*s.Limit+1))
	if err != nil {
		return "", fmt.Errorf("reading the file: %w", err)
	}
	if n > MaxMarkup*s.Limit {
		return "", TooLong(MaxMarkup * s.Limit)
	}
	return b.String(), nil
}

// Text is Raw for formats that have no use for NUL, which therefore tells that
// the file is no text.
func (s *Source) Text() (string, error) {
	text, err := s.Raw()
	if err != nil {
		return "", err
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		line := 1 + strings.Count(text[:i], "\n")
		return "", &Error{UnsupportedFormat, line, fmt.Sprintf("The file is not text: line %d has a NUL byte.", line)}
	}
	return text, nil
}
