package session

import (
	"context"
	"fmt"
	"time"

	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/quota"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
)

// CreateInput is the body of POST /v1/sessions; "" means not given. Times are
// RFC 3339.
type CreateInput struct {
	Template extraction.Template `json:"template" is:"required"`
	Title    string              `json:"title" is:"required line ..500"`
	// Required when the workspace has more than one project.
	ProjectID string `json:"project_id" is:"..100"`
	// Required unless `upload_url` is given.
	IntervieweeEmail string `json:"interviewee_email" is:"..254 as:email"`
	// At most a year ahead; not together with `upload_url`.
	ScheduledFor string `json:"scheduled_for" is:"given as:time"`
	// That of an upload made here, or any other https URL.
	UploadURL string `json:"upload_url" is:"given ..4096 as:url"`
	// When an uploaded recording was made.
	RecordedAt string `json:"recorded_at" is:"given as:time"`
	// What is known of an uploaded transcript before it is read.
	Hint *transcript.Hint `json:"reading_hint"`
	// The language that is spoken in a recording, a tag as `en` or `pt-BR`;
	// without it the engine finds out. It has no effect on other sessions.
	Language string `json:"language" is:"given ..35 as:language"`
	// How many speak in a recording. It has no effect on other sessions.
	Speakers *int64 `json:"speakers_expected" is:"1..30"`
}

// Plan is a session to be made.
type Plan struct {
	Info      Info
	Scheduled time.Time
	Retention int64     // days, 0: the default
	Origin    Origin    // zero for a live session
	Once      table.Key // of a drop: written with the session, unless it exists
}

// Create writes a session with an id of its own for each attempt; those that have
// grown old fail, so that ids stay in creation order.
func (s *Store) Create(ctx context.Context, workspace string, pl Plan, claim *idempotency.Claim) (Session, error) {
	var sess Session
	err := s.Clock().Within(ctx, workspace, func(ctx context.Context, at time.Time) error {
		return record.Change(ctx, record.Tries, func() (err error) {
			sess, err = s.createAt(ctx, workspace, at, pl, claim)
			return err
		})
	})
	return sess, err
}

func (s *Store) createAt(ctx context.Context, workspace string, at time.Time, pl Plan, claim *idempotency.Claim) (Session, error) {
	ref := record.In(workspace, id.At(id.Session, at))
	h := s.newHead(at, pl)
	counted, err := s.countNew(ctx, ref, &h, pl.Origin)
	if err != nil {
		return Session{}, err
	}
	sess := build(ref, pl.Info, h)
	ops := []table.Op{
		table.Put(InfoKey(ref), pl.Info.attrs(), table.Absent()),
		task.Due(h.Due, ref),
		counted,
	}
	if pl.Origin != (Origin{}) {
		ops = append(ops, table.Put(OriginKey(ref), pl.Origin.attrs()))
		ops = append(ops, pl.Origin.takeUpload(ref)...)
	}
	if pl.Once != (table.Key{}) {
		ops = append(ops, table.Put(pl.Once, table.Attrs{"session": ref.ID}, table.Absent()))
	}
	head := record.Head{Key: HeadKey(ref)}
	err = quota.Lost(head.Commit(ctx, s.Table, head.Create(h.Attrs()), ops, claim, sess))
	return sess, createError(err, pl.Origin, workspace)
}

// createError tells a taken upload from other failures.
func createError(err error, src Origin, workspace string) error {
	failed := table.Failed(err)
	switch {
	case err == nil:
		return nil
	case failed != nil && src.Upload != "" && failed.Old.Key == UploadKey(record.In(workspace, src.Upload)):
		return errs.New(errs.Conflict, "the upload already serves another session")
	default:
		return fmt.Errorf("writing the new session: %w", err)
	}
}

func (s *Store) newHead(at time.Time, pl Plan) Head {
	h := Head{
		Status: InProgress, Source: SourceLive, Rev: 1, Duration: -1,
		Started: at, scheduled: pl.Scheduled, Updated: at, retention: pl.Retention,
	}
	if pl.Origin != (Origin{}) {
		h.Source = SourceUpload
	}
	if pl.Scheduled.After(at) {
		h.Status, h.Started = Scheduled, time.Time{}
	}
	h.Due = s.FirstDue(h)
	if pl.Origin.URL != "" {
		h.Due = at.Add(task.FetchURL.Wait(0))
	}
	return h
}
