package webpage

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/rich"
)

// page takes the tags and the words of a page.
type page struct {
	text   *rich.Text
	tables rich.Tables
	lines  bool // the lines of the source are lines of the text
	over   bool // the rest is not of the text

	open    []element       // inline elements
	bolds   map[string]bool // classes that the page's style sheet has in bold
	pre     int             // open elements in which white space counts
	breaks  int             // line breaks since the last words
	skipped string          // the element whose words are left out
	depth   int             // of it in itself

	language string
	title    string
	titled   bool // the words of the title come next
	styled   bool // a style sheet comes next
	password bool
	scripts  bool
}

type element struct {
	name string
	bold bool
}

// maxOpen is how many inline elements may stand in each other; more are read
// as if they were not there.
const maxOpen = 100

// token reads the next token; false at the end.
func (p *page) token(z *html.Tokenizer) bool {
	switch z.Next() {
	case html.ErrorToken:
		return false
	case html.TextToken:
		p.words(string(z.Text()))
	case html.StartTagToken, html.SelfClosingTagToken:
		name, more := z.TagName()
		p.start(string(name), attributes(z, more))
	case html.EndTagToken:
		name, _ := z.TagName()
		p.end(string(name))
	}
	return true
}

// attrs are the attributes that mean something here.
type attrs struct{ class, style, lang, kind, ms string }

func attributes(z *html.Tokenizer, more bool) (a attrs) {
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		switch string(key) {
		case "class":
			a.class = string(value)
		case "style":
			a.style = strings.ToLower(strings.ReplaceAll(string(value), " ", ""))
		case "hidden":
			a.style = "display:none"
		case "lang":
			a.lang = string(value)
		case "type":
			a.kind = strings.ToLower(string(value))
		case "data-m":
			a.ms = string(value)
		}
	}
	return a
}

func (p *page) start(name string, a attrs) {
	p.titled, p.styled = name == "title" && p.title == "", name == "style"
	p.scripts = p.scripts || name == "script"
	p.password = p.password || name == "input" && a.kind == "password"
	if name == "html" && a.lang != "" {
		p.language = a.lang
	}
	if p.skipped != "" {
		if name == p.skipped {
			p.depth++
		}
		return
	}
	kind := elements[name]
	if kind == none || kind != 0 && kind < row && strings.Contains(a.style, "display:none") {
		if name == "head" || name == "body" { // what is in the head is left out by itself
			return
		}
		p.skipped, p.depth = name, 1
		return
	}
	if ms, err := strconv.ParseInt(a.ms, 10, 64); err == nil {
		p.text.Time(clock.Mark{Start: ms})
	}
	switch kind {
	case inline, set:
		p.inline(element{name, kind == set || p.isBold(a)}, a.class)
	case block, title, rule:
		if name == "main" {
			p.text.Reset()
		}
		if name == "pre" {
			p.pre++
		}
		p.tables.Paragraph(p.text)
		if kind == title {
			p.push(element{name, true})
		}
	case heading:
		p.tables.Paragraph(p.text)
		p.text.Heading(int(name[1] - '0'))
	case table:
		p.tables.Paragraph(p.text)
		p.tables.Begin()
	case row:
		p.tables.Row(p.text)
	case cell:
		p.tables.Cell(p.text)
	case brk:
		p.lineBreak()
	}
}

// lineBreak ends a line; two of them end a paragraph.
func (p *page) lineBreak() {
	if p.breaks++; p.breaks == 2 {
		p.tables.Paragraph(p.text)
		return
	}
	p.text.Break()
}

// inline begins an inline element. One that has a class of its own, such as
// speaker or time, is a word of its own as well.
func (p *page) inline(e element, class string) {
	who, when := isClassOf(class, "speaker", "author", "name"), isClassOf(class, "time")
	if who || when || e.name == "cite" || e.name == "time" {
		p.text.Flow(" ", false)
	}
	e.bold = e.bold || who
	p.push(e)
}

func isClassOf(class string, words ...string) bool {
	if class == "" {
		return false
	}
	class = strings.ToLower(class)
	for _, w := range words {
		if strings.Contains(class, w) {
			return true
		}
	}
	return false
}

func (p *page) push(e element) {
	if len(p.open) < maxOpen {
		e.bold = e.bold || p.bold()
		p.open = append(p.open, e)
	}
}

func (p *page) bold() bool { return len(p.open) > 0 && p.open[len(p.open)-1].bold }

func (p *page) isBold(a attrs) bool {
	if i := strings.Index(a.style, "font-weight:"); i >= 0 {
		return isBoldWeight(a.style[i:])
	}
	for class := range strings.FieldsSeq(a.class) {
		if p.bolds[class] {
			return true
		}
	}
	return false
}

func isBoldWeight(css string) bool {
	v := strings.TrimSpace(strings.TrimPrefix(css, "font-weight:"))
	return strings.HasPrefix(v, "bold") || len(v) > 2 && v[0] >= '6' && v[0] <= '9' && v[1] == '0'
}

func (p *page) end(name string) {
	p.titled, p.styled = false, false
	if p.skipped != "" {
		if name == p.skipped {
			if p.depth--; p.depth == 0 {
				p.skipped = ""
			}
		}
		return
	}
	switch kind := elements[name]; kind {
	case inline, set, title:
		p.pop(name)
		if name == "cite" || name == "time" {
			p.text.Flow(" ", false)
		}
		if kind == title {
			p.tables.EndParagraph(p.text)
		}
	case block, heading:
		if name == "pre" && p.pre > 0 {
			p.pre--
		}
		p.over = name == "main"
		p.tables.EndParagraph(p.text)
	case table:
		p.tables.End(p.text)
	}
}

func (p *page) pop(name string) {
	for i := len(p.open) - 1; i >= 0; i-- {
		if p.open[i].name == name {
			p.open = append(p.open[:i], p.open[i+1:]...)
			return
		}
	}
}

func (p *page) words(s string) {
	switch {
	case p.titled:
		p.title = strings.TrimSpace(s)
	case p.styled:
		p.sheet(s)
	case p.skipped != "":
	case p.pre > 0 || p.lines:
		p.preformatted(s)
	default:
		if strings.TrimSpace(s) != "" {
			p.breaks = 0
		}
		p.text.Flow(s, p.bold())
	}
}

// preformatted keeps lines; a blank one ends a paragraph.
func (p *page) preformatted(s string) {
	for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		if i > 0 {
			p.lineBreak()
		}
		if strings.TrimSpace(line) != "" {
			p.breaks = 0
		}
		p.text.Write(line, p.bold())
	}
}

// sheet finds the classes that a style sheet sets in bold, as Google Docs has
// them: .c1{font-weight:700}.
func (p *page) sheet(css string) {
	css = strings.ReplaceAll(css, " ", "")
	for len(p.bolds) < maxClasses {
		selector, rest, ok := strings.Cut(css, "{")
		body, next, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return
		}
		css = next
		i := strings.Index(body, "font-weight:")
		if class, ok := strings.CutPrefix(strings.TrimSpace(selector), "."); ok && i >= 0 && isBoldWeight(body[i:]) && !strings.ContainsAny(class, ".,:> ") {
			p.bolds[class] = true
		}
	}
}

const maxClasses = 1_000
