package sessions

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/session"
	"griot/internal/transcript"
)

type createRequest struct {
	Template         string           `json:"template"`
	Title            string           `json:"title"`
	ProjectID        string           `json:"project_id"`
	IntervieweeEmail string           `json:"interviewee_email"`
	ScheduledFor     *string          `json:"scheduled_for"`
	UploadURL        *string          `json:"upload_url"`
	RecordedAt       *string          `json:"recorded_at"`
	ReadingHint      *transcript.Hint `json:"reading_hint"`
	Language         *string          `json:"language"`
	SpeakersExpected *int64           `json:"speakers_expected"`
}

// Create is POST /v1/sessions.
func Create(svc *session.Service) api.Endpoint {
	return api.Post[createRequest, session.Session]{
		Name: "sessions-create", Path: "/v1/sessions", Needs: access.SessionsWrite,
		Do: func(r *http.Request, p access.Principal, req createRequest, claim *idempotency.Claim) (session.Session, error) {
			in, err := req.input()
			if err != nil {
				return session.Session{}, err
			}
			return svc.Create(r.Context(), p, in, claim)
		},
		Answer: func(s session.Session) (idempotency.Answer, error) {
			return api.Created("/v1/sessions/"+s.ID, newSessionResponse(s))
		},
	}.Endpoint()
}

// input refuses the empty string where it would turn one kind of session into
// another.
func (req createRequest) input() (session.CreateInput, error) {
	in := session.CreateInput{
		Template: req.Template, Title: req.Title, ProjectID: req.ProjectID, IntervieweeEmail: req.IntervieweeEmail,
		Hint: req.ReadingHint, Speakers: req.SpeakersExpected,
	}
	for _, f := range []struct {
		name  string
		value *string
		into  *string
	}{
		{"scheduled_for", req.ScheduledFor, &in.ScheduledFor},
		{"upload_url", req.UploadURL, &in.UploadURL},
		{"recorded_at", req.RecordedAt, &in.RecordedAt},
		{"language", req.Language, &in.Language},
	} {
		if f.value == nil {
			continue
		}
		if *f.value == "" {
			return in, errs.Invalid(f.name, "invalid", "must not be empty; leave it out")
		}
		*f.into = *f.value
	}
	return in, nil
}
