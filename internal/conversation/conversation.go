// Package conversation keeps conversations: their titles and summaries, lists
// of them, and their deletion, which hides at once what a job removes later.
// Every change is one conditional transaction.
//
// What belongs to conversations is in packages above this one, memories in
// package memory foremost. A transaction that changes both is made there, of
// the writes that this package returns for its own rows.
package conversation

import "time"

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
	FirstEvent    time.Time // the first and the last time that its memories are about;
	LastEvent     time.Time // zero where it has none
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

	_ struct{} `fixed:"id createdAt updatedAt lastActivityAt memoryCount messageCount firstEventTime lastEventTime sourceSessionId"`
}

// ListInput selects conversations. Since is an RFC 3339 time or a date, ""
// filters nothing; the zero SortBy and Order are createdAt and desc.
type ListInput struct {
	Limit  int `json:"limit" is:"1..1000" default:"20"`
	Offset int `json:"offset" is:"0..1099511627776" default:"0"`
	// Only those created after this time or date.
	Since string `json:"since" is:"as:day"`
	// eventTime is lastEventTime; a conversation without memories stands at its
	// creation.
	SortBy string `json:"sortBy" is:"of:createdAt|lastActivityAt|memoryCount|lastEventTime|eventTime" default:"createdAt"`
	Order  string `json:"order" is:"of:asc|desc" default:"desc"`
	// Only those with so many memories or more.
	MinMemories int64 `json:"minMemories" is:"0..1099511627776"`
	// The `nextCursor` of the page before, of a list with the same `sortBy` and
	// `order`; without `offset`.
	Cursor string `json:"cursor"`
}

// Page is a part of a list; Total counts all that match. Next is the Cursor of
// the page that follows, "" when nothing does.
type Page struct {
	Conversations []Conversation
	Total         int
	Next          string
}

// Values of SortBy in lists.
const (
	SortCreated  = "createdAt"
	SortActivity = "lastActivityAt"
	SortMemories = "memoryCount"
	SortEvent    = "lastEventTime"
	sortEvent    = "eventTime" // the same
)

// TopicInput is the body of POST /api/conversations/by-topic; Topic is an id
// or a name.
type TopicInput struct {
	// An id or a name.
	Topic string `json:"topicId" is:"filled ..32768"`
	Limit int    `json:"limit" is:"1..1000" default:"20"`
}
