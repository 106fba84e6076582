// Package rules is the extractor that is always there: deterministic rules over
// hand-written word lists, with two small models and without the network. It
// reads the transcript twice, sentence by sentence, in linear time. The rules
// know wording, not meaning, and stay silent where wording alone may mislead.
package rules

import (
	"context"
	"fmt"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/document"
	"griot/internal/extraction/rules/english"
	"griot/internal/extraction/rules/entity"
	"griot/internal/extraction/rules/procedure"
	"griot/internal/extraction/rules/risk"
)

// Most candidates of a kind that one transcript gives.
const (
	maxSOPs     = 50
	maxEntities = 300
	maxRisks    = 50
)

// Extractor returns the rules extractor. The same input always gives the same
// findings.
func Extractor() extraction.Extractor {
	return extraction.Extractor{Name: "rules", Version: "4", Extract: extract}
}

func extract(ctx context.Context, in extraction.Input) (extraction.Findings, error) {
	doc, err := document.Read(ctx, in.Title, in.Segments)
	if err != nil {
		return extraction.Findings{}, err
	}
	names, procs, risks, told := entity.NewGatherer(doc), procedure.NewFinder(doc), risk.NewFinder(), newSummariser(doc)
	err = doc.Lines(ctx, func(l document.Line) {
		nouns := english.NounPhrases(l.Sentence)
		names.Line(l, nouns)
		by := risk.Told{StepBy: procs.StepBy(l.N)} // before this line
		procs.Line(l, nouns)
		by.Topic = procs.Topic(l.N)
		risks.Line(l, nouns, by)
		told.Line(l)
	})
	if err != nil {
		return extraction.Findings{}, err
	}
	w := weigh(in.Template)
	found := extraction.Findings{
		SOPs:     first(maxSOPs, procs.Procedures(w.procedures)),
		Entities: first(maxEntities, names.Entities(w.entities)),
		Risks:    first(maxRisks, risks.Risks(in.Title, names.TypeOf, w.risks)),
		Summary:  told.Summary(),
	}
	if len(found.SOPs) == 0 {
		found.Warn(extraction.NothingProcedural, "The rules found no steps that stand close together and sound like one procedure.")
	}
	if read, all := len(doc.Segments), len(in.Segments); read < all {
		found.Warn(extraction.TextPassedOver, fmt.Sprintf("The transcript takes more work than the rules spend on one. They have read the first %d of its %d segments.", read, all))
	}
	return found, nil
}

func first[T any](n int, all []T) []T {
	return all[:min(n, len(all))]
}
