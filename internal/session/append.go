package session

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"griot/internal/access"
	"griot/internal/due"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/table"
	"griot/internal/text"
	"griot/internal/transcript"
)

// Bounds of one append (contract E).
const (
	MaxBatch     = 500       // segments
	maxSource    = 64        // characters
	maxSpeaker   = 200       // characters; role too
	maxClientSeq = 1<<53 - 1 // what JSON numbers hold exactly; times too
	maxBlocks    = 64        // blocks of client_seq values that a batch may touch
)

// Incoming is a segment as its client numbers it.
type Incoming struct {
	ClientSeq int64
	transcript.Turn
}

// AppendInput is the body of POST /v1/sessions/{id}/segments.
type AppendInput struct {
	Source   string
	Segments []Incoming
}

// Appended says what became of a batch.
type Appended struct {
	SessionID            string
	Accepted, Duplicates int
	LastSeq              int64
}

// Append adds segments to a live session. (source, client_seq) identifies a
// segment for ever: what is known adds nothing, and the same pair with
// another text is a Conflict that stores nothing of the batch.
func (s *Service) Append(ctx context.Context, p access.Principal, sessionID string, in AppendInput, claim *idempotency.Claim) (Appended, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return Appended{}, err
	}
	if err := in.check(); err != nil {
		return Appended{}, err
	}
	return s.append(ctx, p.Workspace, sessionID, SourceLive, in, claim)
}

func (in AppendInput) check() error {
	var bad problems
	if utf8.RuneCountInString(in.Source) > maxSource {
		bad.invalid("source", "too_long", "must have at most %d characters", maxSource)
	}
	bad.oneLine("source", in.Source)
	if n := len(in.Segments); n < 1 || n > MaxBatch {
		bad.invalid("segments", "invalid", "must have from 1 to %d entries", MaxBatch)
		return bad.result()
	}
	for i, seg := range in.Segments {
		seg.check(&bad, fmt.Sprintf("segments[%d].", i))
	}
	return bad.result()
}

func (seg Incoming) check(bad *problems, at string) {
	if seg.ClientSeq < 0 || seg.ClientSeq > maxClientSeq {
		bad.invalid(at+"client_seq", "invalid", "must be from 0 to 2^53-1")
	}
	if n := utf8.RuneCountInString(seg.Text); n > transcript.MaxSegmentRunes || text.Blank(seg.Text) {
		bad.invalid(at+"text", "invalid", "must have from 1 to %d characters, and not blank ones only", transcript.MaxSegmentRunes)
	}
	if utf8.RuneCountInString(seg.Speaker) > maxSpeaker {
		bad.invalid(at+"speaker", "too_long", "must have at most %d characters", maxSpeaker)
	}
	if utf8.RuneCountInString(seg.Role) > maxSpeaker {
		bad.invalid(at+"role", "too_long", "must have at most %d characters", maxSpeaker)
	}
	bad.oneLine(at+"speaker", seg.Speaker)
	bad.oneLine(at+"role", seg.Role)
	seg.checkTimes(bad, at)
}

func (seg Incoming) checkTimes(bad *problems, at string) {
	for name, ms := range map[string]*int64{"start_ms": seg.StartMS, "end_ms": seg.EndMS} {
		if ms != nil && (*ms < 0 || *ms > maxClientSeq) {
			bad.invalid(at+name, "invalid", "must be from 0 to 2^53-1")
		}
	}
	if seg.StartMS != nil && seg.EndMS != nil && *seg.EndMS < *seg.StartMS {
		bad.invalid(at+"end_ms", "invalid", "must not be before the start")
	}
}

// append is the one way in which segments become durable, for live sessions
// and for what workers read from files.
func (s *Service) append(ctx context.Context, workspace, sessionID string, from Source, in AppendInput, claim *idempotency.Claim) (Appended, error) {
	if n := len(blocksOf(in)); n > maxBlocks {
		return Appended{}, errs.New(errs.FailedPrecondition,
			"segments: client_seq values lie in %d blocks of %d; a batch may touch %d", n, blockSize, maxBlocks)
	}
	done, err := s.Turns.take(ctx, workspace, sessionID)
	if err != nil {
		return Appended{}, err
	}
	defer done()
	var out Appended
	err = table.Insist(ctx, conflictTries, func() error {
		var err error
		out, err = s.tryAppend(ctx, workspace, sessionID, from, in, claim)
		return err
	})
	return out, err
}

// tryAppend reads the head first and the blocks after it: a block that is
// newer than the head then shows as a head that has changed, or, where there is
// nothing to write, in a second look at it.
func (s *Service) tryAppend(ctx context.Context, workspace, sessionID string, from Source, in AppendInput, claim *idempotency.Claim) (Appended, error) {
	old, err := s.readHeadRow(ctx, workspace, sessionID, table.Consistent)
	if err != nil {
		return Appended{}, err
	}
	known, err := s.readBlocks(ctx, workspace, sessionID, in)
	if err != nil {
		return Appended{}, err
	}
	fresh, err := known.add(in)
	if err != nil {
		return Appended{}, err
	}
	out := Appended{
		SessionID: sessionID, Accepted: len(fresh),
		Duplicates: len(in.Segments) - len(fresh), LastSeq: old.lastSeq + int64(len(fresh)),
	}
	if len(fresh) == 0 { // the head may be older than what made the batch known
		now, err := s.readHeadRow(ctx, workspace, sessionID, table.Consistent)
		if err != nil {
			return Appended{}, err
		}
		out.LastSeq = now.lastSeq
		return out, claim.Store(ctx, s.Table, out, headKey(workspace, sessionID))
	}
	next := old.startIfDue(s.now())
	if next.status != InProgress || next.source != from {
		return Appended{}, errAppend(next)
	}
	return out, s.store(ctx, workspace, sessionID, old, next, known, fresh, out, claim)
}

func errAppend(h head) error {
	if h.source == SourceUpload {
		return errs.New(errs.Conflict, "the session reads an upload: it takes no live segments")
	}
	return errs.New(errs.Conflict, "the session is %s: it takes no further segments", h.status)
}

// store commits new segments: the head, their runs and the blocks they touch.
func (s *Service) store(ctx context.Context, workspace, sessionID string, old, next head, known blocks, fresh []transcript.Turn, out Appended, claim *idempotency.Claim) error {
	runs, textBytes, err := encodeRuns(fresh, old.lastSeq+1, old.textBytes)
	if err != nil {
		return err
	}
	next.rev, next.updated, next.lastAppend = old.rev+1, s.now(), s.now()
	next.lastSeq, next.textBytes = out.LastSeq, textBytes
	if next.status != old.status {
		next.due = s.firstDue(next)
	}
	ops := []table.Op{table.Put(headKey(workspace, sessionID), next.attrs(), table.Equal("rev", old.rev))}
	ops = append(ops, due.Move(workspace, sessionID, old.due, next.due)...)
	for _, run := range runs {
		ops = append(ops, table.Put(runKey(workspace, sessionID, run.first), table.Attrs{"lines": run.lines, "n": run.n}))
	}
	ops = append(ops, known.ops(workspace, sessionID)...)
	claimed, err := claim.Ops(out, headKey(workspace, sessionID))
	if err != nil {
		return err
	}
	return lost(s.Table.Transact(ctx, append(ops, claimed...)), headKey(workspace, sessionID))
}

// idleAt is when a live session without appends completes by itself.
func (h head) idleAt() time.Time {
	last := h.started
	if h.lastAppend.After(last) {
		last = h.lastAppend
	}
	return last.Add(idleAfter)
}
