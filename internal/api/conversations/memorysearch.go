package conversations

import (
	"net/http"
	"time"
	"unicode/utf8"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation"
	"griot/internal/errs"
)

// memorySearchRequest selects and orders. How a search weighs (searchMethod,
// weights, threshold, includes) is the server's own and ignored.
type memorySearchRequest struct {
	Query             string            `json:"query"`
	Limit             *int              `json:"limit"`
	Offset            *int              `json:"offset"`
	Topics            []string          `json:"topics"`
	ExcludeTopics     []string          `json:"excludeTopics"`
	Scope             map[string]string `json:"scope"`
	MemoryType        string            `json:"memoryType"`
	OutcomeFilter     string            `json:"outcomeFilter"`
	ConversationID    string            `json:"conversationId"`
	EventTimeFrom     string            `json:"eventTimeFrom"`
	EventTimeTo       string            `json:"eventTimeTo"`
	IngestionTimeFrom string            `json:"ingestionTimeFrom"`
	IngestionTimeTo   string            `json:"ingestionTimeTo"`
	AsOfTime          string            `json:"asOfTime"`
	ValidAtTime       string            `json:"validAtTime"`
	TaskID            string            `json:"taskId"`
	TemporalMode      string            `json:"temporalMode"`
	IncludeExpired    *bool             `json:"includeExpired"`
	SortBy            string            `json:"sortBy"`
	Order             string            `json:"order"`
}

func (req memorySearchRequest) input() conversation.MemorySearchInput {
	return conversation.MemorySearchInput{
		Query: req.Query, Limit: or(req.Limit, fallbackLimit), Offset: or(req.Offset, 0),
		Topics: req.Topics, ExcludeTopics: req.ExcludeTopics, Scope: req.Scope,
		Type: req.MemoryType, Outcome: req.OutcomeFilter, Conversation: req.ConversationID,
		EventFrom: req.EventTimeFrom, EventTo: req.EventTimeTo,
		IngestedFrom: req.IngestionTimeFrom, IngestedTo: req.IngestionTimeTo,
		AsOf: req.AsOfTime, ValidAt: req.ValidAtTime, Task: req.TaskID, SortBy: req.SortBy, Order: req.Order,
		Temporal: temporal(req.TemporalMode, req.IncludeExpired == nil || *req.IncludeExpired),
	}
}

// temporal is the mode of a search: without what has expired, what is current.
func temporal(mode string, expired bool) string {
	if mode == "" && !expired {
		return conversation.TemporalCurrent
	}
	return mode
}

type memorySearchResponse struct {
	Data []memoryHitResponse `json:"data"`
	Meta memorySearchMeta    `json:"meta"`
}

type memorySearchMeta struct {
	Total        int    `json:"total"`
	Page         int    `json:"page"` // from 1
	PageSize     int    `json:"pageSize"`
	SearchTime   int64  `json:"searchTime"` // milliseconds
	SearchMethod string `json:"searchMethod"`
}

func searchMemories(r *http.Request, p access.Principal, svc *conversation.Service, in conversation.MemorySearchInput) (any, error) {
	begun := time.Now()
	found, err := svc.SearchMemories(r.Context(), p, in)
	if err != nil {
		return nil, err
	}
	return memorySearchResponse{each(found.Hits, newMemoryHitResponse), memorySearchMeta{
		Total: found.Total, Page: in.Offset/in.Limit + 1, PageSize: in.Limit,
		SearchTime: time.Since(begun).Milliseconds(), SearchMethod: "keyword",
	}}, nil
}

// SearchMemories is POST /api/memories/search.
func SearchMemories(svc *conversation.Service) api.Endpoint {
	return withBody("memories-search", access.MemoriesRead, http.MethodPost, "/api/memories/search", func(r *http.Request, p access.Principal, req memorySearchRequest) (any, error) {
		return searchMemories(r, p, svc, req.input())
	})
}

// maxURLQuery is the longest q in characters (contract B.6).
const maxURLQuery = 2000

// SearchMemoriesGet is GET /api/memories/search.
func SearchMemoriesGet(svc *conversation.Service) api.Endpoint {
	return get("memories-search-get", access.MemoriesRead, "/api/memories/search", func(r *http.Request, p access.Principal) (any, error) {
		in, err := memorySearchInput(r)
		if err != nil {
			return nil, err
		}
		v, err := searchMemories(r, p, svc, in)
		return v, ofQuery(err)
	})
}

// memorySearchParams are all that the published clients may send. The idle
// ones say how another engine weighs, or ask for what does not exist here.
var memorySearchParams = api.Params{
	Once: []string{
		"q", "limit", "offset", "memoryType", "conversationId", "asOfTime", "validAtTime", "eventTimeFrom", "eventTimeTo",
		"ingestionTimeFrom", "ingestionTimeTo", "includeExpired", "temporalMode", "sortBy", "order", "taskId", "outcomeFilter",
	},
	Many: []string{"topics", "excludeTopics", "scope"},
	Idle: []string{
		"searchMethod", "threshold", "mode", "vectorWeight", "fulltextWeight", "entityWeight", "topicWeight", "factWeight",
		"questionWeight", "claimsWeight", "embeddingProvider", "explain", "includeTopics", "includeEntities", "includeFacts",
		"includeClaims", "includeFacets", "includeSuperseded", "expandEntities", "expandTopics", "expandFacts",
	},
}

func memorySearchInput(r *http.Request) (in conversation.MemorySearchInput, err error) {
	q, err := memorySearchParams.Parse(r)
	if err != nil {
		return in, err
	}
	in.Query = q.Get("q")
	if !q.Has("q") || utf8.RuneCountInString(in.Query) > maxURLQuery {
		return in, api.BadParameter("q", "is required, with at most 2000 characters")
	}
	if in.Limit, in.Offset, err = window(q, conversation.MaxMemoryLimit); err != nil {
		return in, err
	}
	if in.Topics, err = words(q, "topics"); err != nil {
		return in, err
	}
	if in.ExcludeTopics, err = words(q, "excludeTopics"); err != nil {
		return in, err
	}
	if in.Scope, err = scope(q); err != nil {
		return in, err
	}
	if err := times(q, map[string]*string{
		"eventTimeFrom": &in.EventFrom, "eventTimeTo": &in.EventTo, "ingestionTimeFrom": &in.IngestedFrom, "ingestionTimeTo": &in.IngestedTo,
		"asOfTime": &in.AsOf, "validAtTime": &in.ValidAt,
	}); err != nil {
		return in, err
	}
	if err := filters(q, map[string]*string{
		"temporalMode": &in.Temporal, "memoryType": &in.Type, "conversationId": &in.Conversation,
		"outcomeFilter": &in.Outcome, "taskId": &in.Task, "sortBy": &in.SortBy, "order": &in.Order,
	}); err != nil {
		return in, err
	}
	expired, err := q.Flag("includeExpired", true)
	in.Temporal = temporal(in.Temporal, expired)
	return in, err
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
