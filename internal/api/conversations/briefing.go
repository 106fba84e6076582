package conversations

import (
	"net/http"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/conversation/find"
	"griot/internal/limit"
	"griot/internal/search"
)

// briefing has the members that the published clients know. Nothing is stated of
// what is not kept here: gotchas and patterns are empty.
type briefing struct {
	// The conversation that is nearest to the work, of those with recent activity.
	ActiveWork *activeWork `json:"activeWork"`
	// What memories of any time say of it, the nearest first.
	RelevantFacts []relevantFact `json:"relevantFacts"`
	Gotchas       []struct{}     `json:"gotchas"`
	// Memories of late that speak of it, the nearest first.
	RecentActivity  []activity   `json:"recentActivity"`
	RelatedPatterns []struct{}   `json:"relatedPatterns"`
	Meta            briefingMeta `json:"meta"`
}

type activeWork struct {
	ConversationID string     `json:"conversationId"`
	Title          string     `json:"title"`
	LastActivity   stamp      `json:"lastActivity"`
	LastMemory     lastMemory `json:"lastMemory"`
}

type lastMemory struct {
	ID      string `json:"id" is:"as:uuid"`
	Summary string `json:"summary" is:"..200"`
}

// relevantFact reads as a sentence: a conversation says something.
type relevantFact struct {
	// The title of the conversation.
	Subject   string `json:"subject"`
	Predicate string `json:"predicate" is:"of:says"`
	// The part of a memory that matches.
	Object string `json:"object" is:"..200"`
	// Compares within one answer only: the nearest has 1.
	Confidence     float64 `json:"confidence" is:"0..1"`
	SourceMemoryID string  `json:"sourceMemoryId" is:"as:uuid"`
}

type activity struct {
	ID             string `json:"id" is:"as:uuid"`
	Summary        string `json:"summary" is:"..200"`
	Date           stamp  `json:"date"` // when it happened
	ConversationID string `json:"conversationId"`
}

type briefingMeta struct {
	// Words that were looked for.
	ContextTerms []string `json:"contextTerms"`
	RecentHours  int      `json:"recentHours"`
	// Of a request with a scope.
	Scope           map[string]string `json:"scope,omitempty"`
	IncludeUnscoped *bool             `json:"includeUnscoped,omitempty"`
}

// maxSummary is in characters.
const maxSummary = 200

// BuildContext is POST /api/memories/build-context. It has no effect.
func BuildContext(svc *find.Service) api.Endpoint {
	return in(limit.Search, withBody("memories-build-context", access.MemoriesRead, http.MethodPost, "/api/memories/build-context", func(r *http.Request, p access.Principal, req find.BriefingInput) (briefing, error) {
		b, err := svc.Brief(r.Context(), p, req)
		return newBriefing(req, b), err
	}))
}

func newBriefing(req find.BriefingInput, b find.Briefing) briefing {
	out := briefing{
		Gotchas: []struct{}{}, RelatedPatterns: []struct{}{},
		Meta: briefingMeta{ContextTerms: append([]string{}, b.Terms...), RecentHours: req.RecentHours, Scope: b.Scope},
		RelevantFacts: each(b.Relevant, func(h find.MemoryHit) relevantFact {
			return relevantFact{b.Titles[h.Conversation], "says", h.Preview, h.Score, h.ID}
		}),
		RecentActivity: each(b.Recent, func(h find.MemoryHit) activity {
			return activity{h.ID, h.Preview, stamp(h.At()), h.Conversation}
		}),
	}
	if b.Scope != nil {
		out.Meta.IncludeUnscoped = &req.Unscoped
	}
	if a := b.Active; a != nil {
		out.ActiveWork = &activeWork{a.ID, a.Title, stamp(a.ActiveAt), lastMemory{a.Last.ID, search.Snippet(a.Last.Content, nil, maxSummary)}}
	}
	return out
}
