package word

import (
	"encoding/xml"
	"io"
	"strings"

	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/source"
)

// A style is what a paragraph or a run has that names it.
type style struct {
	basedOn  string
	heading  int
	bold     bool
	contents bool // it is for a line of the table of contents
}

const (
	maxStyles = 10_000
	maxBased  = 10 // styles that are based on one another
)

// readStyles reads the styles by their ids. Their names are Word's English
// ones in every language, their ids are not.
func readStyles(r io.Reader, src *source.Source) (map[string]style, error) {
	styles := map[string]style{}
	var id string
	var s style
	err := markup.Walk(r, src, markup.Handler{
		Start: func(e xml.StartElement) error {
			switch {
			case !isWord(e.Name):
			case e.Name.Local == "style":
				id, s = markup.Attr(e, "styleId"), style{}
			case e.Name.Local == "name":
				name := strings.ToLower(markup.Attr(e, "val"))
				s.heading = max(s.heading, headingOf(name))
				s.contents = strings.HasPrefix(name, "toc ")
			case e.Name.Local == "basedOn":
				s.basedOn = markup.Attr(e, "val")
			case e.Name.Local == "outlineLvl":
				s.heading = outlineLevel(e)
			case e.Name.Local == "b":
				s.bold = isOn(e)
			}
			return nil
		},
		End: func(name xml.Name) error {
			if isWord(name) && name.Local == "style" && len(styles) < maxStyles {
				styles[id] = s
			}
			return nil
		},
	})
	return styles, err
}

// headingOf is the level of a heading by the name or the id of its style.
func headingOf(name string) int {
	switch name {
	case "title":
		return 1
	case "subtitle":
		return 2
	}
	level := strings.TrimPrefix(strings.TrimPrefix(name, "heading"), " ")
	if level != name && len(level) == 1 && level[0] >= '1' && level[0] <= '9' {
		return int(level[0] - '0')
	}
	return 0
}

// outlineLevel counts from 0, and its 9 is the text.
func outlineLevel(e xml.StartElement) int {
	if v := markup.Attr(e, "val"); len(v) == 1 && v[0] >= '0' && v[0] < '9' {
		return int(v[0]-'0') + 1
	}
	return 0
}

// isOn reads the value of an element such as w:b, which may switch it off.
func isOn(e xml.StartElement) bool {
	switch markup.Attr(e, "val") {
	case "0", "false", "off", "none":
		return false
	}
	return true
}

// resolve follows a style to those that it is based on.
func resolve(styles map[string]style, id string) style {
	var all style
	if _, ok := styles[id]; !ok {
		return style{heading: headingOf(strings.ToLower(id))}
	}
	for range maxBased {
		s, ok := styles[id]
		if !ok {
			break
		}
		if all.heading == 0 {
			all.heading = s.heading
		}
		all.bold = all.bold || s.bold
		all.contents = all.contents || s.contents
		id = s.basedOn
	}
	return all
}
