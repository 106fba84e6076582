package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/schema"
)

// StatsInput says which memories are counted, and how. Zero values filter nothing.
// A memory counts in the day, week or month in which it was made (UTC).
type StatsInput struct {
	GroupBy string `json:"groupBy" is:"of:day|week|month|topic" default:"day"`
	// Made then or later.
	After string `json:"after" is:"as:day"`
	// Made then or earlier; a date includes its day. Not before `after`.
	Before string `json:"before" is:"as:day"`
	// Such as 24h, 7d, 2w or 1mo (30 days); takes the place of `after`.
	Recent string `json:"recent" is:"as:age"`
	// Only memories that have it.
	Topic string `json:"topic" is:"line ..100"`
	// Of groups.
	Limit int `json:"limit" is:"1..1000" default:"100"`
}

// Stats are the numbers of memories in groups: the latest days, weeks or months
// first, or the topics of most memories. Total counts the memories of all groups,
// each once. After and Before are the bounds that were applied.
type Stats struct {
	GroupBy       string
	Groups        []Group
	Total         int
	After, Before time.Time
}

// Group is a day (2026-05-18), a week (2026-W21), a month (2026-05) or a topic,
// and how many memories are of it.
type Group struct {
	Name string
	N    int
}

// Values of GroupBy.
const (
	GroupDay   = "day"
	GroupWeek  = "week"
	GroupMonth = "month"
	GroupTopic = "topic"
)

// Counts are numbers of memories.
type Counts struct{ *Service }

// Stats counts memories. It walks the compact rows of those that were made in the
// range: a read unit per about 20; and for the names of topics reads all of these, a
// unit per about 30.
func (s Counts) Stats(ctx context.Context, p access.Principal, in StatsInput) (Stats, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Stats{}, err
	}
	if err := schema.CheckQuery(in); err != nil {
		return Stats{}, err
	}
	in.GroupBy = cmp.Or(in.GroupBy, GroupDay)
	if _, err := schema.QuerySpan("after", in.After, "before", in.Before); err != nil {
		return Stats{}, err
	}
	chosen := ListInput{Limit: 1, From: in.After, To: in.Before, Recent: in.Recent}
	if in.Topic != "" {
		chosen.Topics = []string{in.Topic}
	}
	l, err := newList(ctx, s.Service, p.Workspace, chosen)
	if err != nil {
		return Stats{}, err
	}
	out := Stats{GroupBy: in.GroupBy, After: l.created.From, Before: l.created.To}
	counts, err := l.counts(ctx, in.GroupBy)
	if err != nil {
		return Stats{}, err
	}
	out.Total = counts[allOf]
	delete(counts, allOf)
	if in.GroupBy == GroupTopic {
		if counts, err = s.named(ctx, p.Workspace, counts); err != nil {
			return Stats{}, err
		}
	}
	out.Groups = groups(counts, in)
	return out, nil
}

// allOf is where the number of all memories is counted.
const allOf = ""

// counts adds up the memories of a list by their groups; topics have their ids.
func (l *list) counts(ctx context.Context, by string) (map[string]int, error) {
	hidden, err := l.Conversations.Hidden(ctx, l.workspace)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for e, err := range l.Store().Entries(ctx, l.workspace, l.created, true, 0) {
		if err != nil {
			return nil, err
		}
		if hidden[e.Conversation] || !l.wants(e) {
			continue
		}
		counts[allOf]++
		for _, group := range e.groups(by) {
			counts[group]++
		}
	}
	return counts, nil
}

func (e Entry) groups(by string) []string {
	switch by {
	case GroupTopic:
		return e.topicIDs()
	case GroupMonth:
		return []string{e.Created.Format("2006-01")}
	case GroupWeek:
		year, week := e.Created.ISOWeek()
		return []string{fmt.Sprintf("%04d-W%02d", year, week)}
	}
	return []string{e.Created.Format(time.DateOnly)}
}

// named gives what is counted by the ids of topics by their names.
func (s Counts) named(ctx context.Context, workspace string, counts map[string]int) (map[string]int, error) {
	topics, _, err := s.topicIndex().All(ctx, workspace)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, t := range topics {
		if n := counts[t.ID]; n > 0 {
			out[t.Name] += n
		}
	}
	return out, nil
}

// groups puts what is counted in its order.
func groups(counts map[string]int, in StatsInput) []Group {
	out := make([]Group, 0, len(counts))
	for name, n := range counts {
		out = append(out, Group{name, n})
	}
	slices.SortFunc(out, func(a, b Group) int {
		if in.GroupBy == GroupTopic {
			return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name))
		}
		return cmp.Compare(b.Name, a.Name)
	})
	return out[:min(in.Limit, len(out))]
}
