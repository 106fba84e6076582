package markdown

import (
	"bytes"
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/layout"
)

// inline reduces a paragraph to lines of plain text: emphasis, code and links
// to their words, images to nothing, escapes and character references to
// characters. Times in brackets are taken out and come with their line. It
// reads every byte a bounded number of times.
func inline(s string, yield func(layout.Line)) {
	if !strings.ContainsAny(s, "\\`*_~[]!<>&") {
		for line := range strings.SplitSeq(s, "\n") {
			if line = strings.TrimSpace(line); line != "" {
				yield(layout.Line{Text: line})
			}
		}
		return
	}
	p := inliner{s: s, code: map[int]bool{}, open: -1}
	for p.i < len(p.s) {
		p.step()
	}
	p.lines(yield)
}

// inliner writes out as it reads. What may turn out to be markup is written as
// text and overwritten with NUL, which no text has, when its other half comes.
type inliner struct {
	s     string
	i     int
	out   []byte
	runs  []run        // delimiters of emphasis that wait for their other half
	links []int        // in out, of [ that wait for their ]
	code  map[int]bool // lengths of backtick runs that have no other half
	marks []mark
	bold  []span // emphasis, by where it ends; then that of one line
	open  int    // in out, where <b> was; -1 without
}

// A run is a piece of out.
type run struct {
	at, n int
	c     byte
}

type span struct{ from, to int }

// A mark is a time that stood before out[at].
type mark struct {
	clock.Mark
	at int
}

// maxOpen bounds what waits for its other half.
const maxOpen = 100

func (p *inliner) step() {
	rest := p.s[p.i:]
	if m, n := clock.Bracketed(rest); n > 0 {
		p.cutMark(m, n)
		return
	}
	switch c := rest[0]; c {
	case '\\':
		p.escape(rest)
	case '`':
		p.codeSpan(rest)
	case '*', '_', '~':
		p.delimiter(rest, c)
	case '!':
		p.image(rest)
	case '[':
		if len(p.links) < maxOpen {
			p.links = append(p.links, len(p.out))
		}
		p.emit(rest[:1])
	case ']':
		p.closeLink(rest)
	case '<':
		p.tag(rest)
	case '&':
		p.entity(rest)
	default:
		n := strings.IndexAny(rest, "\\`*_~[]!<&")
		if n < 0 {
			n = len(rest)
		}
		p.emit(rest[:max(n, 1)])
	}
}

// emit copies what was read.
func (p *inliner) emit(s string) { p.put(s, len(s)) }

// put writes s for n bytes read.
func (p *inliner) put(s string, n int) {
	p.out = append(p.out, s...)
	p.i += n
}

// cutMark takes a time out, a link that it is the text of as well, and one of
// the two spaces around it.
func (p *inliner) cutMark(m clock.Mark, n int) {
	p.marks = append(p.marks, mark{m, len(p.out)})
	p.i += n
	p.i += destination(p.s[p.i:])
	next, _ := utf8.DecodeRuneInString(p.s[p.i:])
	last, _ := utf8.DecodeLastRune(p.out)
	switch {
	case unicode.IsSpace(last) && strings.ContainsRune(".,;:!?", next):
		p.out = p.out[:len(p.out)-utf8.RuneLen(last)]
	case unicode.IsSpace(last) || len(p.out) == 0:
		p.i += len(p.s[p.i:]) - len(strings.TrimLeft(p.s[p.i:], " \t"))
	case unicode.IsLetter(next) || unicode.IsDigit(next):
		p.out = append(p.out, ' ')
	}
}

// escape reads a backslash, which hides punctuation or a line end.
func (p *inliner) escape(rest string) {
	if len(rest) > 1 && (unicode.IsPunct(rune(rest[1])) || unicode.IsSymbol(rune(rest[1])) || rest[1] == '\n') && rest[1] < 0x80 {
		p.put(rest[1:2], 2)
		return
	}
	p.emit(rest[:1])
}

// maxFence is the longest run of backticks that is looked for again.
const maxFence = 32

