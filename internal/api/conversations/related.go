package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/limit"
)

type relatedList struct {
	// The nearest first.
	Data         []relatedResponse `json:"data"`
	SourceMemory memoryResponse    `json:"sourceMemory"`
}

type relatedResponse struct {
	Memory memoryResponse `json:"memory"`
	// 1 is as near as can be.
	Score        float64      `json:"score" is:"0..1"`
	Relationship relationship `json:"relationship"`
	// With shared-topics only.
	SharedTopics []string `json:"sharedTopics,omitempty"`
}

// relationship says what makes two memories near.
type relationship string

const (
	similarWords relationship = "similar"
	sharedTopics relationship = "shared-topics"
)

// Values returns them.
func (relationship) Values() []string { return []string{string(similarWords), string(sharedTopics)} }

// Similar is GET /api/memories/{id}/similar.
func Similar(svc *find.Service) api.Endpoint {
	return in(limit.Search, unbounded(list("memories-similar", access.MemoriesRead, "/api/memories/{id}/similar", func(r *http.Request, p access.Principal, q find.SimilarInput) (relatedList, error) {
		found, err := svc.Similar(r.Context(), p, r.PathValue("id"), q)
		return relatedList{each(found.Hits, func(h find.MemoryHit) relatedResponse {
			return relatedResponse{newMemoryResponse(h.Memory), h.Score, similarWords, nil}
		}), newMemoryResponse(found.Source)}, err
	})))
}

// Related is GET /api/memories/{id}/related.
func Related(svc *memory.Service) api.Endpoint {
	return in(limit.Heavy, unbounded(list("memories-related", access.MemoriesRead, "/api/memories/{id}/related", func(r *http.Request, p access.Principal, q memory.RelatedInput) (relatedList, error) {
		source, found, err := memory.Neighbours{Service: svc}.Related(r.Context(), p, r.PathValue("id"), q)
		return relatedList{each(found, func(m memory.Related) relatedResponse {
			return relatedResponse{newMemoryResponse(m.Memory), m.Score, sharedTopics, m.Shared}
		}), newMemoryResponse(source)}, err
	})))
}

type surroundings struct {
	Memory memoryResponse `json:"memory"`
	// Both in the order of the timeline.
	Preceding []memoryResponse `json:"preceding"`
	Following []memoryResponse `json:"following"`
}

// Around is GET /api/memories/{id}/timeline.
func Around(svc *memory.Service) api.Endpoint {
	return unbounded(list("memories-timeline", access.MemoriesRead, "/api/memories/{id}/timeline", func(r *http.Request, p access.Principal, q memory.AroundInput) (envelope[surroundings], error) {
		s, err := memory.Neighbours{Service: svc}.Around(r.Context(), p, r.PathValue("id"), q)
		return envelope[surroundings]{surroundings{
			newMemoryResponse(s.Memory), each(s.Before, newMemoryResponse), each(s.After, newMemoryResponse),
		}}, err
	}))
}
