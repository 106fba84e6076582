// Package source has what every parser of transcripts starts from: the file as
// text, its lines, and the error that says what is wrong with it.
package source

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Source is a file as UTF-8, with U+FFFD for what was none.
type Source struct {
	R     io.Reader
	Name  string // of the format, for messages
	Limit int64  // bytes of text that are read at most
}

// maxMarkup is how much larger a file may be than the text in it.
const maxMarkup = 3

// Raw reads the whole file, whose times, names and markup do not count as text.
func (s *Source) Raw() (string, error) {
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(s.R, maxMarkup*s.Limit+1))
	if err != nil {
		return "", fmt.Errorf("reading the file: %w", err)
	}
	if n > maxMarkup*s.Limit {
		return "", s.TooLarge()
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

// Decode reads br, which begins with head, as UTF-8.
func Decode(br *bufio.Reader, head []byte) io.Reader {
	return transform.NewReader(br, encodingOf(head).NewDecoder())
}

// DecodeHead is Decode for the first bytes of a file.
func DecodeHead(head []byte) string {
	text, _ := encodingOf(head).NewDecoder().Bytes(head) // replaces, never fails
	return string(text)
}

var (
	utf16LE = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	utf16BE = unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
)

// encodingOf goes by the byte order mark; without one, zeros at every other
// byte give UTF-16 away, as long as a good part of the text is Latin.
func encodingOf(head []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return utf16LE
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return utf16BE
	}
	head = head[:min(len(head), 512)]
	var zeros [2]int
	for i, c := range head {
		if c == 0 {
			zeros[i%2]++
		}
	}
	enough := len(head)/2*4/10 + 1
	switch {
	case zeros[0] == 0 && zeros[1] >= enough:
		return utf16LE
	case zeros[1] == 0 && zeros[0] >= enough:
		return utf16BE
	}
	return unicode.UTF8BOM
}
