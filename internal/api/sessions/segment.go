package sessions

import (
	"fmt"
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/idempotency"
	"griot/internal/limit"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/transcript"
)

type appendedResponse struct {
	SessionID  string `json:"session_id"`
	Accepted   int    `json:"accepted"`
	Duplicates int    `json:"duplicates"`
	LastSeq    int64  `json:"last_seq"`
}

// Append is POST /v1/sessions/{id}/segments.
func Append(svc *capture.Service) api.Endpoint {
	return api.Post[capture.AppendInput, capture.Appended]{
		Name: "segments-append", Path: "/v1/sessions/{id}/segments", Class: limit.Heavy, Needs: access.SessionsWrite, Shape: reflect.TypeFor[appendedResponse](),
		Do: func(r *http.Request, p access.Principal, in capture.AppendInput, claim *idempotency.Claim) (capture.Appended, error) {
			return svc.Append(r.Context(), p, r.PathValue("id"), in, claim)
		},
		Answer: func(a capture.Appended) (idempotency.Answer, error) {
			return api.JSONAnswer(http.StatusOK, appendedResponse(a))
		},
	}.Endpoint()
}

type segmentsQuery struct {
	// The last seq that the client has.
	After int64 `json:"after" is:"0..9007199254740991 as:seq" default:"0"`
	// A page may be shorter, as it ends at about 1 MB.
	Limit int `json:"limit" is:"1..1000" default:"200"`
}

type segmentPageResponse struct {
	Data    []schema.Encoded[transcript.Segment] `json:"data"`
	HasMore bool                                 `json:"has_more"`
	LastSeq int64                                `json:"last_seq"`
	Status  session.Status                       `json:"status"`
}

// Segments is GET /v1/sessions/{id}/segments.
func Segments(svc *capture.Service) api.Endpoint {
	return api.Listing(api.Endpoint{
		Name: "segments-list", Method: http.MethodGet, Path: "/v1/sessions/{id}/segments", Needs: access.SessionsRead,
		Answer: reflect.TypeFor[segmentPageResponse](),
	}, func(w http.ResponseWriter, r *http.Request, p access.Principal, q segmentsQuery) error {
		page, err := svc.Segments(r.Context(), p, r.PathValue("id"), q.After, q.Limit)
		if err != nil {
			return err
		}
		return writeSegments(w, r, page)
	})
}

// writeSegments keeps the segments' own encoding, byte for byte.
func writeSegments(w http.ResponseWriter, r *http.Request, page capture.SegmentPage) error {
	out := segmentPageResponse{
		Data: make([]schema.Encoded[transcript.Segment], 0, len(page.Lines)), HasMore: page.HasMore,
		LastSeq: page.LastSeq, Status: page.Status,
	}
	for _, line := range page.Lines {
		out.Data = append(out.Data, schema.Encoded[transcript.Segment]{RawMessage: line.JSON})
	}
	body, err := transcript.Marshal(out)
	if err != nil {
		return fmt.Errorf("encoding the segments: %w", err)
	}
	return api.WriteBody(w, r, http.StatusOK, api.JSONType, body)
}
