package sessions

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/idempotency"
	"griot/internal/session"
)

type createRequest struct {
	Template         string `json:"template"`
	Title            string `json:"title"`
	ProjectID        string `json:"project_id"`
	IntervieweeEmail string `json:"interviewee_email"`
	ScheduledFor     string `json:"scheduled_for"`
	UploadURL        string `json:"upload_url"`
	RecordedAt       string `json:"recorded_at"`
}

// Create is POST /v1/sessions.
func Create(svc *session.Service) api.Endpoint {
	return api.Post[createRequest, session.Session]{
		Name: "sessions-create", Path: "/v1/sessions",
		Do: func(r *http.Request, p access.Principal, req createRequest, claim *idempotency.Claim) (session.Session, error) {
			return svc.Create(r.Context(), p, session.CreateInput(req), claim)
		},
		Answer: func(s session.Session) (idempotency.Answer, error) {
			return api.Created("/v1/sessions/"+s.ID, newSessionResponse(s))
		},
	}.Endpoint()
}
