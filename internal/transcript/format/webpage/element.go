package webpage

import "strings"

// A role is what an element means for the words in it.
type role int

const (
	inline  role = iota + 1
	set          // inline, and set off
	block        // a paragraph
	title        // a block whose words are set off
	heading      // h1 to h6
	row          // of a table
	cell
	table
	brk  // a line break
	rule // a block without words
	none // it has no words of the text
)

// elements are those of HTML; what is not here is read as inline.
var elements = map[string]role{
	"a": inline, "abbr": inline, "acronym": inline, "big": inline, "cite": set, "code": inline, "em": inline, "font": inline, "i": inline, "ins": inline,
	"kbd": inline, "label": inline, "mark": inline, "q": inline, "s": inline, "small": inline, "span": inline, "sub": inline, "sup": inline,
	"time": inline, "u": inline, "b": set, "strong": set,

	"address": block, "article": block, "blockquote": block, "body": block, "center": block, "dd": block, "details": block, "div": block, "dl": block,
	"fieldset": block, "figcaption": block, "figure": block, "form": block, "header": block, "hgroup": block, "li": block, "main": block, "ol": block,
	"p": block, "pre": block, "section": block, "summary": block, "ul": block, "caption": block, "dt": title,
	"h1": heading, "h2": heading, "h3": heading, "h4": heading, "h5": heading, "h6": heading,
	"table": table, "tr": row, "td": cell, "th": cell, "br": brk, "hr": rule,

	"script": none, "style": none, "head": none, "title": none, "noscript": none, "template": none, "nav": none, "footer": none, "aside": none, "svg": none, "math": none,
	"button": none, "select": none, "textarea": none, "iframe": none, "object": none, "audio": none, "video": none, "canvas": none, "dialog": none,
	"rt": none, "rp": none, "datalist": none,
}

// IsElement reports whether HTML has an element of that name.
func IsElement(name string) bool { return elements[strings.ToLower(name)] != 0 }
