package archive

import (
	"context"
	"fmt"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/schema"
)

// Batch is the body of POST /api/users/me/import: a part of an archive. What
// else an archive has may be there, and is nothing.
type Batch struct {
	Conversations []conversation.Archived `json:"conversations" is:"..100"`
	// Of these conversations, or of others that are there.
	Memories []memory.Archived `json:"memories" is:"..100"`
}

// Sums count what became of the conversations, or the memories, of a batch.
type Sums struct {
	Imported   int `json:"imported"`
	Present    int `json:"present"`
	PassedOver int `json:"passedOver"`
}

// Note says of one thing what did not become of it, and why.
type Note struct {
	Kind    string `json:"kind" is:"of:conversation|memory"`
	ID      string `json:"id"`
	Code    string `json:"code" is:"of:deleted|no_conversation|name_taken"`
	Message string `json:"message"`
}

// Report says what became of a batch.
type Report struct {
	Conversations Sums `json:"conversations"`
	// One without its name is imported.
	Memories Sums   `json:"memories"`
	Notes    []Note `json:"notes"`
}

// Kinds of what notes are about.
const (
	ofConversation = "conversation"
	ofMemory       = "memory"
)

// count adds what became of a thing.
func (s *Sums) count(o conversation.Outcome) {
	switch o {
	case conversation.Imported:
		s.Imported++
	case conversation.Present:
		s.Present++
	default:
		s.PassedOver++
	}
}

func (r *Report) note(kind, id, code, format string, args ...any) {
	r.Notes = append(r.Notes, Note{kind, id, code, fmt.Sprintf(format, args...)})
}

// Import puts a part of an archive into the caller's workspace, with its ids and
// times. It may be repeated, also after it broke off: what is there stays as it
// is. What was deleted here is not brought back as long as its tombstone says so.
// A batch with anything wrong in it is refused as a whole.
func (s *Service) Import(ctx context.Context, p access.Principal, in Batch) (Report, error) {
	for _, scope := range []access.Scope{access.MemoriesWrite, access.ConversationsWrite} {
		if err := p.Require(scope); err != nil {
			return Report{}, err
		}
	}
	memories, err := s.check(in)
	if err != nil {
		return Report{}, err
	}
	i := importing{Service: s, workspace: p.Workspace}
	for _, c := range in.Conversations {
		if err := i.conversation(ctx, c); err != nil {
			return Report{}, err
		}
	}
	for _, group := range groups(memories) {
		if err := i.memories(ctx, group); err != nil {
			return Report{}, err
		}
	}
	return i.report, nil
}

// ahead is how far times of an archive may be ahead: the clocks of two machines
// differ, and that of a busy workspace runs before.
const ahead = time.Minute

// check returns the memories of a batch in which nothing is wrong.
func (s *Service) check(in Batch) ([]memory.Memory, error) {
	var bad schema.Problems
	bad.Check(in)
	now := s.Conversations.Time().Add(ahead)
	for i, c := range in.Conversations {
		c.Check(&bad, fmt.Sprintf("conversations[%d].", i), now)
	}
	memories := make([]memory.Memory, len(in.Memories))
	for i, m := range in.Memories {
		memories[i] = m.Read(&bad, fmt.Sprintf("memories[%d].", i), now)
	}
	return memories, bad.Result()
}

// Bounds of what one transaction adds; a single memory always fits.
const (
	mostMemories = 10
	mostTopics   = 20
	mostBytes    = 600_000
)

// groups parts memories into those that one transaction adds to a conversation, in
// their order.
func groups(memories []memory.Memory) (all [][]memory.Memory) {
	of := map[string][]memory.Memory{}
	var order []string
	for _, m := range memories {
		if of[m.Conversation] == nil {
			order = append(order, m.Conversation)
		}
		of[m.Conversation] = append(of[m.Conversation], m)
	}
	for _, conversationID := range order {
		topics, bytes, begin := 0, 0, 0
		for i, m := range of[conversationID] {
			topics, bytes = topics+len(m.Topics), bytes+m.Weight()
			if i > begin && (i-begin == mostMemories || topics > mostTopics || bytes > mostBytes) {
				all = append(all, of[conversationID][begin:i])
				topics, bytes, begin = len(m.Topics), m.Weight(), i
			}
		}
		all = append(all, of[conversationID][begin:])
	}
	return all
}

// importing is a batch on its way.
type importing struct {
	*Service
	workspace string
	report    Report
}

func (i *importing) conversation(ctx context.Context, c conversation.Archived) error {
	out, err := conversation.Archive{Service: i.Conversations}.Restore(ctx, i.workspace, c)
	if err != nil {
		return err
	}
	if i.report.Conversations.count(out); out == conversation.Deleted {
		i.report.note(ofConversation, c.ID, "deleted", "it was deleted here, and is not brought back for %d days", days)
	}
	return nil
}

// days is for how long what was deleted is not brought back, at least.
const days = int(record.TombstoneKept / (24 * time.Hour))

// memories adds some that are all of one conversation.
func (i *importing) memories(ctx context.Context, group []memory.Memory) error {
	svc := &memory.Service{Conversations: i.Conversations}
	outcomes, err := memory.Archive{Service: svc}.Restore(ctx, record.In(i.workspace, group[0].Conversation), slices.Clone(group))
	if errs.Is(err, errs.NotFound) {
		for _, m := range group {
			i.report.Memories.PassedOver++
			i.report.note(ofMemory, m.ID, "no_conversation", "there is no conversation %s", m.Conversation)
		}
		return nil
	}
	if err != nil {
		return err
	}
	for n, out := range outcomes {
		i.report.Memories.count(out.Outcome)
		switch m := group[n]; {
		case out.Outcome == conversation.Deleted:
			i.report.note(ofMemory, m.ID, "deleted", "it was deleted here, and is not brought back for %d days", days)
		case out.Nameless:
			i.report.note(ofMemory, m.ID, "name_taken", "another memory is called %s: it has no name now", m.Name)
		}
	}
	return nil
}
