// Package charset reads files as UTF-8, whatever they are encoded in: what is
// neither UTF-8 nor UTF-16 is read in the old encoding that explains its bytes
// best by letters and words, or refused (contract F2).
package charset

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"

	"griot/internal/transcript/format/source"
)

const (
	// certain is after how many characters beyond ASCII a file is UTF-8 for
	// sure, or after how many bytes with fewer of them.
	certain      = 16
	certainBytes = 64 << 10

	chunk = 32 << 10
)

// Reader is a file as UTF-8. It passes UTF-8 on as it comes; from the first
// byte on that is none it holds the rest of the file to find out what it is.
type Reader struct {
	raw   io.Reader
	limit int64  // bytes of the rest that are held at most
	room  []byte // that buf is in
	buf   []byte // what was read and not yet given
	ready int    // bytes of buf that are known to be UTF-8
	given int    // bytes
	seen  int    // characters beyond ASCII in what was given and is ready
	held  int    // the same in what stands behind ready
	next  int    // where in buf the check goes on
	err   error

	decoded  io.Reader // once it is known that the rest is not UTF-8
	declared string
	name     string
	sure     bool // nothing about the name was guessed
	note     string
	leftOut  int
}

// NewReader reads raw, which begins with head.
func NewReader(raw io.Reader, head []byte, limit int64) *Reader {
	r := &Reader{raw: raw, limit: limit, name: UTF8, declared: declared(head)}
	name, skip := unicodeOf(head)
	switch name {
	case UTF16LE, UTF16BE:
		r.name, r.sure, r.note = name, true, "The encoding of the file is "+name+". "
		r.decode(raw, utf16Encodings[name])
	case UTF8:
	default:
		r.err = refuse(name)
	}
	if skip > 0 && r.err == nil {
		_, r.err = io.CopyN(io.Discard, raw, int64(skip))
	}
	return r
}

var utf16Encodings = map[string]encoding.Encoding{
	UTF16LE: unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	UTF16BE: unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
}

// Encoding is the name of the file's encoding, once all of it was read.
func (r *Reader) Encoding() string { return r.name }

// Note says what was guessed and left out, "" if nothing was.
func (r *Reader) Note() string {
	note := r.note
	if r.leftOut == 0 && r.sure {
		return ""
	}
	if r.leftOut > 0 {
		note += fmt.Sprintf("Broken characters of it were left out: %d.", r.leftOut)
	}
	return strings.TrimSpace(note)
}

func refuse(name string) error {
	msg := "The file's encoding cannot be told"
	if name != "" {
		msg = "The file seems to be in the encoding " + name + ", which is not read"
	}
	return source.NewError(source.UnsupportedFormat, 0, msg+". Save it as UTF-8 and upload it again.")
}

func (r *Reader) Read(p []byte) (int, error) {
	for r.decoded == nil && r.ready == 0 && r.err == nil {
		r.fill()
	}
	switch {
	case r.ready > 0:
		n := copy(p, r.buf[:r.ready])
		r.given += n
		r.buf, r.ready, r.next = r.buf[n:], r.ready-n, r.next-n
		return n, nil
	case r.err != nil:
		return 0, r.err
	}
	n, err := r.decoded.Read(p)
	return n, err
}

// fill reads a chunk and checks it.
func (r *Reader) fill() {
	if len(r.buf) == 0 {
		r.buf = r.room
	}
	if cap(r.buf)-len(r.buf) < chunk {
		r.buf = append(make([]byte, 0, 2*len(r.buf)+2*chunk), r.buf...)
		r.room = r.buf[:0]
	}
	n, err := r.raw.Read(r.buf[len(r.buf):cap(r.buf)])
	r.buf = r.buf[:len(r.buf)+n]
	end := err == io.EOF
	if err != nil && !end {
		r.err = err
		return
	}
	for r.next < len(r.buf) {
		b := r.buf[r.next:]
		if n := ascii(b); n > 0 {
			r.next += n
		} else if _, n := utf8.DecodeRune(b); n > 1 {
			r.held++
			r.next += n
		} else if !end && !utf8.FullRune(b) {
			break
		} else {
			r.notUTF8()
			return
		}
		if r.held == 0 || r.seen+r.held >= certain || r.next-r.ready > certainBytes {
			r.ready, r.seen, r.held = r.next, r.seen+r.held, 0
		}
	}
	if end {
		r.ready, r.err = len(r.buf), io.EOF
	}
}

// ascii counts the bytes that b begins with and that are ASCII.
func ascii(b []byte) int {
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return len(b)
}

