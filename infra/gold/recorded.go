package gold

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"griot/internal/llm"
)

// Recorded is a model whose answers were given before and lie in files, so
// that instructions can be judged without a model at hand, and any number of
// times for the price of once.
type Recorded struct {
	// Model is asked for what is not there, and its answers are kept; nil: nobody
	// is asked, and what is not there is missing.
	Model llm.Model
	// Answers is a directory: HASH.json has what a model has written for the
	// request of that hash, an object of its schema, also in a fence or in prose;
	// "" has none and keeps none.
	Answers string
	// Requests is a directory that each request is written to, as HASH.json; ""
	// for none.
	Requests string

	mu      sync.Mutex
	missing []string
}

// written is a request as it stands in a file.
type written struct {
	Name         string          `json:"name"`
	Instructions string          `json:"instructions"`
	Text         string          `json:"text"`
	Schema       json.RawMessage `json:"schema"`
	MaxTokens    int             `json:"max_tokens"`
}

// ID is the model's name, or that of the directory of its answers.
func (r *Recorded) ID() string {
	if r.Model != nil {
		return r.Model.ID()
	}
	return filepath.Base(r.Answers)
}

// Ask looks for the recorded answer. Where there is none, and no model either,
// it is Denied and noted as missing.
func (r *Recorded) Ask(ctx context.Context, q llm.Request) (llm.Answer, error) {
	name := Hash(q) + ".json"
	if err := r.write(name, q); err != nil {
		return llm.Answer{}, fmt.Errorf("writing a request: %w", err)
	}
	answer, err := r.read(name)
	switch {
	case err == nil:
		object, err := llm.Object(string(answer))
		return llm.Answer{JSON: object}, err
	case !errors.Is(err, fs.ErrNotExist):
		return llm.Answer{}, fmt.Errorf("reading a recorded answer: %w", err)
	case r.Model == nil:
		r.miss(name)
		return llm.Answer{}, llm.Fail(llm.Denied, "no answer is recorded as %s", name)
	}
	got, err := r.Model.Ask(ctx, q)
	if err == nil && r.Answers != "" {
		err = os.WriteFile(filepath.Join(r.Answers, name), append(got.JSON, '\n'), 0o644)
	}
	return got, err
}

func (r *Recorded) write(name string, q llm.Request) error {
	if r.Requests == "" {
		return nil
	}
	data, err := json.MarshalIndent(written{q.Name, q.Instructions, q.Text, q.Schema, q.MaxTokens}, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.Requests, name), append(data, '\n'), 0o644)
}

func (r *Recorded) read(name string) ([]byte, error) {
	if r.Answers == "" {
		return nil, fs.ErrNotExist
	}
	return os.ReadFile(filepath.Join(r.Answers, name))
}

func (r *Recorded) miss(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.missing, name) {
		r.missing = append(r.missing, name)
	}
}

// Missing are the files of answers that were asked for and are not there.
func (r *Recorded) Missing() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(slices.Values(r.missing))
}

// Hash names a request: the same instructions, text and schema have the same.
func Hash(q llm.Request) string {
	data, err := json.Marshal(q)
	if err != nil {
		panic(err) // a schema of ours is JSON
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:12])
}
