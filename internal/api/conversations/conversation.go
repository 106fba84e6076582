package conversations

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

// conversationsPage is a part of the list of conversations.
type conversationsPage struct {
	Data       []conversationResponse `json:"data"`
	Pagination cursored               `json:"pagination"`
}

// cursored is the pagination of a list that can be read on by cursor.
type cursored struct {
	pagination
	// What to ask for as `cursor` for the next page; left out on the last one.
	NextCursor string `json:"nextCursor,omitempty"`
}

// List is GET /api/conversations.
func List(svc *conversation.Service) api.Endpoint {
	return list("conversations-list", access.ConversationsRead, "/api/conversations", func(r *http.Request, p access.Principal, in conversation.ListInput) (conversationsPage, error) {
		found, err := svc.List(r.Context(), p, in)
		return conversationsPage{
			each(found.Conversations, newConversationResponse),
			cursored{pagination{in.Limit, in.Offset, found.Total}, found.Next},
		}, err
	})
}

// Create is POST /api/conversations.
func Create(svc *conversation.Service) api.Endpoint {
	return api.Post[conversation.CreateInput, conversation.Conversation]{
		Name: "conversations-create", Path: "/api/conversations", Class: limit.Heavy, Needs: access.ConversationsWrite, Shape: reflect.TypeFor[envelope[conversationResponse]](),
		Do: func(r *http.Request, p access.Principal, in conversation.CreateInput, claim *idempotency.Claim) (conversation.Conversation, error) {
			return svc.Create(r.Context(), p, in, claim)
		},
		Answer: func(c conversation.Conversation) (idempotency.Answer, error) {
			return api.Created("/api/conversations/"+c.ID, envelope[conversationResponse]{newConversationResponse(c)})
		},
	}.Endpoint()
}

// Get is GET /api/conversations/{conversationId}.
func Get(svc *conversation.Service) api.Endpoint {
	return get("conversations-get", access.ConversationsRead, "/api/conversations/{conversationId}", func(r *http.Request, p access.Principal) (envelope[conversationResponse], error) {
		c, err := svc.Get(r.Context(), p, r.PathValue("conversationId"))
		return envelope[conversationResponse]{newConversationResponse(c)}, err
	})
}

// Rename is PATCH /api/conversations/{conversationId}. A body that names
// nothing changes nothing.
func Rename(svc *conversation.Service) api.Endpoint {
	return withBody("conversations-rename", access.ConversationsWrite, http.MethodPatch, "/api/conversations/{conversationId}",
		func(r *http.Request, p access.Principal, in conversation.Change) (envelope[conversationResponse], error) {
			c, err := svc.Rename(r.Context(), p, r.PathValue("conversationId"), in)
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
