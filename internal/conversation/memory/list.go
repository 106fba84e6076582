package memory

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"griot/internal/cursor"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
	"griot/internal/timestamp"
)

// ListInput selects memories. Zero values filter nothing; From and To
// are RFC 3339 times or dates and bound the creation, both included; Recent,
// such as 24h, 7d or 2w, takes the place of From.
type ListInput struct {
	// The first characters of an id.
	IDPrefix string `json:"idPrefix" is:"6.."`
	Limit    int    `json:"limit" is:"1..1000" default:"20"`
	Offset   int    `json:"offset" is:"0..1099511627776" default:"0"`
	SortBy   string `json:"sortBy" is:"of:createdAt|updatedAt|eventTime" default:"createdAt"`
	Order    string `json:"order" is:"of:asc|desc" default:"desc"`
	// Created then or later.
	From string `json:"from" is:"as:day"`
	// Created then or earlier; a date includes its day. Not before `from`.
	To string `json:"to" is:"as:day"`
	// Such as 24h, 7d, 2w or 1mo (30 days); takes the place of `from`.
	Recent string `json:"recent" is:"as:age"`
	// Any of them.
	Topics []string `json:"topics"`
	// None of them.
	ExcludeTopics []string `json:"excludeTopics"`
	Conversation  string   `json:"conversationId"`
	// Pairs between commas, such as product:griot,team:core, of product, service,
	// team and role.
	Scope map[string]string `json:"scope" is:"names of:product|service|team|role"`
}

// Page is a part of a list; Total counts all that match. Memories are
// read as they are consumed; those that went meanwhile are left out, and an
// error ends it. From and To are the bounds that were applied.
type Page struct {
	Memories iter.Seq2[Memory, error]
	Total    int
	From, To time.Time
}

// Values of SortBy in lists.
const (
	SortCreated = "createdAt"
	SortUpdated = "updatedAt"
	SortEvent   = "eventTime"
)

// there leaves out memories that are not there.
func there(memories iter.Seq2[Memory, error]) iter.Seq2[Memory, error] {
	return func(yield func(Memory, error) bool) {
		for m, err := range memories {
			if (m.ID != "" || err != nil) && !yield(m, err) {
				return
			}
		}
	}
}

// list is a list's request, understood.
type list struct {
	*Service
	workspace        string
	in               ListInput
	created          timestamp.Range
	topics, excluded []string // ids
}

func newList(ctx context.Context, s *Service, workspace string, in ListInput) (*list, error) {
	if err := schema.CheckQuery(in); err != nil {
		return nil, err
	}
	l := &list{Service: s, workspace: workspace, in: in}
	if in.Recent != "" {
		age, err := parseAge(in.Recent)
		if err != nil {
			return nil, err
		}
		in.From = s.Conversations.Time().Add(-age).Format(time.RFC3339Nano)
	}
	var err error
	if l.created, err = schema.QuerySpan("from", in.From, "to", in.To); err != nil {
		return nil, err
	}
	l.topics, l.excluded, err = s.topicIndex().Selected(ctx, workspace, in.Topics, in.ExcludeTopics)
	return l, err
}

var agePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([1-9][0-9]{0,4})(h|d|w|mo)$`)
})

// maxAge is the longest that an age may mean: a time.Duration ends at 292 years.
const maxAge = 200 * 365 * 24 * time.Hour

// parseAge reads an age such as 24h, 7d, 2w or 1mo.
func parseAge(s string) (time.Duration, error) {
	parts := agePattern().FindStringSubmatch(s)
	if parts == nil {
		return 0, errs.New(errs.Malformed, "recent must be a number of hours, days, weeks or months, such as 24h, 7d, 2w or 1mo")
	}
	n, _ := strconv.Atoi(parts[1]) // five digits
	unit := map[string]time.Duration{"h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour, "mo": 30 * 24 * time.Hour}[parts[2]]
	return time.Duration(min(int64(n), int64(maxAge/unit))) * unit, nil
}

// read returns the entries of the page and the number of all that match.
func (l *list) read(ctx context.Context) ([]Entry, int, error) {
	hidden, err := l.Conversations.Hidden(ctx, l.workspace)
	if err != nil {
		return nil, 0, err
	}
	total := -1 // count while walking
	if l.plain() {
		if total, err = l.count(ctx); err != nil {
			return nil, 0, err
		}
	}
	var all []Entry
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
	return cursor.Window(all, l.in.Limit, l.in.Offset), total, nil
}

// plain reports whether the list is all memories in the order of the rows.
func (l *list) plain() bool {
	return (l.in.SortBy == "" || l.in.SortBy == SortCreated) && l.created == (timestamp.Range{}) &&
		l.in.IDPrefix == "" && l.in.Conversation == "" && len(l.topics)+len(l.excluded)+len(l.in.Scope) == 0
}

func (l *list) wants(e Entry) bool {
	return l.created.Holds(e.Created) && (l.in.Conversation == "" || e.Conversation == l.in.Conversation) &&
		(len(l.topics) == 0 || e.Has(l.topics)) && !e.Has(l.excluded) && e.In(l.in.Scope)
}

func (l *list) compare(a, b Entry) int {
	c := SortedBy(l.in.SortBy, a.Created, a.Updated, a.At()).Compare(SortedBy(l.in.SortBy, b.Created, b.Updated, b.At()))
	c = cmp.Or(c, a.Created.Compare(b.Created), cmp.Compare(a.ID, b.ID))
	if l.in.Order == cursor.Ascending {
		return c
	}
	return -c
}

// SortedBy is the one of a memory's times by which it is sorted.
func SortedBy(name string, created, updated, at time.Time) time.Time {
	switch name {
	case SortUpdated:
		return updated
	case SortEvent:
		return at
	}
	return created
}

// entries walks the shortest list that has all that may match.
func (l *list) entries(ctx context.Context) iter.Seq2[Entry, error] {
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
		return l.Store().Entries(ctx, l.workspace, l.created, l.in.Order != cursor.Ascending, atATime)
	}
}

// byPrefix finds memories by the beginning of their ids. One that is no part
// of an id has none.
func (l *list) byPrefix(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		prefix := strings.ToLower(l.in.IDPrefix)
		if strings.Trim(prefix, "0123456789abcdef-") != "" {
			return
		}
		ids, err := l.Store().Prefix(ctx, l.workspace, prefix)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		found, err := l.Present(ctx, l.workspace, ids)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for _, m := range found {
			if m.ID != "" && !yield(NewEntry(l.workspace, m), nil) {
				return
			}
		}
	}
}

func (l *list) ofConversation(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if !id.Valid(id.Conversation, l.in.Conversation) {
			return
		}
		for m, err := range l.Store().Timeline(ctx, record.In(l.workspace, l.in.Conversation)) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if !yield(NewEntry(l.workspace, m), nil) {
				return
			}
		}
	}
}

// count adds up the rows that count the workspace's memories.
func (l *list) count(ctx context.Context) (int, error) {
	rows, err := l.Conversations.Quotas().MemoryRows(ctx, l.workspace)
	n := int64(0)
	for _, row := range rows {
		n += row.Int("memories")
	}
	return int(n), err
}

// Entry is a memory in a list: what lists select and sort by.
type Entry struct {
	ID           string
	Conversation string
	Created      time.Time
	Updated      time.Time
	Event        time.Time // zero: none
	topics       string    // ids, joined
	scope        map[string]string
}

// At is the time that a timeline orders by.
func (e Entry) At() time.Time {
	if !e.Event.IsZero() {
		return e.Event
	}
	return e.Created
}

// Row is the key of the memory itself.
func (e Entry) Row(workspace string) table.Key {
	return rowKey(workspace, Memory{
		ID: e.ID, Conversation: e.Conversation, CreatedAt: e.Created, EventTime: e.Event,
	})
}

// Has reports whether the memory has one of the topics.
func (e Entry) Has(topicIDs []string) bool {
	for _, topicID := range topicIDs {
		if strings.Contains(e.topics, topicID) {
			return true
		}
	}
	return false
}

// topicIDs returns the ids of the memory's topics.
func (e Entry) topicIDs() []string {
	const length = 36 // of a UUID
	var ids []string
	for i := 0; i+length <= len(e.topics); i += length {
		ids = append(ids, e.topics[i:i+length])
	}
	return ids
}

// In reports whether the memory's code context has all of a scope's values.
func (e Entry) In(scope map[string]string) bool {
	for name, value := range scope {
		if e.scope[name] != value {
			return false
		}
	}
	return true
}

// NewEntry returns a memory's entry.
func NewEntry(workspace string, m Memory) Entry {
	e := Entry{
		ID: m.ID, Conversation: m.Conversation, Created: m.CreatedAt, Updated: m.UpdatedAt, Event: m.EventTime,
		scope: m.scope(),
	}
	for _, t := range m.Named(workspace) {
		e.topics += t.ID
	}
	return e
}

func readEntry(item table.Item) (Entry, error) {
	created, memoryID, _ := strings.Cut(item.SK, "#")
	ms, err := strconv.ParseInt(created, 10, 64)
	if err != nil {
		return Entry{}, fmt.Errorf("reading a list row: %w", err)
	}
	e := Entry{
		ID: memoryID, Conversation: item.Str("conv"), Created: time.UnixMilli(ms).UTC(),
		Updated: item.Time("updated"), Event: item.Time("event"), topics: item.Str("topics"),
	}
	for _, name := range Scopes {
		if value := item.Str(name); value != "" {
			if e.scope == nil {
				e.scope = map[string]string{}
			}
			e.scope[name] = value
		}
	}
	return e, nil
}

// Entries walks the list of a workspace by creation, so many rows at a time
// (0: as many as a page holds): a read unit per about 20 memories.
func (s Store) Entries(ctx context.Context, workspace string, in timestamp.Range, desc bool, atATime int) iter.Seq2[Entry, error] {
	q := table.Query{
		Table: table.Conversations, PK: listKey(workspace, Memory{}).PK, Reverse: desc, Limit: atATime, Consistency: table.Consistent,
	}
	if !in.From.IsZero() {
		q.From = fmt.Sprintf("%013d#", max(0, in.From.UnixMilli()))
	}
	if !in.To.IsZero() {
		q.To = fmt.Sprintf("%013d#~", max(0, in.To.UnixMilli()))
	}
	return func(yield func(Entry, error) bool) {
		if q.To != "" && q.From > q.To {
			return
		}
		for item, err := range table.All(ctx, s.Table, q) {
			if err != nil {
				yield(Entry{}, fmt.Errorf("walking memories: %w", err))
				return
			}
			if e, err := readEntry(item); !yield(e, err) || err != nil {
				return
			}
		}
	}
}
