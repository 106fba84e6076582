// Package gold has interviews with the answers that a careful reader gives, and
// scores by them what an extractor finds. A finding counts by its evidence: it
// is there when a citation overlaps the words that the gold answer rests on.
package gold

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"griot/internal/extraction"
	"griot/internal/transcript"
	"griot/internal/transcript/format"
)

//go:embed interviews
var own embed.FS

// Kinds of interviews: about work, or free talk in which nothing is to be
// found.
const (
	Work = "work"
	Talk = "talk"
)

// Answers are what is to be found in an interview. Each quote stands letter for
// letter in one segment.
type Answers struct {
	Title      string      `json:"title"`
	Template   string      `json:"template"`
	Kind       string      `json:"kind"`
	Summary    string      `json:"summary"`
	Procedures []Procedure `json:"procedures"`
	Entities   []Entity    `json:"entities"`
	Relations  []Relation  `json:"relations"`
	Risks      []Risk      `json:"risks"`
	Decisions  []Decision  `json:"decisions"`
	Traps      []Trap      `json:"traps"`
}

// Procedure is one with its steps in the order in which they are to be done.
type Procedure struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
	Steps   []Step   `json:"steps"`
}

// Step is one of a procedure; Who may be "".
type Step struct {
	What  string `json:"what"`
	Who   string `json:"who"`
	Quote string `json:"quote"`
}

// Entity is a name of the work; Main is what the talk is about.
type Entity struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Aliases []string `json:"aliases"`
	Main    bool     `json:"main"`
}

// Relation holds between two entities, by their names.
type Relation struct {
	From string `json:"from"`
	Rel  string `json:"rel"`
	To   string `json:"to"`
}

// Risk is a risk signal.
type Risk struct {
	Signal string `json:"signal"`
	About  string `json:"about"`
	Quote  string `json:"quote"`
}

// Decision is something that was decided; Options and Reason may be empty.
type Decision struct {
	What    string   `json:"what"`
	Quote   string   `json:"quote"`
	Options []string `json:"options"`
	Reason  string   `json:"reason"`
}

// Trap is something that looks like a finding and is none. LooksLike is a risk
// signal, "procedure", "decision" or "entity".
type Trap struct {
	LooksLike string `json:"looks_like"`
	Quote     string `json:"quote"`
	WhyNot    string `json:"why_not"`
}

// Interview is a file with its answers.
type Interview struct {
	File string
	Data []byte
	Answers
}

// Own are the interviews that were written for this repository.
func Own() ([]Interview, error) {
	dir, err := fs.Sub(own, "interviews")
	if err != nil {
		return nil, err
	}
	return Read(dir)
}

// Read reads a directory with a gold.json, which has the answers of the files
// beside it by their names.
func Read(dir fs.FS) ([]Interview, error) {
	data, err := fs.ReadFile(dir, "gold.json")
	if err != nil {
		return nil, fmt.Errorf("reading gold answers: %w", err)
	}
	answers := map[string]Answers{}
	if err := json.Unmarshal(data, &answers); err != nil {
		return nil, fmt.Errorf("reading gold answers: %w", err)
	}
	var all []Interview
	for name, a := range answers {
		data, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, fmt.Errorf("reading an interview: %w", err)
		}
		all = append(all, Interview{name, data, a})
	}
	slices.SortFunc(all, func(a, b Interview) int { return strings.Compare(a.File, b.File) })
	return all, nil
}

// Input is the interview as an extractor gets it from a session.
func (iv Interview) Input() (extraction.Input, error) {
	parsed, err := format.Parse(strings.NewReader(string(iv.Data)), format.MaxText, transcript.Hint{})
	if err != nil {
		return extraction.Input{}, fmt.Errorf("reading %s: %w", iv.File, err)
	}
	return extraction.Input{Template: iv.Template, Title: iv.Title, Segments: transcript.Segments(parsed.Turns)}, nil
}
