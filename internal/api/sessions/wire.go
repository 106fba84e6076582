// Package sessions has the routes of the sessions API (/v1), one constructor
// each. Rules are in internal/session; here are the shapes on the wire.
package sessions

import (
	"time"

	"griot/internal/extraction"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/transcript"
)

// sessionResponse has every key always; what is not known yet is null.
type sessionResponse struct {
	ID               string              `json:"id"`
	WorkspaceID      string              `json:"workspace_id"`
	ProjectID        string              `json:"project_id"`
	Template         extraction.Template `json:"template"`
	Title            string              `json:"title"`
	IntervieweeEmail *string             `json:"interviewee_email"`
	Status           session.Status      `json:"status"`
	DurationSeconds  *int64              `json:"duration_seconds"`
	StartedAt        *stamp              `json:"started_at"`
	// The end of the capture; the status is `completed` later, with the
	// candidates.
	CompletedAt   *stamp `json:"completed_at"`
	TranscriptURI string `json:"transcript_uri"`
	// The numbers of candidates; null until they were looked for.
	Extraction *candidateCounts `json:"extraction"`
	// The conversation that the session became, in the conversations API; null
	// until it is completed and, for a moment, after that.
	ConversationID *string          `json:"conversation_id"`
	CreatedAt      stamp            `json:"created_at"`
	UpdatedAt      stamp            `json:"updated_at"`
	ScheduledFor   *stamp           `json:"scheduled_for"`
	RecordedAt     *stamp           `json:"recorded_at"`
	Source         session.Source   `json:"source" is:"of:live|upload"`
	CancelledAt    *stamp           `json:"cancelled_at"`
	Failure        *session.Failure `json:"failure"`
	// How its file was read; null for a live session and until it is read.
	Reading schema.Encoded[*transcript.Reading] `json:"reading"`
	// How a recording is written down; null of what is none. While it is
	// `queued` or `running` the session is `in_progress`; a session that ends
	// before its words are there has `failed` here.
	Transcription *transcriptionResponse `json:"transcription"`
}

type transcriptionResponse struct {
	// Whose interface the engine has, as `openai`.
	Engine     string        `json:"engine"`
	Status     string        `json:"status" is:"of:queued|running|done|failed"`
	StartedAt  *stamp        `json:"started_at"`
	FinishedAt *stamp        `json:"finished_at"`
	Media      mediaResponse `json:"media"`
	// Why its engine does not get on with it; null where it does.
	Waiting *waitingResponse `json:"waiting"`
}

type waitingResponse struct {
	// `minutes_spent`: the minutes of recordings that the workspace may have
	// written down in a day are taken; the turn of this one comes on another
	// day. `engine_busy`: the engine says that it has no room now.
	// `engine_unavailable`: it does not answer, or broke off; after some ten
	// minutes of that the session fails.
	Code    string `json:"code" is:"of:minutes_spent|engine_busy|engine_unavailable"`
	Message string `json:"message"`
	// When the engine is asked again; with `minutes_spent` that may be earlier,
	// where others make room.
	Until stamp `json:"until"`
}

type mediaResponse struct {
	// The container: `wav`, `mp3`, `mp4`, `m4a`, `flac`, `ogg`, `webm`, `mkv`,
	// `aac`, `aiff`, `amr` or `caf`.
	Kind string `json:"kind"`
	// Null where the file does not say it.
	DurationMS *int64 `json:"duration_ms"`
}

type candidateCounts struct {
	SOPs     int64 `json:"sop_candidates"`
	Entities int64 `json:"entity_candidates"`
	Risks    int64 `json:"risk_signals"`
}

func newSessionResponse(s session.Session) sessionResponse {
	return sessionResponse{
		ID: s.ID, WorkspaceID: s.Workspace, ProjectID: s.Project,
		Template: extraction.Template(s.Template), Title: s.Title, IntervieweeEmail: text(s.IntervieweeEmail),
		Status: s.Status, DurationSeconds: known(s.DurationSeconds),
		StartedAt: optional(s.StartedAt), CompletedAt: optional(s.CompletedAt),
		TranscriptURI: s.ArtifactURI(), Extraction: newCandidateCounts(s.Counts),
		ConversationID: text(s.Conversation),
		CreatedAt:      stamp(s.CreatedAt), UpdatedAt: stamp(s.UpdatedAt),
		ScheduledFor: optional(s.ScheduledFor), RecordedAt: optional(s.RecordedAt),
		Source: s.Source, CancelledAt: optional(s.CancelledAt), Failure: s.Failure,
		Reading: schema.Encoded[*transcript.Reading]{RawMessage: s.Reading}, Transcription: newTranscriptionResponse(s.Transcription),
	}
}

func newTranscriptionResponse(t *session.Transcription) *transcriptionResponse {
	if t == nil {
		return nil
	}
	return &transcriptionResponse{
		Engine: t.Engine, Status: t.Status, StartedAt: optional(t.StartedAt), FinishedAt: optional(t.FinishedAt),
		Media:   mediaResponse{Kind: t.Kind, DurationMS: known(t.DurationMS)},
		Waiting: newWaitingResponse(t.Waiting),
	}
}

func newWaitingResponse(w *session.Waiting) *waitingResponse {
	if w == nil {
		return nil
	}
	return &waitingResponse{Code: w.Code, Message: w.Message, Until: stamp(w.Until)}
}

func newCandidateCounts(c *session.Counts) *candidateCounts {
	if c == nil {
		return nil
	}
	return &candidateCounts{SOPs: c.SOPs, Entities: c.Entities, Risks: c.Risks}
}

// stamp is a time on the wire: UTC in whole seconds.
type stamp time.Time

// MarshalText is used by encoding/json.
func (s stamp) MarshalText() ([]byte, error) {
	return time.Time(s).UTC().AppendFormat(nil, "2006-01-02T15:04:05Z"), nil
}

// optional is nil for the zero time.
func optional(t time.Time) *stamp {
	if t.IsZero() {
		return nil
	}
	s := stamp(t)
	return &s
}

// text is null for "".
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// known is null for a negative number.
func known(n int64) *int64 {
	if n < 0 {
		return nil
	}
	return &n
}

// listResponse is a page of a list.
type listResponse[T any] struct {
	Data       []T     `json:"data"`
	HasMore    bool    `json:"has_more"`
	NextCursor *string `json:"next_cursor"`
}

func newListResponse[From, To any](items []From, next string, convert func(From) To) listResponse[To] {
	out := listResponse[To]{Data: make([]To, 0, len(items)), HasMore: next != "", NextCursor: text(next)}
	for _, item := range items {
		out.Data = append(out.Data, convert(item))
	}
	return out
}
