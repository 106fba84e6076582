// Package markup reads XML in memory and time that its nesting, its tags and
// its attributes cannot drive up. Entities that a file declares itself are not
// expanded.
package markup

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"griot/internal/transcript/format/source"
)

const (
	maxDepth = 200      // elements within each other
	maxTag   = 64 << 10 // bytes of a tag with its attributes
)

// Handler takes what stands in a file. Any of its functions may be nil.
type Handler struct {
	Start func(e xml.StartElement) error // ErrSkip leaves the element out
	End   func(name xml.Name) error
	Text  func(s string) error
}

// ErrSkip is what Start returns for an element that is not to be read.
var ErrSkip = errors.New("skip this element")

// Walk reads a file to its end. What is wrong with it is blamed in the name of
// src.
func Walk(r io.Reader, src *source.Source, h Handler) error {
	g := &guard{r: r}
	d := xml.NewDecoder(g)
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // it is UTF-8 already
	for depth, skipped := 0, 0; ; {
		token, err := d.Token()
		if err != nil {
			return blame(d, src, err, g.err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if depth++; depth > maxDepth {
				line, _ := d.InputPos()
				return src.Fail(line, fmt.Sprintf("has elements nested more than %d deep", maxDepth))
			}
			if skipped > 0 || h.Start == nil {
				break
			}
			if err = h.Start(token); err == ErrSkip {
				skipped, err = depth, nil
			}
		case xml.EndElement:
			if skipped == 0 && h.End != nil {
				err = h.End(token.Name)
			}
			if depth--; depth < skipped {
				skipped = 0
			}
		case xml.CharData:
			if skipped == 0 && h.Text != nil {
				err = h.Text(string(token))
			}
		}
		if err != nil {
			return err
		}
	}
}

// blame tells errors of the file from those of its source; nil at its end.
func blame(d *xml.Decoder, src *source.Source, err, read error) error {
	if err == io.EOF {
		return nil
	}
	if read != nil {
		return fmt.Errorf("reading the file: %w", read)
	}
	line, _ := d.InputPos()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		line = syntax.Line
	}
	return src.Fail(line, "is not well-formed XML")
}

// Attr returns the value of an attribute by its local name, or "".
func Attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}
