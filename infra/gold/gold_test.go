package gold_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"griot/infra/gold"
	"griot/internal/extraction"
)

func own(t *testing.T) []gold.Interview {
	t.Helper()
	all, err := gold.Own()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func input(t *testing.T, iv gold.Interview) extraction.Input {
	t.Helper()
	in, err := iv.Input()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// quotes are all that gold answers have.
func quotes(a gold.Answers) (all []string) {
	for _, p := range a.Procedures {
		for _, s := range p.Steps {
			all = append(all, s.Quote)
		}
	}
	for _, r := range a.Risks {
		all = append(all, r.Quote)
	}
	for _, d := range a.Decisions {
		all = append(all, d.Quote)
	}
	for _, trap := range a.Traps {
		all = append(all, trap.Quote)
	}
	return all
}

// Each quote stands once, letter for letter, in one segment, and in no other
// interview: a citation of it can be meant for nothing else.
func TestQuotesStandOnce(t *testing.T) {
	interviews := own(t)
	var texts []string
	for _, iv := range interviews {
		for _, seg := range input(t, iv).Segments {
			texts = append(texts, seg.Text)
		}
	}
	for _, iv := range interviews {
		all := ""
		for _, seg := range input(t, iv).Segments {
			all += seg.Text + "\n"
		}
		for _, q := range quotes(iv.Answers) {
			n := 0
			for _, text := range texts {
				n += strings.Count(text, q)
			}
			if words := len(strings.Fields(q)); n != 1 || !strings.Contains(all, q) || words < 3 || words > 25 {
				t.Errorf("%s: %q, %d words, stands %d times", iv.File, q, words, n)
			}
		}
	}
}

// Names stand in the interview as words, or before them; relations are between
// such names; everything has a kind that there is.
func TestAnswersAreSound(t *testing.T) {
	types := []string{"Person", "Team", "System", "Workflow", "Customer", "Vendor", "Policy"}
	looks := append(slices.Collect(maps.Keys(extraction.Weights)), "procedure", "decision", "entity")
	templates := map[string]bool{}
	kinds := map[string]int{}
	for _, iv := range own(t) {
		templates[iv.Template] = true
		kinds[iv.Kind]++
		spoken := " "
		for _, seg := range input(t, iv).Segments {
			spoken += strings.ToLower(seg.SpeakerName() + " " + seg.Text + " ")
		}
		names := map[string]bool{}
		for _, e := range iv.Entities {
			names[e.Name] = true
			for _, form := range append([]string{e.Name}, e.Aliases...) {
				if !strings.Contains(spoken, strings.ToLower(form)) || !slices.Contains(types, e.Type) {
					t.Errorf("%s: %s %q does not stand there", iv.File, e.Type, form)
				}
			}
		}
		for _, r := range iv.Relations {
			if !names[r.From] || !names[r.To] || !slices.Contains(extraction.Relations, r.Rel) {
				t.Errorf("%s: %+v", iv.File, r)
			}
		}
		for _, r := range iv.Risks {
			if extraction.Weights[r.Signal] == 0 || r.About == "" {
				t.Errorf("%s: %+v", iv.File, r)
			}
		}
		for _, trap := range iv.Traps {
			if !slices.Contains(looks, trap.LooksLike) || trap.WhyNot == "" {
				t.Errorf("%s: %+v", iv.File, trap)
			}
		}
		if found := len(iv.Procedures) + len(iv.Risks) + len(iv.Decisions) + len(iv.Relations); (iv.Kind == gold.Talk) != (found == 0) {
			t.Errorf("%s is %s and has %d findings", iv.File, iv.Kind, found)
		}
	}
	if kinds[gold.Work] != 6 || kinds[gold.Talk] != 2 || len(templates) != len(extraction.Templates) {
		t.Errorf("%v of templates %v", kinds, templates)
	}
}
