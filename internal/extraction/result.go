package extraction

// States of a result.
const (
	Pending = "pending" // it has yet to come, or another one has that takes its place
	Ready   = "ready"
	NotRun  = "not_run"
)

// Result is the answer of GET /v1/sessions/{id}/extraction (contract E).
type Result struct {
	SessionID string            `json:"session_id"`
	Status    string            `json:"status"` // Pending, Ready, NotRun
	Extractor *ExtractorVersion `json:"extractor"`
	SOPs      []SOPCandidate    `json:"sop_candidates"`
	Entities  []EntityCandidate `json:"entity_candidates"`
	Risks     []RiskCandidate   `json:"risk_signals"`
	Summary   *CitedSummary     `json:"summary"`
	Relations []CitedRelation   `json:"relations"`
	Decisions []CitedDecision   `json:"decisions"`
	Dropped   Dropped           `json:"dropped"`
	Usage     *Usage            `json:"usage"`
	Warnings  []Warning         `json:"warnings"`
}

// ExtractorVersion says who found the candidates.
type ExtractorVersion struct {
	Name    string  `json:"name"` // rules, model
	Version string  `json:"version"`
	Model   *string `json:"model"` // null for rules
}

// CitedSummary is the summary of a session.
type CitedSummary struct {
	Text      string     `json:"text"`
	Citations []Citation `json:"citations"`
}

// CitedRelation holds between two entities, by their names.
type CitedRelation struct {
	From      string     `json:"from"`
	Rel       string     `json:"rel"`
	To        string     `json:"to"`
	Citations []Citation `json:"citations"`
}

// CitedDecision is something that was decided; Reason is "" if none was given.
type CitedDecision struct {
	What      string     `json:"what"`
	Options   []string   `json:"options"`
	Reason    string     `json:"reason"`
	Citations []Citation `json:"citations"`
}

// Citation resolves to its quote: URI names the artifact's byte range, first
// and last byte included.
type Citation struct {
	URI     string `json:"uri"`
	Quote   string `json:"quote"`
	Seq     int64  `json:"seq"`
	StartMS *int64 `json:"start_ms"`
	EndMS   *int64 `json:"end_ms"`
}

// Common is what every candidate has.
type Common struct {
	ID         string     `json:"id"`
	Kind       string     `json:"kind"` // sop, entity, risk
	Confidence float64    `json:"confidence"`
	Status     string     `json:"status"` // candidate
	Citations  []Citation `json:"citations"`
}

// SOPCandidate is a procedure with its steps.
type SOPCandidate struct {
	Common
	Title string  `json:"title"`
	Body  SOPBody `json:"body"`
}

// SOPBody is the body of an SOP (contract A.9) with a citation per step.
type SOPBody struct {
	Summary string     `json:"summary"`
	Steps   []SOPStepC `json:"steps"`
}

// SOPStepC is one cited step; Who is null when nobody is named.
type SOPStepC struct {
	N        int      `json:"n"`
	What     string   `json:"what"`
	Who      *string  `json:"who"`
	Citation Citation `json:"citation"`
}

// EntityCandidate is a named thing.
type EntityCandidate struct {
	Common
	Type     string   `json:"type"`
	Name     string   `json:"name"`
	Aliases  []string `json:"aliases"`
	Mentions int      `json:"mentions"`
}

// RiskCandidate is a risk signal with its stated weight.
type RiskCandidate struct {
	Common
	Signal   string  `json:"signal"`
	Title    string  `json:"title"`
	Weight   float64 `json:"weight"`
	Severity string  `json:"severity"`
}

// Empty returns a result without candidates in the given status.
func Empty(sessionID, status string) Result {
	return Result{
		SessionID: sessionID, Status: status,
		SOPs: []SOPCandidate{}, Entities: []EntityCandidate{}, Risks: []RiskCandidate{},
		Relations: []CitedRelation{}, Decisions: []CitedDecision{}, Warnings: []Warning{},
	}
}
