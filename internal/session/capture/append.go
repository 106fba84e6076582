package capture

import (
	"context"
	"fmt"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// maxBlocks is how many blocks of client_seq values a batch may touch
// (contract E).
const maxBlocks = 64

// Incoming is a segment as its client numbers it.
type Incoming struct {
	ClientSeq int64 `json:"client_seq" is:"required 0..9007199254740991"`
	transcript.Turn
}

// AppendInput is the body of POST /v1/sessions/{id}/segments.
type AppendInput struct {
	Source   string     `json:"source" is:"line ..64"`
	Segments []Incoming `json:"segments" is:"required 1..500"`
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
	return s.append(ctx, session.Ref(p, sessionID), session.SourceLive, in, claim)
}

func (in AppendInput) check() error {
	var bad schema.Problems
	bad.Check(in)
	for i, seg := range in.Segments {
		if seg.StartMS != nil && seg.EndMS != nil && *seg.EndMS < *seg.StartMS {
			bad.Invalid(fmt.Sprintf("segments[%d].end_ms", i), "invalid", "must not be before the start")
		}
	}
	return bad.Result()
}

// append is the one way in which segments become durable, for live sessions
// and for what workers read from files.
func (s *Service) append(ctx context.Context, ref record.Ref, from session.Source, in AppendInput, claim *idempotency.Claim) (Appended, error) {
	if n := len(blocksOf(in)); n > maxBlocks {
		return Appended{}, errs.New(errs.FailedPrecondition,
			"segments: client_seq values lie in %d blocks of %d; a batch may touch %d", n, blockSize, maxBlocks)
	}
	done, err := s.Sessions.Turns.Take(ctx, ref)
	if err != nil {
		return Appended{}, err
	}
	defer done()
	var out Appended
	err = record.Change(ctx, record.Tries, func() error {
		var err error
		out, err = s.tryAppend(ctx, ref, from, in, claim)
		return err
	})
	return out, err
}

// tryAppend reads the head first and the blocks after it: a block that is
// newer than the head then shows as a head that has changed, or, where there is
// nothing to write, in a second look at it.
func (s *Service) tryAppend(ctx context.Context, ref record.Ref, from session.Source, in AppendInput, claim *idempotency.Claim) (Appended, error) {
	old, err := s.Sessions.ReadHead(ctx, ref, table.Consistent)
	if err != nil {
		return Appended{}, err
	}
	known, err := s.readBlocks(ctx, ref, old, in)
	if err != nil {
		return Appended{}, err
	}
	fresh, err := known.add(in)
	if err != nil {
		return Appended{}, err
	}
	out := Appended{
		SessionID: ref.ID, Accepted: len(fresh),
		Duplicates: len(in.Segments) - len(fresh), LastSeq: old.LastSeq + int64(len(fresh)),
	}
	if len(fresh) == 0 { // the head may be older than what made the batch known
		now, err := s.Sessions.ReadHead(ctx, ref, table.Consistent)
		if err != nil {
			return Appended{}, err
		}
		out.LastSeq = now.LastSeq
		return out, claim.Store(ctx, s.Sessions.Table, out, session.HeadKey(ref))
	}
	next := old.StartIfDue(s.Sessions.Time())
	if next.Status != session.InProgress || next.Source != from {
		return Appended{}, errAppend(next)
	}
	return out, s.store(ctx, ref, old, next, known, fresh, out, claim)
}

func errAppend(h session.Head) error {
	if h.Source == session.SourceUpload {
		return errs.New(errs.Conflict, "the session reads an upload: it takes no live segments")
	}
	return errs.New(errs.Conflict, "the session is %s: it takes no further segments", h.Status)
}

// store commits new segments: the head, their runs, and at times blocks.
func (s *Service) store(ctx context.Context, ref record.Ref, old, next session.Head, known blocks, fresh []transcript.Turn, out Appended, claim *idempotency.Claim) error {
	runs, textBytes, err := encodeRuns(fresh, old.LastSeq+1, old.TextBytes)
	if err != nil {
		return err
	}
	next.Rev, next.Updated, next.LastAppend = old.Rev+1, s.Sessions.Time(), s.Sessions.Time()
	next.LastSeq, next.TextBytes = out.LastSeq, textBytes
	if err := s.checkSaid(ctx, ref.Workspace, next); err != nil {
		return err
	}
	if next.Status != old.Status {
		next.Due = s.Sessions.FirstDue(next)
	}
	blockOps, err := s.keep(ctx, ref, &next, known)
	if err != nil {
		return err
	}
	ops := []table.Op{table.Put(session.HeadKey(ref), next.Attrs(), table.Equal("rev", old.Rev))}
	ops = append(ops, task.Move(ref, old.Due, next.Due)...)
	for _, run := range runs {
		ops = append(ops, table.Put(runKey(ref, run.first), table.Attrs{"lines": run.lines, "n": run.n}))
	}
	ops = append(ops, blockOps...)
	claimed, err := claim.Ops(out, session.HeadKey(ref))
	if err != nil {
		return err
	}
	return session.Stale(s.Sessions.Table.Transact(ctx, append(ops, claimed...)), session.HeadKey(ref))
}

// checkSaid refuses what would make a live session longer than it may be. That
// is what it was when the session began, or more, if the operator has raised it
// since: it is looked up only by those who need it.
func (s *Service) checkSaid(ctx context.Context, workspace string, next session.Head) error {
	if next.Source != session.SourceLive {
		return nil
	}
	for _, of := range []struct {
		name       quota.Name
		said, most int64
	}{
		{quota.SessionText, next.TextBytes, next.MostText}, {quota.SessionSegments, next.LastSeq, next.MostSegments},
	} {
		if of.most == 0 {
			of.most = of.name.Default()
		}
		if of.said <= of.most {
			continue
		}
		now, err := s.Sessions.Quotas().Limit(ctx, workspace, of.name)
		if err != nil {
			return err
		}
		if of.said > now {
			return quota.Exceeded(of.name, now)
		}
	}
	return nil
}
