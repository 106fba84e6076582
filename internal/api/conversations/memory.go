package conversations

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

// CreateMemory is POST /api/memories.
func CreateMemory(svc *memory.Service) api.Endpoint {
	return api.Post[memory.Input, memory.Created]{
		Name: "memories-create", Path: "/api/memories", Class: limit.Heavy, Needs: access.MemoriesWrite, Shape: reflect.TypeFor[createdResponse](),
		Do: func(r *http.Request, p access.Principal, in memory.Input, claim *idempotency.Claim) (memory.Created, error) {
			return svc.Create(r.Context(), p, in, claim)
		},
		Answer: func(c memory.Created) (idempotency.Answer, error) {
			return api.Created("/api/memories/"+c.Memory.ID, newCreatedResponse(c))
		},
	}.Endpoint()
}

// GetMemory is GET /api/memories/{id}.
func GetMemory(svc *memory.Service) api.Endpoint {
	return look("memories-get", access.MemoriesRead, "/api/memories/{id}", func(r *http.Request, p access.Principal, _ detailed) (envelope[memoryResponse], error) {
		m, err := svc.Get(r.Context(), p, r.PathValue("id"))
		return envelope[memoryResponse]{newMemoryResponse(m)}, err
	})
}

// detailed is how much of a memory a client asks for. What more there is
// elsewhere (facts, relationships) does not exist here.
type detailed struct {
	// All levels are the same here.
	Detail string `json:"detail" is:"of:minimal|standard|full"`
}

// updateMemoryRequest does not move a memory.
type updateMemoryRequest struct {
	memory.Change
	_ struct{} `fixed:"conversationId"`
}

// UpdateMemory is PUT /api/memories/{id}.
func UpdateMemory(svc *memory.Service) api.Endpoint {
	return withBody("memories-update", access.MemoriesWrite, http.MethodPut, "/api/memories/{id}",
		func(r *http.Request, p access.Principal, req updateMemoryRequest) (envelope[memoryResponse], error) {
			m, err := svc.Update(r.Context(), p, r.PathValue("id"), req.Change)
			return envelope[memoryResponse]{newMemoryResponse(m)}, err
		})
}

// DeleteMemory is DELETE /api/memories/{id}.
func DeleteMemory(svc *memory.Service) api.Endpoint {
	return remove("memories-delete", access.MemoriesWrite, "/api/memories/{id}", func(_ http.ResponseWriter, r *http.Request, p access.Principal) error {
		return svc.Delete(r.Context(), p, r.PathValue("id"))
	})
}

// memoryResponse leaves out what a memory does not have: the clients' schemas
// refuse null in most places.
type memoryResponse struct {
	ID             string     `json:"id" is:"as:uuid"`
	ConversationID string     `json:"conversationId"`
	SessionID      string     `json:"sessionId"`
	Name           string     `json:"name,omitempty" is:"as:name"`
	Version        int64      `json:"version" is:"1.."`
	Content        string     `json:"content"`
	MemoryType     memoryType `json:"memoryType"`
	Role           string     `json:"role,omitempty" is:"of:user|assistant|system"`
	// Of a session's passage the citation of its place in the artifact.
	Context     string              `json:"context,omitempty"`
	Topics      []string            `json:"topics,omitempty"`
	Timestamp   stamp               `json:"timestamp"` // when it came; never changes
	EventTime   *stamp              `json:"eventTime,omitempty"`
	ValidFrom   *stamp              `json:"validFrom,omitempty"`
	ValidTo     *stamp              `json:"validTo,omitempty"`
	CodeContext *memory.CodeContext `json:"codeContext,omitempty"`
	TaskID      string              `json:"taskId,omitempty"`
	Outcome     string              `json:"outcome,omitempty" is:"of:resolved|unresolved"`
	// What relationships with other memories make of it.
	EffectiveState effectiveState `json:"effectiveState"`
	CreatedAt      stamp          `json:"createdAt"`
	UpdatedAt      stamp          `json:"updatedAt"`
}

// memoryType is what kind of thing a memory is.
type memoryType string

// Values returns the kinds.
func (memoryType) Values() []string { return memory.Types }

// effectiveState says whether another memory supersedes or contradicts one.
type effectiveState string

// Values returns the states.
func (effectiveState) Values() []string { return memory.States }

func newMemoryResponse(m memory.Memory) memoryResponse {
	return memoryResponse{
		ID: m.ID, ConversationID: m.Conversation, SessionID: m.Session, Name: m.Name, Version: m.Version,
		Content: m.Content, MemoryType: memoryType(m.Type), Role: m.Role, Context: m.Context, Topics: m.Topics,
		Timestamp: stamp(m.CreatedAt), EventTime: optional(m.EventTime), ValidFrom: optional(m.ValidFrom), ValidTo: optional(m.ValidTo),
		CodeContext: m.CodeContext, TaskID: m.TaskID, Outcome: m.Outcome, EffectiveState: effectiveState(m.EffectiveState()),
		CreatedAt: stamp(m.CreatedAt), UpdatedAt: stamp(m.UpdatedAt),
	}
}

type createdResponse struct {
	Data memoryResponse `json:"data"`
	Meta createdMeta    `json:"meta"`
}

type createdMeta struct {
	ConversationID      string `json:"conversationId"`
	SessionID           string `json:"sessionId"`
	SessionCreated      bool   `json:"sessionCreated"`
	ConversationCreated bool   `json:"conversationCreated"`
}

func newCreatedResponse(c memory.Created) createdResponse {
	return createdResponse{newMemoryResponse(c.Memory), createdMeta{
		ConversationID: c.Memory.Conversation, SessionID: c.Memory.Session,
		SessionCreated: c.SessionCreated, ConversationCreated: c.ConversationCreated,
	}}
}

// memoryHitResponse is a memory with what the search adds.
type memoryHitResponse struct {
	memoryResponse
	Preview string `json:"preview" is:"..200"`
	// Compares within one answer only.
	Score float64 `json:"score"`
}

func newMemoryHitResponse(h find.MemoryHit) memoryHitResponse {
	return memoryHitResponse{newMemoryResponse(h.Memory), h.Preview, h.Score}
}

// siblingResponse is a memory of the same conversation. The score belongs to
// the shape: siblings are all as close.
type siblingResponse struct {
	Memory       memoryResponse `json:"memory"`
	Score        int            `json:"score" is:"1..1"`
	Relationship string         `json:"relationship" is:"of:same-conversation"`
}

func newSiblingResponse(m memory.Memory) siblingResponse {
	return siblingResponse{newMemoryResponse(m), 1, "same-conversation"}
}
