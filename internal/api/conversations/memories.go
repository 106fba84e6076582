package conversations

import (
	"net/http"
	"time"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/find"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/limit"
	"griot/internal/schema"
	"griot/internal/timestamp"
)

type memoryList struct {
	Data []memoryResponse `json:"data"`
	memoriesRest
}

type memoriesRest struct {
	Pagination pagination `json:"pagination"`
	// How a filtered list was understood.
	FiltersApplied *filters `json:"filtersApplied,omitempty"`
}

type filters struct {
	From           *stamp            `json:"from"`
	To             *stamp            `json:"to"`
	Topics         []string          `json:"topics" is:"nullable"`
	ExcludeTopics  []string          `json:"excludeTopics" is:"nullable"`
	ConversationID *string           `json:"conversationId"`
	Scope          map[string]string `json:"scope" is:"nullable"`
}

func newFilters(in memory.ListInput, found memory.Page) *filters {
	if found.From.IsZero() && found.To.IsZero() && in.Topics == nil && in.ExcludeTopics == nil && in.Conversation == "" && in.Scope == nil {
		return nil
	}
	return &filters{
		From: optional(found.From), To: optional(found.To), Topics: in.Topics, ExcludeTopics: in.ExcludeTopics,
		ConversationID: text(in.Conversation), Scope: in.Scope,
	}
}

// ListMemories is GET /api/memories.
func ListMemories(svc *memory.Service) api.Endpoint {
	return getStreamed[memoryList]("memories-list", access.MemoriesRead, "/api/memories",
		func(r *http.Request, p access.Principal, q memoriesQuery) (streamed[memory.Memory, memoryResponse], error) {
			in := q.input(r)
			found, err := svc.List(r.Context(), p, in)
			return streamed[memory.Memory, memoryResponse]{
				items: found.Memories, convert: newMemoryResponse,
				rest: func(int64) any {
					return memoriesRest{pagination{in.Limit, in.Offset, found.Total}, newFilters(in, found)}
				},
			}, err
		})
}

type memoriesQuery struct {
	memory.ListInput
	// Instead of `offset`; counts from 1.
	Page int `json:"page" is:"1..1000000000" default:"1"`
}

// input takes the page where there is no offset.
func (q memoriesQuery) input(r *http.Request) memory.ListInput {
	in := q.ListInput
	if !r.URL.Query().Has("offset") {
		in.Offset = (q.Page - 1) * in.Limit
	}
	return in
}

type batchRequest struct {
	memory.IDList
	detailed
}

type batchResponse struct {
	Data []memoryResponse `json:"data"`
	Meta batchMeta        `json:"meta"`
}

type batchMeta struct {
	Requested int      `json:"requested"`
	Found     int      `json:"found"`
	Missing   []string `json:"missing"`
}

// Batch is POST /api/memories/batch.
func Batch(svc *memory.Service) api.Endpoint {
	return unbounded(withBody("memories-batch", access.MemoriesRead, http.MethodPost, "/api/memories/batch", func(r *http.Request, p access.Principal, req batchRequest) (batchResponse, error) {
		if err := schema.Check(req); err != nil {
			return batchResponse{}, err
		}
		found, missing, err := svc.Many(r.Context(), p, req.IDs)
		return batchResponse{
			each(found, newMemoryResponse), batchMeta{len(req.IDs), len(found), append([]string{}, missing...)},
		}, err
	}))
}

type siblings struct {
	Data []siblingResponse `json:"data"`
	siblingsRest
}

type siblingsRest struct {
	SourceMemory   memoryResponse `json:"sourceMemory"`
	ConversationID string         `json:"conversationId"`
}

type siblingsQuery struct {
	// All unless given.
	Limit int `json:"limit" is:"1..1000"`
}

// Siblings is GET /api/memories/{id}/conversation-memories: the others of the
// conversation, oldest first; all of them unless there is a limit.
func Siblings(svc *memory.Service) api.Endpoint {
	return getStreamed[siblings]("memories-siblings", access.MemoriesRead, "/api/memories/{id}/conversation-memories",
		func(r *http.Request, p access.Principal, q siblingsQuery) (streamed[memory.Memory, siblingResponse], error) {
			source, others, err := svc.Siblings(r.Context(), p, r.PathValue("id"), q.Limit)
			return streamed[memory.Memory, siblingResponse]{
				items: others, convert: newSiblingResponse,
				rest: func(int64) any { return siblingsRest{newMemoryResponse(source), source.Conversation} },
				verify: func() error { // a deletion meanwhile makes some siblings look like all
					_, err := svc.Get(r.Context(), p, source.ID)
					return err
				},
			}, err
		})
}

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
	// With `includeFacets`.
	Facets *facetsResponse `json:"facets,omitempty"`
}

