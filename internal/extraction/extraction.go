// Package extraction has what griot finds in a transcript: candidates for
// SOPs, entities and risk signals, each with citations whose bytes equal
// their quote. Extractors propose findings; Cite verifies and numbers them.
package extraction

import (
	"context"

	"griot/internal/transcript"
)

// Template is what kind of interview a session is.
type Template string

// Values returns the templates.
func (Template) Values() []string { return Templates }

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

// Relation holds between two entities, by their names.
type Relation struct {
	From, Rel, To string
	Evidence      []Evidence
}

// Relations are those of contract A.9.
var Relations = []string{"owns", "depends_on", "escalates_to", "succeeds", "informed_by", "applies_to", "exposes"}

// Decision is something that was decided; Options and Reason may be empty.
type Decision struct {
	What     string
	Options  []string
	Reason   string
	Evidence []Evidence
}

// Summary is a text of a few sentences.
type Summary struct {
	Text     string
	Evidence []Evidence
}

// Dropped counts what an extractor said that was not taken: quotes or names
// that do not stand in the transcript, and findings that are none.
type Dropped struct {
	// Its quote or its name does not stand in the transcript.
	Unverified int `json:"unverified"`
	// It is no finding by its form.
	Invalid int `json:"invalid"`
}

// Usage is what a model was paid for, in its own tokens.
type Usage struct {
	InputTokens  int64 `json:"input_tokens"`
	OutputTokens int64 `json:"output_tokens"`
}

// Warning is something that a reader of the findings should know.
type Warning struct {
	// `model_not_configured`: there is no model, the rules have done it.
	// `model_unavailable`: it could not be asked, or gave no answer that can be
	// used, and the rules have stepped in. `model_budget_spent`: the workspace has
	// spent its tokens for the day, and the rules have stepped in; the message
	// says when there are more. `part_incomplete`: the model gave no answer for a
	// part. `nothing_procedural`: no procedure was found. `not_extracted_again`:
	// that failed too often, and the result is the one from before.
	// `model_awaited`, while the result is pending: the model cannot be had and is
	// asked again, for an hour at most. `text_passed_over`: the transcript takes
	// more work than the rules spend on one; the message says how far they have read.
	Code    string `json:"code" is:"of:model_not_configured|model_unavailable|model_budget_spent|part_incomplete|nothing_procedural|not_extracted_again|model_awaited|text_passed_over"`
	Message string `json:"message"` // a sentence, without words of the transcript
}

// Codes of warnings (contract F4).
const (
	ModelNotConfigured = "model_not_configured"
	ModelUnavailable   = "model_unavailable"
	ModelBudgetSpent   = "model_budget_spent"
	PartIncomplete     = "part_incomplete"
	NothingProcedural  = "nothing_procedural"
	NotExtractedAgain  = "not_extracted_again"
	ModelAwaited       = "model_awaited" // of a pending result
	TextPassedOver     = "text_passed_over"
)

// Findings are what an extractor proposes, best first.
type Findings struct {
	SOPs      []SOP
	Entities  []Entity
	Risks     []Risk
	Relations []Relation
	Decisions []Decision
	Summary   Summary // no Text: there is none
	Dropped   Dropped
	Usage     *Usage // nil: no model was paid
	Warnings  []Warning
}

// Warn adds a warning.
func (f *Findings) Warn(code, message string) {
	f.Warnings = append(f.Warnings, Warning{code, message})
}

// Extractor finds candidates. The rules extractor is deterministic and always
// there; a model may stand beside it.
type Extractor struct {
	Name, Version string // rules or model; of the rules, or of what the model is told
	Model         string // "" for rules
	Extract       func(ctx context.Context, in Input) (Findings, error)
}

// Sign says who found the candidates of a result.
func (e Extractor) Sign() ExtractorVersion {
	v := ExtractorVersion{Name: e.Name, Version: e.Version}
	if e.Model != "" {
		v.Model = &e.Model
	}
	return v
}
