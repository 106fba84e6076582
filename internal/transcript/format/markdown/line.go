package markdown

import (
	"strings"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/label"
)

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

// isTitle is true for a line that could be a heading.
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
