package sessions

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/idempotency"
	"griot/internal/session"
	"griot/internal/transcript"
)

type extractRequest struct {
	Extractor *string `json:"extractor"`
}

// Extract is POST /v1/sessions/{id}/extraction. The candidates are not stored
// with the answer, of which they would be most: a replay has those that are
// there now.
func Extract(svc *session.Service) api.Endpoint {
	return api.Post[extractRequest, extraction.Result]{
		Name: "sessions-extract", Path: "/v1/sessions/{id}/extraction", Needs: access.SessionsWrite, BodyOptional: true, Strict: true,
		Do: func(r *http.Request, p access.Principal, req extractRequest, claim *idempotency.Claim) (extraction.Result, error) {
			by, err := req.by()
			if err != nil {
				return extraction.Result{}, err
			}
			return svc.ExtractAgain(r.Context(), p, r.PathValue("id"), by, claim)
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

func (req extractRequest) by() (string, error) {
	if req.Extractor == nil {
		return "", nil
	}
	if *req.Extractor == "" {
		return "", errs.Invalid("extractor", "invalid", "must not be empty; leave it out")
	}
	return *req.Extractor, nil
}