// codeSpan copies what stands between two runs of backticks of one length.
func (p *inliner) codeSpan(rest string) {
	n := len(rest) - len(strings.TrimLeft(rest, "`"))
	fence := rest[:n]
	if n > maxFence || p.code[n] {
		p.emit(fence)
		return
	}
	for at := n; ; {
		i := strings.Index(rest[at:], fence)
		if i < 0 {
			p.code[n] = true
			p.emit(fence)
			return
		}
		at += i
		length := len(rest[at:]) - len(strings.TrimLeft(rest[at:], "`"))
		if length == n {
			p.put(strings.TrimSpace(rest[n:at]), at+n)
			return
		}
		at += length
	}
}

// delimiter reads a run of * or _ or ~~. A run that can close takes the last
// open run of its kind with it; what stays alone is text.
func (p *inliner) delimiter(rest string, c byte) {
	n := 1
	for n < len(rest) && rest[n] == c {
		n++
	}
	next, _ := utf8.DecodeRuneInString(rest[n:])
	last, _ := utf8.DecodeLastRune(p.out)
	left := n < len(rest) && !unicode.IsSpace(next)
	right := len(p.out) > 0 && !unicode.IsSpace(last)
	if isWord(next) && isWord(last) && n < len(rest) && len(p.out) > 0 && (c == '_' || n == 1) || c == '~' && n != 2 {
		left, right = false, false
	}
	me := run{len(p.out), n, c}
	p.emit(rest[:n])
	if right && p.closeRun(me) {
		return
	}
	if left && len(p.runs) < maxOpen {
		p.runs = append(p.runs, me)
	}
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// closeRun pairs a run with the last open one that is as long, or else with the
// last open ones of its character: the stars that mask a number stay, as in
// **+49 170 ***12:**.
func (p *inliner) closeRun(me run) (closed bool) {
	for i := len(p.runs) - 1; i >= max(0, len(p.runs)-maxLeads); i-- {
		if p.runs[i].c == me.c && p.runs[i].n == me.n {
			p.runs = p.runs[:i+1]
			break
		}
	}
	for i := len(p.runs) - 1; i >= 0 && me.n > 0; i-- {
		o := &p.runs[i]
		if o.c != me.c {
			continue
		}
		n := min(o.n, me.n)
		p.bold = append(p.bold, span{o.at + o.n - n, me.at + n})
		p.cut(o.at+o.n-n, n)
		p.cut(me.at, n)
		o.n, me.at, me.n = o.n-n, me.at+n, me.n-n
		p.runs = p.runs[:i+min(o.n, 1)]
		closed = true
	}
	return closed
}

func (p *inliner) cut(at, n int) { clear(p.out[at : at+n]) }

// image drops ![words](destination).
func (p *inliner) image(rest string) {
	if strings.HasPrefix(rest, "![") {
		if end := strings.IndexAny(rest[2:], "[]\n"); end >= 0 && rest[2+end] == ']' {
			if n := destination(rest[3+end:]); n > 0 {
				p.i += 3 + end + n
				return
			}
		}
	}
	p.emit(rest[:1])
}

// closeLink makes the words of a link out of [words](destination) and
// [words][label]; other brackets are text.
func (p *inliner) closeLink(rest string) {
	n := destination(rest[1:])
	if n == 0 && strings.HasPrefix(rest[1:], "[") {
		if end := strings.IndexAny(rest[2:min(len(rest), maxEmphasis)], "[]\n"); end >= 0 && rest[2+end] == ']' {
			if _, isMark := clock.Bracketed(rest[1:]); isMark == 0 {
				n = end + 2
			}
		}
	}
	if len(p.links) == 0 {
		p.emit(rest[:1])
		return
	}
	open := p.links[len(p.links)-1]
	p.links = p.links[:len(p.links)-1]
	if n == 0 {
		p.emit(rest[:1])
		return
	}
	p.cut(open, 1)
	p.i += 1 + n
}

// maxDestination bounds the search for the end of a link.
const maxDestination = 2048

// destination returns the length of (address "title") at the front of s.
func destination(s string) int {
	if !strings.HasPrefix(s, "(") {
		return 0
	}
	depth := 0
	for i := 0; i < min(len(s), maxDestination); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			if depth++; depth > 2 {
				return 0
			}
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		case '\n', '[', '`':
			return 0
		}
	}
	return 0
}

