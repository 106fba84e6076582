package capture

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/transcript"
)

// Line is a segment in its one encoding.
type Line struct {
	Seq  int64
	JSON []byte
}

// State is what a reader polls for.
type State struct {
	Status  session.Status
	LastSeq int64
}

// State returns where a session stands, at the cost of half a read unit when
// it may be a moment old.
func (s *Service) State(ctx context.Context, p access.Principal, sessionID string, c table.Consistency) (State, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return State{}, err
	}
	h, err := s.Sessions.ReadHead(ctx, session.Ref(p, sessionID), c)
	h = h.StartIfDue(s.Sessions.Time())
	return State{h.Status, h.LastSeq}, err
}

// SegmentPage is a page of the feed.
type SegmentPage struct {
	Lines   []Line
	HasMore bool
	State
}

// pageBytes ends a page early, so that no reader holds more.
const pageBytes = 1 << 20

// Segments returns the segments behind after, without gaps: at most limit of
// them and about 1 MB.
func (s *Service) Segments(ctx context.Context, p access.Principal, sessionID string, after int64, limit int) (SegmentPage, error) {
	st, err := s.State(ctx, p, sessionID, table.Consistent)
	if err != nil {
		return SegmentPage{}, err
	}
	if st.Status == session.Scheduled {
		return SegmentPage{}, errs.New(errs.Conflict, "the session is scheduled: it has no transcript yet")
	}
	page := SegmentPage{State: st}
	size := 0
	for line, err := range s.lines(ctx, session.Ref(p, sessionID), after, st.LastSeq) {
		if err != nil {
			return SegmentPage{}, err
		}
		if len(page.Lines) == limit || size > pageBytes {
			page.HasMore = true
			break
		}
		page.Lines = append(page.Lines, line)
		size += len(line.JSON)
	}
	return page, nil
}

// lines yields the stored segments with after < seq ≤ last, page by page. A
// gap is an error: runs become visible together with the head that counts
// them.
func (s *Service) lines(ctx context.Context, ref record.Ref, after, last int64) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		want := after + 1
		for r, err := range s.runs(ctx, ref, want, last) {
			if err != nil {
				yield(Line{}, err)
				return
			}
			for _, line := range r.split() {
				if line.Seq < want || line.Seq > last {
					continue
				}
				if line.Seq > want {
					yield(Line{}, errMissing(want))
					return
				}
				if !yield(line, nil) {
					return
				}
				want++
			}
		}
		if want <= last {
			yield(Line{}, errMissing(want))
		}
	}
}

func errMissing(seq int64) error { return fmt.Errorf("reading segments: %d is missing", seq) }

// runs yields the runs that hold the segments from ≤ seq ≤ last.
func (s *Service) runs(ctx context.Context, ref record.Ref, from, last int64) iter.Seq2[run, error] {
	return func(yield func(run, error) bool) {
		if from > 1 && from <= last {
			r, err := s.runHolding(ctx, ref, from)
			if err != nil || r.n > 0 && !yield(r, nil) {
				yieldError(yield, err)
				return
			}
			from = max(from, r.first+r.n)
		}
		if from <= last {
			s.runsFrom(ctx, ref, from, last, yield)
		}
	}
}

func yieldError(yield func(run, error) bool, err error) {
	if err != nil {
		yield(run{}, err)
	}
}

// runHolding returns the run that holds seq, or none.
func (s *Service) runHolding(ctx context.Context, ref record.Ref, seq int64) (run, error) {
	page, err := s.Sessions.Table.Query(ctx, table.Query{
		Table: table.Sessions, PK: ref.Partition(),
		From: runSK(0), To: runSK(seq), Reverse: true, Limit: 1, Consistency: table.Consistent,
	})
	if err != nil || len(page.Items) == 0 {
		return run{}, wrapRead(err)
	}
	return readRun(page.Items[0]), nil
}

func wrapRead(err error) error {
	if err != nil {
		return fmt.Errorf("reading segments: %w", err)
	}
	return nil
}

// runsFrom yields the runs that begin at from or behind it.
func (s *Service) runsFrom(ctx context.Context, ref record.Ref, from, last int64, yield func(run, error) bool) {
	q := table.Query{
		Table: table.Sessions, PK: ref.Partition(),
		From: runSK(from), To: runSK(last), Consistency: table.Consistent,
	}
	for item, err := range table.All(ctx, s.Sessions.Table, q) {
		if err != nil {
			yield(run{}, wrapRead(err))
			return
		}
		if !yield(readRun(item), nil) {
			return
		}
	}
}

func readRun(i table.Item) run {
	var first int64
	// The driver returns what runSK wrote.
	_, _ = fmt.Sscanf(i.SK, runPrefix+"%d", &first)
	return run{first: first, n: i.Int("n"), lines: i.Bytes("lines")}
}

// AllSegments returns a whole transcript, for exports and extraction.
func (s *Service) AllSegments(ctx context.Context, p access.Principal, sessionID string) (session.Session, []transcript.Segment, error) {
	sess, err := s.Sessions.Get(ctx, p, sessionID)
	if err != nil {
		return session.Session{}, nil, err
	}
	segs, err := s.Transcript(ctx, session.Ref(p, sessionID), sess.LastSeq)
	return sess, segs, err
}

// Transcript returns the first segments of a session, up to seq last.
func (s *Service) Transcript(ctx context.Context, ref record.Ref, last int64) ([]transcript.Segment, error) {
	segs := make([]transcript.Segment, 0, last)
	for seg, err := range s.Decoded(ctx, session.Session{Workspace: ref.Workspace, ID: ref.ID, LastSeq: last}) {
		if err != nil {
			return nil, err
		}
		segs = append(segs, seg)
	}
	return segs, nil
}

// Decoded yields the segments of a session one by one.
func (s *Service) Decoded(ctx context.Context, sess session.Session) iter.Seq2[transcript.Segment, error] {
	return func(yield func(transcript.Segment, error) bool) {
		for line, err := range s.lines(ctx, sess.Ref(), 0, sess.LastSeq) {
			var seg transcript.Segment
			if err == nil {
				err = json.Unmarshal(line.JSON, &seg)
			}
			if !yield(seg, err) || err != nil {
				return
			}
		}
	}
}

// Follow counts one who follows a session, until the lease ends. What is read of
// one that is over is no more than a long answer: its lease is nil.
func (s *Service) Follow(ctx context.Context, p access.Principal, st State) (*quota.Lease, error) {
	if st.Status.Terminal() {
		return nil, nil
	}
	return s.Sessions.Quotas().Lease(ctx, p.Workspace, quota.Followed)
}
