package conversation

import (
	"cmp"
	"context"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"griot/internal/access"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/table"
)

// ListMemories returns a part of the memories and the number of all that
// match. A Limit out of 1 to 1,000 is Malformed.
//
// By creation and without a filter it walks the compact rows up to the page's
// end, else all of them: a read unit per about 20. In a conversation it walks
// the memories themselves.
func (s *Service) ListMemories(ctx context.Context, p access.Principal, in MemoryListInput) (MemoryPage, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return MemoryPage{}, err
	}
	l, err := s.memoryList(ctx, p.Workspace, in)
	if err != nil {
		return MemoryPage{}, err
	}
	entries, total, err := l.read(ctx)
	if err != nil {
		return MemoryPage{}, err
	}
	keys := make([]table.Key, len(entries))
	for i, e := range entries {
		keys[i] = e.Row(p.Workspace)
	}
	return MemoryPage{Memories: there(s.rows(ctx, p.Workspace, keys)), Total: total, From: l.created.From, To: l.created.To}, nil
}

// there leaves out memories that are not there.
func there(memories iter.Seq2[memory.Memory, error]) iter.Seq2[memory.Memory, error] {
	return func(yield func(memory.Memory, error) bool) {
		for m, err := range memories {
			if (m.ID != "" || err != nil) && !yield(m, err) {
				return
			}
		}
	}
}

// memoryList is a list's request, understood.
type memoryList struct {
	s                *Service
	workspace        string
	in               MemoryListInput
	created          memory.Range
	topics, excluded []string // ids
}

func (s *Service) memoryList(ctx context.Context, workspace string, in MemoryListInput) (*memoryList, error) {
	if err := checkQuery(in); err != nil {
		return nil, err
	}
	l := &memoryList{s: s, workspace: workspace, in: in}
	if in.Recent != "" {
		age, err := parseAge(in.Recent)
		if err != nil {
			return nil, err
		}
		in.From = s.now().Add(-age).Format(time.RFC3339Nano)
	}
	var err error
	if l.created, err = queryTimes("from", in.From, "to", in.To); err != nil {
		return nil, err
	}
	l.topics, l.excluded, err = s.selected(ctx, workspace, in.Topics, in.ExcludeTopics)
	return l, err
}

var agePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([1-9][0-9]{0,4})([hdw])$`)
})

// parseAge reads an age such as 24h, 7d or 2w.
func parseAge(s string) (time.Duration, error) {
	parts := agePattern().FindStringSubmatch(s)
	if parts == nil {
		return 0, errs.New(errs.Malformed, "recent must be a number of hours, days or weeks, such as 24h, 7d or 2w")
	}
	n, _ := strconv.Atoi(parts[1]) // five digits
	unit := map[string]time.Duration{"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[parts[2]]
	return time.Duration(n) * unit, nil
}

// read returns the entries of the page and the number of all that match.
func (l *memoryList) read(ctx context.Context) ([]memory.Entry, int, error) {
	hidden, err := l.s.hidden(ctx, l.workspace)
	if err != nil {
		return nil, 0, err
	}
	total := -1 // count while walking
	if l.plain() {
		if total, err = l.s.countMemories(ctx, l.workspace); err != nil {
			return nil, 0, err
		}
	}
	var all []memory.Entry
	for e, err := range l.entries(ctx) {
		if err != nil {
			return nil, 0, err
		}
		if hidden[e.Conversation] || !l.wants(e) {
			continue
		}
		if all = append(all, e); total >= 0 && len(all) == l.in.Offset+l.in.Limit {
			break
		}
	}
	if total < 0 {
		total = len(all)
		slices.SortFunc(all, l.compare)
	}
	return window(all, l.in.Limit, l.in.Offset), total, nil
}

// plain reports whether the list is all memories in the order of the rows.
func (l *memoryList) plain() bool {
	return (l.in.SortBy == "" || l.in.SortBy == SortCreated) && l.created == (memory.Range{}) &&
		l.in.IDPrefix == "" && l.in.Conversation == "" && len(l.topics)+len(l.excluded)+len(l.in.Scope) == 0
}

func (l *memoryList) wants(e memory.Entry) bool {
	return l.created.Holds(e.Created) && (l.in.Conversation == "" || e.Conversation == l.in.Conversation) &&
		(len(l.topics) == 0 || e.Has(l.topics)) && !e.Has(l.excluded) && e.In(l.in.Scope)
}

func (l *memoryList) compare(a, b memory.Entry) int {
	c := sortedBy(l.in.SortBy, a.Created, a.Updated, a.At()).Compare(sortedBy(l.in.SortBy, b.Created, b.Updated, b.At()))
	c = cmp.Or(c, a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	if l.in.Order == Ascending {
		return c
	}
	return -c
}

// sortedBy is the one of a memory's times by which it is sorted.
func sortedBy(name string, created, updated, at time.Time) time.Time {
	switch name {
	case SortUpdated:
		return updated
	case SortEvent:
		return at
	}
	return created
}

// entries walks the shortest list that has all that may match.
func (l *memoryList) entries(ctx context.Context) iter.Seq2[memory.Entry, error] {
	switch {
	case l.in.IDPrefix != "":
		return l.byPrefix(ctx)
	case l.in.Conversation != "":
		return l.ofConversation(ctx)
	default:
		atATime := 0
		if l.plain() {
			atATime = l.in.Offset + l.in.Limit
		}
		return l.s.store().Entries(ctx, l.workspace, l.created, l.in.Order != Ascending, atATime)
	}
}

// byPrefix finds memories by the beginning of their ids. One that is no part
// of an id has none.
func (l *memoryList) byPrefix(ctx context.Context) iter.Seq2[memory.Entry, error] {
	return func(yield func(memory.Entry, error) bool) {
		prefix := strings.ToLower(l.in.IDPrefix)
		if strings.Trim(prefix, "0123456789abcdef-") != "" {
			return
		}
		ids, err := l.s.store().Prefix(ctx, l.workspace, prefix)
		if err != nil {
			yield(memory.Entry{}, err)
			return
		}
		found, err := l.s.getMemories(ctx, l.workspace, ids)
		if err != nil {
			yield(memory.Entry{}, err)
			return
		}
		for _, m := range found {
			if m.ID != "" && !yield(memory.NewEntry(l.workspace, m), nil) {
				return
			}
		}
	}
}

func (l *memoryList) ofConversation(ctx context.Context) iter.Seq2[memory.Entry, error] {
	return func(yield func(memory.Entry, error) bool) {
		if !id.Valid(id.Conversation, l.in.Conversation) {
			return
		}
		for m, err := range l.s.store().Timeline(ctx, l.workspace, l.in.Conversation) {
			if err != nil {
				yield(memory.Entry{}, err)
				return
			}
			if !yield(memory.NewEntry(l.workspace, m), nil) {
				return
			}
		}
	}
}

// countMemories adds up the shards of the count.
func (s *Service) countMemories(ctx context.Context, workspace string) (int, error) {
	rows, err := s.quotas().MemoryRows(ctx, workspace)
	n := int64(0)
	for _, shard := range rows {
		n += shard.Int("memories")
	}
	return int(n), err
}
