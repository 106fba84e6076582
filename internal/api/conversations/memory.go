package conversations

import (
	"encoding/json"
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
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
		Name: "memories-create", Path: "/api/memories",
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
	return get("memories-get", "/api/memories/{id}", func(r *http.Request, p access.Principal) (any, error) {
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

type updateMemoryRequest struct {
	Content    *string   `json:"content"`
	MemoryType *string   `json:"memoryType"`
	Context    *string   `json:"context"`
	Topics     *[]string `json:"topics"`
	Name       *string   `json:"name"`
	Outcome    *string   `json:"outcome"`
}

func (req updateMemoryRequest) change() conversation.MemoryChange {
	return conversation.MemoryChange{
		Content: req.Content, Type: req.MemoryType, Context: req.Context,
		Topics: req.Topics, Name: req.Name, Outcome: req.Outcome,
	}
}

// UpdateMemory is PUT /api/memories/{id}. An outcome of null is taken away,
// as the clients' schema has it, and a name of "".
func UpdateMemory(svc *conversation.Service) api.Endpoint {
	return api.Endpoint{
		Name: "memories-update", Method: http.MethodPut, Path: "/api/memories/{id}",
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			body, err := api.ReadBody(w, r)
			if err != nil {
				return err
			}
			change, err := decodeChange(body)
			if err != nil {
				return err
			}
			m, err := svc.UpdateMemory(r.Context(), p, r.PathValue("id"), change)
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, envelope[memoryResponse]{newMemoryResponse(m)})
		},
	}
}

func decodeChange(body []byte) (conversation.MemoryChange, error) {
	var req updateMemoryRequest
	if err := api.Decode(body, &req); err != nil {
		return conversation.MemoryChange{}, err
	}
	if err := given(map[string]*string{"outcome": req.Outcome}); err != nil {
		return conversation.MemoryChange{}, err
	}
	var raw struct {
		Outcome json.RawMessage `json:"outcome"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return conversation.MemoryChange{}, errs.Wrap(errs.Malformed, err, "the body is not valid JSON")
	}
	if string(raw.Outcome) == "null" {
		req.Outcome = new(string)
	}
	return req.change(), nil
}

// DeleteMemory is DELETE /api/memories/{id}.
func DeleteMemory(svc *conversation.Service) api.Endpoint {
	return remove("memories-delete", "/api/memories/{id}", func(_ http.ResponseWriter, r *http.Request, p access.Principal) error {
		return svc.DeleteMemory(r.Context(), p, r.PathValue("id"))
	})
}
