package sessions

import (
	"context"
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/idempotency"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
)

// Cancel is POST /v1/sessions/{id}/cancel.
func Cancel(svc *lifecycle.Service) api.Endpoint {
	return transition("sessions-cancel", "/v1/sessions/{id}/cancel", http.StatusOK, svc.Cancel)
}

// Retry is POST /v1/sessions/{id}/retry.
func Retry(svc *lifecycle.Service) api.Endpoint {
	return transition("sessions-retry", "/v1/sessions/{id}/retry", http.StatusAccepted, svc.Retry)
}

// Complete is POST /v1/sessions/{id}/complete.
func Complete(svc *lifecycle.Service) api.Endpoint {
	return transition("sessions-complete", "/v1/sessions/{id}/complete", http.StatusOK, svc.Complete)
}

func transition(name, path string, status int, do func(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (session.Session, error)) api.Endpoint {
	return api.Post[api.NoBody, session.Session]{
		Name: name, Path: path, Needs: access.SessionsWrite, Shape: reflect.TypeFor[sessionResponse](),
		Do: func(r *http.Request, p access.Principal, _ api.NoBody, claim *idempotency.Claim) (session.Session, error) {
			return do(r.Context(), p, r.PathValue("id"), claim)
		},
		Answer: func(s session.Session) (idempotency.Answer, error) {
			return api.JSONAnswer(status, newSessionResponse(s))
		},
	}.Endpoint()
}
