// Package webpage takes the words out of HTML, whole pages and fragments, for
// the layouts to read.
package webpage

import (
	"errors"
	"strings"

	"golang.org/x/net/html"

	"griot/internal/transcript"
	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/rich"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// Is recognises a page by how it begins, and a fragment by its tags.
func Is(head string) bool {
	root := strings.ToLower(markup.Root(head))
	return root == "html" || markup.IsDoctypeHTML(head) || isFragment(head, root)
}

// isFragment reports whether a file begins with a tag of HTML and many lines have
// some, or where most lines begin with one; Markdown may have some, too, and
// people may speak of them.
func isFragment(head, root string) bool {
	if strings.IndexByte(head, '<') < 0 || root != "" && elements[root] == 0 || strings.HasPrefix(strings.TrimSpace(head), "<?xml") {
		return false
	}
	lines, begun, tagged, marked := 0, 0, 0, 0
	for l := source.NewLines(head); ; {
		line, ok := l.Next()
		if !ok {
			break
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		lines++
		if hasTag(line) {
			if tagged++; line[0] == '<' {
				begun++
			}
		}
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "> ") || strings.Contains(line, "**") || strings.Contains(line, "](") {
			marked++
		}
	}
	if root == "" {
		return begun > 1 && begun*2 >= lines && begun > marked
	}
	return tagged > marked && tagged*4 >= lines
}

// hasTag finds a tag of HTML, or the end of one.
func hasTag(line string) bool {
	for {
		i := strings.IndexByte(line, '<')
		if i < 0 {
			return false
		}
		line = strings.TrimPrefix(line[i+1:], "/")
		n := 0
		for n < len(line) && n < maxTagName && isTagName(line[n]) {
			n++
		}
		if elements[strings.ToLower(line[:n])] != 0 && strings.IndexByte(line[n:], '>') >= 0 {
			return true
		}
	}
}

const maxTagName = 12

func isTagName(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' }

// Parse reads the words of a page: blocks are paragraphs, rows of tables are
// lines, and names may be set off in bold type, as a citation or by a class.
func Parse(src *source.Source, out *turn.Collector) error {
	text, err := src.Raw()
	if err != nil {
		return err
	}
	p := page{text: rich.New(src.Limit), lines: !hasBlocks(text), bolds: map[string]bool{}}
	z := html.NewTokenizer(strings.NewReader(text))
	z.SetMaxBuf(maxToken)
	for !p.over && p.token(z) {
		if p.text.Over() {
			return src.TooLarge()
		}
	}
	if errors.Is(z.Err(), html.ErrBufferExceeded) {
		return source.NewError(source.TooLarge, 0, "The file is a web page (HTML) with a tag or a script of more than 8 MB. Save it without scripts and pictures, or as text, and upload that.")
	}
	out.SetLanguage(p.language)
	p.text.Read(out)
	return p.refuse(out.Turns)
}

const maxToken = 8 << 20 // bytes of a tag with its attributes, or of a script

// hasBlocks is false for a fragment whose lines are those of its source.
func hasBlocks(text string) bool {
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			if k := elements[string(name)]; k != 0 && k != inline && k != set || string(name) == "html" {
				return true
			}
		}
	}
}

// fewWords is how many bytes the text of an error page or of a form has at most.
const fewWords = 3_000

// refuse tells pages that were saved instead of a transcript.
func (p *page) refuse(turns []transcript.Turn) error {
	words := 0
	for _, t := range turns {
		if words += len(t.Text); t.Speaker != "" || t.StartMS != nil {
			return nil
		}
	}
	switch {
	case words > fewWords:
		return nil
	case p.password || isOneOf(p.title, signIn):
		return source.NewError(source.UnsupportedFormat, 0, "The file is a web page (HTML) that asks to sign in, not a transcript. Sign in with a browser, download the transcript and upload that.")
	case isOneOf(p.title, failed):
		return source.NewError(source.UnsupportedFormat, 0, "The file is an error page (HTML) that was saved instead of a transcript. Download the transcript again; its link may have expired.")
	case words == 0 && p.scripts:
		return source.NewError(source.UnsupportedFormat, 0, "The file is a web page (HTML) that loads its words by scripts and has none itself. Open it in a browser, save or copy the transcript from there, and upload that.")
	}
	return nil
}

var (
	signIn = []string{"sign in", "sign-in", "signin", "log in", "log-in", "login", "just a moment", "captcha", "are you a robot", "verify you are"}
	failed = []string{"400 ", "401", "403", "404", "410", "500 ", "502", "503", "504", "not found", "forbidden", "denied", "unauthorized", "error", "expired", "unavailable", "bad gateway", "bad request"}
)

func isOneOf(title string, words []string) bool {
	title = strings.ToLower(title)
	for _, w := range words {
		if strings.Contains(title, w) {
			return true
		}
	}
	return false
}
