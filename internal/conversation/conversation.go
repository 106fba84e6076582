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
	Title   string `json:"title" is:"filled line ..500"`
	Summary string `json:"summary" is:"..2000"`
}

// Change is the body of PATCH /api/conversations/{conversationId}; nil leaves
// as it is. "" removes a summary.
type Change struct {
	Title *string `json:"title" is:"filled line ..500"`
	// Null takes it away.
	Summary *string `json:"summary" is:"nullable ..2000"`

	_ struct{} `fixed:"id createdAt updatedAt lastActivityAt memoryCount messageCount sourceSessionId"`
}

// ListInput selects conversations. Since is an RFC 3339 time or a date, ""
// filters nothing; the zero SortBy and Order are createdAt and desc.
type ListInput struct {
	Limit  int `json:"limit" is:"1..1000" default:"20"`
	Offset int `json:"offset" is:"0..1099511627776" default:"0"`
	// Only those created after this time or date.
	Since  string `json:"since" is:"as:day"`
	SortBy string `json:"sortBy" is:"of:createdAt|lastActivityAt|memoryCount" default:"createdAt"`
	Order  string `json:"order" is:"of:asc|desc" default:"desc"`
	// Only those with so many memories or more.
	MinMemories int64 `json:"minMemories" is:"0..1099511627776"`
}

// Page is a part of a list; Total counts all that match.
type Page struct {
	Conversations []Conversation
	Total         int
}

// SearchInput is the body of POST /api/conversations/search. Zero values
// filter nothing.
type SearchInput struct {
	Query string `json:"query" is:"filled ..32768"`
	Limit int    `json:"limit" is:"1..1000" default:"20"`
	// Only conversations created after this time or date.
	Since string `json:"since" is:"given as:day"`
	// Only conversations created until then; a date includes its day. Not before
	// `since`.
	Until string `json:"until" is:"given as:day"`
	// Only conversations that have one of them; ids or names.
	Topics []string `json:"topics" is:"..10 full each line ..100"`
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
	// An id or a name.
	Topic string `json:"topicId" is:"filled ..32768"`
	Limit int    `json:"limit" is:"1..1000" default:"20"`
}

// MemoryInput is the body of POST /api/memories; "" means not given. Times
// are RFC 3339.
type MemoryInput struct {
	Content string `json:"content" is:"filled ..50000"`
	// An id or `NEW`; without it one is chosen.
	Conversation string `json:"conversationId" is:"given"`
	// Groups memories whose conversation is chosen.
	ClaudeSession string   `json:"claudeSessionId" is:"given ..200"`
	Name          string   `json:"name" is:"given as:name"`
	Type          string   `json:"memoryType" is:"given of:episodic|semantic|procedural"`
	Role          string   `json:"role" is:"given of:user|assistant|system"`
	Context       string   `json:"context" is:"..200"`
	Topics        []string `json:"topics" is:"..50 each line ..100"`
	// When it happened.
	EventTime   string              `json:"eventTime" is:"given as:day"`
	ValidFrom   string              `json:"validFrom" is:"given as:day"`
	ValidTo     string              `json:"validTo" is:"given as:day"`
	CodeContext *memory.CodeContext `json:"codeContext"`
	TaskID      string              `json:"taskId" is:"..200"`
	Outcome     string              `json:"outcome" is:"given of:resolved|unresolved"`
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
	Content *string   `json:"content" is:"filled ..50000"`
	Type    *string   `json:"memoryType" is:"of:episodic|semantic|procedural"`
	Context *string   `json:"context" is:"..200"`
	Topics  *[]string `json:"topics" is:"..50 each line ..100"`
	// Empty to take it away.
	Name *string `json:"name" is:"as:name-or-none"`
	// Null to take it away.
	Outcome *string `json:"outcome" is:"given nullable of:resolved|unresolved"`

	CodeContext *memory.CodeContext `json:"codeContext"`

	// What else a memory has, here or in the clients' schema.
	_ struct{} `fixed:"id sessionId claudeSessionId version role timestamp eventTime validFrom validTo taskId createdAt updatedAt effectiveState"`
	_ struct{} `fixed:"confidenceScore extractionStatus summary userTopics extractedTopics entities visibility"`
}

// NamedChange is the body of PUT /api/memories/named/{name}.
type NamedChange struct {
	MemoryChange
	// The memory's own.
	Conversation string `json:"conversationId" is:"given"`

	_ struct{} `fixed:"name" needs:"content"`
}

// MemoryListInput selects memories. Zero values filter nothing; From and To
// are RFC 3339 times or dates and bound the creation, both included; Recent,
// such as 24h, 7d or 2w, takes the place of From.
type MemoryListInput struct {
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
	// Such as 24h, 7d or 2w; takes the place of `from`.
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
	Query  string `json:"query" query:"-" is:"filled ..32768"`
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
	// Current: memories that hold now.
	Temporal string `json:"temporalMode" is:"of:current|historical|evolution"`
	// Its memories come first.
	Task   string `json:"taskId" is:"..200"`
	SortBy string `json:"sortBy" is:"of:relevance|createdAt|updatedAt|eventTime" default:"relevance"`
	Order  string `json:"order" is:"of:asc|desc" default:"desc"`
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
	Limit  int    `json:"limit" is:"1..100" default:"20"`
	Offset int    `json:"offset" is:"0..1099511627776" default:"0"`
	SortBy string `json:"sortBy" is:"of:memoryCount|name" default:"memoryCount"`
	// Unless given desc by count and asc by name.
	Order string `json:"order" is:"of:asc|desc"`
}

// TopicSearchInput is the body of POST /api/topics/search. Topics have all
// words of the query in their names, or words that begin like them.
type TopicSearchInput struct {
	Query  string `json:"query" is:"filled ..32768"`
	Limit  int    `json:"limit" is:"1..100" default:"20"`
	Offset int    `json:"offset" is:"0..1099511627776" default:"0"`
}

// MergeInput is the body of POST /api/topics/merge: ids or names.
type MergeInput struct {
	Source string `json:"sourceTopicId" is:"filled ..32768"`
	Target string `json:"targetTopicId" is:"filled ..32768"`
}

// MemoryIDs are those of the memories that a request is about.
type MemoryIDs struct {
	IDs []string `json:"ids" is:"required 1..100"`
}

// TopicPage is a part of a list; Total counts all that match.
type TopicPage struct {
	Topics []topic.Topic
	Total  int
}
