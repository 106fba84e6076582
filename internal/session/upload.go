package session

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
	"griot/internal/table"
	"griot/internal/task"
)

// Bounds of uploads (contract E).
const (
	MaxUpload   = 2 << 30 // bytes
	uploadValid = 15 * time.Minute
	// uploadGrace is how long a session waits for its object after the
	// upload's URL has expired.
	uploadGrace = time.Hour
)

// uploadKept is how long an upload waits for a session to take it.
const uploadKept = 7 * 24 * time.Hour

// Upload is a signed place for one file.
type Upload struct {
	ID, Filename, ContentType string
	SizeBytes                 int64
	CreatedAt, ExpiresAt      time.Time
	SessionID                 string // "" until a session takes it
	counted                   int64  // bytes of its file that count; -1: it has not come, or nobody saw it come
	Status                    string // waiting, received, expired
	Request                   blob.PutRequest
}

// UploadInput is the body of POST /v1/uploads.
type UploadInput struct {
	SizeBytes   *int64 `json:"size_bytes" is:"required 1..2147483648"`
	Filename    string `json:"filename" is:"line ..255"`
	ContentType string `json:"content_type" is:"..127 as:media"`
}

func uploadKey(upload record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: upload.Workspace + "#uploads", SK: upload.ID}
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
	err := s.clock().Within(ctx, p.Workspace, func(ctx context.Context, at time.Time) error {
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
		ID: id.At(id.Upload, at), counted: -1, Filename: in.Filename, ContentType: in.ContentType,
		SizeBytes: *in.SizeBytes, CreatedAt: at, ExpiresAt: at.Add(uploadValid), Status: "waiting",
	}
	if err := s.sign(ctx, workspace, &up); err != nil {
		return Upload{}, err
	}
	counted, err := s.quotas().Take(ctx, workspace, up.ID, waiting(up, 1)...)
	if err != nil {
		return Upload{}, err
	}
	ref := record.In(workspace, up.ID)
	key := uploadKey(ref)
	// The record is listed in a partition of the upload's own, where the
	// deletion of its session finds it.
	claimed, err := claim.Ops(up, table.Key{Table: key.Table, PK: ref.Partition()})
	if err != nil {
		return Upload{}, err
	}
	ops := append([]table.Op{table.Put(key, table.Attrs{
		"filename": up.Filename, "content_type": up.ContentType, "size": up.SizeBytes,
		"expires": up.ExpiresAt.UnixMilli(),
	}, table.Absent()), task.Due(forgottenAt(up.ID), ref), counted}, claimed...)
	if err := quota.Lost(s.Table.Transact(ctx, ops)); err != nil {
		return Upload{}, fmt.Errorf("writing the upload: %w", err)
	}
	return up, nil
}

// sign makes the request by which the client may still send the bytes.
func (s *Service) sign(ctx context.Context, workspace string, up *Upload) error {
	valid := up.ExpiresAt.Sub(s.now())
	if valid <= 0 {
		return nil
	}
	var err error
	up.Request, err = s.Blobs.PresignPut(ctx, uploadObject(record.In(workspace, up.ID)), blob.SignPut{
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
	up, err := s.readUpload(ctx, of(p, uploadID))
	if err != nil {
		return Upload{}, err
	}
	received, err := blob.Exists(ctx, s.Blobs, uploadObject(of(p, uploadID)))
	switch {
	case err != nil:
		return Upload{}, fmt.Errorf("looking for the uploaded object: %w", err)
	case received:
		up.Status = "received"
		return up, nil
	case !up.ExpiresAt.After(s.now()):
		up.Status = "expired"
		return up, nil
	}
	if p.Require(access.SessionsWrite) != nil {
		return up, nil
	}
	return up, s.sign(ctx, p.Workspace, &up)
}

func (s *Service) readUpload(ctx context.Context, upload record.Ref) (Upload, error) {
	if !id.Valid(id.Upload, upload.ID) {
		return Upload{}, errs.New(errs.NotFound, "there is no such upload")
	}
	item, err := s.Table.Get(ctx, uploadKey(upload), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return Upload{}, errs.New(errs.NotFound, "there is no such upload")
	}
	if err != nil {
		return Upload{}, fmt.Errorf("reading the upload: %w", err)
	}
	return readUploadRow(item), nil
}

func readUploadRow(item table.Item) Upload {
	up := Upload{
		ID: item.SK, Filename: item.Str("filename"), ContentType: item.Str("content_type"),
		SizeBytes: item.Int("size"), CreatedAt: id.Time(item.SK), Status: "waiting",
		ExpiresAt: item.Time("expires"), SessionID: item.Str("session"), counted: -1,
	}
	if n, known := item.Attrs[countedAttr].(int64); known {
		up.counted = n
	}
	return up
}

// checkUpload makes sure that the upload behind a new session is the
// caller's; whether it is free, the transaction checks.
func (s *Service) checkUpload(ctx context.Context, workspace string, src *source) error {
	if src.upload == "" {
		return nil
	}
	if _, err := s.readUpload(ctx, record.In(workspace, src.upload)); err != nil {
		return err
	}
	src.object = uploadObject(record.In(workspace, src.upload))
	return nil
}

// forgottenAt is when an upload that no session has taken is removed.
func forgottenAt(uploadID string) time.Time { return id.Time(uploadID).Add(uploadKept) }

// forgetUpload removes an upload that no session took, object first: its row
// is what brings the sweeper back. The answer kept for a repeated request has
// expired by then.
func (s *Service) forgetUpload(ctx context.Context, ref record.Ref, at time.Time) error {
	row := table.Delete(task.Row(at, ref))
	up, err := s.readUpload(ctx, ref)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return err
	}
	if err != nil || up.SessionID != "" {
		_, err := s.Table.Write(ctx, table.Repeatable(row))
		return err
	}
	if err := s.Blobs.Delete(ctx, uploadObject(ref)); err != nil {
		return fmt.Errorf("removing an upload that nobody took: %w", err)
	}
	gone := table.Delete(uploadKey(ref), table.Missing("session"))
	if up.counted < 0 {
		gone.If = append(gone.If, table.Missing(countedAttr))
	}
	ops := append([]table.Op{gone, row}, s.quotas().Change(ref.Workspace, ref.ID, stored(-max(up.counted, 0)))...)
	err = s.Table.Transact(ctx, ops)
	if errors.Is(err, table.ErrCondition) {
		return nil // taken at the last moment: its session fails for want of the object
	}
	return err
}
