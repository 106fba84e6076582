package session

import (
	"context"
	"errors"
	"fmt"

	"griot/internal/errs"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// Reading is an upload session whose bytes are to be read.
type Reading struct {
	Session
	URL    string // somebody else's; "" for an object of ours
	Object string // the key of the bytes, which may not be there yet
	ETag   string // the version that is meant; "" for any
	Hint   transcript.Hint
	// Of a recording: what the client said of it.
	SpokenLanguage string // BCP 47; "": found out
	Speakers       int    // how many are expected; 0: unknown
	early          bool
}

// Reading returns what a worker has to read for a session. It is false when
// there is nothing to do any more.
func (s *Service) Reading(ctx context.Context, ref record.Ref) (Reading, bool, error) {
	sess, err := s.get(ctx, ref)
	if errs.Is(err, errs.NotFound) {
		return Reading{}, false, nil
	}
	if err != nil || sess.Status != InProgress || sess.Source != SourceUpload {
		return Reading{}, false, err
	}
	src, err := s.readSource(ctx, ref)
	if err != nil {
		return Reading{}, false, err
	}
	if src.object == "" {
		src.object = fetchedObject(ref)
	}
	hint, err := src.readHint()
	return Reading{
		Session: sess, URL: src.url, Object: src.object, ETag: src.etag, Hint: hint,
		SpokenLanguage: src.language, Speakers: src.speakers,
		early: s.now().UnixMilli() < sess.recording.NotBefore,
	}, true, err
}

// fetchedObject is the key under which a fetcher puts the bytes of a URL.
func fetchedObject(ref record.Ref) string { return objectPrefix(ref) + "fetched" }

func (s *Service) readSource(ctx context.Context, ref record.Ref) (source, error) {
	item, err := s.Table.Get(ctx, sourceKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return source{}, errNoSession()
	}
	if err != nil {
		return source{}, fmt.Errorf("reading where a session's bytes are: %w", err)
	}
	return readSource(item), nil
}

// Fetched notes that the bytes of a URL are an object now, which counts once.
func (s *Service) Fetched(ctx context.Context, ref record.Ref, size int64) error {
	err := table.Retry(ctx, record.Tries, func() error {
		return s.Table.Transact(ctx, append(
			[]table.Op{table.Update(sourceKey(ref),
				table.Attrs{"object": fetchedObject(ref), countedAttr: size}, table.Exists(), table.Missing(countedAttr))},
			s.quotas().Change(ref.Workspace, ref.ID, stored(size))...))
	})
	if err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("noting the fetched object: %w", err)
	}
	if gone, err := s.disown(ctx, ref, fetchedObject(ref)); gone || err != nil {
		return err
	}
	s.sendRead(ctx, ref, source{object: fetchedObject(ref)})
	return nil
}

// disown removes an object that was put beside a session which is deleted, so
// that nothing outlives the receipt.
func (s *Service) disown(ctx context.Context, ref record.Ref, object string) (gone bool, err error) {
	if _, err := s.get(ctx, ref); !errs.Is(err, errs.NotFound) {
		return false, err
	}
	if err := s.Blobs.Delete(ctx, object); err != nil {
		return false, fmt.Errorf("removing an object of a deleted session: %w", err)
	}
	return true, nil
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
		if out, err = s.append(ctx, ref, SourceUpload, in, nil); err != nil {
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
	sess, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		if h.status != InProgress {
			return nil, nil
		}
		s.endCapture(h)
		h.language, h.reading, h.duration = m.Language, string(reading), -1
		if h.recording.Kind != "" && h.recording.DurationMS >= 0 { // its words may end before it does
			m.DurationMS = h.recording.DurationMS
		}
		if m.DurationMS >= 0 {
			h.duration = m.DurationMS / 1000
		}
		return nil, nil
	})
	if err == nil && sess.Status == Processing {
		s.Jobs.Send(ctx, task.Extract, task.Of(ref))
	}
	return err
}

// Fail ends a session with a reason, unless it is over.
func (s *Service) Fail(ctx context.Context, ref record.Ref, f Failure) error {
	sess, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		if !h.status.Terminal() {
			h.status, h.failure = Failed, &f
		}
		return nil, nil
	})
	if err == nil && sess.recording.Left > 0 {
		s.StopNow(ctx, ref)
	}
	return err
}
