package sessions

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

type projectResponse struct {
	ID          string `json:"id"`
	WorkspaceID string `json:"workspace_id"`
	Name        string `json:"name"`
	CreatedAt   stamp  `json:"created_at"`
}

func newProjectResponse(p access.Project) projectResponse {
	return projectResponse{ID: p.ID, WorkspaceID: p.Workspace, Name: p.Name, CreatedAt: stamp(p.CreatedAt)}
}

type projectsQuery struct {
	// The `next_cursor` of the page before.
	Cursor string `json:"cursor"`
	Limit  int    `json:"limit" is:"1..200" default:"50"`
}

// ListProjects is GET /v1/projects.
func ListProjects(dir *access.Directory) api.Endpoint {
	return api.Listing(api.Endpoint{
		Name: "projects-list", Method: http.MethodGet, Path: "/v1/projects", Needs: access.SessionsRead,
		Answer: reflect.TypeFor[listResponse[projectResponse]](),
	}, func(w http.ResponseWriter, r *http.Request, p access.Principal, q projectsQuery) error {
		projects, next, err := dir.ListProjects(r.Context(), p, q.Cursor, q.Limit)
		if err != nil {
			return err
		}
		return api.WriteJSON(w, r, http.StatusOK, newListResponse(projects, next, newProjectResponse))
	})
}

// CreateProject is POST /v1/projects.
func CreateProject(dir *access.Directory) api.Endpoint {
	return api.Post[access.ProjectInput, access.Project]{
		Name: "projects-create", Path: "/v1/projects", Class: limit.Heavy, Needs: access.SessionsWrite, Shape: reflect.TypeFor[projectResponse](),
		Do: func(r *http.Request, p access.Principal, in access.ProjectInput, claim *idempotency.Claim) (access.Project, error) {
			return dir.CreateProject(r.Context(), p, in, claim)
		},
		Answer: func(p access.Project) (idempotency.Answer, error) {
			return api.JSONAnswer(http.StatusCreated, newProjectResponse(p))
		},
	}.Endpoint()
}
