package passage

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"griot/internal/extraction"
)

// maxSummary bounds a summary in characters (contract D 35).
const maxSummary = 2000

// Summary names what was found in a session, in at most maxSummary
// characters: the counts, then the titles as far as there is room.
func Summary(r extraction.Result) string {
	var sops, entities, risks []string
	for _, c := range r.SOPs {
		sops = append(sops, c.Title)
	}
	for _, c := range r.Entities {
		entities = append(entities, c.Name)
	}
	for _, c := range r.Risks {
		risks = append(risks, c.Title)
	}
	out := fmt.Sprintf("Found in this session: %s, %s and %s.",
		number(len(sops), "procedure", "procedures"),
		number(len(entities), "entity", "entities"),
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

// appendNames adds a sentence with as many whole names as there is room for.
func appendNames(out, label string, names []string) string {
	sentence := " " + label + ": "
	for i, name := range names {
		name = strings.Join(strings.Fields(name), " ")
		if i > 0 {
			name = "; " + name
		}
		if utf8.RuneCountInString(out)+utf8.RuneCountInString(sentence)+utf8.RuneCountInString(name)+1 > maxSummary {
			break
		}
		sentence += name
	}
	if strings.HasSuffix(sentence, ": ") {
		return out
	}
	return out + sentence + "."
}
