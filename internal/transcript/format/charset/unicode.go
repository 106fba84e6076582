package charset

import (
	"bytes"
	"regexp"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// Names of encodings that are refused as soon as they are seen.
const (
	utf32Name = "utf-32"
	iso2022jp = "iso-2022-jp"
)

// unicodeOf tells which encoding of Unicode a file has by its first bytes, and
// how long its byte order mark is.
func unicodeOf(head []byte) (name string, mark int) {
	begins := func(s string) bool { return bytes.HasPrefix(head, []byte(s)) }
	switch {
	case begins("\xFF\xFE\x00\x00"), begins("\x00\x00\xFE\xFF"):
		return utf32Name, 4
	case begins("\xFF\xFE"):
		return UTF16LE, 2
	case begins("\xFE\xFF"):
		return UTF16BE, 2
	case begins("\xEF\xBB\xBF"):
		return UTF8, 3
	case bytes.Contains(head, []byte("\x1b$B")), bytes.Contains(head, []byte("\x1b$@")):
		return iso2022jp, 0
	}
	if name := utf16Of(head); name != "" {
		return name, 0
	}
	return UTF8, 0
}

// utf16Of finds UTF-16 without a mark: what it makes of the bytes is text, and
// no other encoding makes more of them.
func utf16Of(head []byte) string {
	b := head[:min(len(head), 4<<10)&^1]
	zeros := bytes.IndexByte(b, 0) >= 0
	if len(b) < 4 || !zeros && ascii(b) == len(b) {
		return ""
	}
	if _, broken := count(b); !zeros && broken <= 1 {
		return ""
	}
	best, least := "", guess{}
	for _, name := range []string{UTF16LE, UTF16BE} {
		text := decodeAll(utf16Encodings[name], b)
		g := guess{text: text, score: anyScorer().text(text)}
		if best == "" || g.cost < least.cost {
			best, least = name, g
		}
	}
	switch {
	case least.broken > 0, least.average() > 8:
		return ""
	case !zeros:
		if g, ok := guessed(words(b, len(b)), false); ok && g.cost <= least.cost {
			return ""
		}
	}
	return best
}

var declarations = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)["']|<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]+)`)
})

// declared is the encoding that a file of XML or HTML says it has.
func declared(head []byte) string {
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("<")) {
		return ""
	}
	m := declarations().FindSubmatch(head[:min(len(head), 4<<10)])
	if m == nil {
		return ""
	}
	return string(m[1]) + string(m[2])
}

// encodingNamed is an encoding of ASCII and more by one of its names, nil of
// another name.
func encodingNamed(label string) (encoding.Encoding, string) {
	if label == "" {
		return nil, ""
	}
	e, err := htmlindex.Get(label)
	if err != nil {
		return nil, ""
	}
	name, err := htmlindex.Name(e)
	if err != nil || name == UTF8 || name == UTF16LE || name == UTF16BE || name == iso2022jp || name == "replacement" {
		return nil, ""
	}
	if b, err := e.NewDecoder().Bytes([]byte("a<")); err != nil || !utf8.Valid(b) || string(b) != "a<" {
		return nil, ""
	}
	return e, name
}
