package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/idempotency"
)

// List is GET /api/conversations.
func List(svc *conversation.Service) api.Endpoint {
	return get("conversations-list", access.ConversationsRead, "/api/conversations", func(r *http.Request, p access.Principal) (any, error) {
		in, err := listInput(r)
		if err != nil {
			return nil, err
		}
		found, err := svc.List(r.Context(), p, in)
		return page[conversationResponse]{
			each(found.Conversations, newConversationResponse),
			pagination{in.Limit, in.Offset, found.Total},
		}, err
	})
}

func listInput(r *http.Request) (in conversation.ListInput, err error) {
	q, err := api.Params{Once: []string{"limit", "offset", "since", "sortBy", "order", "minMemories"}}.Parse(r)
	if err != nil {
		return in, err
	}
	if in.Limit, in.Offset, err = window(q, conversation.MaxLimit); err != nil {
		return in, err
	}
	least, err := count(q, "minMemories")
	if err != nil {
		return in, err
	}
	in.MinMemories = int64(least)
	if in.Since, err = q.Time("since"); err != nil {
		return in, err
	}
	return in, filters(q, map[string]*string{"sortBy": &in.SortBy, "order": &in.Order})
}

type createRequest struct {
	Title   string `json:"title"`
	Summary string `json:"summary"`
}

// Create is POST /api/conversations.
func Create(svc *conversation.Service) api.Endpoint {
	return api.Post[createRequest, conversation.Conversation]{
		Name: "conversations-create", Path: "/api/conversations", Needs: access.ConversationsWrite,
		Do: func(r *http.Request, p access.Principal, req createRequest, claim *idempotency.Claim) (conversation.Conversation, error) {
			return svc.Create(r.Context(), p, conversation.CreateInput(req), claim)
		},
		Answer: func(c conversation.Conversation) (idempotency.Answer, error) {
			return api.Created("/api/conversations/"+c.ID, envelope[conversationResponse]{newConversationResponse(c)})
		},
	}.Endpoint()
}

// Get is GET /api/conversations/{conversationId}.
func Get(svc *conversation.Service) api.Endpoint {
	return get("conversations-get", access.ConversationsRead, "/api/conversations/{conversationId}", func(r *http.Request, p access.Principal) (any, error) {
		c, err := svc.Get(r.Context(), p, r.PathValue("conversationId"))
		return envelope[conversationResponse]{newConversationResponse(c)}, err
	})
}

// renameRequest has what a conversation may change of itself. A summary of
// null is taken away.
type renameRequest struct {
	Title   *string              `json:"title"`
	Summary api.Nullable[string] `json:"summary"`

	ID              api.Fixed `json:"id"`
	CreatedAt       api.Fixed `json:"createdAt"`
	UpdatedAt       api.Fixed `json:"updatedAt"`
	LastActivityAt  api.Fixed `json:"lastActivityAt"`
	MemoryCount     api.Fixed `json:"memoryCount"`
	MessageCount    api.Fixed `json:"messageCount"`
	SourceSessionID api.Fixed `json:"sourceSessionId"`
}

// Rename is PATCH /api/conversations/{conversationId}. A body that names
// nothing changes nothing.
func Rename(svc *conversation.Service) api.Endpoint {
	return withBody("conversations-rename", access.ConversationsWrite, http.MethodPatch, "/api/conversations/{conversationId}",
		func(r *http.Request, p access.Principal, req renameRequest) (any, error) {
			change := conversation.Change{Title: req.Title, Summary: req.Summary.Value}
			if req.Summary.Given && change.Summary == nil {
				change.Summary = new(string)
			}
			c, err := svc.Rename(r.Context(), p, r.PathValue("conversationId"), change)
			return envelope[conversationResponse]{newConversationResponse(c)}, err
		})
}

// Delete is DELETE /api/conversations/{conversationId}. The receipt is at
// /v1/deletions.
func Delete(svc *conversation.Service) api.Endpoint {
	return remove("conversations-delete", access.ConversationsWrite, "/api/conversations/{conversationId}", func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
		receipt, err := svc.Delete(r.Context(), p, r.PathValue("conversationId"))
		if err == nil {
			w.Header().Set("Griot-Deletion-Id", receipt.ID)
		}
		return err
	})
}
