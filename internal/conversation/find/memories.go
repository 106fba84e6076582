package find

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/cursor"
	"griot/internal/schema"
	"griot/internal/search"
	"griot/internal/table"
	"griot/internal/text"
	"griot/internal/timestamp"
)

// MemoryQuery is the body of POST /api/memories/search. Zero values
// filter nothing; times are RFC 3339.
type MemoryQuery struct {
	// May be left out where there are topics: then all memories that have one of
	// them match, the newest first.
	Query  string `json:"query" query:"-" is:"..32768"`
	Limit  int    `json:"limit" is:"1..1000" default:"20"`
	Offset int    `json:"offset" is:"0..1099511627776" default:"0"`
	// Any of them.
	Topics       []string `json:"topics" is:"..50 full each line ..100"`
	Type         string   `json:"memoryType" is:"of:episodic|semantic|procedural"`
	Conversation string   `json:"conversationId"`
	EventFrom    string   `json:"eventTimeFrom" is:"as:day"`
	EventTo      string   `json:"eventTimeTo" is:"as:day"`
	IngestedFrom string   `json:"ingestionTimeFrom" is:"as:day"`
	IngestedTo   string   `json:"ingestionTimeTo" is:"as:day"`
	// None of them.
	ExcludeTopics []string `json:"excludeTopics" is:"..50 full each line ..100"`
	// Members of a memory's codeContext, all of which it must have; in a query
	// pairs such as product:griot,team:core.
	Scope   map[string]string `json:"scope" is:"names of:product|service|team|role"`
	Outcome string            `json:"outcomeFilter" is:"of:any|resolved|unresolved"`
	// Memories that had been made then, as they are now.
	AsOf string `json:"asOfTime" is:"as:day"`
	// Memories that hold then.
	ValidAt string `json:"validAtTime" is:"as:day"`
	// Current: memories that hold now. Evolution: in the order of their times,
	// unless `sortBy` or `order` is given.
	Temporal string `json:"temporalMode" is:"of:current|historical|evolution"`
	// Its memories come first.
	Task   string `json:"taskId" is:"..200"`
	SortBy string `json:"sortBy" is:"of:relevance|createdAt|updatedAt|eventTime" default:"relevance"`
	Order  string `json:"order" is:"of:asc|desc" default:"desc"`
	// Count what there is of each kind among all matches.
	Facets bool `json:"includeFacets" default:"false"`
}

// MemoryHit is a memory that matches a query.
type MemoryHit struct {
	memory.Memory
	Score   float64
	Preview string // at most 200 characters
}

// MemoryHits are a part of what matches; Total counts all, up to
// maxMemoryMatches. Complete is false when the words match more than that.
type MemoryHits struct {
	Hits     []MemoryHit
	Total    int
	Complete bool
	Facets   *Facets // if they were asked for
	Filter   MemoryTimes
}

// MemoryTimes are the times by which a search of memories selects.
type MemoryTimes struct {
	Event, Ingested timestamp.Range
	AsOf, ValidAt   time.Time
}

// maxMemoryMatches is how many matches a search of memories counts, and how
// many it looks through when it filters.
const maxMemoryMatches = 1000

