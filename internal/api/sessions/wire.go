// Package sessions has the routes of the sessions API (/v1), one constructor
// each. Rules are in internal/session; here are the shapes on the wire.
package sessions

import (
	"encoding/json"
	"time"

	"griot/internal/session"
)

// sessionResponse has every key always; what is not known yet is null.
type sessionResponse struct {
	ID               string                 `json:"id"`
	WorkspaceID      string                 `json:"workspace_id"`
	ProjectID        string                 `json:"project_id"`
	Template         string                 `json:"template"`
	Title            string                 `json:"title"`
	IntervieweeEmail *string                `json:"interviewee_email"`
	Status           session.Status         `json:"status"`
	DurationSeconds  *int64                 `json:"duration_seconds"`
	StartedAt        *string                `json:"started_at"`
	CompletedAt      *string                `json:"completed_at"`
	TranscriptURI    string                 `json:"transcript_uri"`
	Extraction       *extractionResponse    `json:"extraction"`
	ConversationID   *string                `json:"conversation_id"`
	CreatedAt        *string                `json:"created_at"`
	UpdatedAt        *string                `json:"updated_at"`
	ScheduledFor     *string                `json:"scheduled_for"`
	RecordedAt       *string                `json:"recorded_at"`
	Source           session.Source         `json:"source"`
	CancelledAt      *string                `json:"cancelled_at"`
	Failure          *session.Failure       `json:"failure"`
	Reading          json.RawMessage        `json:"reading"`
	Transcription    *transcriptionResponse `json:"transcription"`
}

type transcriptionResponse struct {
	Engine     string        `json:"engine"`
	Status     string        `json:"status"`
	StartedAt  *string       `json:"started_at"`
	FinishedAt *string       `json:"finished_at"`
	Media      mediaResponse `json:"media"`

	Waiting *waitingResponse `json:"waiting"`
}

type waitingResponse struct {
	Code    string  `json:"code"`
	Message string  `json:"message"`
	Until   *string `json:"until"`
}

type mediaResponse struct {
	Kind       string `json:"kind"`
	DurationMS *int64 `json:"duration_ms"`
}

type extractionResponse struct {
	SOPs     int64 `json:"sop_candidates"`
	Entities int64 `json:"entity_candidates"`
	Risks    int64 `json:"risk_signals"`
}

func newSessionResponse(s session.Session) sessionResponse {
	return sessionResponse{
		ID: s.ID, WorkspaceID: s.Workspace, ProjectID: s.Project,
		Template: s.Template, Title: s.Title, IntervieweeEmail: text(s.IntervieweeEmail),
		Status: s.Status, DurationSeconds: known(s.DurationSeconds),
		StartedAt: stamp(s.StartedAt), CompletedAt: stamp(s.CompletedAt),
		TranscriptURI: s.ArtifactURI(), Extraction: newExtractionResponse(s.Counts),
		ConversationID: text(s.Conversation),
		CreatedAt:      stamp(s.CreatedAt), UpdatedAt: stamp(s.UpdatedAt),
		ScheduledFor: stamp(s.ScheduledFor), RecordedAt: stamp(s.RecordedAt),
		Source: s.Source, CancelledAt: stamp(s.CancelledAt), Failure: s.Failure,
		Reading: s.Reading, Transcription: newTranscriptionResponse(s.Transcription),
	}
}

func newTranscriptionResponse(t *session.Transcription) *transcriptionResponse {
	if t == nil {
		return nil
	}
	return &transcriptionResponse{
		Engine: t.Engine, Status: t.Status, StartedAt: stamp(t.StartedAt), FinishedAt: stamp(t.FinishedAt),
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

func newExtractionResponse(c *session.Counts) *extractionResponse {
	if c == nil {
		return nil
	}
	return &extractionResponse{SOPs: c.SOPs, Entities: c.Entities, Risks: c.Risks}
}

// stamp prints whole seconds in UTC; the zero time is null.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05Z")
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
