package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"griot/internal/transcript/format/source"
)

const (
	delimObject = json.Delim('{')
	delimArray  = json.Delim('[')

	maxJSONDeep = 100
)

// cursor walks over a JSON file value by value and holds none that it is not
// asked for. Errors are *source.Error with the line, or the reader's own.
type cursor struct {
	dec  *json.Decoder
	in   *meter
	deep int
}

func newCursor(src *source.Source) *cursor {
	in := &meter{source: src, left: src.Limit * source.MaxMarkup}
	dec := json.NewDecoder(in)
	dec.UseNumber()
	return &cursor{dec: dec, in: in}
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

// line is the line of the next value, or of the end of the file.
func (c *cursor) line() int {
	ahead, _ := io.ReadAll(c.dec.Buffered())
	return 1 + c.in.lines - bytes.Count(ahead, []byte("\n"))
}

func (c *cursor) fail(problem string) error { return c.in.source.Fail(c.line(), problem) }

// explain turns what the decoder says into an *source.Error.
func (c *cursor) explain(err error) error {
	var own *source.Error
	switch {
	case errors.As(err, &own):
		return own
	case c.in.err != nil:
		return fmt.Errorf("reading the file: %w", c.in.err)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return c.in.source.Fail(1+c.in.lines, "is the last one, but the value that was begun does not end")
	}
	return c.fail("is not JSON")
}

// next begins the next of the values that the file has one after the other;
// ok is false at its end.
func (c *cursor) next() (t json.Token, ok bool, err error) {
	t, err = c.dec.Token()
	switch {
	case err == io.EOF && c.in.err == nil:
		return nil, false, nil
	case err != nil:
		return nil, false, c.explain(err)
	}
	return t, true, nil
}

func (c *cursor) token() (json.Token, error) {
	t, err := c.dec.Token()
	if err != nil {
		return nil, c.explain(err)
	}
	return t, nil
}

// members calls f for every member of an object that has been opened; f has to
// read the value.
func (c *cursor) members(f func(key string) error) error {
	return c.elements(func() error {
		key, err := c.token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		return f(name)
	})
}

// elements calls f for every element of a list that has been opened; f has to
// read it.
func (c *cursor) elements(f func() error) error {
	if c.deep++; c.deep > maxJSONDeep {
		return c.fail("is nested too deeply")
	}
	for c.dec.More() {
		if err := f(); err != nil {
			return err
		}
	}
	c.deep--
	_, err := c.token() // its end
	return err
}

// skip reads one value of any kind.
func (c *cursor) skip() error {
	t, err := c.token()
	if err != nil {
		return err
	}
	return c.skipRest(t)
}

// skipRest reads what is left of a value that begins with t.
func (c *cursor) skipRest(t json.Token) error {
	switch t {
	case delimObject:
		return c.members(func(string) error { return c.skip() })
	case delimArray:
		return c.elements(c.skip)
	}
	return nil
}

// literal is the text of a string or a number; ok is false for other values.
func literal(t json.Token) (s string, ok bool) {
	switch v := t.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	}
	return "", false
}
