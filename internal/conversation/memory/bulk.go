package memory

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"griot/internal/access"
	"griot/internal/conversation/topic"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/schema"
	"griot/internal/table"
)

// BulkChange is the body of POST /api/memories/bulk-update.
type BulkChange struct {
	IDList
	Updates *BulkUpdates `json:"updates" is:"required"`
}

// BulkUpdates are what all of some memories get; nil leaves as it is.
type BulkUpdates struct {
	// In the place of those that they have.
	Topics *[]string `json:"topics" is:"..50 each line ..100"`
	Type   *string   `json:"memoryType" is:"of:episodic|semantic|procedural"`
}

// BulkTags is the body of POST /api/memories/bulk-tag.
type BulkTags struct {
	IDList
	Add []string `json:"addTopics" is:"..50 full each line ..100"`
	// Before those are added; what a memory does not have is no error.
	Remove []string `json:"removeTopics" is:"..50 full each line ..100"`
}

// Edited says what became of a change of many memories.
type Edited struct {
	Done   int // also those that were so already
	Failed []Unedited
}

// Unedited is a memory that a change of many left as it is, and why.
type Unedited struct{ ID, Reason string }

// Bulk changes many memories, each by itself.
type Bulk struct{ *Service }

// UpdateMany changes 1 to 100 memories, each in a transaction of its own. Asked for
// again it changes nothing more.
func (s Bulk) UpdateMany(ctx context.Context, p access.Principal, in BulkChange, claim *idempotency.Claim) (Edited, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Edited{}, err
	}
	if err := in.check(); err != nil {
		return Edited{}, err
	}
	one := Change{Type: in.Updates.Type, Topics: in.Updates.Topics}
	return s.editMany(ctx, p, in.IDs, claim, func(m Memory) (Memory, error) {
		next, err := one.apply(m)
		if err == nil && next.Type == m.Type && slices.Equal(topic.Distinct(next.Topics), m.Topics) {
			err = ErrKeep
		}
		return next, err
	})
}

func (in BulkChange) check() error {
	var bad schema.Problems
	bad.Check(in)
	if u := in.Updates; u != nil && u.Type == nil && u.Topics == nil {
		bad.Invalid("updates", "required", "must have topics or memoryType")
	}
	return bad.Result()
}

// TagMany gives 1 to 100 memories topics, and takes others from them, each in a
// transaction of its own. Asked for again it changes nothing more.
func (s Bulk) TagMany(ctx context.Context, p access.Principal, in BulkTags, claim *idempotency.Claim) (Edited, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Edited{}, err
	}
	if err := in.check(); err != nil {
		return Edited{}, err
	}
	removed, err := s.topicIndex().Meant(ctx, p.Workspace, false, in.Remove...)
	if err != nil {
		return Edited{}, err
	}
	return s.editMany(ctx, p, in.IDs, claim, func(m Memory) (Memory, error) {
		return m.tagged(p.Workspace, in.Add, removed)
	})
}

func (in BulkTags) check() error {
	var bad schema.Problems
	bad.Check(in)
	if len(in.Add)+len(in.Remove) == 0 {
		bad.Invalid("addTopics", "required", "must name a topic, or removeTopics must")
	}
	return bad.Result()
}

// tagged returns the memory without some topics, of which it has the ids, and with
// others.
func (m Memory) tagged(workspace string, add, removed []string) (Memory, error) {
	var names []string
	for _, t := range m.Named(workspace) {
		if !slices.Contains(removed, t.ID) {
			names = append(names, t.Name)
		}
	}
	names = topic.Distinct(append(names, add...))
	switch {
	case slices.Equal(names, m.Topics):
		return Memory{}, ErrKeep
	case len(names) > MaxTopics:
		return Memory{}, errs.New(errs.FailedPrecondition, "the memory would have %d topics, and may have %d", len(names), MaxTopics)
	}
	m.Topics = names
	return m.Edited(), nil
}

// editMany changes memories one by one. What is wrong with one of them is said of
// that; what is wrong with the store ends it, and those before have been changed.
func (s Bulk) editMany(ctx context.Context, p access.Principal, ids []string, claim *idempotency.Claim, edit func(Memory) (Memory, error)) (Edited, error) {
	meant, err := s.idsOf(ctx, p.Workspace, ids)
	if err != nil {
		return Edited{}, err
	}
	var out Edited
	for i, memoryID := range meant {
		_, err := s.change(ctx, &change{Service: s.Service, workspace: p.Workspace, bounded: true}, memoryID, edit)
		e := errs.As(err)
		switch {
		case err == nil || errors.Is(err, ErrKeep):
			out.Done++
		case e != nil && slices.Contains([]errs.Kind{errs.NotFound, errs.FailedPrecondition, errs.QuotaExceeded}, e.Kind):
			out.Failed = append(out.Failed, Unedited{ids[i], e.Message})
		default:
			return out, err
		}
	}
	owner := table.Key{Table: table.Conversations, PK: p.Workspace + "#edits", SK: "-"}
	err = claim.Store(ctx, s.Conversations.Table, out, owner)
	if err != nil && !errors.Is(err, table.ErrCondition) {
		slog.WarnContext(ctx, "the answer to a change of many memories was not stored", "workspace", p.Workspace, "error", err)
	}
	return out, nil
}
