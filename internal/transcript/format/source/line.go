package source

import "strings"

// Lines walks over the lines of a text; CR LF, LF and CR end one.
type Lines struct {
	rest string
	no   int
	last string
	back bool
}

// NewLines begins with the first line of text.
func NewLines(text string) Lines { return Lines{rest: text} }

// Next returns the next line without its end.
func (l *Lines) Next() (string, bool) {
	if l.back {
		l.back = false
		l.no++
		return l.last, true
	}
	if l.rest == "" {
		return "", false
	}
	i := strings.IndexAny(l.rest, "\r\n")
	switch {
	case i < 0:
		l.last, l.rest = l.rest, ""
	case strings.HasPrefix(l.rest[i:], "\r\n"):
		l.last, l.rest = l.rest[:i], l.rest[i+2:]
	default:
		l.last, l.rest = l.rest[:i], l.rest[i+1:]
	}
	l.no++
	return l.last, true
}

// Unread gives the line that Next returned last once more.
func (l *Lines) Unread() {
	l.back = true
	l.no--
}

// No is the number of the line that Next returned last, from 1.
func (l *Lines) No() int { return l.no }

// Rest is what Next has not returned yet.
func (l *Lines) Rest() string { return l.rest }
