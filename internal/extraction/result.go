package extraction

// States of a result.
const (
	Pending = "pending" // it has yet to come, or another one has that takes its place
	Ready   = "ready"
	NotRun  = "not_run"
)

// Result is the answer of GET /v1/sessions/{id}/extraction (contract E).
type Result struct {
	SessionID string `json:"session_id"`
	// Pending with candidates: they are from before, and others are being looked
	// for.
	Status    string            `json:"status" is:"of:pending|ready|not_run"`
	Extractor *ExtractorVersion `json:"extractor"`
	SOPs      []SOPCandidate    `json:"sop_candidates"`
	Entities  []EntityCandidate `json:"entity_candidates"`
	Risks     []RiskCandidate   `json:"risk_signals"`
	Summary   *CitedSummary     `json:"summary"`
	Relations []CitedRelation   `json:"relations"`
	Decisions []CitedDecision   `json:"decisions"`
	// What a model said and was not taken.
	Dropped Dropped `json:"dropped"`
	// What a model was paid for, in its tokens, also where the rules have stepped
	// in; null where nothing was. Of an answer that was lost on its way it is the
	// most that it can have cost.
	Usage    *Usage    `json:"usage"`
	Warnings []Warning `json:"warnings"`
}

// ExtractorVersion says who found the candidates.
type ExtractorVersion struct {
	Name string `json:"name" is:"of:rules|model"`
	// Of the rules, or of what the model is told.
	Version string `json:"version"`
	// The language model. It is null for the rules.
	Model *string `json:"model"`
}

// CitedSummary is the summary of a session.
type CitedSummary struct {
	Text      string     `json:"text"`
	Citations []Citation `json:"citations" is:"1.."`
}

// CitedRelation holds between two entities, by their names.
type CitedRelation struct {
	// The name of an entity candidate.
	From string `json:"from"`
	Rel  string `json:"rel" is:"of:owns|depends_on|escalates_to|succeeds|informed_by|applies_to|exposes"`
	// The name of an entity candidate.
	To        string     `json:"to"`
	Citations []Citation `json:"citations" is:"1.."`
}

// CitedDecision is something that was decided; Reason is "" if none was given.
type CitedDecision struct {
	What string `json:"what"`
	// What was weighed.
	Options []string `json:"options"`
	// Empty where nobody gives one.
	Reason    string     `json:"reason"`
	Citations []Citation `json:"citations" is:"1.."`
}

// Citation resolves to its quote: URI names the artifact's byte range, first
// and last byte included.
type Citation struct {
	URI string `json:"uri"`
	// Exactly the bytes that the range of the uri names.
	Quote   string `json:"quote"`
	Seq     int64  `json:"seq"`
	StartMS *int64 `json:"start_ms"`
	EndMS   *int64 `json:"end_ms"`
}

// Common is what every candidate has.
type Common struct {
	// Made of what the candidate is: the same when it is found again in the same
	// session.
	ID         string     `json:"id"`
	Kind       string     `json:"kind" is:"of:sop|entity|risk"`
	Confidence float64    `json:"confidence" is:"0..1"`
	Status     string     `json:"status" is:"of:candidate"`
	Citations  []Citation `json:"citations" is:"1.."`
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
	N        int      `json:"n" is:"1.."`
	What     string   `json:"what"`
	Who      *string  `json:"who"`
	Citation Citation `json:"citation"`
}

// EntityCandidate is a named thing.
type EntityCandidate struct {
	Common
	Type     string   `json:"type" is:"of:Person|Team|System|Workflow|Decision|Customer|Vendor|Policy|Risk"`
	Name     string   `json:"name"`
	Aliases  []string `json:"aliases"`
	Mentions int      `json:"mentions"`
}

// RiskCandidate is a risk signal with its stated weight.
type RiskCandidate struct {
	Common
	Signal   string  `json:"signal" is:"of:single_person_dependency|undocumented_workflow|stale_sop|tenure_cliff|tribal_contradiction|vendor_lock"`
	Title    string  `json:"title"`
	Weight   float64 `json:"weight"`
	Severity string  `json:"severity" is:"of:low|medium|high"`
}

// Empty returns a result without candidates in the given status.
func Empty(sessionID, status string) Result {
	return Result{
		SessionID: sessionID, Status: status,
		SOPs: []SOPCandidate{}, Entities: []EntityCandidate{}, Risks: []RiskCandidate{},
		Relations: []CitedRelation{}, Decisions: []CitedDecision{}, Warnings: []Warning{},
	}
}
