package sessions

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/session/lifecycle"
)

type deletionResponse struct {
	ID string `json:"id"`
	// The id of what was deleted.
	Target      string  `json:"target"`
	Status      string  `json:"status" is:"of:running|done"`
	RequestedAt stamp   `json:"requested_at"`
	FinishedAt  *stamp  `json:"finished_at"`
	Removed     removed `json:"removed"`
}

type removed struct {
	TableItems   int64 `json:"table_items"`
	Objects      int64 `json:"objects"`
	IndexEntries int64 `json:"index_entries"`
}

func newDeletionResponse(d lifecycle.Deletion) deletionResponse {
	return deletionResponse{
		ID: d.ID, Target: d.Target, Status: d.Status,
		RequestedAt: stamp(d.RequestedAt), FinishedAt: optional(d.FinishedAt),
		Removed: removed{d.TableItems, d.Objects, d.IndexEntries},
	}
}

// Delete is DELETE /v1/sessions/{id}.
func Delete(svc *lifecycle.Service) api.Endpoint {
	return api.Endpoint{
		Name: "sessions-delete", Method: http.MethodDelete, Path: "/v1/sessions/{id}", Needs: access.SessionsWrite,
		Answer: reflect.TypeFor[deletionResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			d, err := svc.Delete(r.Context(), p, r.PathValue("id"))
			if err != nil {
				return err
			}
			w.Header().Set("Location", "/v1/deletions/"+d.ID)
			return api.WriteJSON(w, r, http.StatusAccepted, newDeletionResponse(d))
		},
	}
}

// GetDeletion is GET /v1/deletions/{id}.
func GetDeletion(svc *lifecycle.Service) api.Endpoint {
	return api.Endpoint{
		Name: "deletions-get", Method: http.MethodGet, Path: "/v1/deletions/{id}", Answer: reflect.TypeFor[deletionResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			d, err := svc.GetDeletion(r.Context(), p, r.PathValue("id"))
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, newDeletionResponse(d))
		},
	}
}
