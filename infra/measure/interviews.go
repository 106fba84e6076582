package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"griot/infra/gold"
	"griot/internal/extraction"
)

// set is a directory of interviews.
type set struct {
	name       string
	interviews []gold.Interview
}

// interviewSets are the repository's own, and those of the development data
// where it has some.
func interviewSets(data string) ([]set, error) {
	own, err := gold.Own()
	if err != nil {
		return nil, err
	}
	sets := []set{{"own", own}}
	found, err := filepath.Glob(filepath.Join(data, "interviews", "*", "gold.json"))
	if err != nil {
		return nil, err
	}
	for _, path := range found {
		dir := filepath.Dir(path)
		all, err := gold.Read(os.DirFS(dir))
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", dir, err)
		}
		sets = append(sets, set{filepath.Base(dir), all})
	}
	return sets, nil
}

// tally is what came of the interviews of one kind.
type tally struct {
	gold.Score
	read    int
	dropped extraction.Dropped
	usage   extraction.Usage
}

// measureInterviews has an extractor read interviews and scores what it finds.
// An interview that it could not read is in the error, and not in the figures.
func measureInterviews(sets []set, by extraction.Extractor) ([]row, error) {
	var rows []row
	var unread []error
	for _, s := range sets {
		kinds := map[string]*tally{gold.Work: {}, gold.Talk: {}}
		for _, iv := range s.interviews {
			if err := kinds[iv.Kind].add(iv, by); err != nil {
				unread = append(unread, fmt.Errorf("%s/%s is not in the figures: %w", s.name, iv.File, err))
			}
		}
		task := fmt.Sprintf("interviews %s, %s", s.name, by.Name)
		rows = append(rows, kinds[gold.Work].work(task)...)
		rows = append(rows, kinds[gold.Talk].talk(task)...)
	}
	return rows, errors.Join(unread...)
}

func (t *tally) add(iv gold.Interview, by extraction.Extractor) error {
	in, err := iv.Input()
	if err != nil {
		return err
	}
	found, err := by.Extract(context.Background(), in)
	if err != nil {
		return err
	}
	res := extraction.Cite(extraction.Source{SessionID: iv.File, ArtifactURI: "mnemos://artifact/" + iv.File}, by.Sign(), in.Segments, found)
	var texts []string
	for _, seg := range in.Segments {
		texts = append(texts, seg.Text)
	}
	t.Score = t.Score.Add(iv.Score(strings.Join(texts, "\n"), res))
	t.read++
	t.dropped.Unverified += res.Dropped.Unverified
	t.dropped.Invalid += res.Dropped.Invalid
	if u := res.Usage; u != nil {
		t.usage.InputTokens += u.InputTokens
		t.usage.OutputTokens += u.OutputTokens
	}
	return nil
}

func (t *tally) work(task string) []row {
	if t.read == 0 {
		return nil
	}
	share := func(measure string, of gold.Tally, note string) row {
		return row{task, gold.Work, measure, of.Share(), 0, fmt.Sprintf("%d of %d%s", of.Hit, of.Of, note)}
	}
	rows := []row{
		share("steps", t.Steps, fmt.Sprintf(", %d interviews", t.read)),
		share("step precision", t.StepsRight, ""),
		share("procedures", t.Procedures, fmt.Sprintf(", in %d SOPs", t.SOPs)),
		share("risks", t.Risks, ""),
		share("risk precision", t.RisksRight, ""),
	}
	for _, signal := range slices.Sorted(maps.Keys(t.Signals)) {
		rows = append(rows, share("risks, "+signal, t.Signals[signal], ""))
	}
	rows = append(rows,
		share("main entities", t.Main, fmt.Sprintf(", %d typed right", t.MainTyped.Hit)),
		share("entity precision", t.EntitiesRight, ""),
		t.traps(task, gold.Work))
	return append(rows, t.cost(task, gold.Work)...)
}

// talk has numbers of false alarms: all that is found is one.
func (t *tally) talk(task string) []row {
	if t.read == 0 {
		return nil
	}
	note := fmt.Sprintf("%d interviews", t.read)
	rows := []row{
		{task, gold.Talk, "SOPs found", float64(t.SOPs), 0, note},
		{task, gold.Talk, "risks found", float64(t.RisksRight.Of), 0, note},
		{task, gold.Talk, "entity precision", t.EntitiesRight.Share(), 0, fmt.Sprintf("%d of %d", t.EntitiesRight.Hit, t.EntitiesRight.Of)},
		t.traps(task, gold.Talk),
	}
	return append(rows, t.cost(task, gold.Talk)...)
}

// traps are all of them, and by what they look like those that were taken.
func (t *tally) traps(task, part string) row {
	var all gold.Tally
	var taken []string
	for _, kind := range slices.Sorted(maps.Keys(t.Traps)) {
		of := t.Traps[kind]
		all = all.Add(of)
		if of.Hit > 0 {
			taken = append(taken, fmt.Sprintf("%s %d of %d", kind, of.Hit, of.Of))
		}
	}
	note := fmt.Sprintf("%d of %d", all.Hit, all.Of)
	if len(taken) > 0 {
		note += ": " + strings.Join(taken, ", ")
	}
	return row{task, part, "traps taken", all.Share(), 0, note}
}

// cost is what a model was paid, and what it said in vain.
func (t *tally) cost(task, part string) []row {
	if t.usage == (extraction.Usage{}) && t.dropped == (extraction.Dropped{}) {
		return nil
	}
	return []row{
		{task, part, "dropped, unverified", float64(t.dropped.Unverified), 0, ""},
		{task, part, "dropped, invalid", float64(t.dropped.Invalid), 0, ""},
		{task, part, "tokens read", float64(t.usage.InputTokens), 0, ""},
		{task, part, "tokens written", float64(t.usage.OutputTokens), 0, ""},
	}
}
