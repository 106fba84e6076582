package passage

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"griot/internal/extraction"
)

const (
	maxSummary = 2000 // characters (contract D 35)
	maxNamed   = 8    // of a kind
)

// Summary returns what a session was about, in at most maxSummary characters:
// the summary that was found, else what was found beside it.
func Summary(r extraction.Result) string {
	if r.Summary == nil {
		return outline(r)
	}
	said := strings.Join(strings.Fields(r.Summary.Text), " ")
	if utf8.RuneCountInString(said) <= maxSummary {
		return said
	}
	cut := string([]rune(said)[:maxSummary-1])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return cut + "…"
}

// outline names what was found: the counts, then the first titles, of entities
// those that are mentioned most.
func outline(r extraction.Result) string {
	var sops, entities, risks []string
	for _, c := range r.SOPs {
		sops = append(sops, c.Title)
	}
	for _, c := range byMentions(r.Entities) {
		if c.Confidence >= sure {
			entities = append(entities, c.Name)
		}
	}
	for _, c := range r.Risks {
		risks = append(risks, c.Title)
	}
	out := fmt.Sprintf("Found in this session: %s, %s and %s.",
		number(len(sops), "procedure", "procedures"),
		number(len(r.Entities), "entity", "entities"),
		number(len(risks), "risk signal", "risk signals"))
	for _, part := range []struct {
		label string
		names []string
	}{{"Procedures", sops}, {"Risks", risks}, {"About", entities}} {
		out = appendNames(out, part.label, part.names)
	}
	return out
}

func number(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// appendNames adds a sentence with the first names, whole ones as far as there
// is room, and how many there are beside.
func appendNames(out, label string, names []string) string {
	sentence, told := " "+label+": ", 0
	for _, name := range names[:min(maxNamed, len(names))] {
		name = strings.Join(strings.Fields(name), " ")
		if told > 0 {
			name = "; " + name
		}
		if utf8.RuneCountInString(out+sentence+name+more(len(names)))+1 > maxSummary {
			break
		}
		sentence += name
		told++
	}
	if told == 0 {
		return out
	}
	return out + sentence + more(len(names)-told) + "."
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; and %d more", n)
}
