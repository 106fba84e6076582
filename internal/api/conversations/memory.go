package conversations

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

// CreateMemory is POST /api/memories.
func CreateMemory(svc *memory.Service) api.Endpoint {
	return api.Post[memory.Input, memory.Created]{
		Name: "memories-create", Path: "/api/memories", Class: limit.Heavy, Needs: access.MemoriesWrite, Shape: reflect.TypeFor[createdResponse](),
		Do: func(r *http.Request, p access.Principal, in memory.Input, claim *idempotency.Claim) (memory.Created, error) {
			return svc.Create(r.Context(), p, in, claim)
		},
		Answer: func(c memory.Created) (idempotency.Answer, error) {
			return api.Created("/api/memories/"+c.Memory.ID, newCreatedResponse(c))
		},
	}.Endpoint()
}

// GetMemory is GET /api/memories/{id}.
func GetMemory(svc *memory.Service) api.Endpoint {
	return look("memories-get", access.MemoriesRead, "/api/memories/{id}", func(r *http.Request, p access.Principal, _ detailed) (envelope[memoryResponse], error) {
		m, err := svc.Get(r.Context(), p, r.PathValue("id"))
		return envelope[memoryResponse]{newMemoryResponse(m)}, err
	})
}

// detailed is how much of a memory a client asks for. What more there is
// elsewhere (facts, relationships) does not exist here.
type detailed struct {
	// All levels are the same here.
	Detail string `json:"detail" is:"of:minimal|standard|full"`
}

// updateMemoryRequest does not move a memory.
type updateMemoryRequest struct {
	memory.Change
	_ struct{} `fixed:"conversationId"`
}

// UpdateMemory is PUT /api/memories/{id}.
func UpdateMemory(svc *memory.Service) api.Endpoint {
	return withBody("memories-update", access.MemoriesWrite, http.MethodPut, "/api/memories/{id}",
		func(r *http.Request, p access.Principal, req updateMemoryRequest) (envelope[memoryResponse], error) {
			m, err := svc.Update(r.Context(), p, r.PathValue("id"), req.Change)
			return envelope[memoryResponse]{newMemoryResponse(m)}, err
		})
}

// DeleteMemory is DELETE /api/memories/{id}.
func DeleteMemory(svc *memory.Service) api.Endpoint {
	return remove("memories-delete", access.MemoriesWrite, "/api/memories/{id}", func(_ http.ResponseWriter, r *http.Request, p access.Principal) error {
		return svc.Delete(r.Context(), p, r.PathValue("id"))
	})
}
