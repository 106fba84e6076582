package conversations

import (
	"net/http"
	"reflect"
	"strings"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/errs"
)

type deletionRequest struct {
	// That of the user, as GET /api/users/me tells it.
	ConfirmationEmail string `json:"confirmationEmail" is:"required"`
}

type deletionResponse struct {
	Data    userResponse `json:"data"`
	Message string       `json:"message"`
}

// StartDeletion is POST /api/users/me/deletion. It may be repeated as it is.
func StartDeletion(dir *access.Directory) api.Endpoint {
	return always(withBody("users-me-deletion-start", access.APIKeysManage, http.MethodPost, "/api/users/me/deletion",
		func(r *http.Request, p access.Principal, req deletionRequest) (deletionResponse, error) {
			if want := newUserResponse(access.Workspace{ID: p.Workspace}).Email; !strings.EqualFold(strings.TrimSpace(req.ConfirmationEmail), want) {
				return deletionResponse{}, errs.Invalid("confirmationEmail", "invalid", "must be the user's email, %s", want)
			}
			ws, err := access.Closings{Directory: dir}.Close(r.Context(), p)
			return deletionResponse{newUserResponse(ws), "everything is deleted when deletionScheduledFor has come; until then it can be read, and kept"}, err
		}))
}

// CancelDeletion is DELETE /api/users/me/deletion.
func CancelDeletion(dir *access.Directory) api.Endpoint {
	return always(api.Listing(api.Endpoint{
		Name: "users-me-deletion-cancel", Method: http.MethodDelete, Path: "/api/users/me/deletion", Needs: access.APIKeysManage,
		Answer: reflect.TypeFor[deletionResponse](),
	}, func(w http.ResponseWriter, r *http.Request, p access.Principal, _ struct{}) error {
		ws, err := access.Closings{Directory: dir}.Reopen(r.Context(), p)
		if err != nil {
			return err
		}
		return api.WriteJSON(w, r, http.StatusOK, deletionResponse{newUserResponse(ws), "the workspace stays, and its keys write again"})
	}))
}

// always is the endpoint, served of a workspace that is to be deleted, too.
func always(ep api.Endpoint) api.Endpoint {
	ep.Always = true
	return ep
}
