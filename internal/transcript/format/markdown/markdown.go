// Package markdown takes the markup of Markdown off, so that the layouts can
// read what podcasts and note apps write in it.
package markdown

import (
	"strings"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// Is wants what only Markdown has: a name in bold, a time in escaped
// brackets, front matter, a heading before anything else or of a lower level, a
// table of what was said.
func Is(head string) bool {
	l, first := source.NewLines(head), true
	for {
		line, ok := l.Next()
		if !ok {
			return isTable(head)
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if first && (isHash(line) || frontMatter(head) > 0) || strings.HasPrefix(line, "##") && isHash(line) {
			return true
		}
		first = false
		if isBold(withoutMarker(line)) || hasEscapedMark(line) {
			return true
		}
	}
}

// isBold recognises a line with a name in bold type at its front.
func isBold(line string) bool {
	if _, n := clock.Front(line); n > 0 {
		line = strings.TrimLeft(line[n+destination(line[n:]):], " \t-–—")
	}
	for _, e := range emphases {
		if !strings.HasPrefix(line, e[0]) {
			continue
		}
		end := indexUnescaped(line[len(e[0]):min(len(line), maxEmphasis)], e[1])
		if end <= 0 {
			return false
		}
		inner := strings.TrimSpace(line[len(e[0]) : len(e[0])+end])
		rest := strings.TrimSpace(line[len(e[0])+end+len(e[1]):])
		if len(e[0]) == 1 && rest == "" && !strings.HasSuffix(inner, ":") { // emphasis of a line
			return false
		}
		if rest == "" || strings.HasSuffix(inner, ":") || strings.HasPrefix(rest, ":") || strings.HasPrefix(inner, "[") {
			return true
		}
		_, n := clock.Front(rest)
		return n > 0
	}
	return false
}

const maxEmphasis = 240 // bytes of a line in which its end is looked for

// emphases are what may stand around a name, the longest first.
var emphases = [][2]string{
	{"***", "***"}, {"**", "**"}, {"__", "__"}, {"*", "*"}, {"_", "_"}, {"<strong>", "</strong>"}, {"<b>", "</b>"},
}

// indexUnescaped is strings.Index that a backslash hides characters from.
func indexUnescaped(s, sub string) int {
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' {
			i++
		} else if strings.HasPrefix(s[i:], sub) {
			return i
		}
	}
	return -1
}

func hasEscapedMark(s string) bool {
	for {
		i := strings.Index(s, `\[`)
		if i < 0 {
			return false
		}
		if _, n := clock.Bracketed(s[i:]); n > 0 {
			return true
		}
		s = s[i+2:]
	}
}

// Parse hands the lines of Markdown to the layouts, each paragraph, quoted
// paragraph and list item as a segment. Rules, front matter, comments, images
// and link definitions are not speech.
func Parse(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	text = withoutComments(text)
	n := frontMatter(text)
	out.SetLanguage(metaLanguage(text[:n]))
	out.Reading.PassedOver += strings.Count(text[:n], "\n")
	if isTable(text[n:]) {
		readTable(text[n:], out)
		return nil
	}
	known := append(metaSpeakers(text[:n]), out.Hint.Speakers...)
	layout.Read(layout.File{Paragraphs: true, Known: known, Lines: func(yield func(layout.Line) bool) {
		d := document{yield: yield}
		d.blocks(text[n:])
	}}, out)
	return nil
}

// frontMatter returns the length of the block of YAML or TOML at the front.
func frontMatter(text string) int {
	l := source.NewLines(text)
	fence, _ := l.Next()
	fence = strings.TrimRight(fence, " \t")
	if fence != "---" && fence != "+++" {
		return 0
	}
	for n := 0; ; n++ {
		line, ok := l.Next()
		if !ok || n == 0 && !strings.ContainsAny(line, ":=#") || n > 500 {
			return 0
		}
		if strings.TrimRight(line, " \t") == fence {
			return len(text) - len(l.Rest())
		}
	}
}

// metaLanguage finds `lang: en` or `language = "en"` in front matter.
func metaLanguage(meta string) string {
	for l := source.NewLines(meta); ; {
		line, ok := l.Next()
		if !ok {
			return ""
		}
		i := strings.IndexAny(line, ":=")
		if i < 0 {
			continue
		}
		if key := strings.TrimSpace(line[:i]); key == "lang" || key == "language" {
			return unquoted(line[i+1:])
		}
	}
}

func unquoted(s string) string { return strings.Trim(strings.TrimSpace(s), `"'`) }

// metaSpeakers finds the names under `speakers:` and the like in front matter,
// in a list below or in brackets.
func metaSpeakers(meta string) (names []string) {
	under := false
	for l := source.NewLines(meta); ; {
		line, ok := l.Next()
		if !ok {
			return names
		}
		if item, ok := strings.CutPrefix(strings.TrimSpace(line), "- "); ok && under {
			names = append(names, unquoted(item))
			continue
		}
		i := strings.IndexAny(line, ":=")
		if i < 0 {
			under = false
			continue
		}
		switch strings.ToLower(strings.TrimSpace(line[:i])) {
		case "speakers", "speaker", "participants", "hosts", "host", "guests", "guest":
			under = true
			for name := range strings.SplitSeq(strings.Trim(strings.TrimSpace(line[i+1:]), "[]"), ",") {
				if name = unquoted(name); name != "" {
					names = append(names, name)
				}
			}
		default:
			under = false
		}
	}
}

