package conversations

import (
	"net/http"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/find"
	"griot/internal/errs"
	"griot/internal/limit"
)

// memorySearchRequest selects and orders. How a search weighs (searchMethod,
// weights, threshold, includes) is the server's own and ignored.
type memorySearchRequest struct {
	find.MemoryQuery
	// False: as temporalMode current.
	IncludeExpired *bool `json:"includeExpired" default:"true"`
}

func (req memorySearchRequest) input() find.MemoryQuery {
	in := req.MemoryQuery
	in.Temporal = temporal(in.Temporal, req.IncludeExpired == nil || *req.IncludeExpired)
	return in
}

// temporal is the mode of a search: without what has expired, what is current.
func temporal(mode string, expired bool) string {
	if mode == "" && !expired {
		return find.TemporalCurrent
	}
	return mode
}

type memorySearchResponse struct {
	Data []memoryHitResponse `json:"data"`
	Meta memorySearchMeta    `json:"meta"`
}

type memorySearchMeta struct {
	// At most 1000 are counted.
	Total    int `json:"total"`
	Page     int `json:"page"` // from 1
	PageSize int `json:"pageSize"`
	// Milliseconds.
	SearchTime   int64  `json:"searchTime"`
	SearchMethod string `json:"searchMethod" is:"of:keyword"`
}

func searchMemories(r *http.Request, p access.Principal, svc *find.Service, in find.MemoryQuery) (memorySearchResponse, error) {
	begun := time.Now()
	found, err := svc.SearchMemories(r.Context(), p, in)
	if err != nil {
		return memorySearchResponse{}, err
	}
	return memorySearchResponse{each(found.Hits, newMemoryHitResponse), memorySearchMeta{
		Total: found.Total, Page: in.Offset/in.Limit + 1, PageSize: in.Limit,
		SearchTime: time.Since(begun).Milliseconds(), SearchMethod: "keyword",
	}}, nil
}

// SearchMemories is POST /api/memories/search.
func SearchMemories(svc *find.Service) api.Endpoint {
	return in(limit.Search, unbounded(withBody("memories-search", access.MemoriesRead, http.MethodPost, "/api/memories/search", func(r *http.Request, p access.Principal, req memorySearchRequest) (memorySearchResponse, error) {
		return searchMemories(r, p, svc, req.input())
	})))
}

// SearchMemoriesGet is GET /api/memories/search.
func SearchMemoriesGet(svc *find.Service) api.Endpoint {
	return in(limit.Search, unbounded(list("memories-search-get", access.MemoriesRead, "/api/memories/search", func(r *http.Request, p access.Principal, q memorySearchQuery) (memorySearchResponse, error) {
		v, err := searchMemories(r, p, svc, q.input())
		return v, ofQuery(err)
	})))
}

// memorySearchQuery has all that the published clients may send. What is idle
// says how another engine weighs, or asks for what does not exist here.
type memorySearchQuery struct {
	Q *string `query:"q" is:"..2000"`
	find.MemoryQuery
	// False: as temporalMode current.
	IncludeExpired bool `query:"includeExpired" default:"true"`

	_ struct{} `idle:"searchMethod threshold mode vectorWeight fulltextWeight entityWeight topicWeight factWeight questionWeight claimsWeight"`
	_ struct{} `idle:"embeddingProvider explain includeTopics includeEntities includeFacts includeClaims includeFacets includeSuperseded"`
	_ struct{} `idle:"expandEntities expandTopics expandFacts" needs:"q"`
}

func (q memorySearchQuery) input() find.MemoryQuery {
	in := q.MemoryQuery
	in.Query, in.Temporal = *q.Q, temporal(in.Temporal, q.IncludeExpired)
	return in
}

// ofQuery makes an invalid member an invalid parameter. The words themselves
// are judged as in a body.
func ofQuery(err error) error {
	e := errs.As(err)
	if e == nil || e.Kind != errs.InvalidArgument || len(e.Fields) > 0 && e.Fields[0].Field == "query" {
		return err
	}
	bad := *e
	bad.Kind = errs.Malformed
	return &bad
}
