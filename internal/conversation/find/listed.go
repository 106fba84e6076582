package find

import (
	"context"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/cursor"
	"griot/internal/search"
	"griot/internal/timestamp"
)

// listed answers a search without words: a list of the memories that have topics, as
// hits which are all as good. What a list does not select by it looks for in the
// first maxMemoryMatches.
func (s *Service) listed(ctx context.Context, p access.Principal, in MemoryQuery, f memoryFilter) (MemoryHits, error) {
	list := memory.ListInput{
		Limit: in.Limit, Offset: in.Offset, SortBy: in.SortBy, Order: in.Order, Topics: in.Topics, ExcludeTopics: in.ExcludeTopics,
		Conversation: in.Conversation, Scope: in.Scope, From: written(f.Ingested.From), To: written(f.Ingested.To),
	}
	switch {
	case in.evolution():
		list.SortBy, list.Order = memory.SortEvent, cursor.Ascending
	case in.SortBy == sortRelevance:
		list.SortBy = memory.SortCreated
	}
	rest := f
	rest.Ingested = timestamp.Range{} // the list selects by it
	more := f.kind+f.outcome != "" || !f.ValidAt.IsZero() || f.Event != (timestamp.Range{}) || in.Task != "" || in.Facets
	if more {
		list.Limit, list.Offset = maxMemoryMatches, 0
	}
	page, err := s.memories().List(ctx, p, list)
	if err != nil {
		return MemoryHits{}, err
	}
	out := MemoryHits{Total: page.Total, Complete: !more || page.Total <= maxMemoryMatches, Filter: f.MemoryTimes}
	size := 0
	for m, err := range page.Memories {
		if err != nil {
			return MemoryHits{}, err
		}
		if !rest.wants(m) {
			continue
		}
		hit := MemoryHit{Memory: m, Score: 1, Preview: search.Snippet(m.Content, nil, maxPreview)}
		if out.Hits = append(out.Hits, hit); !more {
			size += m.Weight()
		}
		if err := conversation.CheckPage(size); err != nil {
			return MemoryHits{}, err
		}
	}
	if !more {
		return out, nil
	}
	in.ownFirst(out.Hits)
	if in.Facets {
		out.Facets = facetsOf(p.Workspace, out.Hits)
	}
	out.Total = len(out.Hits)
	out.Hits = cursor.Window(out.Hits, in.Limit, in.Offset)
	for _, hit := range out.Hits {
		size += hit.Weight()
	}
	return out, conversation.CheckPage(size)
}

// written is a time as lists read it.
func written(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
