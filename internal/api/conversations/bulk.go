package conversations

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/idempotency"
	"griot/internal/limit"
	"griot/internal/schema"
)

type bulkDeleteRequest struct {
	memory.IDList
	ConfirmDeletion bool `json:"confirmDeletion" is:"required of:true"`
}

type bulkDeleteResponse struct {
	Deleted int           `json:"deleted"`
	Failed  int           `json:"failed"`
	Errors  []bulkFailure `json:"errors"`
}

type bulkFailure struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// BulkDelete is DELETE /api/memories/bulk.
func BulkDelete(svc *memory.Service) api.Endpoint {
	return in(limit.Heavy, withBody("memories-bulk-delete", access.MemoriesWrite, http.MethodDelete, "/api/memories/bulk", func(r *http.Request, p access.Principal, req bulkDeleteRequest) (bulkDeleteResponse, error) {
		if err := schema.Check(req); err != nil {
			return bulkDeleteResponse{}, err
		}
		gone, err := svc.DeleteMany(r.Context(), p, req.IDs)
		return bulkDeleteResponse{gone.Deleted, len(gone.Missing), each(gone.Missing, func(id string) bulkFailure {
			return bulkFailure{id, "there is no such memory"}
		})}, err
	}))
}

type bulkUpdateResponse struct {
	// Those too that were so already.
	Updated int           `json:"updated"`
	Failed  int           `json:"failed"`
	Errors  []bulkFailure `json:"errors"`
}

// BulkUpdate is POST /api/memories/bulk-update.
func BulkUpdate(svc *memory.Service) api.Endpoint {
	return api.Post[memory.BulkChange, memory.Edited]{
		Name: "memories-bulk-update", Path: "/api/memories/bulk-update", Class: limit.Heavy, Needs: access.MemoriesWrite, Shape: reflect.TypeFor[bulkUpdateResponse](),
		Do: func(r *http.Request, p access.Principal, in memory.BulkChange, claim *idempotency.Claim) (memory.Edited, error) {
			return memory.Bulk{Service: svc}.UpdateMany(r.Context(), p, in, claim)
		},
		Answer: func(e memory.Edited) (idempotency.Answer, error) {
			return api.JSONAnswer(http.StatusOK, bulkUpdateResponse{e.Done, len(e.Failed), bulkFailures(e)})
		},
	}.Endpoint()
}

func bulkFailures(e memory.Edited) []bulkFailure {
	return each(e.Failed, func(u memory.Unedited) bulkFailure { return bulkFailure{u.ID, u.Reason} })
}

type bulkTagResponse struct {
	// Those too that were so already.
	Modified int           `json:"modified"`
	Failed   int           `json:"failed"`
	Errors   []bulkFailure `json:"errors"`
}

// BulkTag is POST /api/memories/bulk-tag.
func BulkTag(svc *memory.Service) api.Endpoint {
	return api.Post[memory.BulkTags, memory.Edited]{
		Name: "memories-bulk-tag", Path: "/api/memories/bulk-tag", Class: limit.Heavy, Needs: access.MemoriesWrite, Shape: reflect.TypeFor[bulkTagResponse](),
		Do: func(r *http.Request, p access.Principal, in memory.BulkTags, claim *idempotency.Claim) (memory.Edited, error) {
			return memory.Bulk{Service: svc}.TagMany(r.Context(), p, in, claim)
		},
		Answer: func(e memory.Edited) (idempotency.Answer, error) {
			return api.JSONAnswer(http.StatusOK, bulkTagResponse{e.Done, len(e.Failed), bulkFailures(e)})
		},
	}.Endpoint()
}
