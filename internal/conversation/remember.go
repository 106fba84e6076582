package conversation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"griot/internal/access"
	"griot/internal/conversation/memory"
	"griot/internal/conversation/tally"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/table"
)

// CreateMemory adds a memory to a conversation, or to a new one.
func (s *Service) CreateMemory(ctx context.Context, p access.Principal, in MemoryInput, claim *idempotency.Claim) (Created, error) {
	if err := p.Require(access.MemoriesWrite); err != nil {
		return Created{}, err
	}
	m, err := in.check()
	if err != nil {
		return Created{}, err
	}
	w := &remembering{s: s, workspace: p.Workspace, in: in, draft: m, claim: claim}
	err = s.clock().WithinScarce(ctx, p.Workspace, func(ctx context.Context, at time.Time, scarce bool) error {
		w.scarce = scarce
		return table.Insist(ctx, conflictTries, func() error { return w.try(ctx, at) })
	})
	if err != nil {
		return Created{}, err
	}
	s.written(ctx, p.Workspace, w.ops)
	s.sometimesTidy(ctx, p.Workspace, w.out.Memory.ID)
	return w.out, nil
}

// remembering is one CreateMemory with its attempts.
type remembering struct {
	s         *Service
	workspace string
	in        MemoryInput
	draft     memory.Memory
	claim     *idempotency.Claim
	holder    *table.Item // of the name, if it is gone
	scarce    bool        // the workspace has little room left
	met       int         // how often another writer was met

	ops []table.Op
	out Created
}

// crowded is how many others a request meets before its conversation gets lanes.
const crowded = 3

// try makes one attempt.
func (w *remembering) try(ctx context.Context, at time.Time) error {
	to, err := w.s.choose(ctx, w.workspace, w.in, at)
	if err != nil {
		return err
	}
	if err := w.plan(ctx, to, at); err != nil {
		return err
	}
	err = w.s.Table.Transact(ctx, w.ops)
	switch failed := failedKey(err, w.ops); {
	case err == nil:
		return nil
	case errors.Is(err, table.ErrConflict):
		return w.meet(ctx, to, err)
	case quota.Contested(err):
		return table.ErrLost
	case failed == table.Key{}:
		return fmt.Errorf("writing the memory: %w", err)
	case w.draft.Name != "" && failed == memory.NameKey(w.workspace, w.draft.Name):
		return w.nameTaken(ctx, table.Failed(err).Old)
	case w.claims(failed):
		return fmt.Errorf("writing the memory: %w", err)
	default:
		return w.s.lost(ctx, w.workspace, err)
	}
}

// meet notes that another writer was met, and gives the conversation lanes when
// there were many.
func (w *remembering) meet(ctx context.Context, to target, conflict error) error {
	w.met++
	if w.met == crowded && !to.fresh && to.tally.Lane() == "" {
		if err := w.s.tallies().Split(ctx, w.workspace, to.id); err != nil {
			return err
		}
	}
	return fmt.Errorf("writing the memory: %w", conflict)
}

// plan makes the transaction of an attempt.
func (w *remembering) plan(ctx context.Context, to target, at time.Time) error {
	names, voided, err := w.s.placed(ctx, w.workspace, w.draft.Topics, nil)
	if err != nil {
		return err
	}
	m := w.draft.WithTopics(names)
	m.ID, m.Conversation, m.CreatedAt, m.UpdatedAt = id.NewUUID(), to.id, at, at
	var begun bool
	m.Session, begun = to.continueSession(at)
	w.out = Created{Memory: m, ConversationCreated: to.fresh, SessionCreated: begun}
	claimed, err := w.claim.Ops(w.out, partitionKey(w.workspace, to.id))
	if err != nil {
		return err
	}
	if len(claimed) > 1 {
		m = m.Claimed(claimed[1].Key)
	}
	a := addition{workspace: w.workspace, conversation: to.id, at: at, memories: []memory.Memory{m}}
	added, err := w.s.additionOps(a)
	if err != nil {
		return err
	}
	d := tally.Delta{Memories: 1, Bytes: m.Bytes(), Told: to.tally.Untold() + m.Bytes()}
	counted, err := w.s.countOps(ctx, counting{workspace: w.workspace, id: m.ID, Delta: d, bounded: w.scarce})
	if err != nil {
		return err
	}
	own, err := w.targetOps(ctx, to, m, d)
	if err != nil {
		return err
	}
	changes := a.changes()
	if err := w.s.roomForTopics(ctx, w.workspace, changes); err != nil {
		return err
	}
	ops := slices.Concat(own, added, counted, to.claude, w.nameOps(m), claimed, voided)
	w.ops, err = w.s.withLinks(ctx, a, to.tally, to.fresh, changes, ops)
	return err
}

// targetOps returns the writes of the conversation itself.
func (w *remembering) targetOps(ctx context.Context, to target, m memory.Memory, d tally.Delta) ([]table.Op, error) {
	if to.fresh {
		t := tally.Tally{Activity: m.CreatedAt, Memories: 1, Session: m.Session, Bytes: d.Bytes, Told: d.Told}
		return w.s.createOps(w.workspace, to.id, info{}.after(m), t), nil
	}
	ops := []table.Op{to.tally.Grow(w.workspace, to.id, m.CreatedAt, m.Session, d)}
	if to.tally.Memories > 0 || to.tally.Titles == 0 {
		return ops, nil
	}
	i, err := w.s.getInfo(ctx, w.workspace, to.id)
	if err == nil && i.titled == noTitle {
		ops = append(ops, w.s.renameOps(w.workspace, to.id, i, i.after(m))...)
	}
	return ops, err
}

func (w *remembering) nameOps(m memory.Memory) []table.Op {
	switch {
	case m.Name == "":
		return nil
	case w.holder != nil:
		return []table.Op{m.SeizeName(w.workspace, *w.holder)}
	default:
		return []table.Op{m.TakeName(w.workspace)}
	}
}

// nameTaken refuses a name that another memory has. One whose conversation is
// hidden has it no more.
func (w *remembering) nameTaken(ctx context.Context, holder table.Item) error {
	if err := w.s.checkHolder(ctx, w.workspace, holder); err != nil {
		return err
	}
	w.holder = nil
	if holder.Found() {
		w.holder = &holder
	}
	return table.ErrLost
}

// checkHolder returns the conflict of a name if its holder is there.
func (s *Service) checkHolder(ctx context.Context, workspace string, holder table.Item) error {
	if !holder.Found() {
		return nil
	}
	there, err := s.alive(ctx, workspace, []string{holder.Str("conv")})
	if err != nil || !there[holder.Str("conv")] {
		return err
	}
	taken := errs.New(errs.Conflict, "another memory has the name")
	taken.Code = "MEMORY_NAME_CONFLICT"
	return taken
}

// claims reports whether a row is the claim's record.
func (w *remembering) claims(key table.Key) bool {
	return w.claim != nil && key.Table == table.Sessions
}
