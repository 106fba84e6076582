package upload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/transcript"
)

// Reading is an upload session whose bytes are to be read.
type Reading struct {
	session.Session
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
	sess, err := s.Sessions.Read(ctx, ref)
	if errs.Is(err, errs.NotFound) {
		return Reading{}, false, nil
	}
	if err != nil || sess.Status != session.InProgress || sess.Source != session.SourceUpload {
		return Reading{}, false, err
	}
	src, err := s.Sessions.ReadOrigin(ctx, ref)
	if err != nil {
		return Reading{}, false, err
	}
	if src.Object == "" {
		src.Object = fetchedObject(ref)
	}
	hint, err := src.ReadHint()
	return Reading{
		Session: sess, URL: src.URL, Object: src.Object, ETag: src.ETag, Hint: hint,
		SpokenLanguage: src.Language, Speakers: src.Speakers,
		early: s.Sessions.Time().UnixMilli() < sess.Recording.NotBefore,
	}, true, err
}

// Facts are what the headers of the recording say.
func (r Reading) Facts() session.Facts { return r.Recording.Facts }

// HandedOver reports whether an engine has been given the recording.
func (r Reading) HandedOver() bool { return r.Recording.Begun }

// TooEarly reports whether the engine wants to be left alone for a while.
func (r Reading) TooEarly() bool { return r.early }

// IsRecording reports whether the file was found to be a recording.
func (r Reading) IsRecording() bool { return r.Recording.Pending() }

// Waiting are n times what an upload counts whose file has not come.
func Waiting(up Upload, n int64) []quota.Amount {
	return []quota.Amount{
		{Counter: quota.Waiting, N: n, At: up.CreatedAt}, {Counter: quota.Incoming, N: n * up.SizeBytes, At: up.CreatedAt},
	}
}

// CountArrived counts the file of an upload that has come, once: it does not
// wait any more, and it is stored.
func (s *Service) CountArrived(ctx context.Context, workspace string, up Upload) error {
	if up.Counted >= 0 {
		return nil
	}
	key := session.UploadKey(record.In(workspace, up.ID))
	err := table.Retry(ctx, record.Tries, func() error {
		return s.Sessions.Table.Transact(ctx, append(
			[]table.Op{table.Update(key, table.Attrs{session.CountedAttr: up.SizeBytes}, table.Exists(), table.Missing(session.CountedAttr))},
			s.Sessions.Quotas().Change(workspace, up.ID, append(Waiting(up, -1), session.Stored(up.SizeBytes))...)...))
	})
	if err != nil && !errors.Is(err, table.ErrCondition) {
		return fmt.Errorf("counting an upload that has come: %w", err)
	}
	return nil
}

// fileCount is the row that has what counts of a session's file.
func fileCount(ref record.Ref, src session.Origin) table.Key {
	if src.Upload != "" {
		return session.UploadKey(record.In(ref.Workspace, src.Upload))
	}
	return session.OriginKey(ref)
}

// UncountFile gives back what the file of a session counted, which is removed.
// What comes of it later does not count.
func (s *Service) UncountFile(ctx context.Context, ref record.Ref, src session.Origin) error {
	err := table.Retry(ctx, record.Tries, func() error { return s.tryUncountFile(ctx, ref, src) })
	if err != nil {
		return fmt.Errorf("giving back what a file counted: %w", err)
	}
	return nil
}

func (s *Service) tryUncountFile(ctx context.Context, ref record.Ref, src session.Origin) error {
	key := fileCount(ref, src)
	item, err := s.Sessions.Table.Get(ctx, key, table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	n, known := item.Attrs[session.CountedAttr].(int64)
	as := table.Equal(session.CountedAttr, n)
	var back []quota.Amount
	switch {
	case known && n == 0:
		return nil
	case known:
		back = append(back, session.Stored(-n))
	case src.Upload != "":
		as, back = table.Missing(session.CountedAttr), Waiting(ReadUploadRow(item), -1)
	default:
		as = table.Missing(session.CountedAttr)
	}
	err = s.Sessions.Table.Transact(ctx, append(
		[]table.Op{table.Update(key, table.Attrs{session.CountedAttr: int64(0)}, table.Exists(), as)},
		s.Sessions.Quotas().Change(ref.Workspace, ref.ID, back...)...))
	if errors.Is(err, table.ErrCondition) {
		return table.ErrConflict // it has come, or gone, in between
	}
	return err
}

// KeptFile returns where the file of a session is, and whether it is there.
func (s *Service) KeptFile(ctx context.Context, ref record.Ref) (src session.Origin, kept bool, err error) {
	if src, err = s.Sessions.ReadOrigin(ctx, ref); err != nil || src.Object == "" {
		return src, false, err
	}
	info, err := s.Sessions.Blobs.Stat(ctx, src.Object)
	if errors.Is(err, blob.ErrNotFound) {
		return src, false, nil
	}
	if err != nil {
		return src, false, fmt.Errorf("looking at the file of a session: %w", err)
	}
	return src, src.ETag == "" || src.ETag == info.ETag, nil
}

// DropFile removes the file of a session that is over, and waits for the end of
// the session itself.
func (s *Service) DropFile(ctx context.Context, ref record.Ref, failed bool, after time.Duration) error {
	src, kept, err := s.KeptFile(ctx, ref)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if kept {
		if err := s.Sessions.Blobs.Delete(ctx, src.Object); err != nil {
			return fmt.Errorf("removing the file of a session: %w", err)
		}
	}
	if err := s.UncountFile(ctx, ref, src); err != nil {
		return err
	}
	if failed { // what its engine had answered was for a retry
		if err := s.Sessions.RemoveBelow(ctx, session.KeptAnswers(ref)); err != nil {
			return err
		}
	}
	_, err = s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		if d, shorter := h.FileKept(s.Sessions.KeepMedia); shorter && d == after {
			begin := h.Updated
			if h.Status == session.Completed {
				begin = h.Ended
			}
			h.FileGone, h.Due = 1, begin.Add(h.Kept())
			if h.Due.Before(s.Sessions.Time()) {
				h.Due = s.Sessions.Time()
			}
		}
		return nil, nil
	})
	return err
}
