// Package conversation keeps conversations and their memories: what clients
// say and remember, and what finished sessions become. Every change is one
// conditional transaction; a delete hides at once, and a job removes the rest.
package conversation

import (
	"iter"
	"time"

	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
)

// Conversation groups the memories of one piece of work.
type Conversation struct {
	ID            string // conv_…, in the order of creation
	Title         string
	Summary       string // "": none
	SourceSession string // ses_… of the session it was made from, or ""
	CreatedAt     time.Time
	UpdatedAt     time.Time // when a person changed it last, or ActiveAt if that was later
	ActiveAt      time.Time // its creation, or that of its last memory
	Memories      int64
}

// CreateInput is the body of POST /api/conversations.
type CreateInput struct {
	Title   string
	Summary string
}

// Change is the body of PATCH /api/conversations/{conversationId}; nil leaves
// as it is. "" removes a summary.
type Change struct {
	Title   *string
	Summary *string
}

// ListInput selects conversations. Since is an RFC 3339 time or a date, ""
// filters nothing; the zero SortBy and Order are createdAt and desc.
type ListInput struct {
	Limit, Offset int
	Since         string
	SortBy        string // createdAt, lastActivityAt, memoryCount
	Order         string // asc, desc
	MinMemories   int64
}

// Page is a part of a list; Total counts all that match.
type Page struct {
	Conversations []Conversation
	Total         int
}

// SearchInput is the body of POST /api/conversations/search. Zero values
// filter nothing.
type SearchInput struct {
	Query  string
	Limit  int
	Since  string   // a time or date of creation: strictly after
	Until  string   // up to, with its day
	Topics []string // ids or names: any of them
}

// Hit is a conversation that matches a query.
type Hit struct {
	Conversation
	Score    float64
	Snippet  string   // of the best memory, or of title and summary
	Memories []string // ids of the memories that match, best first; at most maxMatches
}

// TopicInput is the body of POST /api/conversations/by-topic; Topic is an id
// or a name.
type TopicInput struct {
	Topic string
	Limit int
}

// MemoryInput is the body of POST /api/memories; "" means not given. Times
// are RFC 3339.
type MemoryInput struct {
	Conversation  string // an id, NEW, or "": one is chosen
	ClaudeSession string // groups memories whose conversation is chosen
	Content       string
	Type          string
	Role          string
	Name          string
	Context       string
	Outcome       string
	TaskID        string
	Topics        []string
	CodeContext   *memory.CodeContext
	EventTime     string
	ValidFrom     string
	ValidTo       string
}

// NewConversation as MemoryInput.Conversation asks for a new one.
const NewConversation = "NEW"

// Created is a new memory and where it went.
type Created struct {
	Memory              memory.Memory
	ConversationCreated bool
	SessionCreated      bool // the memory session, see memory.Memory.Session
}

// MemoryChange is the body of PUT /api/memories/{id}; nil leaves as it is. ""
// removes a name, a context or an outcome.
type MemoryChange struct {
	Content *string
	Type    *string
	Context *string
	Topics  *[]string
	Name    *string
	Outcome *string

	CodeContext *memory.CodeContext
}

// MemoryListInput selects memories. Zero values filter nothing; From and To
// are RFC 3339 times or dates and bound the creation, both included; Recent,
// such as 24h, 7d or 2w, takes the place of From.
type MemoryListInput struct {
	IDPrefix              string // at least 6 characters
	Limit, Offset         int
	SortBy                string // createdAt, updatedAt, eventTime
	Order                 string // asc, desc
	From, To, Recent      string
	Topics, ExcludeTopics []string // any of them
	Conversation          string
	Scope                 map[string]string // product, service, team, role: all of them
}

// MemoryPage is a part of a list; Total counts all that match. Memories are
// read as they are consumed; those that went meanwhile are left out, and an
// error ends it. From and To are the bounds that were applied.
type MemoryPage struct {
	Memories iter.Seq2[memory.Memory, error]
	Total    int
	From, To time.Time
}

// Deleted says what became of a bulk deletion.
type Deleted struct {
	Deleted int
	Missing []string // ids that name no memory
}

// MemorySearchInput is the body of POST /api/memories/search. Zero values
// filter nothing; times are RFC 3339.
type MemorySearchInput struct {
	Query                    string
	Limit, Offset            int
	Topics, ExcludeTopics    []string          // any of them
	Scope                    map[string]string // as in MemoryListInput
	Type                     string
	Outcome                  string // resolved, unresolved; "any" is none
	Conversation             string
	EventFrom, EventTo       string
	IngestedFrom, IngestedTo string
	AsOf                     string // those that had been made then, as they are now
	ValidAt                  string // those that hold at that time
	Temporal                 string // current: those that hold now; historical and evolution select nothing by themselves
	Task                     string // memories of the task come first
	SortBy                   string // relevance, or as in MemoryListInput
	Order                    string // asc, desc; best or latest first unless asc
}

// MemoryHit is a memory that matches a query.
type MemoryHit struct {
	memory.Memory
	Score   float64
	Preview string // at most 200 characters
}

// MemoryHits are a part of what matches; Total counts all, up to
// maxMemoryMatches.
type MemoryHits struct {
	Hits  []MemoryHit
	Total int
}

// TopicListInput selects topics; the zero SortBy and Order are memoryCount
// and desc.
type TopicListInput struct {
	Limit, Offset int
	SortBy        string // name, memoryCount
	Order         string // asc, desc
	Query         string // words that the name has, for SearchTopics
}

// TopicPage is a part of a list; Total counts all that match.
type TopicPage struct {
	Topics []topic.Topic
	Total  int
}
