package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/archive"
	"griot/internal/limit"
)

type importResponse envelope[archive.Report]

// Import is POST /api/users/me/import: a part of what Export gave, or of
// another archive of its shape. It may be repeated as it is.
func Import(svc *archive.Service) api.Endpoint {
	return in(limit.Heavy, withBody("users-me-import", access.MemoriesWrite, http.MethodPost, "/api/users/me/import",
		func(r *http.Request, p access.Principal, batch archive.Batch) (importResponse, error) {
			report, err := svc.Import(r.Context(), p, batch)
			report.Notes = append([]archive.Note{}, report.Notes...)
			return importResponse{report}, err
		}))
}
