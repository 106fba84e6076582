// Package markdown reads transcripts written in Markdown, as podcasts have them.
package markdown

import (
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/speaker"
	"griot/internal/transcript/format/turn"
)

// Is wants what only Markdown has: a name in bold, a time in escaped
// brackets, front matter, or a heading before anything else.
func Is(head string) bool {
	l, first := source.NewLines(head), true
	for {
		line, ok := l.Next()
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
		if _, n := clock.Bracketed(s[i:]); n > 0 {
			return true
		}
		s = s[i+2:]
	}
}

// Parse makes one turn of every paragraph, quoted paragraph and list
// item. A bold name (**Name:** or **Name**:) says who speaks, until the next
// one; the first time of a paragraph, [04:19] or \[04:19\], is its start.
// Headings, rules, front matter, comments, images and link definitions are
// not speech; breaks and jingles have no speaker. In a file without bold
// names, plain ones count.
func Parse(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	text = withoutComments(text)
	n := frontMatter(text)
	doc := markdown{out: out, names: speaker.Labels{}}
	out.SetLanguage(metaLanguage(text[:n]))
	doc.learn(text[n:])
	doc.blocks(text[n:])
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
			return strings.Trim(strings.TrimSpace(line[i+1:]), `"'`)
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
	out     *turn.Collector
	names   speaker.Labels
	bold    bool // names are bold, so plain ones are words
	para    []string
	quoted  bool // the paragraph is in a block quote
	speaker string
	mark    *clock.Mark // stood alone, for the paragraph to come
}

// learn finds out how the file writes names.
func (d *markdown) learn(text string) {
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			return
		}
		line = withoutMarker(strings.TrimSpace(line))
		if _, ok := boldLabel(line); ok {
			d.bold = true
			return
		}
		d.names.Count(speaker.Read(line))
	}
}

// blocks cuts the text into paragraphs.
func (d *markdown) blocks(text string) {
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
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
	if p := d.prefix(item); p.Labelled {
		return true
	}
	_, n := clock.Bracketed(item)
	return n > 0 && len(d.para) > 0 && d.prefix(d.para[0]).Mark != nil
}

// underlined decides what a line of --- or === under a paragraph means: the
// paragraph was a heading if it is one short line that is no sentence.
func (d *markdown) underlined(rule string) {
	if len(d.para) == 1 && rule[0] != '*' && rule[0] != '_' && isTitle(d.para[0]) && !d.prefix(d.para[0]).Labelled {
		d.para = d.para[:0]
	}
	d.flush()
}

func (d *markdown) prefix(line string) speaker.Prefix {
	if p, ok := boldLabel(line); ok {
		return p
	}
	p := speaker.Read(line)
	if d.bold || !d.names.Accept(p) {
		return bareMark(line)
	}
	return p
}

// bareMark reads a time in brackets at the front, and no name.
func bareMark(line string) speaker.Prefix {
	m, n := clock.Bracketed(line)
	if n == 0 {
		m, n = clock.Round(line)
	}
	if n == 0 {
		return speaker.Prefix{Rest: line}
	}
	return speaker.Prefix{Mark: &m, Rest: line[n+destination(line[n:]):]}
}

// flush makes a turn of the paragraph.
func (d *markdown) flush() {
	if len(d.para) == 0 {
		return
	}
	raw := strings.Join(d.para, "\n")
	d.para = d.para[:0]
	p := d.prefix(raw)
	text, first := inline(p.Rest)
	if p.Mark == nil {
		p.Mark = first
	}
	d.turn(p, text)
}

// turn decides who said the text. A name or a time that stands alone holds for
// the next paragraph.
func (d *markdown) turn(p speaker.Prefix, text string) {
	if p.Labelled {
		d.speaker = p.Speaker()
	}
	if turn.IsBlank(text) {
		if d.mark = p.Mark; speaker.IsNoise(p.Name) {
			d.mark = nil
		}
		return
	}
	if p.Mark == nil {
		p.Mark = d.mark
	}
	d.mark = nil
	t := transcript.Turn{Speaker: d.speaker, Text: text}
	t.StartMS, t.EndMS = p.Mark.Times()
	if !p.Labelled && speaker.IsNoise(text) {
		t.Speaker = ""
		if speaker.EndsSpeech(text) {
			d.speaker = ""
		}
	}
	d.out.Add(t)
}
