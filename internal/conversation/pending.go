package conversation

import (
	"context"
	"iter"
	"time"

	"griot/internal/access"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/topic"
	"griot/internal/deletion"
	"griot/internal/due"
	"griot/internal/extraction"
	"griot/internal/idempotency"
	"griot/internal/table"
	"griot/internal/transcript"
)

// Create makes an empty conversation.
func (s *Service) Create(ctx context.Context, p access.Principal, in CreateInput, claim *idempotency.Claim) (Conversation, error) {
	panic("not written yet")
}

// Get returns a conversation of the caller's workspace.
func (s *Service) Get(ctx context.Context, p access.Principal, conversationID string) (Conversation, error) {
	panic("not written yet")
}

// List returns a part of the conversations and the number of all that match.
// A Limit out of 1 to 1,000 is Malformed, and so is a page over MaxPage.
func (s *Service) List(ctx context.Context, p access.Principal, in ListInput) (Page, error) {
	panic("not written yet")
}

// Delete hides a conversation and its memories at once, everywhere, and has
// everything that belongs to it removed.
func (s *Service) Delete(ctx context.Context, p access.Principal, conversationID string) (deletion.Deletion, error) {
	panic("not written yet")
}

// Timeline is a conversation's memories in the order of what they tell
// (contract D 32). Count is the number of all of them; Memories yields those
// that were asked for, page by page as they are consumed. An error ends it.
type Timeline struct {
	Conversation Conversation
	Count        int64
	Memories     iter.Seq2[memory.Memory, error]
}

// Timeline returns all memories of a conversation, or limit of them (0: all)
// behind offset.
func (s *Service) Timeline(ctx context.Context, p access.Principal, conversationID string, limit, offset int) (Timeline, error) {
	panic("not written yet")
}

// ByTopic returns the conversations that have a memory with a topic, newest
// first. An unknown topic has none.
func (s *Service) ByTopic(ctx context.Context, p access.Principal, in TopicInput) ([]Conversation, error) {
	panic("not written yet")
}

// Search returns the conversations that match any word of a query, best
// first.
func (s *Service) Search(ctx context.Context, p access.Principal, in SearchInput) ([]Hit, error) {
	panic("not written yet")
}

// CreateMemory adds a memory to a conversation, or to a new one.
func (s *Service) CreateMemory(ctx context.Context, p access.Principal, in MemoryInput, claim *idempotency.Claim) (Created, error) {
	panic("not written yet")
}

// Memory returns a memory of the caller's workspace.
func (s *Service) Memory(ctx context.Context, p access.Principal, memoryID string) (memory.Memory, error) {
	panic("not written yet")
}

// MemoryByName returns the memory that has a name now.
func (s *Service) MemoryByName(ctx context.Context, p access.Principal, name string) (memory.Memory, error) {
	panic("not written yet")
}

// Memories returns the memories with the given ids (1 to 100), in their
// order, and the ids that name none.
func (s *Service) Memories(ctx context.Context, p access.Principal, ids []string) (found []memory.Memory, missing []string, err error) {
	panic("not written yet")
}

// ListMemories returns a part of the memories and the number of all that
// match. A Limit out of 1 to 100 is Malformed, and so is a page over MaxPage.
// It walks compact rows: all of the workspace's or the conversation's when it
// filters or sorts by anything but createdAt, else those up to the page's end.
func (s *Service) ListMemories(ctx context.Context, p access.Principal, in MemoryListInput) (MemoryPage, error) {
	panic("not written yet")
}

// Siblings returns a memory and the others of its conversation, oldest first.
// What would pass MaxPage is Malformed.
func (s *Service) Siblings(ctx context.Context, p access.Principal, memoryID string) (source memory.Memory, others []memory.Memory, err error) {
	panic("not written yet")
}

// UpdateMemory changes a memory and counts its version up.
func (s *Service) UpdateMemory(ctx context.Context, p access.Principal, memoryID string, in MemoryChange) (memory.Memory, error) {
	panic("not written yet")
}

// DeleteMemory removes a memory. Removing it again is no error for 30 days.
func (s *Service) DeleteMemory(ctx context.Context, p access.Principal, memoryID string) error {
	panic("not written yet")
}

