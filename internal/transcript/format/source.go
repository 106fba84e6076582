package format

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

// source is the file as UTF-8, with U+FFFD for what was none.
type source struct {
	kind  Kind
	r     io.Reader
	limit int64
}

func (s *source) tooLarge() *Error {
	return &Error{TooLarge, 0, fmt.Sprintf("The file has more than %d bytes of text, or more than %d turns or words.", s.limit, maxPieces)}
}

// markupPerText is how many bytes of a file there may be to a byte of text:
// cues of two words are mostly times. What is text in it is counted apart.
const markupPerText = 3

// text reads the whole file. Only WebVTT, which says what to do with it, may
// have NUL.
func (s *source) text() (string, error) {
	var b strings.Builder
	most := s.limit * markupPerText
	n, err := io.Copy(&b, io.LimitReader(s.r, most+1))
	if err != nil {
		return "", fmt.Errorf("reading the file: %w", err)
	}
	if n > most {
		return "", s.tooLarge()
	}
	text := b.String()
	if i := strings.IndexByte(text, 0); i >= 0 && s.kind != VTT {
		line := 1 + strings.Count(text[:i], "\n")
		return "", &Error{UnsupportedFormat, line, fmt.Sprintf("The file is not text: line %d has a NUL byte.", line)}
	}
	return text, nil
}

// decoded reads br, which begins with head, as UTF-8.
func decoded(br *bufio.Reader, head []byte) io.Reader {
	return transform.NewReader(br, encodingOf(head).NewDecoder())
}

func decodedHead(head []byte) string {
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

// lines walks over the lines of a text; CR LF, LF and CR end one.
type lines struct {
	rest string
	no   int // of the line that next returned last, from 1
	last string
	back bool
}

// next returns the next line without its end.
func (l *lines) next() (string, bool) {
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

// unread gives the line that next returned last once more.
func (l *lines) unread() {
	l.back = true
	l.no--
}
