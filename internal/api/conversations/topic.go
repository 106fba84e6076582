package conversations

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/conversation/topic"
	"griot/internal/conversation/topic/merge"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

type topicResponse struct {
	ID    string `json:"id" is:"as:uuid"`
	Name  string `json:"name"`
	Count int64  `json:"count"`
	// As count.
	MemoryCount int64 `json:"memoryCount"`
	CreatedAt   stamp `json:"createdAt"`
}

func newTopicResponse(t topic.Topic) topicResponse {
	return topicResponse{t.ID, t.Name, t.Memories, t.Memories, stamp(t.CreatedAt)}
}

// ListTopics is GET /api/topics.
func ListTopics(svc *topic.Service) api.Endpoint {
	return list("topics-list", access.MemoriesRead, "/api/topics", func(r *http.Request, p access.Principal, in topic.ListInput) (page[topicResponse], error) {
		found, err := svc.List(r.Context(), p, in)
		return page[topicResponse]{
			each(found.Topics, newTopicResponse), pagination{in.Limit, in.Offset, found.Total},
		}, err
	})
}

// GetTopic is GET /api/topics/{id}; a name will do.
func GetTopic(svc *topic.Service) api.Endpoint {
	return get("topics-get", access.MemoriesRead, "/api/topics/{id}", func(r *http.Request, p access.Principal) (envelope[topicResponse], error) {
		t, err := svc.Get(r.Context(), p, r.PathValue("id"))
		return envelope[topicResponse]{newTopicResponse(t)}, err
	})
}

type topicSearchResponse struct {
	Data   []topicResponse `json:"data"`
	Total  int             `json:"total"`
	Limit  int             `json:"limit"`
	Offset int             `json:"offset"`
}

// SearchTopics is POST /api/topics/search.
func SearchTopics(svc *topic.Service) api.Endpoint {
	return in(limit.Search, withBody("topics-search", access.MemoriesRead, http.MethodPost, "/api/topics/search", func(r *http.Request, p access.Principal, in topic.SearchInput) (topicSearchResponse, error) {
		found, err := svc.Search(r.Context(), p, in)
		return topicSearchResponse{each(found.Topics, newTopicResponse), found.Total, in.Limit, in.Offset}, err
	}))
}

type similarTopicResponse struct {
	Topic topicResponse `json:"topic"`
	// Of the names, 1 being the same.
	Similarity float64 `json:"similarity" is:"0..1"`
}

func newSimilarTopicResponse(s topic.Similar) similarTopicResponse {
	return similarTopicResponse{newTopicResponse(s.Topic), s.Similarity}
}

// SimilarTopics is POST /api/topics/similar.
func SimilarTopics(svc *topic.Service) api.Endpoint {
	return in(limit.Search, withBody("topics-similar", access.MemoriesRead, http.MethodPost, "/api/topics/similar", func(r *http.Request, p access.Principal, in topic.SimilarInput) (envelope[[]similarTopicResponse], error) {
		found, err := svc.Similar(r.Context(), p, in)
		return envelope[[]similarTopicResponse]{each(found, newSimilarTopicResponse)}, err
	}))
}

type relatedTopicResponse struct {
	topicResponse
	RelationshipType string `json:"relationshipType" is:"of:same-conversation"`
	// In which share of the newest conversations of the one the other is.
	Strength float64 `json:"strength" is:"0..1"`
}

func newRelatedTopicResponse(t conversation.RelatedTopic) relatedTopicResponse {
	return relatedTopicResponse{newTopicResponse(t.Topic), "same-conversation", t.Share}
}

// RelatedTopics is POST /api/topics/discover-related.
func RelatedTopics(svc *conversation.Service) api.Endpoint {
	return in(limit.Search, withBody("topics-related", access.MemoriesRead, http.MethodPost, "/api/topics/discover-related", func(r *http.Request, p access.Principal, in conversation.RelatedInput) (envelope[[]relatedTopicResponse], error) {
		found, err := svc.RelatedTopics(r.Context(), p, in)
		return envelope[[]relatedTopicResponse]{each(found, newRelatedTopicResponse)}, err
	}))
}

// MergeTopics is POST /api/topics/merge.
func MergeTopics(svc *merge.Service) api.Endpoint {
	return api.Post[merge.Input, topic.Topic]{
		Name: "topics-merge", Path: "/api/topics/merge", Class: limit.Heavy, Needs: access.MemoriesWrite, Shape: reflect.TypeFor[envelope[topicResponse]](),
		Do: func(r *http.Request, p access.Principal, in merge.Input, claim *idempotency.Claim) (topic.Topic, error) {
			return svc.Merge(r.Context(), p, in, claim)
		},
		Answer: func(t topic.Topic) (idempotency.Answer, error) {
			return api.JSONAnswer(http.StatusOK, envelope[topicResponse]{newTopicResponse(t)})
		},
	}.Endpoint()
}