// SearchMemories returns the memories that match any word of a query, best first. A
// Limit out of 1 to 1,000 is InvalidArgument, and a page over
// conversation.MaxPage is Malformed.
func (s *Service) SearchMemories(ctx context.Context, p access.Principal, in MemoryQuery) (MemoryHits, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return MemoryHits{}, err
	}
	f, err := in.filter(p.Workspace, s.Conversations.Time())
	if err != nil {
		return MemoryHits{}, err
	}
	if in.Query == "" {
		return s.listed(ctx, p, in, f)
	}
	if f.topics, f.excluded, err = s.Conversations.Topics().Selected(ctx, p.Workspace, in.Topics, in.ExcludeTopics); err != nil {
		return MemoryHits{}, err
	}
	matches, complete, err := s.matches(ctx, p.Workspace, in, f.Event)
	if err != nil {
		return MemoryHits{}, err
	}
	out := MemoryHits{Complete: complete, Filter: f.MemoryTimes}
	if !f.any {
		out.Total = len(matches)
		out.Hits, err = s.readMatches(ctx, p.Workspace, cursor.Window(matches, in.Limit, in.Offset), f)
		return out, err
	}
	hits, err := s.readMatches(ctx, p.Workspace, matches, f)
	if err != nil {
		return MemoryHits{}, err
	}
	in.sort(hits)
	in.ownFirst(hits)
	if in.Facets {
		out.Facets = facetsOf(p.Workspace, hits)
	}
	out.Hits, out.Total = cursor.Window(hits, in.Limit, in.Offset), len(hits)
	size := 0
	for _, hit := range out.Hits {
		size += hit.Weight()
	}
	return out, conversation.CheckPage(size)
}

// memoryFilter is what a search selects by, apart from words.
type memoryFilter struct {
	standing         bool // without what another memory supersedes
	any              bool // all matches have to be read: it selects at all, beside the conversation, or orders
	topics, excluded []string
	scope            map[string]string
	unscoped         bool // memories without a code context are wanted, too
	kind, outcome    string
	MemoryTimes      // Event: of the time by which timelines are ordered, which every memory has
	workspace        string
}

const (
	sortRelevance = "relevance"
	anyOutcome    = "any"
)

// Modes of a search.
const (
	TemporalCurrent   = "current" // memories that hold now
	temporalEvolution = "evolution"
)

func (in MemoryQuery) filter(workspace string, now time.Time) (memoryFilter, error) {
	var bad schema.Problems
	bad.Check(in)
	if text.Blank(in.Query) && (in.Query != "" || len(in.Topics) == 0) {
		bad.Invalid("query", "required", "must not be blank, unless there are topics and it is left out")
	}
	f := memoryFilter{workspace: workspace, kind: in.Type, scope: in.Scope}
	if in.Outcome != anyOutcome {
		f.outcome = in.Outcome
	}
	f.Event = bad.Span("eventTimeFrom", in.EventFrom, "eventTimeTo", in.EventTo)
	f.Ingested = bad.Span("ingestionTimeFrom", in.IngestedFrom, "ingestionTimeTo", in.IngestedTo)
	if f.ValidAt = bad.Time("validAtTime", in.ValidAt); f.ValidAt.IsZero() && in.Temporal == TemporalCurrent {
		f.ValidAt, f.standing = now, true
	}
	f.AsOf = bad.Until("asOfTime", in.AsOf)
	if t := f.AsOf; !t.IsZero() && (f.Ingested.To.IsZero() || t.Before(f.Ingested.To)) {
		f.Ingested.To = t
	}
	f.any = f.kind+f.outcome != "" || len(in.Topics)+len(in.ExcludeTopics)+len(f.scope) > 0 || !f.ValidAt.IsZero() ||
		f.Event != (timestamp.Range{}) || f.Ingested != (timestamp.Range{}) || !in.byRelevance() || in.Task != "" || in.Facets
	return f, bad.Result()
}

func (f memoryFilter) wants(m memory.Memory) bool {
	switch {
	case f.kind != "" && m.Type != f.kind, f.outcome != "" && m.Outcome != f.outcome, !f.Ingested.Holds(m.CreatedAt),
		!f.Event.Holds(m.At()), !f.wantsTopics(m), f.standing && m.EffectiveState() == memory.Superseded:
		return false
	}
	return f.ValidAt.IsZero() || (timestamp.Range{From: m.ValidFrom}).Holds(f.ValidAt) && (m.ValidTo.IsZero() || f.ValidAt.Before(m.ValidTo))
}

