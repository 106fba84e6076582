package upload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
)

// AwaitObject has a session look later whether its file has come, or fails it when
// nobody can upload it any more.
func (s *Service) AwaitObject(ctx context.Context, ref record.Ref, src session.Origin) error {
	up, err := s.ReadUpload(ctx, record.In(ref.Workspace, src.Upload))
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if err != nil || s.Sessions.Time().After(up.ExpiresAt.Add(uploadGrace)) {
		return s.Sessions.Fail(ctx, ref, session.Failure{Code: session.UploadExpired, Message: "no file arrived within an hour after the upload's URL had expired"})
	}
	_, err = s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		if h.Status == session.InProgress {
			h.Due = nextObjectLook(h.Started, s.Sessions.Time())
			if end := up.ExpiresAt.Add(uploadGrace + time.Millisecond); h.Due.After(end) {
				h.Due = end
			}
		}
		return nil, nil
	})
	return err
}

// nextObjectLook is 1, 2, 4, 8 … minutes after a session began to wait for its
// object, whichever is next. The object's arrival sends a job: looking for it is
// for the one that was lost.
func nextObjectLook(begun, now time.Time) time.Time {
	wait := task.ReadFile.Wait(0)
	for !begun.Add(wait).After(now) {
		wait *= 2
	}
	return begun.Add(wait)
}

// Bounds of uploads (contract E).
const (
	MaxUpload   = 2 << 30 // bytes
	uploadValid = 15 * time.Minute
	// uploadGrace is how long a session waits for its object after the
	// upload's URL has expired.
	uploadGrace = time.Hour
)

// Upload is a signed place for one file.
type Upload struct {
	ID, Filename, ContentType string
	SizeBytes                 int64
	CreatedAt, ExpiresAt      time.Time
	SessionID                 string // "" until a session takes it
	Counted                   int64  // bytes of its file that count; -1: it has not come, or nobody saw it come
	Status                    string // waiting, received, expired
	Request                   blob.PutRequest
}

// UploadInput is the body of POST /v1/uploads.
type UploadInput struct {
	SizeBytes   *int64 `json:"size_bytes" is:"required 1..2147483648"`
	Filename    string `json:"filename" is:"line ..255"`
	ContentType string `json:"content_type" is:"..127 as:media"`
}

// CreateUpload signs a place for a file of exactly the given size.
func (s *Service) CreateUpload(ctx context.Context, p access.Principal, in UploadInput, claim *idempotency.Claim) (Upload, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return Upload{}, err
	}
	if err := in.check(); err != nil {
		return Upload{}, err
	}
	var up Upload
	err := s.Sessions.Clock().Within(ctx, p.Workspace, func(ctx context.Context, at time.Time) error {
		return record.Change(ctx, record.Tries, func() (err error) {
			up, err = s.createUploadAt(ctx, p.Workspace, at, in, claim)
			return err
		})
	})
	return up, err
}

func (in UploadInput) check() error {
	var bad schema.Problems
	bad.Check(in)
	if !headerSafe(in.ContentType) {
		bad.Invalid("content_type", "invalid", "must be a media type of at most 127 ASCII characters")
	}
	return bad.Result()
}

