// Package extraction has what griot finds in a transcript: candidates for
// SOPs, entities and risk signals, each with citations whose bytes equal
// their quote. Extractors propose findings; Cite verifies and numbers them.
package extraction

import (
	"context"

	"griot/internal/transcript"
)

// Templates of a session (contract A.2).
var Templates = []string{
	"operational_workflow", "system_ownership", "customer_playbook",
	"decision_retrospective", "onboarding_handoff", "open_exploration",
}

// EntityTypes are the nine types of contract A.9.
var EntityTypes = []string{
	"Person", "Team", "System", "Workflow", "Decision", "Customer", "Vendor", "Policy", "Risk",
}

// Weights of the six risk signals (contract A.9); they add up to 1.
var Weights = map[string]float64{
	"single_person_dependency": 0.35,
	"undocumented_workflow":    0.20,
	"stale_sop":                0.15,
	"tenure_cliff":             0.15,
	"tribal_contradiction":     0.10,
	"vendor_lock":              0.05,
}

// Severities of a risk signal.
var Severities = []string{"low", "medium", "high"}

// Input is a captured session.
type Input struct {
	Template string
	Title    string
	Segments []transcript.Segment // in seq order
}

// Evidence is a claim about the transcript: Quote stands at byte At of the
// text of the segment Seq.
type Evidence struct {
	Seq   int64
	At    int
	Quote string
}

// Step is one ordered step of an SOP; Who may be "".
type Step struct {
	What, Who string
	Evidence  Evidence
}

// SOP is a procedure found.
type SOP struct {
	Title, Summary string
	Steps          []Step
	Confidence     float64 // 0 to 1
	Evidence       []Evidence
}

// Entity is a named thing found; Mentions counts every occurrence, the
// aliases' included.
type Entity struct {
	Type, Name string
	Aliases    []string
	Mentions   int
	Confidence float64
	Evidence   []Evidence
}

// Risk is a risk signal found.
type Risk struct {
	Signal, Title, Severity string
	Confidence              float64
	Evidence                []Evidence
}

// Findings are what an extractor proposes, best first.
type Findings struct {
	SOPs     []SOP
	Entities []Entity
	Risks    []Risk
}

// Extractor finds candidates. The rules extractor is deterministic and always
// there; a model may stand beside it.
type Extractor struct {
	Name, Version string
	Extract       func(ctx context.Context, in Input) (Findings, error)
}
