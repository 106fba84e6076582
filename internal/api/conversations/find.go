package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/conversation/find"
	"griot/internal/limit"
)

type byTopicResponse struct {
	Data []conversationResponse `json:"data"`
	// Of data.
	Count    int             `json:"count"`
	Metadata byTopicMetadata `json:"metadata"`
}

type byTopicMetadata struct {
	// As it was given.
	TopicID string `json:"topicId"`
}

// ByTopic is POST /api/conversations/by-topic.
func ByTopic(svc *conversation.Service) api.Endpoint {
	return in(limit.Search, withBody("conversations-by-topic", access.ConversationsRead, http.MethodPost, "/api/conversations/by-topic",
		func(r *http.Request, p access.Principal, in conversation.TopicInput) (byTopicResponse, error) {
			found, err := svc.ByTopic(r.Context(), p, in)
			return byTopicResponse{each(found, newConversationResponse), len(found), byTopicMetadata{in.Topic}}, err
		}))
}

type searchResponse struct {
	Data []hitResponse `json:"data"`
	// Of data.
	Count int `json:"count"`
	// False when filters left room, and not all hits of the words were looked through.
	Complete bool `json:"complete"`
}

type hitResponse struct {
	conversationResponse
	// Compares within one answer only.
	Score float64 `json:"score"`
	// A part of the text that matches.
	Snippet string `json:"snippet"`
	// Best first.
	MatchedMemoryIDs []string `json:"matchedMemoryIds"`
}

func newHitResponse(h find.Hit) hitResponse {
	return hitResponse{
		conversationResponse: newConversationResponse(h.Conversation),
		Score:                h.Score, Snippet: h.Snippet,
		MatchedMemoryIDs: append([]string{}, h.Memories...), // never null
	}
}

// Search is POST /api/conversations/search.
func Search(svc *find.Service) api.Endpoint {
	return in(limit.Search, withBody("conversations-search", access.ConversationsRead, http.MethodPost, "/api/conversations/search",
		func(r *http.Request, p access.Principal, in find.ConversationQuery) (searchResponse, error) {
			found, err := svc.SearchConversations(r.Context(), p, in)
			return searchResponse{each(found.Hits, newHitResponse), len(found.Hits), found.Complete}, err
		}))
}
