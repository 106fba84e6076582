package sessions

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/extraction"
	"griot/internal/limit"
	"griot/internal/session"
	"griot/internal/session/recording"
	"griot/internal/session/result"
)

// Get is GET /v1/sessions/{id}.
func Get(svc *session.Store) api.Endpoint {
	return api.Endpoint{
		Name: "sessions-get", Method: http.MethodGet, Path: "/v1/sessions/{id}", Needs: access.SessionsRead,
		Answer: reflect.TypeFor[sessionResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			s, err := svc.Get(r.Context(), p, r.PathValue("id"))
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, newSessionResponse(s))
		},
	}
}

// List is GET /v1/sessions.
func List(svc *session.Store) api.Endpoint {
	return api.Listing(api.Endpoint{
		Name: "sessions-list", Method: http.MethodGet, Path: "/v1/sessions", Needs: access.SessionsRead,
		Answer: reflect.TypeFor[listResponse[sessionResponse]](),
	}, func(w http.ResponseWriter, r *http.Request, p access.Principal, in session.ListInput) error {
		page, err := svc.List(r.Context(), p, in)
		if err != nil {
			return err
		}
		return api.WriteJSON(w, r, http.StatusOK, newListResponse(page.Sessions, page.NextCursor, newSessionResponse))
	})
}

// mediaURLResponse is where a recording can be heard for a while.
type mediaURLResponse struct {
	URL string `json:"url" is:"as:uri"`
	// The container, as `mp3` or `wav`.
	Kind      string `json:"kind"`
	ExpiresAt stamp  `json:"expires_at"`
}

// Media is GET /v1/sessions/{id}/media.
func Media(svc *recording.Service) api.Endpoint {
	return api.Endpoint{
		Name: "sessions-media", Method: http.MethodGet, Path: "/v1/sessions/{id}/media", Needs: access.SessionsRead,
		Answer: reflect.TypeFor[mediaURLResponse](),
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
func Extraction(svc *result.Service) api.Endpoint {
	return api.Endpoint{
		Name: "sessions-extraction", Method: http.MethodGet, Path: "/v1/sessions/{id}/extraction", Needs: access.SessionsRead,
		Class:  limit.Heavy,
		Stream: true, // its size is that of an object
		Answer: reflect.TypeFor[extraction.Result](),
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
