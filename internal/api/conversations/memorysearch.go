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

type memorySearchRequest struct {
	Query             string   `json:"query"`
	Limit             *int     `json:"limit"`
	Offset            *int     `json:"offset"`
	Topics            []string `json:"topics"`
	MemoryType        string   `json:"memoryType"`
	ConversationID    string   `json:"conversationId"`
	EventTimeFrom     string   `json:"eventTimeFrom"`
	EventTimeTo       string   `json:"eventTimeTo"`
	IngestionTimeFrom string   `json:"ingestionTimeFrom"`
	IngestionTimeTo   string   `json:"ingestionTimeTo"`
	unsupported
}

// unsupported would select or order otherwise; ignoring it would give wrong
// answers. How a search weighs (searchMethod, weights, threshold, includes) is
// the server's own and ignored.
type unsupported struct {
	OutcomeFilter string `json:"outcomeFilter"`
	SortBy        string `json:"sortBy"`
	AsOfTime      string `json:"asOfTime"`
	ValidAtTime   string `json:"validAtTime"`
}

func (u unsupported) check() error {
	for _, f := range []struct{ name, value, fallback string }{
		{"outcomeFilter", u.OutcomeFilter, "any"}, {"sortBy", u.SortBy, "relevance"},
		{"asOfTime", u.AsOfTime, ""}, {"validAtTime", u.ValidAtTime, ""},
	} {
		if f.value != "" && f.value != f.fallback {
			return errs.Invalid(f.name, "invalid", "%q is not supported", f.value)
		}
	}
	return nil
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
	return withBody("memories-search", http.MethodPost, "/api/memories/search", func(r *http.Request, p access.Principal, req memorySearchRequest) (any, error) {
		if err := req.check(); err != nil {
			return nil, err
		}
		return searchMemories(r, p, svc, conversation.MemorySearchInput{
			Query: req.Query, Limit: or(req.Limit, fallbackLimit), Offset: or(req.Offset, 0),
			Topics: req.Topics, Type: req.MemoryType, Conversation: req.ConversationID,
			EventFrom: req.EventTimeFrom, EventTo: req.EventTimeTo,
			IngestedFrom: req.IngestionTimeFrom, IngestedTo: req.IngestionTimeTo,
		})
	})
}

// maxURLQuery is the longest q in characters (contract B.6).
const maxURLQuery = 2000

// SearchMemoriesGet is GET /api/memories/search.
func SearchMemoriesGet(svc *conversation.Service) api.Endpoint {
	return get("memories-search-get", "/api/memories/search", func(r *http.Request, p access.Principal) (any, error) {
		in, err := memorySearchInput(r)
		if err != nil {
			return nil, err
		}
		v, err := searchMemories(r, p, svc, in)
		return v, ofQuery(err)
	})
}

func memorySearchInput(r *http.Request) (in conversation.MemorySearchInput, err error) {
	q, err := api.ParseQuery(r)
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
	for _, name := range []string{"excludeTopics", "scope"} {
		if q.Get(name) != "" {
			return in, api.BadParameter(name, "is not supported in searches")
		}
	}
	not := unsupported{q.Get("outcomeFilter"), q.Get("sortBy"), q.Get("asOfTime"), q.Get("validAtTime")}
	if err := not.check(); err != nil {
		return in, ofQuery(err)
	}
	return in, filters(q, map[string]*string{
		"memoryType": &in.Type, "conversationId": &in.Conversation, "eventTimeFrom": &in.EventFrom, "eventTimeTo": &in.EventTo,
		"ingestionTimeFrom": &in.IngestedFrom, "ingestionTimeTo": &in.IngestedTo,
	})
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