func headerSafe(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func (s *Service) createUploadAt(ctx context.Context, workspace string, at time.Time, in UploadInput, claim *idempotency.Claim) (Upload, error) {
	up := Upload{
		ID: id.At(id.Upload, at), Counted: -1, Filename: in.Filename, ContentType: in.ContentType,
		SizeBytes: *in.SizeBytes, CreatedAt: at, ExpiresAt: at.Add(uploadValid), Status: "waiting",
	}
	if err := s.sign(ctx, workspace, &up); err != nil {
		return Upload{}, err
	}
	counted, err := s.Sessions.Quotas().Take(ctx, workspace, up.ID, Waiting(up, 1)...)
	if err != nil {
		return Upload{}, err
	}
	ref := record.In(workspace, up.ID)
	key := session.UploadKey(ref)
	// The record is listed in a partition of the upload's own, where the
	// deletion of its session finds it.
	claimed, err := claim.Ops(up, table.Key{Table: key.Table, PK: ref.Partition()})
	if err != nil {
		return Upload{}, err
	}
	ops := append([]table.Op{table.Put(key, table.Attrs{
		"filename": up.Filename, "content_type": up.ContentType, "size": up.SizeBytes,
		"expires": up.ExpiresAt.UnixMilli(),
	}, table.Absent()), task.Due(session.ForgottenAt(up.ID), ref), counted}, claimed...)
	if err := quota.Lost(s.Sessions.Table.Transact(ctx, ops)); err != nil {
		return Upload{}, fmt.Errorf("writing the upload: %w", err)
	}
	return up, nil
}

// sign makes the request by which the client may still send the bytes.
func (s *Service) sign(ctx context.Context, workspace string, up *Upload) error {
	valid := up.ExpiresAt.Sub(s.Sessions.Time())
	if valid <= 0 {
		return nil
	}
	var err error
	up.Request, err = s.Sessions.Blobs.PresignPut(ctx, session.UploadObject(record.In(workspace, up.ID)), blob.SignPut{
		Size: up.SizeBytes, ContentType: up.ContentType, Valid: min(valid, uploadValid),
	})
	if err != nil {
		return fmt.Errorf("signing the upload: %w", err)
	}
	return nil
}

// GetUpload returns an upload as it is now: received once its object is
// there, and signed afresh as long as it waits, for callers who may write.
func (s *Service) GetUpload(ctx context.Context, p access.Principal, uploadID string) (Upload, error) {
	if err := p.Require(access.SessionsRead); err != nil {
		return Upload{}, err
	}
	up, err := s.ReadUpload(ctx, session.Ref(p, uploadID))
	if err != nil {
		return Upload{}, err
	}
	received, err := blob.Exists(ctx, s.Sessions.Blobs, session.UploadObject(session.Ref(p, uploadID)))
	switch {
	case err != nil:
		return Upload{}, fmt.Errorf("looking for the uploaded object: %w", err)
	case received:
		up.Status = "received"
		return up, nil
	case !up.ExpiresAt.After(s.Sessions.Time()):
		up.Status = "expired"
		return up, nil
	}
	if p.Require(access.SessionsWrite) != nil {
		return up, nil
	}
	return up, s.sign(ctx, p.Workspace, &up)
}

// ReadUpload returns an upload as its row has it.
func (s *Service) ReadUpload(ctx context.Context, upload record.Ref) (Upload, error) {
	if !id.Valid(id.Upload, upload.ID) {
		return Upload{}, errs.New(errs.NotFound, "there is no such upload")
	}
	item, err := s.Sessions.Table.Get(ctx, session.UploadKey(upload), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Upload{}, errs.New(errs.NotFound, "there is no such upload")
	}
	if err != nil {
		return Upload{}, fmt.Errorf("reading the upload: %w", err)
	}
	return ReadUploadRow(item), nil
}

// ReadUploadRow decodes the row of an upload.
func ReadUploadRow(item table.Item) Upload {
	up := Upload{
		ID: item.SK, Filename: item.Str("filename"), ContentType: item.Str("content_type"),
		SizeBytes: item.Int("size"), CreatedAt: id.Time(item.SK), Status: "waiting",
		ExpiresAt: item.Time("expires"), SessionID: item.Str("session"), Counted: -1,
	}
	if n, known := item.Attrs[session.CountedAttr].(int64); known {
		up.Counted = n
	}
	return up
}

// CheckUpload makes sure that the upload behind a new session is the
// caller's; whether it is free, the transaction checks.
func (s *Service) CheckUpload(ctx context.Context, workspace string, src *session.Origin) error {
	if src.Upload == "" {
		return nil
	}
	if _, err := s.ReadUpload(ctx, record.In(workspace, src.Upload)); err != nil {
		return err
	}
	src.Object = session.UploadObject(record.In(workspace, src.Upload))
	return nil
}

// ForgetUpload removes an upload that no session took, object first: its row
// is what brings the sweeper back. The answer kept for a repeated request has
// expired by then.
func (s *Service) ForgetUpload(ctx context.Context, ref record.Ref, at time.Time) error {
	row := table.Delete(task.Row(at, ref))
	up, err := s.ReadUpload(ctx, ref)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if err != nil || up.SessionID != "" {
		_, err := s.Sessions.Table.Write(ctx, table.Repeatable(row))
		return err
	}
	if err := s.Sessions.Blobs.Delete(ctx, session.UploadObject(ref)); err != nil {
		return fmt.Errorf("removing an upload that nobody took: %w", err)
	}
	gone := table.Delete(session.UploadKey(ref), table.Missing("session"))
	if up.Counted < 0 {
		gone.If = append(gone.If, table.Missing(session.CountedAttr))
	}
	ops := append([]table.Op{gone, row}, s.Sessions.Quotas().Change(ref.Workspace, ref.ID, session.Stored(-max(up.Counted, 0)))...)
	err = s.Sessions.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return nil // taken at the last moment: its session fails for want of the object
	}
	return err
}
