package engine

import (
	"html"
	"strings"
)

// slackText writes a message as it was read: people and channels by name,
// links by what they are called, characters as themselves.
func (vs *voices) slackText(s string) string {
	var b strings.Builder
	for {
		from := strings.IndexByte(s, '<')
		if from < 0 {
			break
		}
		n := strings.IndexByte(s[from:], '>')
		if n < 0 {
			break
		}
		b.WriteString(html.UnescapeString(s[:from]))
		b.WriteString(html.UnescapeString(vs.slackLink(s[from+1 : from+n])))
		s = s[from+n+1:]
	}
	b.WriteString(html.UnescapeString(s))
	return b.String()
}

// slackLink reads what stands in angle brackets: @U02|ana, #C07|general,
// !here, https://example.org|the plan.
func (vs *voices) slackLink(s string) string {
	target, name, named := strings.Cut(s, "|")
	if target == "" {
		return name
	}
	switch target[0] {
	case '@':
		if who := vs.people[target[1:]]; who != "" {
			return "@" + who
		}
		if named {
			return "@" + strings.TrimPrefix(name, "@")
		}
		return target
	case '#':
		if named {
			return "#" + name
		}
		return target
	case '!':
		if named {
			return name
		}
		return "@" + target[1:]
	}
	if named && name != "" {
		return name
	}
	return strings.TrimPrefix(target, "mailto:")
}
