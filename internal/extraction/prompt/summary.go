package prompt

import (
	"context"
	"fmt"
	"strings"

	"griot/internal/extraction"
	"griot/internal/llm"
)

// summarise makes a summary of those of the parts: of one it is that, of
// several the model chooses what is worth telling. Where it does not, it is the
// first sentence of as many parts as there is room for.
func (r *reader) summarise(ctx context.Context) error {
	if len(r.told) > mostSentences {
		chosen, err := r.choose(ctx)
		if err != nil {
			return err
		}
		r.told = chosen
	}
	var b strings.Builder
	s := &r.taker.out.Summary
	for _, told := range r.told {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(told.text)
		s.Evidence = append(s.Evidence, told.evidence...)
	}
	s.Text = b.String()
	return nil
}

// choose asks for a summary of numbered sentences. What it says of them has
// their evidence.
func (r *reader) choose(ctx context.Context) ([]sentence, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "Title: %q\n\n", r.in.Title)
	for i, s := range r.told {
		fmt.Fprintf(&b, "[%d] %s\n", i+1, s.text)
	}
	got, err := r.model.Ask(ctx, llm.Request{
		Name: "summary", Instructions: text("summary.md"), Text: b.String(), Schema: []byte(text("summary.json")), MaxTokens: 2048,
	})
	r.usage = r.usage.Add(llm.Paid(got, err))
	switch {
	case llm.KindOf(err) == llm.Spent: // the parts have their findings
		r.taker.out.Warn(extraction.ModelBudgetSpent, "What the workspace may spend of the language model today was not enough for a summary: it is made of sentences about its parts.")
	case ends(err):
		return nil, fmt.Errorf("asking the model for a summary: %w", err)
	}
	var chosen []sentence
	if err == nil {
		chosen = r.chosen(got)
	}
	if len(chosen) == 0 {
		every := (len(r.told) + mostSentences - 1) / mostSentences
		for i := 0; i < len(r.told); i += every {
			chosen = append(chosen, r.told[i])
		}
	}
	return chosen, nil
}

func (r *reader) chosen(got llm.Answer) (all []sentence) {
	a, err := decode(got.JSON)
	if err != nil {
		return nil
	}
	for _, m := range a.lists["summary"][:min(len(a.lists["summary"]), mostSentences)] {
		s := sentence{text: m.str("sentence", maxText)}
		of, _ := m["of"].([]any)
		for _, v := range of {
			if n := (item{"line": v}).line(); n >= 1 && n <= int64(len(r.told)) {
				s.evidence = join(s.evidence, r.told[n-1].evidence)
			}
		}
		if s.text != "" && len(s.evidence) > 0 {
			all = append(all, s)
		}
	}
	return all
}
