package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

// GetNamed is GET /api/memories/named/{name}.
func GetNamed(svc *conversation.Service) api.Endpoint {
	return get("memories-named-get", "/api/memories/named/{name}", func(r *http.Request, p access.Principal) (any, error) {
		if err := checkDetail(r); err != nil {
			return nil, err
		}
		m, err := svc.MemoryByName(r.Context(), p, r.PathValue("name"))
		return envelope[memoryResponse]{newMemoryResponse(m)}, err
	})
}

type updateNamedRequest struct {
	Content        *string             `json:"content"`
	MemoryType     *string             `json:"memoryType"`
	Context        *string             `json:"context"`
	Topics         *[]string           `json:"topics"`
	ConversationID *string             `json:"conversationId"`
	CodeContext    *memory.CodeContext `json:"codeContext"`
	ExpectedHeadID *string             `json:"expectedHeadId"`
	Supersedes     *string             `json:"supersedes"`
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
func UpdateNamed(svc *conversation.Service) api.Endpoint {
	return withBody("memories-named-update", http.MethodPut, "/api/memories/named/{name}", func(r *http.Request, p access.Principal, req updateNamedRequest) (any, error) {
		if err := req.check(); err != nil {
			return nil, err
		}
		m, err := svc.MemoryByName(r.Context(), p, r.PathValue("name"))
		if err != nil {
			return nil, err
		}
		if req.ConversationID != nil && *req.ConversationID != m.Conversation {
			return nil, errs.Invalid("conversationId", "invalid", "must be the memory's own: memories do not move")
		}
		m, err = svc.UpdateMemory(r.Context(), p, m.ID, conversation.MemoryChange{
			Content: req.Content, Type: req.MemoryType, Context: req.Context, Topics: req.Topics, CodeContext: req.CodeContext,
		})
		return updateNamedResponse{newMemoryResponse(m), updateNamedMeta{m.Version}}, err
	})
}

// check refuses what would have to be ignored.
func (req updateNamedRequest) check() error {
	switch {
	case req.Content == nil:
		return errs.Invalid("content", "required", "is required")
	case req.ExpectedHeadID != nil:
		return errs.Invalid("expectedHeadId", "invalid", "is not supported: all versions of a memory have its id")
	case req.Supersedes != nil:
		return errs.Invalid("supersedes", "invalid", "is not supported")
	}
	return nil
}