// wantsTopics applies the filters of topics and scope. It computes the ids of a
// memory's topics only if there is such a filter.
func (f memoryFilter) wantsTopics(m memory.Memory) bool {
	if len(f.topics)+len(f.excluded)+len(f.scope) == 0 {
		return true
	}
	e := memory.NewEntry(f.workspace, m)
	return (len(f.topics) == 0 || e.Has(f.topics)) && !e.Has(f.excluded) && (e.In(f.scope) || f.unscoped && m.CodeContext == nil)
}

// byRelevance reports whether the order is that of the index.
func (in MemoryQuery) byRelevance() bool {
	return (in.SortBy == "" || in.SortBy == sortRelevance) && in.Order != cursor.Ascending && in.Temporal != temporalEvolution
}

// evolution reports whether the order is that of a timeline.
func (in MemoryQuery) evolution() bool {
	return in.Temporal == temporalEvolution && (in.SortBy == "" || in.SortBy == sortRelevance) && in.Order != cursor.Ascending
}

// ownFirst puts the memories of a task before the others, each in their order.
func (in MemoryQuery) ownFirst(hits []MemoryHit) {
	if in.Task == "" {
		return
	}
	slices.SortStableFunc(hits, func(a, b MemoryHit) int {
		switch own := a.TaskID == in.Task; {
		case own == (b.TaskID == in.Task):
			return 0
		case own:
			return -1
		}
		return 1
	})
}

// sort orders hits that are in the order of the index.
func (in MemoryQuery) sort(hits []MemoryHit) {
	if in.byRelevance() {
		return
	}
	if in.evolution() {
		in.SortBy, in.Order = memory.SortEvent, cursor.Ascending
	}
	slices.SortStableFunc(hits, func(a, b MemoryHit) int {
		c := cmp.Compare(a.Score, b.Score)
		if in.SortBy != "" && in.SortBy != sortRelevance {
			c = memory.SortedBy(in.SortBy, a.CreatedAt, a.UpdatedAt, a.At()).Compare(memory.SortedBy(in.SortBy, b.CreatedAt, b.UpdatedAt, b.At()))
		}
		if in.Order == cursor.Ascending {
			return c
		}
		return -c
	})
}

// matches returns what the index finds in conversations that are not hidden, up
// to maxMemoryMatches, and whether that is all.
func (s *Service) matches(ctx context.Context, workspace string, in MemoryQuery, within timestamp.Range) (all []search.Match, complete bool, err error) {
	hidden, err := s.Conversations.Hidden(ctx, workspace)
	if err != nil {
		return nil, false, err
	}
	for match, err := range s.Conversations.Index.Memories(ctx, workspace, search.Query{Text: in.Query, Now: s.Conversations.Time(), Within: within}) {
		if err != nil {
			return nil, false, fmt.Errorf("searching memories: %w", err)
		}
		if hidden[match.Conversation] || in.Conversation != "" && match.Conversation != in.Conversation {
			continue
		}
		if len(all) == maxMemoryMatches {
			return all, false, nil
		}
		all = append(all, match)
	}
	return all, true, nil
}

// readMatches reads the memories of matches, and drops those that are gone or that
// the filter excludes. Without a filter the matches are one page.
func (s *Service) readMatches(ctx context.Context, workspace string, matches []search.Match, f memoryFilter) ([]MemoryHit, error) {
	var out []MemoryHit
	size := 0
	for chunk := range slices.Chunk(matches, table.MaxBatchGet) {
		ids := make([]string, len(chunk))
		for i, match := range chunk {
			ids[i] = match.Memory
		}
		found, err := s.memories().Present(ctx, workspace, ids)
		if err != nil {
			return nil, err
		}
		for i, m := range found {
			if m.ID != "" && f.wants(m) {
				size += m.Weight()
				out = append(out, MemoryHit{
					Memory: m, Score: chunk[i].Score, Preview: search.Snippet(m.Content, chunk[i].Terms, maxPreview),
				})
			}
		}
		if err := conversation.CheckPage(size); err != nil && !f.any {
			return nil, err
		}
	}
	return out, nil
}
