package gold

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"griot/internal/llm"
)

// Recorded is a model whose answers were given before and lie in files, so
// that instructions can be judged without a model at hand. It asks nobody: what
// is not there is missing.
type Recorded struct {
	// Answers is a directory: HASH.json has what a model has written for the
	// request of that hash, an object of its schema, also in a fence or in prose.
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

// ID is the name of the directory of answers, which is the model's.
func (r *Recorded) ID() string { return filepath.Base(r.Answers) }

// Ask looks for the recorded answer; where there is none it is Denied, and
// noted as missing.
func (r *Recorded) Ask(_ context.Context, q llm.Request) (llm.Answer, error) {
	data, err := json.MarshalIndent(written{q.Name, q.Instructions, q.Text, q.Schema, q.MaxTokens}, "", " ")
	if err != nil {
		return llm.Answer{}, fmt.Errorf("writing a request: %w", err)
	}
	name := Hash(q) + ".json"
	if r.Requests != "" {
		if err := os.WriteFile(filepath.Join(r.Requests, name), append(data, '\n'), 0o644); err != nil {
			return llm.Answer{}, fmt.Errorf("writing a request: %w", err)
		}
	}
	var answer []byte
	if err = os.ErrNotExist; r.Answers != "" {
		answer, err = os.ReadFile(filepath.Join(r.Answers, name))
	}
	if errors.Is(err, os.ErrNotExist) {
		r.miss(name)
		return llm.Answer{}, llm.Fail(llm.Denied, "no answer is recorded as %s", name)
	}
	if err != nil {
		return llm.Answer{}, fmt.Errorf("reading a recorded answer: %w", err)
	}
	object, err := llm.Object(string(answer))
	return llm.Answer{JSON: object}, err
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
