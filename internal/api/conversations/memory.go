package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/idempotency"
)

type createMemoryRequest struct {
	ConversationID  *string             `json:"conversationId"`
	ClaudeSessionID *string             `json:"claudeSessionId"`
	Content         string              `json:"content"`
	MemoryType      *string             `json:"memoryType"`
	Role            *string             `json:"role"`
	Name            *string             `json:"name"`
	Context         string              `json:"context"`
	Outcome         *string             `json:"outcome"`
	TaskID          string              `json:"taskId"`
	Topics          []string            `json:"topics"`
	CodeContext     *memory.CodeContext `json:"codeContext"`
	EventTime       *string             `json:"eventTime"`
	ValidFrom       *string             `json:"validFrom"`
	ValidTo         *string             `json:"validTo"`
}

func (req createMemoryRequest) input() (conversation.MemoryInput, error) {
	err := given(map[string]*string{
		"conversationId": req.ConversationID, "claudeSessionId": req.ClaudeSessionID, "memoryType": req.MemoryType,
		"role": req.Role, "name": req.Name, "outcome": req.Outcome,
		"eventTime": req.EventTime, "validFrom": req.ValidFrom, "validTo": req.ValidTo,
	})
	return conversation.MemoryInput{
		Conversation: value(req.ConversationID), ClaudeSession: value(req.ClaudeSessionID), Content: req.Content,
		Type: value(req.MemoryType), Role: value(req.Role), Name: value(req.Name), Context: req.Context,
		Outcome: value(req.Outcome), TaskID: req.TaskID, Topics: req.Topics, CodeContext: req.CodeContext,
		EventTime: value(req.EventTime), ValidFrom: value(req.ValidFrom), ValidTo: value(req.ValidTo),
	}, err
}

// CreateMemory is POST /api/memories.
func CreateMemory(svc *conversation.Service) api.Endpoint {
	return api.Post[createMemoryRequest, conversation.Created]{
		Name: "memories-create", Path: "/api/memories", Needs: access.MemoriesWrite,
		Do: func(r *http.Request, p access.Principal, req createMemoryRequest, claim *idempotency.Claim) (conversation.Created, error) {
			in, err := req.input()
			if err != nil {
				return conversation.Created{}, err
			}
			return svc.CreateMemory(r.Context(), p, in, claim)
		},
		Answer: func(c conversation.Created) (idempotency.Answer, error) {
			return api.Created("/api/memories/"+c.Memory.ID, newCreatedResponse(c))
		},
	}.Endpoint()
}

// GetMemory is GET /api/memories/{id}.
func GetMemory(svc *conversation.Service) api.Endpoint {
	return get("memories-get", access.MemoriesRead, "/api/memories/{id}", func(r *http.Request, p access.Principal) (any, error) {
		if err := checkDetail(r); err != nil {
			return nil, err
		}
		m, err := svc.Memory(r.Context(), p, r.PathValue("id"))
		return envelope[memoryResponse]{newMemoryResponse(m)}, err
	})
}

// details are the levels that clients may ask for. What the higher ones add
// elsewhere (facts, relationships) does not exist here.
var details = []string{"minimal", "standard", "full"}

func checkDetail(r *http.Request) error {
	q, err := api.ParseQuery(r)
	if err != nil {
		return err
	}
	detail, err := q.Filter("detail")
	if err != nil {
		return err
	}
	return oneOf("detail", detail, details)
}

// changeRequest has what a memory may change of itself. An outcome of null is
// taken away, as the clients' schema has it.
type changeRequest struct {
	Content     *string              `json:"content"`
	MemoryType  *string              `json:"memoryType"`
	Context     *string              `json:"context"`
	Topics      *[]string            `json:"topics"`
	CodeContext *memory.CodeContext  `json:"codeContext"`
	Outcome     api.Nullable[string] `json:"outcome"`

	// What else a memory has, here or in the clients' schema.
	ID               api.Fixed `json:"id"`
	SessionID        api.Fixed `json:"sessionId"`
	ClaudeSessionID  api.Fixed `json:"claudeSessionId"`
	Version          api.Fixed `json:"version"`
	Role             api.Fixed `json:"role"`
	Timestamp        api.Fixed `json:"timestamp"`
	EventTime        api.Fixed `json:"eventTime"`
	ValidFrom        api.Fixed `json:"validFrom"`
	ValidTo          api.Fixed `json:"validTo"`
	TaskID           api.Fixed `json:"taskId"`
	CreatedAt        api.Fixed `json:"createdAt"`
	UpdatedAt        api.Fixed `json:"updatedAt"`
	EffectiveState   api.Fixed `json:"effectiveState"`
	ConfidenceScore  api.Fixed `json:"confidenceScore"`
	ExtractionStatus api.Fixed `json:"extractionStatus"`
	Summary          api.Fixed `json:"summary"`
	UserTopics       api.Fixed `json:"userTopics"`
	ExtractedTopics  api.Fixed `json:"extractedTopics"`
	Entities         api.Fixed `json:"entities"`
	Visibility       api.Fixed `json:"visibility"`
}

func (req changeRequest) change() (conversation.MemoryChange, error) {
	change := conversation.MemoryChange{
		Content: req.Content, Type: req.MemoryType, Context: req.Context, Topics: req.Topics, CodeContext: req.CodeContext,
	}
	if change.Outcome = req.Outcome.Value; req.Outcome.Given && change.Outcome == nil {
		change.Outcome = new(string)
	}
	return change, given(map[string]*string{"outcome": req.Outcome.Value})
}

type updateMemoryRequest struct {
	changeRequest
	Name           *string   `json:"name"` // "" takes it away
	ConversationID api.Fixed `json:"conversationId"`
}

// UpdateMemory is PUT /api/memories/{id}.
func UpdateMemory(svc *conversation.Service) api.Endpoint {
	return withBody("memories-update", access.MemoriesWrite, http.MethodPut, "/api/memories/{id}",
		func(r *http.Request, p access.Principal, req updateMemoryRequest) (any, error) {
			change, err := req.change()
			if err != nil {
				return nil, err
			}
			change.Name = req.Name
			m, err := svc.UpdateMemory(r.Context(), p, r.PathValue("id"), change)
			return envelope[memoryResponse]{newMemoryResponse(m)}, err
		})
}

// DeleteMemory is DELETE /api/memories/{id}.
func DeleteMemory(svc *conversation.Service) api.Endpoint {
	return remove("memories-delete", access.MemoriesWrite, "/api/memories/{id}", func(_ http.ResponseWriter, r *http.Request, p access.Principal) error {
		return svc.DeleteMemory(r.Context(), p, r.PathValue("id"))
	})
}
