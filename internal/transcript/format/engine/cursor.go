package engine

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

const (
	delimObject = json.Delim('{')
	delimArray  = json.Delim('[')

	// jsonPerText is how many times its text a JSON file may be long: engines
	// write a time, a score and names for every word.
	jsonPerText = 8
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
	in := &meter{source: src, left: src.Limit * jsonPerText}
	dec := json.NewDecoder(in)
	dec.UseNumber()
	return &cursor{dec: dec, in: in}
}

// meter passes the file on, counts its lines and stops at files and at single
// strings that are too long to be held.
type meter struct {
	source  *source.Source
	left    int64
	lines   int
	err     error // of the source, if not the end
	run     int64 // bytes since the last quote or, outside strings, blank
	quoted  bool
	escaped bool
}

func (m *meter) Read(b []byte) (int, error) {
	n, err := m.source.R.Read(b)
	if err != io.EOF {
		m.err = err
	}
	if m.left -= int64(n); m.left < 0 {
		return 0, m.source.TooLarge()
	}
	for _, c := range b[:n] {
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
		}
		if c == '\n' {
			m.lines++
		}
		if m.run > m.source.Limit {
			return 0, m.source.TooLarge()
		}
	}
	return n, err
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

// end wants nothing more than blanks.
func (c *cursor) end() error {
	_, err := c.dec.Token()
	var own *source.Error
	switch {
	case err == io.EOF:
		return nil
	case c.in.err != nil, errors.As(err, &own):
		return c.explain(err)
	}
	return c.fail("goes on after the end of the JSON")
}

func (c *cursor) token() (json.Token, error) {
	t, err := c.dec.Token()
	if err != nil {
		return nil, c.explain(err)
	}
	return t, nil
}

// object calls f for every member; f has to read the value. null has none.
func (c *cursor) object(f func(key string) error) error {
	return c.members(delimObject, "should have an object", func() error {
		key, err := c.token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		return f(name)
	})
}

// array calls f for every element; f has to read it. null has none.
func (c *cursor) array(f func() error) error {
	return c.members(delimArray, "should have a list", f)
}

func (c *cursor) members(open json.Delim, problem string, f func() error) error {
	t, err := c.token()
	if err != nil || t == nil {
		return err
	}
	if t != open {
		return c.fail(problem)
	}
	return c.rest(f)
}

// rest reads an object or array that has been opened.
func (c *cursor) rest(f func() error) error {
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
	switch t {
	case delimObject:
		return c.rest(func() error {
			if _, err := c.token(); err != nil {
				return err
			}
			return c.skip()
		})
	case delimArray:
		return c.rest(c.skip)
	}
	return nil
}

// text reads a string; null is "".
func (c *cursor) text() (string, error) {
	t, err := c.token()
	if err != nil || t == nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", c.fail("should have a string")
	}
	return s, nil
}

// label reads the name of a speaker; engines that count them write a number.
func (c *cursor) label() (string, error) {
	t, err := c.token()
	if err != nil || t == nil {
		return "", err
	}
	switch v := t.(type) {
	case string:
		return v, nil
	case json.Number:
		return "Speaker " + v.String(), nil
	}
	return "", c.fail("should have a speaker")
}

// ms reads a time in units of scale milliseconds, as a number or as a string;
// null is none.
func (c *cursor) ms(scale float64) (*int64, error) {
	t, err := c.token()
	if err != nil || t == nil {
		return nil, err
	}
	text, ok := t.(string)
	if n, isNumber := t.(json.Number); isNumber {
		text, ok = n.String(), true
	}
	f, err := strconv.ParseFloat(text, 64)
	if !ok || err != nil || math.IsNaN(f) {
		return nil, c.fail("should have a time")
	}
	v := int64(math.Round(max(-1, min(f*scale, float64(turn.MaxMS)+1)))) // beyond both, dropped later
	return &v, nil
}

// time reads a time into a word; null leaves it.
func (c *cursor) time(to *int64, scale float64) error {
	v, err := c.ms(scale)
	if v != nil {
		*to = *v
	}
	return err
}
