package conversations

import (
	"net/http"
	"slices"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

type memoriesRest struct {
	Pagination     pagination       `json:"pagination"`
	FiltersApplied *filtersResponse `json:"filtersApplied,omitempty"`
}

// filtersResponse says how a filtered list was understood.
type filtersResponse struct {
	From           *stamp            `json:"from"`
	To             *stamp            `json:"to"`
	Topics         []string          `json:"topics"`
	ExcludeTopics  []string          `json:"excludeTopics"`
	ConversationID *string           `json:"conversationId"`
	Scope          map[string]string `json:"scope"`
}

func newFiltersResponse(in conversation.MemoryListInput, found conversation.MemoryPage) *filtersResponse {
	if found.From.IsZero() && found.To.IsZero() && in.Topics == nil && in.ExcludeTopics == nil && in.Conversation == "" && in.Scope == nil {
		return nil
	}
	return &filtersResponse{
		From: optional(found.From), To: optional(found.To), Topics: in.Topics, ExcludeTopics: in.ExcludeTopics,
		ConversationID: text(in.Conversation), Scope: in.Scope,
	}
}

// ListMemories is GET /api/memories.
func ListMemories(svc *conversation.Service) api.Endpoint {
	return getStreamed("memories-list", access.MemoriesRead, "/api/memories",
		func(r *http.Request, p access.Principal) (out streamed[memory.Memory, memoryResponse], err error) {
			in, err := memoriesInput(r)
			if err != nil {
				return out, err
			}
			found, err := svc.ListMemories(r.Context(), p, in)
			return streamed[memory.Memory, memoryResponse]{
				items: found.Memories, convert: newMemoryResponse,
				rest: func(int64) any {
					return memoriesRest{pagination{in.Limit, in.Offset, found.Total}, newFiltersResponse(in, found)}
				},
			}, err
		})
}

func memoriesInput(r *http.Request) (in conversation.MemoryListInput, err error) {
	q, err := api.Params{
		Once: []string{"idPrefix", "limit", "offset", "page", "sortBy", "order", "from", "to", "recent", "conversationId"},
		Many: []string{"topics", "excludeTopics", "scope"},
	}.Parse(r)
	if err != nil {
		return in, err
	}
	if in.Limit, in.Offset, err = pages(q); err != nil {
		return in, err
	}
	if in.Topics, err = words(q, "topics"); err != nil {
		return in, err
	}
	if in.ExcludeTopics, err = words(q, "excludeTopics"); err != nil {
		return in, err
	}
	if in.Scope, err = scope(q); err != nil {
		return in, err
	}
	if err := times(q, map[string]*string{"from": &in.From, "to": &in.To}); err != nil {
		return in, err
	}
	return in, filters(q, map[string]*string{
		"idPrefix": &in.IDPrefix, "sortBy": &in.SortBy, "order": &in.Order,
		"recent": &in.Recent, "conversationId": &in.Conversation,
	})
}

// pages reads limit with offset or, when there is none, page, which counts
// from 1.
func pages(q api.Query) (limit, offset int, err error) {
	limit, offset, err = window(q, conversation.MaxMemoryLimit)
	if err != nil || !q.Has("page") {
		return limit, offset, err
	}
	n, ok := api.Count(q.Get("page"))
	if !ok || n < 1 || n > maxCount {
		return 0, 0, api.BadParameter("page", "must be an integer of at least 1")
	}
	if !q.Has("offset") {
		offset = (int(n) - 1) * limit
	}
	return limit, offset, nil
}

type batchRequest struct {
	IDs    []string `json:"ids"`
	Detail string   `json:"detail"`
}

type batchResponse struct {
	Data []memoryResponse `json:"data"`
	Meta batchMeta        `json:"meta"`
}

type batchMeta struct {
	Requested int      `json:"requested"`
	Found     int      `json:"found"`
	Missing   []string `json:"missing"`
}

// Batch is POST /api/memories/batch.
func Batch(svc *conversation.Service) api.Endpoint {
	return withBody("memories-batch", access.MemoriesRead, http.MethodPost, "/api/memories/batch", func(r *http.Request, p access.Principal, req batchRequest) (any, error) {
		if req.Detail != "" && !slices.Contains(details, req.Detail) {
			return nil, errs.Invalid("detail", "invalid", "must be minimal, standard or full")
		}
		found, missing, err := svc.Memories(r.Context(), p, req.IDs)
		return batchResponse{
			each(found, newMemoryResponse), batchMeta{len(req.IDs), len(found), append([]string{}, missing...)},
		}, err
	})
}

type bulkDeleteRequest struct {
	IDs             []string `json:"ids"`
	ConfirmDeletion bool     `json:"confirmDeletion"`
}

type bulkDeleteResponse struct {
	Deleted int              `json:"deleted"`
	Failed  int              `json:"failed"`
	Errors  []bulkDeleteFail `json:"errors"`
}

type bulkDeleteFail struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// BulkDelete is DELETE /api/memories/bulk.
func BulkDelete(svc *conversation.Service) api.Endpoint {
	return withBody("memories-bulk-delete", access.MemoriesWrite, http.MethodDelete, "/api/memories/bulk", func(r *http.Request, p access.Principal, req bulkDeleteRequest) (any, error) {
		if !req.ConfirmDeletion {
			return nil, errs.Invalid("confirmDeletion", "required", "must be true")
		}
		gone, err := svc.DeleteMemories(r.Context(), p, req.IDs)
		return bulkDeleteResponse{gone.Deleted, len(gone.Missing), each(gone.Missing, func(id string) bulkDeleteFail {
			return bulkDeleteFail{id, "there is no such memory"}
		})}, err
	})
}

type siblingsRest struct {
	SourceMemory   memoryResponse `json:"sourceMemory"`
	ConversationID string         `json:"conversationId"`
}

// Siblings is GET /api/memories/{id}/conversation-memories: the others of the
// conversation, oldest first; all of them unless there is a limit.
func Siblings(svc *conversation.Service) api.Endpoint {
	return getStreamed("memories-siblings", access.MemoriesRead, "/api/memories/{id}/conversation-memories",
		func(r *http.Request, p access.Principal) (out streamed[memory.Memory, siblingResponse], err error) {
			q, err := api.Params{Once: []string{"limit"}}.Parse(r)
			if err != nil {
				return out, err
			}
			limit, err := q.Limit(0, conversation.MaxMemoryLimit)
			if err != nil {
				return out, err
			}
			source, others, err := svc.Siblings(r.Context(), p, r.PathValue("id"), limit)
			return streamed[memory.Memory, siblingResponse]{
				items: others, convert: newSiblingResponse,
				rest: func(int64) any { return siblingsRest{newMemoryResponse(source), source.Conversation} },
				verify: func() error { // a deletion meanwhile makes some siblings look like all
					_, err := svc.Memory(r.Context(), p, source.ID)
					return err
				},
			}, err
		})
}