// notUTF8 holds the rest of the file and decides what it is.
func (r *Reader) notUTF8() {
	rest, err := io.ReadAll(io.LimitReader(r.raw, r.limit+1))
	switch {
	case err != nil:
		r.err = err
		return
	case int64(len(r.buf)+len(rest)) > r.limit:
		r.err = source.TooLong(r.limit)
		return
	}
	r.ready = bytes.LastIndexAny(r.buf[:r.ready], " \t\r\n") + 1 // a word tells more than half of it
	rest = append(r.buf[r.ready:], rest...)
	given := r.buf[:r.ready]
	r.buf = given
	whole, broken := count(rest)
	if whole += r.seen; whole >= 4*broken {
		r.mend(rest, whole, broken)
		return
	}
	if r.seen > 0 {
		r.err = refuse("")
		return
	}
	if e, name := encodingNamed(r.declared); e != nil && reads(e, rest) {
		r.name, r.sure, r.note = name, true, "The encoding of the file is "+name+". "
		r.decode(bytes.NewReader(rest), e)
		return
	}
	g, ok := guessed(words(rest, enough), mostlyLatin(rest, r.given+r.ready))
	switch {
	case !ok:
		r.err = refuse("")
	case !g.read:
		r.err = refuse(g.name)
	default:
		r.name = g.name
		r.note = "The file does not say how it is encoded; it was read as " + g.name + ". "
		r.decode(bytes.NewReader(rest), g.encoding)
	}
}

// decode reads raw in an encoding, and leaves out what is broken in it.
func (r *Reader) decode(raw io.Reader, e encoding.Encoding) {
	r.decoded = transform.NewReader(raw, transform.Chain(e.NewDecoder(), runes.Remove(runes.Predicate(func(c rune) bool {
		if c == utf8.RuneError {
			r.leftOut++
		}
		return c == utf8.RuneError
	}))))
}

// reads reports whether the words of b have nothing that is not of e.
func reads(e encoding.Encoding, b []byte) bool {
	text, err := e.NewDecoder().Bytes(words(b, enough))
	return err == nil && !bytes.ContainsRune(text, utf8.RuneError)
}

// count counts the characters of UTF-8 beyond ASCII, and the pieces of what is
// none.
func count(b []byte) (whole, broken int) {
	for len(b) > 0 {
		_, n := utf8.DecodeRune(b)
		switch {
		case b[0] < utf8.RuneSelf:
		case n > 1:
			whole++
		default:
			broken++
			n = len(piece(b))
		}
		b = b[n:]
	}
	return whole, broken
}

// piece is the beginning of a character that b begins with, or a byte of none.
func piece(b []byte) []byte {
	n := 1
	for n < len(b) && n < utf8.UTFMax-1 && b[n]&0xC0 == 0x80 && b[0] >= 0xC0 && !utf8.FullRune(b[:n]) {
		n++
	}
	return b[:n]
}

// mend reads UTF-8 in which some bytes are of another encoding, or were cut
// off: those are left out.
func (r *Reader) mend(b []byte, whole, broken int) {
	e := stray(b)
	if e == nil && broken*10 > whole {
		r.err = refuse("")
		return
	}
	var out bytes.Buffer
	out.Grow(len(b) + broken)
	guesses := 0
	for len(b) > 0 {
		c, n := utf8.DecodeRune(b)
		if c != utf8.RuneError || n > 1 {
			out.Write(b[:n])
			b = b[n:]
			continue
		}
		p := piece(b)
		b = b[len(p):]
		if e == nil || len(p) > 1 {
			r.leftOut++
			continue
		}
		text, _ := e.encoding.NewDecoder().Bytes(p) // replaces, never fails
		out.Write(text)
		guesses++
	}
	if guesses > 0 {
		r.note = fmt.Sprintf("The encoding of the file is utf-8; bytes that are of %[2]s were read so: %[1]d. ", guesses, e.name)
	} else {
		r.note = "The encoding of the file is utf-8. "
	}
	r.decoded = &out
}

// stray is the encoding of the single bytes in b that are not UTF-8, nil where
// no encoding of single bytes explains them.
func stray(b []byte) *legacy {
	var alone []byte
	for len(b) > 0 && len(alone) < enough {
		_, n := utf8.DecodeRune(b)
		switch {
		case b[0] < utf8.RuneSelf:
			alone = append(alone, b[0])
		case n > 1:
			alone = append(alone, ' ')
		default:
			p := piece(b)
			if n = len(p); n == 1 {
				alone = append(alone, p...)
			}
		}
		b = b[n:]
	}
	g, ok := guessed(words(alone, enough), true)
	if !ok || g.name != Windows1252 && g.name != Windows1251 || g.broken > 0 {
		return nil
	}
	return &g.legacy
}

// Head is the text of the first bytes of a file, as well as they tell it.
func Head(head []byte) string {
	name, skip := unicodeOf(head)
	head = head[skip:]
	switch e := utf16Encodings[name]; {
	case e != nil:
		return decodeAll(e, head)
	case name != UTF8:
		return "" // which [NewReader] refuses
	}
	whole, broken := count(head)
	if broken <= 1 && whole > 0 || broken == 0 {
		return string(head)
	}
	if e, _ := encodingNamed(declared(head)); e != nil && reads(e, head) {
		return decodeAll(e, head)
	}
	if whole >= 4*broken {
		return string(head)
	}
	g, _ := guessed(words(head, 4<<10), mostlyLatin(head, 0))
	return decodeAll(g.encoding, head)
}

func decodeAll(e encoding.Encoding, b []byte) string {
	text, err := e.NewDecoder().Bytes(b)
	if err != nil && !errors.Is(err, transform.ErrShortSrc) {
		return ""
	}
	return string(text)
}
