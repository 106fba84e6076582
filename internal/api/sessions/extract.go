package sessions

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/extraction"
	"griot/internal/idempotency"
	"griot/internal/limit"
	"griot/internal/session/result"
	"griot/internal/transcript"
)

// Extract is POST /v1/sessions/{id}/extraction. The candidates are not stored
// with the answer, of which they would be most: a replay has those that are
// there now.
func Extract(svc *result.Service) api.Endpoint {
	return api.Post[result.ExtractInput, extraction.Result]{
		Name: "sessions-extract", Path: "/v1/sessions/{id}/extraction", Class: limit.Heavy, Needs: access.SessionsWrite, BodyOptional: true, Strict: true,
		Shape: reflect.TypeFor[extraction.Result](),
		Do: func(r *http.Request, p access.Principal, in result.ExtractInput, claim *idempotency.Claim) (extraction.Result, error) {
			return svc.ExtractAgain(r.Context(), p, r.PathValue("id"), in, claim)
		},
		Answer: standing,
		Keep: func(res extraction.Result) extraction.Result {
			return extraction.Empty(res.SessionID, res.Status)
		},
		Replay: func(r *http.Request, p access.Principal, _ idempotency.Answer) (idempotency.Answer, error) {
			res, err := svc.Standing(r.Context(), p, r.PathValue("id"))
			if err != nil {
				return idempotency.Answer{}, err
			}
			return standing(res)
		},
	}.Endpoint()
}

// standing is written as GET writes it.
func standing(res extraction.Result) (idempotency.Answer, error) {
	body, err := transcript.Marshal(res)
	return idempotency.Answer{Status: http.StatusAccepted, Body: body}, err
}
