package conversation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/conversation/tally"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/table"
)

const (
	// sessionGap separates memory sessions, and conversations that nobody
	// named (contract B.5, B.6).
	sessionGap = 90 * time.Minute
	// latest is how many of the newest conversations are looked at for one
	// that goes on.
	latest = 20
)

// target is the conversation that a memory goes to.
type target struct {
	id     string
	tally  tally.Tally
	fresh  bool       // it is created with the memory
	claude []table.Op // that find it for the client's session
}

// choose finds the conversation of a new memory.
func (s *Service) choose(ctx context.Context, workspace string, in MemoryInput, at time.Time) (target, error) {
	fresh := target{id: id.At(id.Conversation, at), tally: tally.Tally{Activity: at}, fresh: true}
	switch {
	case in.Conversation == NewConversation:
		return fresh, nil
	case in.Conversation != "":
		t, err := s.getTally(ctx, workspace, in.Conversation)
		return target{id: in.Conversation, tally: t}, err
	case in.ClaudeSession != "":
		return s.chooseClaude(ctx, workspace, in.ClaudeSession, fresh)
	}
	t, ok, err := s.ongoing(ctx, workspace, at)
	if err == nil && !ok {
		return fresh, nil
	}
	return t, err
}

// chooseClaude finds the conversation of a client's session; the first memory
// of a session creates it.
func (s *Service) chooseClaude(ctx context.Context, workspace, session string, fresh target) (target, error) {
	h := claudeHash(session)
	item, err := s.Table.Get(ctx, claudeKey(workspace, h), table.Consistent)
	if err != nil && !errors.Is(err, table.ErrNotFound) {
		return target{}, fmt.Errorf("looking a client's session up: %w", err)
	}
	held := table.Absent()
	if known := item.Str("conv"); known != "" {
		t, err := s.getTally(ctx, workspace, known)
		if !errs.Is(err, errs.NotFound) {
			return target{id: known, tally: t}, err
		}
		held = table.Equal("conv", known)
	}
	fresh.claude = []table.Op{
		table.Put(claudeKey(workspace, h), table.Attrs{"conv": fresh.id}, held),
		table.Put(row(workspace, fresh.id, claudePrefix+h), nil),
	}
	return fresh, nil
}

// ongoing finds, among the newest conversations that people began, the one
// with the latest activity if that is no longer ago than the gap.
func (s *Service) ongoing(ctx context.Context, workspace string, at time.Time) (t target, ok bool, err error) {
	page, err := s.Table.Query(ctx, table.Query{
		Table: table.Conversations, PK: tally.Key(workspace, "").PK, Reverse: true, Limit: latest,
		Consistency: table.Consistent,
	})
	if err != nil {
		return t, false, fmt.Errorf("looking for a conversation that goes on: %w", err)
	}
	for _, item := range page.Items {
		of, there, err := s.tallies().Whole(ctx, workspace, item)
		if err != nil {
			return t, false, err
		}
		if !there || of.Bridged || at.Sub(of.Activity) > sessionGap || ok && !of.Activity.After(t.tally.Activity) {
			continue
		}
		t, ok = target{id: item.SK, tally: of}, true
	}
	return t, ok, nil
}

// continueSession returns the memory session of a memory that comes at a
// time, and whether it begins one.
func (t target) continueSession(at time.Time) (session string, created bool) {
	if t.tally.Session != "" && at.Sub(t.tally.Activity) <= sessionGap {
		return t.tally.Session, false
	}
	return id.At(id.MemorySession, at), true
}
