package conversations

import (
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
)

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
	Context        string              `json:"context,omitempty"`
	Topics         []string            `json:"topics,omitempty"`
	Timestamp      stamp               `json:"timestamp"` // when it came; never changes
	EventTime      *stamp              `json:"eventTime,omitempty"`
	ValidFrom      *stamp              `json:"validFrom,omitempty"`
	ValidTo        *stamp              `json:"validTo,omitempty"`
	CodeContext    *memory.CodeContext `json:"codeContext,omitempty"`
	TaskID         string              `json:"taskId,omitempty"`
	Outcome        string              `json:"outcome,omitempty" is:"of:resolved|unresolved"`
	EffectiveState string              `json:"effectiveState" is:"of:current"`
	CreatedAt      stamp               `json:"createdAt"`
	UpdatedAt      stamp               `json:"updatedAt"`
}

// memoryType is what kind of thing a memory is.
type memoryType string

// Values returns the kinds.
func (memoryType) Values() []string { return memory.Types }

// current is the effective state of every memory there is: one that is
// replaced is changed in place.
const current = "current"

func newMemoryResponse(m memory.Memory) memoryResponse {
	return memoryResponse{
		ID: m.ID, ConversationID: m.Conversation, SessionID: m.Session, Name: m.Name, Version: m.Version,
		Content: m.Content, MemoryType: memoryType(m.Type), Role: m.Role, Context: m.Context, Topics: m.Topics,
		Timestamp: stamp(m.CreatedAt), EventTime: optional(m.EventTime), ValidFrom: optional(m.ValidFrom), ValidTo: optional(m.ValidTo),
		CodeContext: m.CodeContext, TaskID: m.TaskID, Outcome: m.Outcome, EffectiveState: current,
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
