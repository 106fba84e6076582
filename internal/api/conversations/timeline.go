package conversations

import (
	"math"
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
)

type timelineRest struct {
	Count int64 `json:"count"`
}

// Timeline is GET /api/conversations/{conversationId}/timeline: all memories,
// however many. Of a whole timeline the count is the number of memories that
// were written, whatever came or went meanwhile.
func Timeline(svc *conversation.Service) api.Endpoint {
	return getStreamed("conversations-timeline", access.ConversationsRead, "/api/conversations/{conversationId}/timeline",
		func(r *http.Request, p access.Principal) (out streamed[memory.Memory, memoryResponse], err error) {
			limit, offset, err := timelineInput(r)
			if err != nil {
				return out, err
			}
			t, err := svc.Timeline(r.Context(), p, r.PathValue("conversationId"), limit, offset)
			return streamed[memory.Memory, memoryResponse]{
				items: t.Memories, convert: newMemoryResponse,
				rest: func(written int64) any {
					if limit > 0 || offset > 0 {
						return timelineRest{t.Count}
					}
					return timelineRest{written}
				},
				verify: func() error { // a deletion meanwhile makes half a timeline look whole
					_, err := svc.Get(r.Context(), p, t.Conversation.ID)
					return err
				},
			}, err
		})
}

// timelineInput reads what part is wanted; a limit of 0 is all.
func timelineInput(r *http.Request) (limit, offset int, err error) {
	q, err := api.Params{Once: []string{"limit", "offset"}}.Parse(r)
	if err != nil {
		return 0, 0, err
	}
	if limit, err = q.Limit(0, math.MaxInt32); err != nil {
		return 0, 0, err
	}
	offset, err = count(q, "offset")
	return limit, offset, err
}
