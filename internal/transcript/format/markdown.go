package format

import (
	"strings"

	"griot/internal/transcript"
)

// isMarkdown wants what only Markdown has: a name in bold, a time in escaped
// brackets, front matter, or a heading before anything else.
func isMarkdown(head string) bool {
	l, first := lines{rest: head}, true
	for {
		line, ok := l.next()
		if !ok {
			return false
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if first && (isHash(line) || frontMatter(head) > 0) {
			return true
		}
		first = false
		_, bold := boldLabel(withoutMarker(line))
		if bold || hasEscapedMark(line) {
			return true
		}
	}
}

func hasEscapedMark(s string) bool {
	for {
		i := strings.Index(s, `\[`)
		if i < 0 {
			return false
		}
		if _, n := bracketMark(s[i:]); n > 0 {
			return true
		}
		s = s[i+2:]
	}
}

// parseMarkdown makes one turn of every paragraph, quoted paragraph and list
// item. A bold name (**Name:** or **Name**:) says who speaks, until the next
// one; the first time of a paragraph, [04:19] or \[04:19\], is its start.
// Headings, rules, front matter, comments, images and link definitions are
// not speech; breaks and jingles have no speaker. In a file without bold
// names, plain ones count.
func parseMarkdown(s *source, out *turns) (Parsed, error) {
	text, err := s.text()
	if err != nil {
		return Parsed{}, err
	}
	text = withoutComments(text)
	n := frontMatter(text)
	doc := markdown{out: out, names: labels{}}
	p := Parsed{Language: metaLanguage(text[:n])}
	doc.learn(text[n:])
	doc.blocks(text[n:])
	return p, nil
}

// frontMatter returns the length of the block of YAML or TOML at the front.
func frontMatter(text string) int {
	l := lines{rest: text}
	fence, _ := l.next()
	fence = strings.TrimRight(fence, " \t")
	if fence != "---" && fence != "+++" {
		return 0
	}
	for n := 0; ; n++ {
		line, ok := l.next()
		if !ok || n == 0 && !strings.ContainsAny(line, ":=#") || n > 500 {
			return 0
		}
		if strings.TrimRight(line, " \t") == fence {
			return len(text) - len(l.rest)
		}
	}
}

// metaLanguage finds `lang: en` or `language = "en"` in front matter.
func metaLanguage(meta string) string {
	for l := (lines{rest: meta}); ; {
		line, ok := l.next()
		if !ok {
			return ""
		}
		i := strings.IndexAny(line, ":=")
		if i < 0 {
			continue
		}
		if key := strings.TrimSpace(line[:i]); key == "lang" || key == "language" {
			return languageTag(strings.Trim(strings.TrimSpace(line[i+1:]), `"'`))
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

type markdown struct {
	out     *turns
	names   labels
	bold    bool // names are bold, so plain ones are words
	para    []string
	quoted  bool // the paragraph is in a block quote
	speaker string
	mark    *mark // stood alone, for the paragraph to come
}

// learn finds out how the file writes names.
func (d *markdown) learn(text string) {
	for l := (lines{rest: text}); ; {
		line, ok := l.next()
		if !ok {
			return
		}
		line = withoutMarker(strings.TrimSpace(line))
		if _, ok := boldLabel(line); ok {
			d.bold = true
			return
		}
		d.names.count(readPrefix(line))
	}
}

// blocks cuts the text into paragraphs.
func (d *markdown) blocks(text string) {
	for l := (lines{rest: text}); ; {
		line, ok := l.next()
		if !ok {
			break
		}
		line, quoted := unquote(strings.TrimSpace(line))
		switch {
		case line == "" || isFence(line) || isHash(line) || isLinkDefinition(line):
			d.flush()
		case isUnderline(line):
			d.underlined(line)
		default:
			if d.begins(line) || quoted && !d.quoted {
				d.flush()
			}
			d.quoted = quoted
			d.para = append(d.para, withoutMarker(line))
		}
	}
	d.flush()
}

// begins is true for lines that start a paragraph without a blank line before
// them: list items, names, and times where the paragraph has one.
func (d *markdown) begins(line string) bool {
	item := withoutMarker(line)
	if item != line || isOrdered(line) && (line[0] == '1' || len(d.para) > 0 && isOrdered(d.para[0])) {
		return true
	}
	if p := d.prefix(item); p.labelled {
		return true
	}
	_, n := bracketMark(item)
	return n > 0 && len(d.para) > 0 && d.prefix(d.para[0]).mark != nil
}

// underlined decides what a line of --- or === under a paragraph means: the
// paragraph was a heading if it is one short line that is no sentence.
func (d *markdown) underlined(rule string) {
	if len(d.para) == 1 && rule[0] != '*' && rule[0] != '_' && isTitle(d.para[0]) && !d.prefix(d.para[0]).labelled {
		d.para = d.para[:0]
	}
	d.flush()
}

func (d *markdown) prefix(line string) prefix {
	if p, ok := boldLabel(line); ok {
		return p
	}
	p := readPrefix(line)
	if d.bold || !d.names.accept(p) {
		return bareMark(line)
	}
	return p
}

// bareMark reads a time in brackets at the front, and no name.
func bareMark(line string) prefix {
	m, n := bracketMark(line)
	if n == 0 {
		m, n = roundMark(line)
	}
	if n == 0 {
		return prefix{rest: line}
	}
	return prefix{mark: &m, rest: line[n+destination(line[n:]):]}
}

// flush makes a turn of the paragraph.
func (d *markdown) flush() {
	if len(d.para) == 0 {
		return
	}
	raw := strings.Join(d.para, "\n")
	d.para = d.para[:0]
	p := d.prefix(raw)
	text, first := inline(p.rest)
	if p.mark == nil {
		p.mark = first
	}
	d.turn(p, text)
}

// turn decides who said the text. A name or a time that stands alone holds for
// the next paragraph.
func (d *markdown) turn(p prefix, text string) {
	if p.labelled {
		d.speaker = p.speaker()
	}
	if isBlank(text) {
		if d.mark = p.mark; isNoise(p.name) {
			d.mark = nil
		}
		return
	}
	if p.mark == nil {
		p.mark = d.mark
	}
	d.mark = nil
	t := transcript.Turn{Speaker: d.speaker, Text: text}
	t.StartMS, t.EndMS = p.mark.times()
	if !p.labelled && isNoise(text) {
		t.Speaker = ""
		if endsSpeech(text) {
			d.speaker = ""
		}
	}
	d.out.add(t)
}
