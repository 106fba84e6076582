package search

import (
	"strings"

	"griot/internal/search/token"
)

// Pasted makes a query of a text that nobody typed as one: its quotes, minus signs
// and stars are just characters of it, as of every text of several lines.
func Pasted(text string) string { return text + "\n¶" }

// Words returns words of a text that tell it apart, as they are written, each
// once and at most so many.
func Words(text string, most int) []string {
	var out []string
	seen := map[string]bool{}
	for t := range token.All(text) {
		if t.Spans > 0 {
			continue
		}
		if len(out) == most {
			break
		}
		if extra := t.Spans > 0 || t.Pair; !extra && !t.Stop && !seen[t.Term] {
			seen[t.Term] = true
			out = append(out, strings.ToLower(text[t.Start:t.End]))
		}
	}
	return out
}
