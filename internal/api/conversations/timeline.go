package conversations

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
)

// Timeline is GET /api/conversations/{conversationId}/timeline: all memories,
// however many.
func Timeline(svc *conversation.Service) api.Endpoint {
	return api.Endpoint{
		Name: "conversations-timeline", Method: http.MethodGet, Path: "/api/conversations/{conversationId}/timeline", Stream: true, Needs: access.ConversationsRead,
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			limit, offset, err := timelineInput(r)
			if err != nil {
				return err
			}
			t, err := svc.Timeline(r.Context(), p, r.PathValue("conversationId"), limit, offset)
			if err != nil {
				return err
			}
			return api.Stream(w, r, api.JSONType, func(out io.Writer) error {
				held := &heldBack{out: out, most: holdBack}
				if err := writeTimeline(held, t, limit == 0 && offset == 0); err != nil {
					return err
				}
				if held.begun || held.buf.Len() > atOnce {
					// A deletion meanwhile makes half a timeline look whole.
					if _, err := svc.Get(r.Context(), p, t.Conversation.ID); err != nil {
						return err
					}
				}
				return held.flush()
			})
		},
	}
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

// writeTimeline writes the count last: of a whole timeline it is the number of
// memories that were written, whatever came or went meanwhile.
func writeTimeline(out io.Writer, t conversation.Timeline, whole bool) error {
	before, written := `{"data":[`, int64(0)
	for m, err := range t.Memories {
		if err != nil {
			return err
		}
		data, err := json.Marshal(newMemoryResponse(m))
		if err != nil {
			return fmt.Errorf("encoding a memory: %w", err)
		}
		if _, err := out.Write(append([]byte(before), data...)); err != nil {
			return err
		}
		before = ","
		written++
	}
	if written > 0 {
		before = ""
	}
	n := t.Count
	if whole {
		n = written
	}
	_, err := fmt.Fprintf(out, `%s],"count":%d}`, before, n)
	return err
}

const (
	// holdBack is how much is ready before anything is sent, so that an
	// error until then gets an answer of its own.
	holdBack = 4 << 20
	// atOnce is how much is surely read by one query.
	atOnce = 512 << 10
	// chunk is how much is sent at once afterwards.
	chunk = 64 << 10
)

// heldBack gathers writes until there are so many bytes.
type heldBack struct {
	out   io.Writer
	buf   bytes.Buffer
	most  int
	begun bool
}

func (h *heldBack) Write(p []byte) (int, error) {
	h.buf.Write(p) // never fails
	if h.buf.Len() < h.most {
		return len(p), nil
	}
	return len(p), h.flush()
}

func (h *heldBack) flush() error {
	_, err := h.out.Write(h.buf.Bytes())
	if !h.begun {
		h.begun, h.most = true, chunk
		h.buf = bytes.Buffer{} // the large one is not needed again
	}
	h.buf.Reset()
	return err
}
