package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
)

type timeline struct {
	Data []memoryResponse `json:"data"`
	timelineRest
}

type timelineRest struct {
	// Of all memories of the conversation.
	Count int64 `json:"count"`
}

// timelineQuery says what part is wanted.
type timelineQuery struct {
	// All unless given.
	Limit  int `json:"limit" is:"1..2147483647"`
	Offset int `json:"offset" is:"0..1099511627776" default:"0"`
}

// Timeline is GET /api/conversations/{conversationId}/timeline: all memories,
// however many. Of a whole timeline the count is the number of memories that
// were written, whatever came or went meanwhile.
func Timeline(svc *memory.Service) api.Endpoint {
	return getStreamed[timeline]("conversations-timeline", access.ConversationsRead, "/api/conversations/{conversationId}/timeline",
		func(r *http.Request, p access.Principal, q timelineQuery) (streamed[memory.Memory, memoryResponse], error) {
			t, err := svc.Timeline(r.Context(), p, r.PathValue("conversationId"), q.Limit, q.Offset)
			return streamed[memory.Memory, memoryResponse]{
				items: t.Memories, convert: newMemoryResponse,
				rest: func(written int64) any {
					if q != (timelineQuery{}) {
						return timelineRest{t.Count}
					}
					return timelineRest{written}
				},
				verify: func() error { // a deletion meanwhile makes half a timeline look whole
					_, err := svc.Conversations.Get(r.Context(), p, t.Conversation.ID)
					return err
				},
			}, err
		})
}
