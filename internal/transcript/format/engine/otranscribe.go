package engine

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// oTranscribe's own files have one text, which is the HTML of its editor:
// paragraphs with bold names, and times to the millisecond in an attribute.
const (
	otrName = "otranscribe"
	otrKey  = "media-time"
)

// readOTR hands the lines of the editor to the layouts.
func readOTR(l *list, out *turn.Collector) error {
	lines, err := editorLines(l.pieces[0].text)
	if err != nil {
		return err
	}
	layout.Read(layout.File{Lines: func(yield func(layout.Line) bool) {
		for _, line := range lines {
			if !yield(line) {
				return
			}
		}
	}, Known: out.Hint.Speakers}, out)
	return nil
}

func editorLines(text string) ([]layout.Line, error) {
	var lines []layout.Line
	var line layout.Line
	var words strings.Builder
	bold, stamp := 0, false // open elements; within a time
	end := func() {
		if line.Text = blanks.Replace(words.String()); !turn.IsBlank(line.Text) {
			line.Para = true
			lines = append(lines, line)
			line = layout.Line{}
		}
		line.Lead = 0 // a time that stands alone is that of the next line
		words.Reset()
	}
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			end()
			return lines, nil
		}
		if len(lines) > turn.MaxPieces {
			return nil, source.NewError(source.TooLarge, 0, "The file has too many lines to be one recording.")
		}
		t := z.Token()
		switch {
		case kind == html.TextToken && stamp:
		case kind == html.TextToken:
			front := turn.IsBlank(words.String())
			words.WriteString(t.Data)
			if bold > 0 && (front || line.Lead > 0) {
				line.Lead = words.Len()
			}
		case t.Data == "b" || t.Data == "strong":
			bold += step(kind)
		case t.Data == "span" && kind == html.EndTagToken:
			stamp = false
		case t.Data == "span":
			at, ok := stampOf(t)
			stamp = ok
			if ok && turn.IsBlank(words.String()) {
				line.Time = &clock.Mark{Start: at}
			} else if ok && line.Inner == nil {
				line.Inner = &clock.Mark{Start: at}
			}
		case t.Data == "p" || t.Data == "br" || t.Data == "div" || t.Data == "li":
			end()
		}
	}
}

// blanks are of one byte each in the source, so that Lead stays right.
var blanks = strings.NewReplacer("\n", " ", "\r", " ", "\t", " ")

// step counts elements that are open.
func step(kind html.TokenType) int {
	switch kind {
	case html.StartTagToken:
		return 1
	case html.EndTagToken:
		return -1
	}
	return 0
}

// stampOf is the time of a span, in milliseconds.
func stampOf(t html.Token) (int64, bool) {
	for _, a := range t.Attr {
		if s, err := strconv.ParseFloat(a.Val, 64); a.Key == "data-timestamp" && err == nil && s >= 0 && s*1000 <= float64(turn.MaxMS) {
			return int64(math.Round(s * 1000)), true
		}
	}
	return 0, false
}
