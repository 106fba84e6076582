package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/limit"
)

// GetNamed is GET /api/memories/named/{name}.
func GetNamed(svc *memory.Service) api.Endpoint {
	return look("memories-named-get", access.MemoriesRead, "/api/memories/named/{name}", func(r *http.Request, p access.Principal, _ detailed) (envelope[memoryResponse], error) {
		m, err := svc.ByName(r.Context(), p, r.PathValue("name"))
		return envelope[memoryResponse]{newMemoryResponse(m)}, err
	})
}

type updateNamedRequest struct {
	memory.NamedChange
	ExpectedHeadID *string `json:"expectedHeadId" doc:"-"`
	Supersedes     *string `json:"supersedes" doc:"-"`
}

type updateNamedResponse struct {
	Data memoryResponse  `json:"data"`
	Meta updateNamedMeta `json:"meta"`
}

type updateNamedMeta struct {
	Version int64 `json:"version"`
}

// UpdateNamed is PUT /api/memories/named/{name}: the next version of the
// memory that has the name, which keeps its id.
func UpdateNamed(svc *memory.Service) api.Endpoint {
	return in(limit.Heavy, withBody("memories-named-update", access.MemoriesWrite, http.MethodPut, "/api/memories/named/{name}", func(r *http.Request, p access.Principal, req updateNamedRequest) (updateNamedResponse, error) {
		if err := req.check(); err != nil {
			return updateNamedResponse{}, err
		}
		m, err := svc.UpdateNamed(r.Context(), p, r.PathValue("name"), req.NamedChange)
		return updateNamedResponse{newMemoryResponse(m), updateNamedMeta{m.Version}}, err
	}))
}

// check refuses what would have to be ignored.
func (req updateNamedRequest) check() error {
	switch {
	case req.ExpectedHeadID != nil:
		return errs.Invalid("expectedHeadId", "invalid", "is not supported: all versions of a memory have its id")
	case req.Supersedes != nil:
		return errs.Invalid("supersedes", "invalid", "is not supported")
	}
	return nil
}
