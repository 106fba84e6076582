package tier

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// IsTextGrid looks for what the TextGrids of Praat begin with.
func IsTextGrid(head string) bool {
	l := source.NewLines(head)
	file := false
	for n := 0; n < 3; {
		line, ok := l.Next()
		if !ok {
			return false
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		n++
		if n == 1 && strings.HasPrefix(line, chronological) {
			return true
		}
		file = file || strings.Contains(line, `"ooTextFile"`)
		if file && strings.Contains(line, `"TextGrid"`) {
			return true
		}
	}
	return false
}

const chronological = `"Praat chronological TextGrid text file"`

// TextGrid reads the long, the short and the chronological form. To Praat all
// of them are the same: strings in quotes, flags in angle brackets and numbers
// that stand free; whatever else there is explains them to people.
func TextGrid(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	g := grid{text: text, line: 1}
	read := g.read
	if strings.HasPrefix(strings.TrimSpace(text), chronological) {
		read = g.readChronological
	}
	tiers, problem := read()
	if problem != "" {
		return src.Fail(g.line, problem)
	}
	add(tiers, out)
	return nil
}

// A grid is read token by token.
type grid struct {
	text string
	line int // of the token that was read last
	next int // line ends in it
}

// read reads the form in which one tier follows the other. What comes too early
// or is missing is a problem, which continues "line 7 …".
func (g *grid) read() (tiers []tier, problem string) {
	if err := g.header(); err != "" {
		return nil, err
	}
	n, ok := g.number()
	if !ok {
		return nil, "should have the number of tiers"
	}
	for ; n > 0; n-- {
		t, ok := g.tier()
		if !ok {
			return nil, "should have the class, the name and the times of a tier"
		}
		size, ok := g.number()
		if !ok {
			return nil, "should have the number of intervals"
		}
		for ; size > 0; size-- {
			l, ok := g.label(t.points)
			if !ok {
				return nil, "should have the times and the text of an interval"
			}
			if t.labels = append(t.labels, l); len(t.labels) > turn.MaxPieces {
				return tiers, ""
			}
		}
		tiers = append(tiers, t)
	}
	return tiers, ""
}

// header reads the type of the file, the times of the recording and whether
// there are tiers.
func (g *grid) header() (problem string) {
	for range 2 {
		if _, ok := g.string(); !ok {
			return "should have the type of the file"
		}
	}
	if !g.span() {
		return "should have the times of the recording"
	}
	if kind, _ := g.token(); kind != flag {
		return "should say whether tiers exist"
	}
	return ""
}

// tier reads the head of a tier.
func (g *grid) tier() (t tier, ok bool) {
	class, ok := g.string()
	if !ok {
		return t, false
	}
	t.points = class == "TextTier"
	t.name, ok = g.string()
	return t, ok && g.span()
}

// label reads an interval, or a point, which has one time only.
func (g *grid) label(point bool) (l label, ok bool) {
	start, ok := g.number()
	end := start
	if !point && ok {
		end, ok = g.number()
	}
	if !ok {
		return l, false
	}
	text, ok := g.string()
	return label{millis(start), millis(end), text}, ok
}

func millis(seconds float64) int64 {
	return int64(math.Round(min(max(seconds*1000, -1), float64(turn.MaxMS)+1)))
}

// readChronological reads the form in which the labels of all tiers are in the
// order of time, each with the number of its tier.
func (g *grid) readChronological() (tiers []tier, problem string) {
	g.string()
	if !g.span() {
		return nil, "should have the times of the recording"
	}
	n, ok := g.number()
	if !ok {
		return nil, "should have the number of tiers"
	}
	for ; n > 0; n-- {
		t, ok := g.tier()
		if !ok {
			return nil, "should have the class, the name and the times of a tier"
		}
		tiers = append(tiers, t)
	}
	for range turn.MaxPieces {
		i, ok := g.number()
		if !ok {
			return tiers, ""
		}
		if !(i >= 1 && i <= float64(len(tiers))) {
			return nil, "should have the number of a tier"
		}
		t := &tiers[int(i)-1]
		l, ok := g.label(t.points)
		if !ok {
			return nil, "should have the times and the text of an interval"
		}
		t.labels = append(t.labels, l)
	}
	return tiers, ""
}

// Kinds of tokens.
const (
	none = iota
	quoted
	flag
	number
)

func (g *grid) string() (string, bool) {
	kind, s := g.token()
	return s, kind == quoted
}

func (g *grid) number() (float64, bool) {
	kind, s := g.token()
	if kind != number {
		return 0, false
	}
	v, err := strconv.ParseFloat(s, 64)
	return v, err == nil && !math.IsNaN(v)
}

// span passes over a start and an end.
func (g *grid) span() bool {
	_, start := g.number()
	if !start {
		return false
	}
	_, end := g.number()
	return end
}

// token reads the next one, and passes over what is none.
func (g *grid) token() (kind int, text string) {
	for {
		trimmed := strings.TrimLeftFunc(g.text, unicode.IsSpace)
		g.line += g.next + strings.Count(g.text[:len(g.text)-len(trimmed)], "\n")
		g.text, g.next = trimmed, 0
		switch {
		case g.text == "":
			return none, ""
		case g.text[0] == '"':
			s, rest, ok := cutString(g.text)
			if !ok {
				g.text = ""
				return none, ""
			}
			g.next = strings.Count(s, "\n")
			g.text = rest
			return quoted, strings.ReplaceAll(s, `""`, `"`)
		case g.text[0] == '!':
			_, g.text, _ = strings.Cut(g.text, "\n")
			g.next = 1
			continue
		}
		end := strings.IndexFunc(g.text, unicode.IsSpace)
		if end < 0 {
			end = len(g.text)
		}
		word := g.text[:end]
		g.text = g.text[end:]
		switch c := word[0]; {
		case c == '<':
			return flag, word
		case c >= '0' && c <= '9' || c == '-' || c == '.':
			if _, err := strconv.ParseFloat(word, 64); err == nil {
				return number, word
			}
		}
	}
}

// cutString cuts a string in quotes, in which two quotes are one.
func cutString(s string) (inner, rest string, ok bool) {
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 == len(s) || s[i+1] != '"' {
			return s[1:i], s[i+1:], true
		}
		i++
	}
	return "", "", false
}
