package conversations

import (
	"cmp"
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

// linkResponse is what somebody said that one memory is to another.
type linkResponse struct {
	ID             string   `json:"id" is:"as:uuid"`
	SourceMemoryID string   `json:"sourceMemoryId" is:"as:uuid"`
	TargetMemoryID string   `json:"targetMemoryId" is:"as:uuid"`
	Type           linkType `json:"type"`
	Confidence     float64  `json:"confidence" is:"0..1"`
	CreationMethod string   `json:"creationMethod" is:"of:manual"`
	// An answer that is a stored one has none.
	Reason    string `json:"reason,omitempty"`
	CreatedAt stamp  `json:"createdAt"`
}

// linkType is what one memory is to another.
type linkType string

// Values returns the types.
func (linkType) Values() []string { return memory.LinkTypes }

func newLinkResponse(l memory.Link) linkResponse {
	return linkResponse{
		ID: l.ID, SourceMemoryID: l.Source, TargetMemoryID: l.Target, Type: linkType(l.Type),
		Confidence: l.Confidence, CreationMethod: "manual", Reason: l.Reason, CreatedAt: stamp(l.CreatedAt),
	}
}

type linksResponse struct {
	Data           []linkResponse `json:"data"`
	SourceMemoryID string         `json:"sourceMemoryId"`
	Direction      string         `json:"direction" is:"of:outgoing|incoming|both"`
}

// ListRelationships is GET /api/memories/{id}/relationships.
func ListRelationships(svc *memory.Service) api.Endpoint {
	return list("memories-relationships-list", access.MemoriesRead, "/api/memories/{id}/relationships", func(r *http.Request, p access.Principal, in memory.LinksInput) (linksResponse, error) {
		m, links, err := memory.Relationships{Service: svc}.Links(r.Context(), p, r.PathValue("id"), in)
		return linksResponse{each(links, newLinkResponse), m.ID, cmp.Or(in.Direction, memory.Both)}, err
	})
}

// CreateRelationship is POST /api/memories/{id}/relationships.
func CreateRelationship(svc *memory.Service) api.Endpoint {
	return api.Post[memory.LinkInput, memory.Link]{
		Name: "memories-relationships-create", Path: "/api/memories/{id}/relationships", Class: limit.Heavy, Needs: access.MemoriesWrite, Shape: reflect.TypeFor[envelope[linkResponse]](),
		Do: func(r *http.Request, p access.Principal, in memory.LinkInput, claim *idempotency.Claim) (memory.Link, error) {
			return memory.Relationships{Service: svc}.Link(r.Context(), p, r.PathValue("id"), in, claim)
		},
		// The reason goes when either memory does.
		Keep: func(l memory.Link) memory.Link {
			l.Reason = ""
			return l
		},
		Answer: func(l memory.Link) (idempotency.Answer, error) {
			return api.JSONAnswer(http.StatusCreated, envelope[linkResponse]{newLinkResponse(l)})
		},
	}.Endpoint()
}

// DeleteRelationship is DELETE /api/memories/{id}/relationships/{relationshipId}.
func DeleteRelationship(svc *memory.Service) api.Endpoint {
	return remove("memories-relationships-delete", access.MemoriesWrite, "/api/memories/{id}/relationships/{relationshipId}", func(_ http.ResponseWriter, r *http.Request, p access.Principal) error {
		return memory.Relationships{Service: svc}.Unlink(r.Context(), p, r.PathValue("id"), r.PathValue("relationshipId"))
	})
}
