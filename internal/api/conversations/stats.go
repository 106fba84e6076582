package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/memory"
	"griot/internal/limit"
)

type statsResponse struct {
	GroupBy string `json:"groupBy" is:"of:day|week|month|topic"`
	// The latest first; topics with most memories first.
	Data []bucket `json:"data"`
	// Of all that match, in groups that are not shown, too.
	Total   int          `json:"total"`
	Filters statsFilters `json:"filters"`
}

type bucket struct {
	// A day (2026-05-18), a week (2026-W21), a month (2026-05) or a topic.
	Bucket string `json:"bucket"`
	Count  int    `json:"count"`
}

type statsFilters struct {
	After  *stamp  `json:"after"`
	Before *stamp  `json:"before"`
	Topic  *string `json:"topic"`
}

// Stats is GET /api/memories/stats.
func Stats(svc *memory.Service) api.Endpoint {
	return in(limit.Heavy, list("memories-stats", access.MemoriesRead, "/api/memories/stats", func(r *http.Request, p access.Principal, q memory.StatsInput) (statsResponse, error) {
		s, err := memory.Counts{Service: svc}.Stats(r.Context(), p, q)
		return statsResponse{
			GroupBy: s.GroupBy, Total: s.Total,
			Data:    each(s.Groups, func(g memory.Group) bucket { return bucket{g.Name, g.N} }),
			Filters: statsFilters{optional(s.After), optional(s.Before), text(q.Topic)},
		}, err
	}))
}