// DeleteMemories removes 1 to 100 memories, each on its own.
func (s *Service) DeleteMemories(ctx context.Context, p access.Principal, ids []string) (Deleted, error) {
	panic("not written yet")
}

// SearchMemories returns the memories that match any word of a query, best
// first. A Limit out of 1 to 100 is InvalidArgument.
func (s *Service) SearchMemories(ctx context.Context, p access.Principal, in MemorySearchInput) (MemoryHits, error) {
	panic("not written yet")
}

// Topics returns a part of the topics that have memories.
func (s *Service) Topics(ctx context.Context, p access.Principal, in TopicListInput) (TopicPage, error) {
	panic("not written yet")
}

// Topic returns a topic by its id or its name.
func (s *Service) Topic(ctx context.Context, p access.Principal, idOrName string) (topic.Topic, error) {
	panic("not written yet")
}

// SearchTopics returns the topics whose names have all words of in.Query, or
// beginnings like them. A Limit out of 1 to 100 is InvalidArgument.
func (s *Service) SearchTopics(ctx context.Context, p access.Principal, in TopicListInput) (TopicPage, error) {
	panic("not written yet")
}

// MergeTopics gives all memories of one topic the other one instead, and
// returns that. What is too much for a request is finished by a job.
func (s *Service) MergeTopics(ctx context.Context, p access.Principal, source, target string, claim *idempotency.Claim) (topic.Topic, error) {
	panic("not written yet")
}

// MaxPage bounds the bytes of an answer (contract D 27): Lambda's limit, less
// room for the envelope.
const MaxPage = 5 << 20

// CheckPage refuses a page of so many bytes if it is too large.
func CheckPage(bytes int) error {
	panic("not written yet")
}

// BridgeInput is a completed session as a conversation is made from it.
type BridgeInput struct {
	Session      string
	ArtifactURI  string // mnemos://artifact/art_…
	Title        string
	At           time.Time // when it was recorded, else started
	Conversation string    // as the session remembers it; "" is none yet
	Segments     iter.Seq2[transcript.Segment, error]
	Result       extraction.Result
}

// Record commits the creation of a session's conversation, ops, together with
// the session's own note of it, which only a session without one admits. It
// returns the conversation that the session has afterwards: a twin's when
// that was faster, "" when there is no session any more.
type Record func(ctx context.Context, conversationID string, ops []table.Op) (string, error)

// Bridge makes a completed session a conversation: passages of its transcript
// are the memories, the entities found in each its topics. It may be repeated
// at any time, also while it runs; a conversation that was deleted stays so.
func (s *Service) Bridge(ctx context.Context, workspace string, in BridgeInput, record Record) error {
	panic("not written yet")
}

// Hidden is what hides a conversation.
type Hidden struct {
	Ops   []table.Op // for the caller's transaction
	Items int64      // rows that they remove, for the receipt
	Job   Job        // to send to queue.Purge after the commit
}

// HideOps returns what hides a conversation within somebody else's
// transaction, counting into the receipt that it begins (with one part more).
// At most 40 operations; ok is false when there is no such conversation. When
// a condition fails, call it again.
func (s *Service) HideOps(ctx context.Context, workspace, conversationID, deletionID string) (h Hidden, ok bool, err error) {
	panic("not written yet")
}

// Job is the body of a message in queue.Purge or queue.Tidy.
type Job struct {
	Workspace    string   `json:"workspace"`
	Conversation string   `json:"conversation,omitempty"`
	Memories     []string `json:"memories,omitempty"` // of the conversation; none: all of it
}

// Purge carries a deletion out. It may be repeated, also while it runs.
func (s *Service) Purge(ctx context.Context, j Job) error {
	panic("not written yet")
}

// Tidy folds topics' deltas, seals fences and finishes merges of topics.
func (s *Service) Tidy(ctx context.Context, workspace string) error {
	panic("not written yet")
}

// Looks returns who looks after what is due of conversations: deletions that
// are not carried out and merges of topics that are not finished.
func (s *Service) Looks() map[string]due.Look {
	panic("not written yet")
}
