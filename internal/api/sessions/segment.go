package sessions

import (
	"encoding/json"
	"fmt"
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/session"
	"griot/internal/transcript"
)

type appendRequest struct {
	Source   string            `json:"source"`
	Segments []incomingSegment `json:"segments"`
}

type incomingSegment struct {
	ClientSeq *int64 `json:"client_seq"`
	Speaker   string `json:"speaker"`
	Role      string `json:"role"`
	StartMS   *int64 `json:"start_ms"`
	EndMS     *int64 `json:"end_ms"`
	Text      string `json:"text"`
}

type appendResponse struct {
	SessionID  string `json:"session_id"`
	Accepted   int    `json:"accepted"`
	Duplicates int    `json:"duplicates"`
	LastSeq    int64  `json:"last_seq"`
}

// Append is POST /v1/sessions/{id}/segments.
func Append(svc *session.Service) api.Endpoint {
	return api.Post[appendRequest, session.Appended]{
		Name: "segments-append", Path: "/v1/sessions/{id}/segments", Needs: access.SessionsWrite,
		Do: func(r *http.Request, p access.Principal, req appendRequest, claim *idempotency.Claim) (session.Appended, error) {
			in, err := req.input()
			if err != nil {
				return session.Appended{}, err
			}
			return svc.Append(r.Context(), p, r.PathValue("id"), in, claim)
		},
		Answer: func(a session.Appended) (idempotency.Answer, error) {
			return api.JSONAnswer(http.StatusOK, appendResponse(a))
		},
	}.Endpoint()
}

func (req appendRequest) input() (session.AppendInput, error) {
	in := session.AppendInput{Source: req.Source, Segments: make([]session.Incoming, len(req.Segments))}
	for i, s := range req.Segments {
		if s.ClientSeq == nil {
			return in, errs.Invalid(fmt.Sprintf("segments[%d].client_seq", i), "required", "is required")
		}
		in.Segments[i] = session.Incoming{
			ClientSeq: *s.ClientSeq,
			Turn:      transcript.Turn{Speaker: s.Speaker, Role: s.Role, StartMS: s.StartMS, EndMS: s.EndMS, Text: s.Text},
		}
	}
	return in, nil
}

// Most segments of a page, and how many there are unless the client says.
const (
	segmentsMost     = 1000
	segmentsFallback = 200
)

type segmentsResponse struct {
	Data    []json.RawMessage `json:"data"`
	HasMore bool              `json:"has_more"`
	LastSeq int64             `json:"last_seq"`
	Status  session.Status    `json:"status"`
}

// Segments is GET /v1/sessions/{id}/segments.
func Segments(svc *session.Service) api.Endpoint {
	return api.Endpoint{
		Name: "segments-list", Method: http.MethodGet, Path: "/v1/sessions/{id}/segments", Needs: access.SessionsRead,
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			after, limit, err := segmentsInput(r)
			if err != nil {
				return err
			}
			page, err := svc.Segments(r.Context(), p, r.PathValue("id"), after, limit)
			if err != nil {
				return err
			}
			return writeSegments(w, r, page)
		},
	}
}

func segmentsInput(r *http.Request) (after int64, limit int, err error) {
	q, err := api.Params{Once: []string{"after", "limit"}}.Parse(r)
	if err != nil {
		return 0, 0, err
	}
	if q.Has("after") {
		var ok bool
		if after, ok = api.Count(q.Get("after")); !ok {
			return 0, 0, api.BadParameter("after", "must be the seq of a segment, or 0")
		}
	}
	limit, err = q.Limit(segmentsFallback, segmentsMost)
	return after, limit, err
}

// writeSegments keeps the segments' own encoding, byte for byte.
func writeSegments(w http.ResponseWriter, r *http.Request, page session.SegmentPage) error {
	out := segmentsResponse{
		Data: make([]json.RawMessage, 0, len(page.Lines)), HasMore: page.HasMore,
		LastSeq: page.LastSeq, Status: page.Status,
	}
	for _, line := range page.Lines {
		out.Data = append(out.Data, line.JSON)
	}
	body, err := transcript.Marshal(out)
	if err != nil {
		return fmt.Errorf("encoding the segments: %w", err)
	}
	return api.WriteBody(w, r, http.StatusOK, api.JSONType, body)
}
