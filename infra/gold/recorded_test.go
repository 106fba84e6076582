package gold_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"griot/infra/gold"
	"griot/internal/extraction/prompt"
	"griot/internal/llm"
)

// The same interview makes the same requests, whenever it is read; an answer
// that is recorded under a request's hash is given to it, and what is missing
// is told.
func TestRecorded(t *testing.T) {
	iv := own(t)[0]
	requests, answers := t.TempDir(), t.TempDir()
	read := func(m *gold.Recorded) error {
		_, err := prompt.Extractor(m).Extract(t.Context(), input(t, iv))
		return err
	}
	asked := func() (names []string) {
		files, err := os.ReadDir(requests)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			names = append(names, f.Name())
		}
		return names
	}
	first := &gold.Recorded{Requests: requests}
	if err := read(first); llm.KindOf(err) != llm.Denied || !strings.Contains(err.Error(), asked()[0]) {
		t.Errorf("without answers: %v", err)
	}
	again := &gold.Recorded{Answers: answers, Requests: requests}
	if err := read(again); err == nil || len(asked()) != 1 || !slices.Equal(again.Missing(), asked()) || !slices.Equal(first.Missing(), asked()) {
		t.Errorf("asked %v, missing %v and %v", asked(), first.Missing(), again.Missing())
	}
	text, err := os.ReadFile(filepath.Join(requests, asked()[0]))
	if err != nil || !strings.Contains(string(text), iv.Title) || !strings.Contains(string(text), `"schema"`) {
		t.Errorf("wrote %.300s, %v", text, err)
	}
	if err := os.WriteFile(filepath.Join(answers, asked()[0]), []byte("Here it is:\n```json\n{\"risks\": []}\n```"), 0o644); err != nil {
		t.Fatal(err)
	}
	last := &gold.Recorded{Answers: answers}
	if err := read(last); err != nil || len(last.Missing()) > 0 {
		t.Errorf("with an answer: %v, missing %v", err, last.Missing())
	}
}

// counting answers nothing in particular, and counts.
type counting struct{ asked int }

func (c *counting) ID() string { return "counting" }

func (c *counting) Ask(context.Context, llm.Request) (llm.Answer, error) {
	c.asked++
	return llm.Answer{JSON: []byte(`{"risks": []}`), Usage: llm.Usage{Input: 9, Output: 3}}, nil
}

// A model is asked once; what it has answered is read from there afterwards.
func TestAnswersOfAModelAreKept(t *testing.T) {
	iv, model, answers := own(t)[0], &counting{}, t.TempDir()
	for _, m := range []*gold.Recorded{{Model: model, Answers: answers}, {Model: model, Answers: answers}, {Answers: answers}} {
		before := model.asked
		found, err := prompt.Extractor(m).Extract(t.Context(), input(t, iv))
		if err != nil || len(m.Missing()) > 0 || found.Usage.InputTokens != int64(9*(model.asked-before)) {
			t.Errorf("paid %+v, %v", found.Usage, err)
		}
	}
	if model.asked != 1 {
		t.Errorf("asked %d times", model.asked)
	}
}

func TestHash(t *testing.T) {
	q := llm.Request{Name: "n", Instructions: "i", Text: "t", Schema: []byte(`{}`), MaxTokens: 1}
	want := gold.Hash(q)
	same := q
	if got := gold.Hash(same); got != want || len(got) != 24 {
		t.Errorf("%s, and then %s", want, got)
	}
	q.Instructions = "I"
	if gold.Hash(q) == want {
		t.Error("other instructions have the same hash")
	}
}
