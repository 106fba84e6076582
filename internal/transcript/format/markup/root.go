package markup

import "strings"

// Root returns the name of the element that a file begins with, without its
// prefix, or "" if it begins with none. It passes over declarations,
// instructions and comments.
func Root(head string) string {
	rest, _ := beginning(head)
	if !strings.HasPrefix(rest, "<") {
		return ""
	}
	n := 1
	for n < len(rest) && strings.IndexByte(" \t\r\n/><", rest[n]) < 0 {
		n++
	}
	name := rest[1:n]
	if i := strings.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	if n == len(rest) || name == "" || name[0]|0x20 < 'a' || name[0]|0x20 > 'z' {
		return ""
	}
	return name
}

// IsDoctypeHTML reports whether a file says that it is HTML.
func IsDoctypeHTML(head string) bool {
	_, doctype := beginning(head)
	return strings.EqualFold(doctype, "html")
}

// beginning cuts off what stands before the first element.
func beginning(head string) (rest, doctype string) {
	const space = " \t\r\n\ufeff"
	for rest = strings.TrimLeft(head, space); ; rest = strings.TrimLeft(rest, space) {
		var end string
		switch {
		case strings.HasPrefix(rest, "<?"):
			end = "?>"
		case strings.HasPrefix(rest, "<!--"):
			end = "-->"
		case strings.HasPrefix(rest, "<!"):
			if f := strings.FieldsFunc(rest[2:min(len(rest), 64)], func(r rune) bool { return strings.ContainsRune(" \t\r\n>[", r) }); len(f) > 1 && strings.EqualFold(f[0], "doctype") {
				doctype = f[1]
			}
			end = ">"
		default:
			return rest, doctype
		}
		i := strings.Index(rest, end)
		if i < 0 {
			return "", doctype
		}
		rest = rest[i+len(end):]
	}
}