// withoutComments drops <!-- comments -->. One that does not end is text.
func withoutComments(s string) string {
	var b strings.Builder
	for {
		i := indexUnescaped(s, "<!--")
		n := -1
		if i >= 0 {
			n = strings.Index(s[i:], "-->")
		}
		if n < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i+n+len("-->"):]
	}
	if b.Len() == 0 {
		return s
	}
	return b.String() + s
}

// A document is cut into paragraphs, whose lines are yielded.
type document struct {
	yield  func(layout.Line) bool
	done   bool
	para   []string
	quoted bool // the paragraph is in a block quote
}

// blocks cuts the text into paragraphs.
func (d *document) blocks(text string) {
	for l := source.NewLines(text); !d.done; {
		line, ok := l.Next()
		if !ok {
			break
		}
		line, quoted := unquote(strings.TrimSpace(line))
		switch {
		case line == "" || isFence(line) || isLinkDefinition(line):
			d.flush(0)
		case isHash(line):
			d.flush(0)
			level := len(line) - len(strings.TrimLeft(line, "#"))
			if line = strings.TrimSpace(strings.Trim(line, "#")); line != "" {
				d.para = append(d.para, line)
				d.flush(level)
			}
		case isUnderline(line):
			d.underlined(line)
		default:
			if d.begins(line) || quoted != d.quoted {
				d.flush(0)
			}
			d.quoted = quoted
			d.para = append(d.para, withoutMarker(line))
		}
	}
	d.flush(0)
}

// begins recognises lines that start a paragraph without a blank line before
// them: list items.
func (d *document) begins(line string) bool {
	return withoutMarker(line) != line || isOrdered(line) && (line[0] == '1' || len(d.para) > 0 && isOrdered(d.para[0]))
}

// underlined decides what a line of --- or === under a paragraph means: the
// paragraph was a heading if it is one short line that is no sentence.
func (d *document) underlined(rule string) {
	level := 0
	if len(d.para) == 1 && rule[0] != '*' && rule[0] != '_' && isTitle(d.para[0]) {
		if level = 2; rule[0] == '=' {
			level = 1
		}
	}
	d.flush(level)
}

// flush yields the lines of the paragraph.
func (d *document) flush(heading int) {
	if len(d.para) == 0 || d.done {
		d.para = d.para[:0]
		return
	}
	raw := strings.Join(d.para, "\n")
	d.para = d.para[:0]
	para := true
	inline(raw, func(l layout.Line) {
		l.Para, l.Heading = para, heading
		para = false
		d.done = d.done || !d.yield(l)
	})
}

// isHash recognises `# Heading`.
func isHash(line string) bool {
	rest := strings.TrimLeft(line, "#")
	n := len(line) - len(rest)
	return n > 0 && n <= 6 && (rest == "" || rest[0] == ' ' || rest[0] == '\t')
}

func isFence(line string) bool {
	return strings.HasPrefix(line, "```") && !strings.Contains(line[3:], "`") || strings.HasPrefix(line, "~~~")
}

// isUnderline recognises rules (---, * * *, ___) and the === of a heading.
func isUnderline(line string) bool {
	c, n := line[0], 0
	if c != '-' && c != '*' && c != '_' && c != '=' {
		return false
	}
	for i := range len(line) {
		switch line[i] {
		case c:
			n++
		case ' ', '\t':
		default:
			return false
		}
	}
	return n >= 3 || n == len(line) && c == '=' // one = is enough under a heading
}

// isTitle recognises a line that could be a heading.
func isTitle(line string) bool {
	return len(line) <= 100 && !label.EndsSentence(line)
}

// isLinkDefinition recognises `[1]: https://…` and footnotes, but not a name
// in brackets.
func isLinkDefinition(line string) bool {
	label, dest, ok := strings.Cut(line, "]:")
	if !ok || !strings.HasPrefix(label, "[") {
		return false
	}
	dest = strings.TrimSpace(dest)
	if strings.HasPrefix(label, "[^") {
		return true
	}
	for _, p := range []string{"<", "/", "#", "http://", "https://", "mailto:", "www.", "ftp://"} {
		if strings.HasPrefix(dest, p) {
			return true
		}
	}
	return false
}

// unquote strips the > of block quotes.
func unquote(line string) (rest string, quoted bool) {
	for strings.HasPrefix(line, ">") {
		line, quoted = strings.TrimSpace(line[1:]), true
	}
	return line, quoted
}

// withoutMarker strips the bullet of a list item. Numbers of ordered lists are
// kept: they were probably spoken, and steps need them.
func withoutMarker(line string) string {
	if len(line) > 2 && strings.IndexByte("-*+", line[0]) >= 0 && (line[1] == ' ' || line[1] == '\t') {
		return strings.TrimSpace(line[2:])
	}
	return line
}

// isOrdered recognises the item of an ordered list.
func isOrdered(line string) bool {
	_, n := clock.Digits(line)
	return n > 0 && n < 4 && len(line) > n+1 && (line[n] == '.' || line[n] == ')') && line[n+1] == ' '
}
