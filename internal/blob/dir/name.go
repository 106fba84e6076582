package dir

import (
	"fmt"
	"strings"
)

// An object's file lies below objects/ in one directory per element of its
// key but the last. Names consist of lower-case ASCII, because file systems
// differ in what else they take and in which names they think are equal:
// a capital is "+" and the small letter, any other byte %xx. The last
// character says what a name stands for, so an object "a" can be beside
// objects "a/b". Elements of pieceSize bytes or more are cut, since file
// names end at 255 bytes; each full piece is a directory of its own.
const (
	objectMark = '@' // a file: an object
	dirMark    = ',' // a directory: the element ends here
	pieceMark  = '~' // a directory: the element goes on below
	pieceSize  = 80  // bytes; at most 3 characters each, and the mark
)

// objectName returns the name of an object's file.
func objectName(key string) string {
	cut := strings.LastIndexByte(key, '/') + 1
	return dirName(key[:cut]) + "/" + elementName(key[cut:], objectMark)
}

// dirName returns the directory of the objects whose keys begin with prefix,
// which is empty or ends in "/".
func dirName(prefix string) string {
	var b strings.Builder
	b.WriteString(objects)
	for element := range strings.SplitSeq(prefix, "/") {
		if element != "" {
			b.WriteByte('/')
			b.WriteString(elementName(element, dirMark))
		}
	}
	return b.String()
}

func elementName(element string, mark byte) string {
	var b strings.Builder
	for len(element) >= pieceSize {
		escape(&b, element[:pieceSize])
		b.WriteByte(pieceMark)
		b.WriteByte('/')
		element = element[pieceSize:]
	}
	escape(&b, element)
	b.WriteByte(mark)
	return b.String()
}

func escape(b *strings.Builder, s string) {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
			b.WriteByte(c)
		case 'A' <= c && c <= 'Z':
			b.WriteByte('+')
			b.WriteByte(c + 'a' - 'A')
		default:
			fmt.Fprintf(b, "%%%02x", c)
		}
	}
}

// parseName returns what a name in a directory stands for. Names that this
// package does not write, such as a desktop's droppings, are not ok.
func parseName(name string) (text string, mark byte, ok bool) {
	if name == "" {
		return "", 0, false
	}
	body, mark := name[:len(name)-1], name[len(name)-1]
	text = unescape(body)
	var again strings.Builder
	escape(&again, text)
	known := mark == objectMark || mark == dirMark || mark == pieceMark
	return text, mark, known && again.String() == body
}

// unescape undoes escape; of anything else it makes something else.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+' && i+1 < len(s):
			i++
			b.WriteByte(s[i] - ('a' - 'A'))
		case s[i] == '%' && i+2 < len(s):
			b.WriteByte(nibble(s[i+1])<<4 | nibble(s[i+2]))
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func nibble(c byte) byte {
	if c >= 'a' {
		return c - 'a' + 10
	}
	return c - '0'
}
