package markup

import (
	"fmt"
	"io"

	"griot/internal/transcript/format/source"
)

// guard makes spaces of control characters, which XML forbids and files have,
// and fails on a tag that is too long, before memory is taken for it.
type guard struct {
	r     io.Reader
	state byte    // what the next byte is in: 0 for text, < for a tag, its quote for a value
	n     int     // bytes of the tag
	begin [8]byte // its first ones
	end   string  // of the section that the next byte is in
	at    int     // bytes of it that were read
	err   error   // of r, or of what it gave
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	for i, c := range p[:n] {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			p[i] = ' '
		}
		if g.step(c); g.n > maxTag {
			g.err = source.NewError(source.ParseError, 0, fmt.Sprintf("The file cannot be read: it has a tag of more than %d bytes.", maxTag))
			return 0, g.err
		}
	}
	if err != nil && err != io.EOF {
		g.err = err
	}
	return n, err
}

func (g *guard) step(c byte) {
	switch {
	case g.end != "":
		g.section(c)
	case g.state == 0:
		if c == '<' {
			g.state, g.n = '<', 0
		}
	case g.state != '<': // a value
		if g.n++; c == g.state {
			g.state = '<'
		}
	case c == '>':
		g.state, g.n = 0, 0
	case c == '"' || c == '\'':
		g.state = c
		g.n++
	default:
		g.tag(c)
	}
}

// sections are what has no tags in it, and how it ends.
var sections = [...][2]string{{"!--", "-->"}, {"![CDATA[", "]]>"}, {"?", "?>"}}

// tag takes a byte of a tag, which may turn out to be another thing.
func (g *guard) tag(c byte) {
	if g.n < len(g.begin) {
		g.begin[g.n] = c
	}
	if g.n++; g.n > len(g.begin) {
		return
	}
	begin := string(g.begin[:g.n])
	for _, s := range sections {
		if begin == s[0] {
			g.state, g.n, g.end, g.at = 0, 0, s[1], 0
		}
	}
	if begin[0] == '!' && g.n == len(g.begin) { // a declaration
		g.state, g.n = 0, 0
	}
}

// section looks for the end of a comment, of CDATA or of an instruction.
func (g *guard) section(c byte) {
	switch {
	case c == g.end[g.at]:
		if g.at++; g.at == len(g.end) {
			g.end = ""
		}
	case g.at == 2 && c == g.end[1]: // one more - or ]
	case c == g.end[0]:
		g.at = 1
	default:
		g.at = 0
	}
}
