package conversations

import (
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/idempotency"
	"griot/internal/limit"
)

// commitResponse has what a post-commit hook notes beside the commit.
type commitResponse struct {
	MemoryID       string `json:"memoryId" is:"as:uuid"`
	ConversationID string `json:"conversationId"`
	Content        string `json:"content"`
	// As mx reads it: commit:<sha> branch:<name> agent:<name>.
	Context string   `json:"context" is:"..200"`
	Topics  []string `json:"topics"`
	// Nothing is left to be done.
	Processing bool `json:"processing" is:"of:false"`
	Skipped    bool `json:"skipped" is:"of:false"`
}

// CreateCommit is POST /api/commit-context.
func CreateCommit(svc *memory.Service) api.Endpoint {
	return api.Post[memory.Commit, memory.Created]{
		Name: "commit-context-create", Path: "/api/commit-context", Class: limit.Heavy, Needs: access.MemoriesWrite, Shape: reflect.TypeFor[envelope[commitResponse]](),
		Do: func(r *http.Request, p access.Principal, in memory.Commit, claim *idempotency.Claim) (memory.Created, error) {
			return svc.Commit(r.Context(), p, in, claim)
		},
		Answer: func(c memory.Created) (idempotency.Answer, error) {
			m := c.Memory
			return api.Created("/api/memories/"+m.ID, envelope[commitResponse]{commitResponse{
				MemoryID: m.ID, ConversationID: m.Conversation, Content: m.Content, Context: m.Context, Topics: m.Topics,
			}})
		},
	}.Endpoint()
}
