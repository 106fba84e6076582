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
	ops := blockOps
	for _, run := range runs {
		ops = append(ops, table.Put(runKey(ref, run.first), table.Attrs{"lines": run.lines, "n": run.n}))
	}
	return s.Sessions.Commit(ctx, ref, old, next, ops, claim, out)
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

// fileSource is the source of segments that come from a file; their
// client_seq is the ordinal of the turn.
const fileSource = "file"

// batchText ends a batch of turns early, so that it stays well within a
// transaction.
const batchText = 700_000 // bytes

// Keep stores the turns of a file. It may be repeated: turns that are stored
// already are not stored again. Where others are stored, by a version of the
// parser that cut the file otherwise, it is a conflict.
func (s *Service) Keep(ctx context.Context, ref record.Ref, turns []transcript.Turn) error {
	var out Appended
	most := schema.Most[AppendInput]("segments")
	for from := 0; from < len(turns); {
		in := AppendInput{Source: fileSource}
		for size := 0; from < len(turns) && len(in.Segments) < most && size < batchText; from++ {
			in.Segments = append(in.Segments, Incoming{ClientSeq: int64(from), Turn: turns[from]})
			size += len(turns[from].Text)
		}
		var err error
		if out, err = s.append(ctx, ref, session.SourceUpload, in, nil); err != nil {
			return err
		}
	}
	if out.LastSeq != int64(len(turns)) {
		return errs.New(errs.Conflict, "%d turns of the file are stored, and it has %d", out.LastSeq, len(turns))
	}
	return nil
}

// Media is what a file says about itself as a whole.
type Media struct {
	Language   string
	DurationMS int64 // -1: unknown
	Reading    transcript.Reading
}

// Captured ends the reading of an upload: all of its turns are kept.
func (s *Service) Captured(ctx context.Context, ref record.Ref, m Media) error {
	reading, err := transcript.Marshal(m.Reading)
	if err != nil {
		return fmt.Errorf("encoding how a file was read: %w", err)
	}
	sess, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		if h.Status != session.InProgress {
			return nil, nil
		}
		s.Sessions.EndCapture(h)
		h.Language, h.Reading, h.Duration = m.Language, string(reading), -1
		if h.Recording.Kind != "" && h.Recording.DurationMS >= 0 { // its words may end before it does
			m.DurationMS = h.Recording.DurationMS
		}
		if m.DurationMS >= 0 {
			h.Duration = m.DurationMS / 1000
		}
		return nil, nil
	})
	if err == nil && sess.Status == session.Processing {
		s.Sessions.Jobs.Send(ctx, task.Extract, task.Of(ref))
	}
	return err
}
