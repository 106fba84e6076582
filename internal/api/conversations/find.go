package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
)

type byTopicResponse struct {
	Data     []conversationResponse `json:"data"`
	Count    int                    `json:"count"` // of data
	Metadata struct {
		TopicID string `json:"topicId"` // as it was given
	} `json:"metadata"`
}

// ByTopic is POST /api/conversations/by-topic.
func ByTopic(svc *conversation.Service) api.Endpoint {
	return withBody("conversations-by-topic", access.ConversationsRead, http.MethodPost, "/api/conversations/by-topic",
		func(r *http.Request, p access.Principal, in conversation.TopicInput) (any, error) {
			found, err := svc.ByTopic(r.Context(), p, in)
			out := byTopicResponse{Data: each(found, newConversationResponse), Count: len(found)}
			out.Metadata.TopicID = in.Topic
			return out, err
		})
}

type searchResponse struct {
	Data  []hitResponse `json:"data"`
	Count int           `json:"count"` // of data
}

type hitResponse struct {
	conversationResponse
	Score            float64  `json:"score"`
	Snippet          string   `json:"snippet"`
	MatchedMemoryIDs []string `json:"matchedMemoryIds"`
}

func newHitResponse(h conversation.Hit) hitResponse {
	return hitResponse{
		conversationResponse: newConversationResponse(h.Conversation),
		Score:                h.Score, Snippet: h.Snippet,
		MatchedMemoryIDs: append([]string{}, h.Memories...), // never null
	}
}

// Search is POST /api/conversations/search.
func Search(svc *conversation.Service) api.Endpoint {
	return withBody("conversations-search", access.ConversationsRead, http.MethodPost, "/api/conversations/search",
		func(r *http.Request, p access.Principal, in conversation.SearchInput) (any, error) {
			hits, err := svc.Search(r.Context(), p, in)
			return searchResponse{each(hits, newHitResponse), len(hits)}, err
		})
}