// tag drops an HTML tag and keeps the address of <https://…>.
func (p *inliner) tag(rest string) {
	end := strings.IndexAny(rest[1:], "<>") + 1
	if len(rest) < 3 || !isTagStart(rest[1]) || end < 1 || rest[end] != '>' {
		p.emit(rest[:1])
		return
	}
	switch tag := rest[1:end]; {
	case tag == "b" || tag == "strong":
		p.open = len(p.out)
		p.i += end + 1
	case tag == "/b" || tag == "/strong":
		if p.open >= 0 {
			p.bold = append(p.bold, span{p.open, len(p.out)})
			p.open = -1
		}
		p.i += end + 1
	case strings.Contains(tag, "://") && !strings.Contains(tag, " ") || strings.Contains(tag, "@") && !strings.Contains(tag, "="):
		p.put(tag, end+1)
	case strings.HasPrefix(strings.ToLower(tag), "br"):
		p.put(" ", end+1)
	default:
		p.i += end + 1
	}
}

func isTagStart(c byte) bool { return c == '/' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// entity reads a character reference.
func (p *inliner) entity(rest string) {
	end := 1
	for end < min(len(rest), 40) && (rest[end] == '#' || clock.IsDigit(rest[end]) || isTagStart(rest[end]) && rest[end] != '/') {
		end++
	}
	if end < len(rest) && rest[end] == ';' {
		if s := html.UnescapeString(rest[:end+1]); s != rest[:end+1] {
			p.put(s, end+1)
			return
		}
	}
	p.emit(rest[:1])
}

// lines yields what is left of out, line by line.
func (p *inliner) lines(yield func(layout.Line)) {
	marks, bold := p.marks, p.bold
	for from := 0; from <= len(p.out); {
		to := from + bytes.IndexByte(p.out[from:], '\n')
		if to < from {
			to = len(p.out)
		}
		var own []mark
		n := 0
		for n < len(marks) && marks[n].at <= to {
			n++
		}
		own, marks = marks[:n], marks[n:]
		for n = 0; n < len(bold) && bold[n].to <= to; n++ {
		}
		p.bold, bold = bold[:n], bold[n:]
		if l, ok := p.line(from, to, own); ok {
			yield(l)
		}
		from = to + 1
	}
}

// line makes a line of out[from:to] and of the times that stood in it.
func (p *inliner) line(from, to int, marks []mark) (layout.Line, bool) {
	l := layout.Line{Text: strings.TrimSpace(p.plain(from, to))}
	lead := p.lead(from)
	if len(marks) > 0 {
		m := &marks[0]
		before, after := strings.TrimSpace(p.plain(from, m.at)), strings.TrimSpace(p.plain(m.at, to))
		named, goesOn := strings.HasSuffix(before, ":"), strings.HasPrefix(after, ":")
		switch {
		case goesOn && named: // Name: [0:12]: words
			l.Time, l.Text, lead = &m.Mark, before+after[1:], min(lead, len(before))
		case goesOn: // Name [0:12]: words
			l.Time, l.Text, lead = &m.Mark, before+after, min(lead, len(before))
		case named, before == "", len(before) < maxEmphasis/3 && (after == "" || p.isLead(from, m.at)):
			l.Time = &m.Mark
		default:
			l.Inner = &m.Mark
		}
	}
	l.Lead = min(lead, len(l.Text))
	return l, l.Text != "" || l.Time != nil
}

// isLead reports whether out[from:at] is emphasis and nothing else.
func (p *inliner) isLead(from, at int) bool {
	n := p.lead(from)
	return n > 0 && n >= len(strings.TrimSpace(p.plain(from, at)))
}

// lead is how many bytes at the front of the line at from are set off, with a
// time that stands before them. The emphasis of the line is in bold.
func (p *inliner) lead(from int) int {
	end := 0
	for i, b := range p.bold {
		if i == maxLeads || b.from > from+maxEmphasis {
			break
		}
		if b.from < from || b.to > from+2*maxEmphasis || end > 0 && b.from >= end {
			continue
		}
		if before := strings.TrimSpace(p.plain(from, b.from)); before != "" {
			if _, n := clock.Front(before); n != len(before) {
				continue
			}
		}
		end = max(end, b.to)
	}
	if end == 0 {
		return 0
	}
	return len(strings.TrimSpace(p.plain(from, end)))
}

// maxLeads is how many pieces of emphasis are looked at from the front of a
// line.
const maxLeads = 8

// plain is out[from:to] without what was cut.
func (p *inliner) plain(from, to int) string {
	return string(bytes.ReplaceAll(p.out[from:to], []byte{0}, nil))
}