type facetsResponse struct {
	// The 20 most frequent.
	Topics         []facetResponse `json:"topics"`
	MemoryType     []facetResponse `json:"memoryType"`
	EffectiveState []facetResponse `json:"effectiveState"`
}

type facetResponse struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

func newFacetsResponse(found find.MemoryHits) *facetsResponse {
	if found.Facets == nil {
		return nil
	}
	listed := func(facets []find.Facet) []facetResponse {
		return each(facets, func(f find.Facet) facetResponse { return facetResponse(f) })
	}
	return &facetsResponse{listed(found.Facets.Topics), listed(found.Facets.Types), listed(found.Facets.States)}
}

type memorySearchMeta struct {
	// At most 1000 are counted.
	Total    int `json:"total"`
	Page     int `json:"page"` // from 1
	PageSize int `json:"pageSize"`
	// Milliseconds.
	SearchTime   int64  `json:"searchTime"`
	SearchMethod string `json:"searchMethod" is:"of:keyword"`
	// False when the words match more than the 1000 memories that were looked through.
	Complete bool `json:"complete"`
	// How filters by time were understood.
	TemporalMetadata *temporalMetadata `json:"temporalMetadata,omitempty"`
}

type temporalMetadata struct {
	TemporalMode           string     `json:"temporalMode"`
	AsOfTime               *stamp     `json:"asOfTime"`
	ValidAtTime            *stamp     `json:"validAtTime"`
	EventTimeRange         *spanStamp `json:"eventTimeRange"`
	IngestionTimeRange     *spanStamp `json:"ingestionTimeRange"`
	IncludeExpired         bool       `json:"includeExpired"`
	TemporalFieldsIncluded bool       `json:"temporalFieldsIncluded" is:"of:true"`
}

type spanStamp struct {
	From *stamp `json:"from"`
	To   *stamp `json:"to"`
}

func newSpanStamp(r timestamp.Range) *spanStamp {
	if r == (timestamp.Range{}) {
		return nil
	}
	return &spanStamp{optional(r.From), optional(r.To)}
}

// newTemporalMetadata is nil for a search that selects by no time.
func newTemporalMetadata(in find.MemoryQuery, of find.MemoryTimes) *temporalMetadata {
	if of == (find.MemoryTimes{}) && in.Temporal == "" {
		return nil
	}
	return &temporalMetadata{
		TemporalMode: in.Temporal, AsOfTime: optional(of.AsOf), ValidAtTime: optional(of.ValidAt),
		EventTimeRange: newSpanStamp(of.Event), IngestionTimeRange: newSpanStamp(of.Ingested),
		IncludeExpired: of.ValidAt.IsZero(), TemporalFieldsIncluded: true,
	}
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
		Complete: found.Complete, TemporalMetadata: newTemporalMetadata(in, found.Filter),
	}, newFacetsResponse(found)}, nil
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
		if q.Q == nil && len(q.Topics) == 0 {
			return memorySearchResponse{}, api.BadParameter("q", "is required where there are no topics")
		}
		v, err := searchMemories(r, p, svc, q.input())
		return v, ofQuery(err)
	})))
}

// memorySearchQuery has all that the published clients may send. What is idle
// says how another engine weighs, or asks for what does not exist here.
type memorySearchQuery struct {
	// Required where there are no topics.
	Q *string `query:"q" is:"..2000"`
	find.MemoryQuery
	// False: as temporalMode current.
	IncludeExpired bool `query:"includeExpired" default:"true"`

	_ struct{} `idle:"searchMethod threshold mode vectorWeight fulltextWeight entityWeight topicWeight factWeight questionWeight claimsWeight"`
	_ struct{} `idle:"embeddingProvider explain includeTopics includeEntities includeFacts includeClaims includeSuperseded"`
	_ struct{} `idle:"expandEntities expandTopics expandFacts"`
}

func (q memorySearchQuery) input() find.MemoryQuery {
	in := q.MemoryQuery
	if in.Temporal = temporal(in.Temporal, q.IncludeExpired); q.Q != nil {
		in.Query = *q.Q
	}
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
