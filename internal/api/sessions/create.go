package sessions

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/idempotency"
	"griot/internal/limit"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
)

// Create is POST /v1/sessions.
func Create(svc *lifecycle.Service) api.Endpoint {
	return api.Post[session.CreateInput, session.Session]{
		Name: "sessions-create", Path: "/v1/sessions", Class: limit.Heavy, Needs: access.SessionsWrite, Shape: reflect.TypeFor[sessionResponse](),
		Do: func(r *http.Request, p access.Principal, in session.CreateInput, claim *idempotency.Claim) (session.Session, error) {
			return svc.Create(r.Context(), p, in, claim)
		},
		Answer: func(s session.Session) (idempotency.Answer, error) {
			return api.Created("/v1/sessions/"+s.ID, newSessionResponse(s))
		},
	}.Endpoint()
}
