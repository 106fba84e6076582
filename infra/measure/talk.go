package main

import (
	"context"
	"fmt"
	"path/filepath"

	"griot/infra/corpus"
	"griot/internal/extraction"
	"griot/internal/extraction/rules"
	"griot/internal/transcript"
)

// measureTalk counts what the rules find in meetings in which people talk
// freely: hardly anything there is a procedure that somebody could follow, or
// a risk in the words of contract A.9.
func measureTalk(dir string) ([]row, error) {
	meetings, err := corpus.Lines[discussion](filepath.Join(dir, "qmsum.jsonl.gz"))
	if err != nil {
		return nil, err
	}
	size, procedures, risks, entities := 0, 0, 0, 0
	for _, m := range meetings {
		turns := make([]transcript.Turn, len(m.Turns))
		for i, turn := range m.Turns {
			turns[i] = transcript.Turn{Speaker: turn[0], Text: turn[1]}
			size += len(turn[1])
		}
		segs := transcript.Segments(turns)
		found, err := rules.Extractor().Extract(context.Background(), extraction.Input{Template: "open_exploration", Segments: segs})
		if err != nil {
			return nil, fmt.Errorf("extracting %s: %w", m.ID, err)
		}
		procedures += len(found.SOPs)
		risks += len(found.Risks)
		entities += len(found.Entities)
	}
	per := func(n int) float64 { return float64(n) / (float64(size) / 100_000) }
	note := fmt.Sprintf("%d meetings, %d KB", len(meetings), size/1000)
	return []row{
		{"free talk, QMSum", "all", "SOPs per 100 KB", per(procedures), 0, note},
		{"free talk, QMSum", "all", "risks per 100 KB", per(risks), 0, note},
		{"free talk, QMSum", "all", "entities per 100 KB", per(entities), 0, note},
	}, nil
}
