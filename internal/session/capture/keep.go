package capture

import (
	"context"
	"fmt"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

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
