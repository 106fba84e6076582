// Package jsonwalk walks over JSON files of any size and holds no more of them
// than single values. Problems name the line, numbers that are none (NaN) are
// read, and nesting and the length of strings are bounded.
package jsonwalk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"griot/internal/transcript/format/source"
)

// How objects and lists begin.
const (
	Object = json.Delim('{')
	Array  = json.Delim('[')
)

const maxDepth = 100

// Cursor walks over a JSON file value by value and holds none that it is not
// asked for. Errors are *source.Error with the line, or the reader's own.
type Cursor struct {
	dec   *json.Decoder
	in    *meter
	depth int
}

// New returns a cursor at the beginning of a file.
func New(src *source.Source) *Cursor {
	in := &meter{source: src, left: src.Limit * source.MaxMarkup}
	dec := json.NewDecoder(in)
	dec.UseNumber()
	return &Cursor{dec: dec, in: in}
}

// meter passes the file on, counts its lines and stops at files and at single
// strings that are too long to be held. What Python writes for numbers that are
// none (NaN, Infinity) is passed on as JSON.
type meter struct {
	source  *source.Source
	left    int64
	lines   int
	err     error // of the source, if not the end
	run     int64 // bytes since the last quote or, outside strings, blank
	quoted  bool
	escaped bool
	held    []byte // the beginning of a word that the next read goes on with
}

func (m *meter) Read(b []byte) (int, error) {
	k := copy(b, m.held)
	m.held = m.held[:0]
	n, err := m.source.R.Read(b[k:])
	if err != io.EOF {
		m.err = err
	}
	if m.left -= int64(n); m.left < 0 {
		return 0, source.TooLong(m.source.Limit * source.MaxMarkup)
	}
	b = b[:k+n]
	for i := 0; i < len(b); i++ {
		c := b[i]
		m.run++
		switch {
		case m.escaped:
			m.escaped = false
		case c == '"':
			m.quoted, m.run = !m.quoted, 0
		case m.quoted:
			m.escaped = c == '\\'
		case c == ' ' || c == ',' || c == '[' || c == '{':
			m.run = 0
		case c == 'N' || c == 'I' || c == '-':
			n, whole := notNumber(b[i:])
			if !whole && err == nil {
				m.run--
				m.held = append(m.held, b[i:]...)
				return i, nil
			}
			i += max(n-1, 0)
		}
		if c == '\n' {
			m.lines++
		}
		if m.run > m.source.Limit {
			return 0, m.source.TooLarge()
		}
	}
	return len(b), err
}

// notNumber replaces a word for no number at the start of b by a value of the
// same length, n bytes. It is not whole if b ends within what may be one.
func notNumber(b []byte) (n int, whole bool) {
	for _, w := range [...]struct{ word, json string }{
		{"NaN", `"" `}, {"Infinity", `null    `}, {"-Infinity", `null     `},
	} {
		if bytes.HasPrefix(b, []byte(w.word)) {
			return copy(b, w.json), true
		}
		if len(b) < len(w.word) && w.word[:len(b)] == string(b) {
			return 0, false
		}
	}
	return 0, true
}

// Line is the line of the next value, or of the end of the file.
func (c *Cursor) Line() int {
	ahead, _ := io.ReadAll(c.dec.Buffered())
	return 1 + c.in.lines - bytes.Count(ahead, []byte("\n"))
}

// Fail says what is wrong with the value at hand.
func (c *Cursor) Fail(problem string) error { return c.in.source.Fail(c.Line(), problem) }

// FailAtEnd says what is wrong with the end of the file.
func (c *Cursor) FailAtEnd(problem string) error { return c.in.source.Fail(1+c.in.lines, problem) }

// explain turns what the decoder says into an *source.Error.
func (c *Cursor) explain(err error) error {
	var own *source.Error
	switch {
	case errors.As(err, &own):
		return own
	case c.in.err != nil:
		return fmt.Errorf("reading the file: %w", c.in.err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return c.FailAtEnd("is the last one, but the value that was begun does not end")
	}
	return c.Fail("is not JSON")
}

// Next begins the next of the values that the file has one after the other;
// ok is false at its end.
func (c *Cursor) Next() (t json.Token, ok bool, err error) {
	t, err = c.dec.Token()
	switch {
	case err == io.EOF && c.in.err == nil:
		return nil, false, nil
	case err != nil:
		return nil, false, c.explain(err)
	}
	return t, true, nil
}

// Token reads the next token.
func (c *Cursor) Token() (json.Token, error) {
	t, err := c.dec.Token()
	if err != nil {
		return nil, c.explain(err)
	}
	return t, nil
}

// Members calls f for every member of an object that has been opened; f has to
// read the value.
func (c *Cursor) Members(f func(key string) error) error {
	return c.Elements(func() error {
		key, err := c.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		return f(name)
	})
}

// Elements calls f for every element of a list that has been opened; f has to
// read it.
func (c *Cursor) Elements(f func() error) error {
	if c.depth++; c.depth > maxDepth {
		return c.Fail("is nested too deeply")
	}
	for c.dec.More() {
		if err := f(); err != nil {
			return err
		}
	}
	c.depth--
	_, err := c.Token() // its end
	return err
}

// Skip reads one value of any kind.
func (c *Cursor) Skip() error {
	t, err := c.Token()
	if err != nil {
		return err
	}
	return c.SkipRest(t)
}

// SkipRest reads what is left of a value that begins with t.
func (c *Cursor) SkipRest(t json.Token) error {
	switch t {
	case Object:
		return c.Members(func(string) error { return c.Skip() })
	case Array:
		return c.Elements(c.Skip)
	}
	return nil
}

// Literal is the text of a string or a number; ok is false for other values.
func Literal(t json.Token) (s string, ok bool) {
	switch v := t.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}
