package sessions

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/session"
)

// Get is GET /v1/sessions/{id}.
func Get(svc *session.Service) api.Endpoint {
	return api.Endpoint{
		Name: "sessions-get", Method: http.MethodGet, Path: "/v1/sessions/{id}", Needs: access.SessionsRead,
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			s, err := svc.Get(r.Context(), p, r.PathValue("id"))
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, newSessionResponse(s))
		},
	}
}

// Most entries of a page, and how many there are unless the client says.
const (
	listMost     = 200
	listFallback = 50
)

// List is GET /v1/sessions.
func List(svc *session.Service) api.Endpoint {
	return api.Endpoint{
		Name: "sessions-list", Method: http.MethodGet, Path: "/v1/sessions", Needs: access.SessionsRead,
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			in, err := listInput(r)
			if err != nil {
				return err
			}
			page, err := svc.List(r.Context(), p, in)
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, newListResponse(page.Sessions, page.NextCursor, newSessionResponse))
		},
	}
}

func listInput(r *http.Request) (session.ListInput, error) {
	var in session.ListInput
	q, err := api.Params{Once: []string{"cursor", "limit", "status", "project_id", "template", "since", "until", "q"}}.Parse(r)
	if err != nil {
		return in, err
	}
	in.Cursor = q.Get("cursor")
	if in.Limit, err = q.Limit(listFallback, listMost); err != nil {
		return in, err
	}
	for _, filter := range []struct {
		name  string
		field *string
		read  func(string) (string, error)
	}{
		{"status", &in.Status, q.Filter}, {"project_id", &in.Project, q.Filter}, {"template", &in.Template, q.Filter},
		{"q", &in.Words, q.Filter}, {"since", &in.Since, q.Time}, {"until", &in.Until, q.Time},
	} {
		if *filter.field, err = filter.read(filter.name); err != nil {
			return in, err
		}
	}
	return in, nil
}

// mediaURLResponse is where a recording can be heard for a while.
type mediaURLResponse struct {
	URL       string  `json:"url"`
	Kind      string  `json:"kind"`
	ExpiresAt *string `json:"expires_at"`
}

// Media is GET /v1/sessions/{id}/media.
func Media(svc *session.Service) api.Endpoint {
	return api.Endpoint{
		Name: "sessions-media", Method: http.MethodGet, Path: "/v1/sessions/{id}/media", Needs: access.SessionsRead,
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			m, err := svc.Media(r.Context(), p, r.PathValue("id"))
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, mediaURLResponse{URL: m.URL, Kind: m.Kind, ExpiresAt: stamp(m.Expires)})
		},
	}
}

// Extraction is GET /v1/sessions/{id}/extraction.
func Extraction(svc *session.Service) api.Endpoint {
	return api.Endpoint{
		Name: "sessions-extraction", Method: http.MethodGet, Path: "/v1/sessions/{id}/extraction", Needs: access.SessionsRead,
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			body, err := svc.OpenExtraction(r.Context(), p, r.PathValue("id"))
			if err != nil {
				return err
			}
			defer func() { _ = body.Close() }() // it was only read
			return api.StreamJSON(w, r, body)
		},
	}
}
