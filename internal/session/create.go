package session

import (
	"context"
	"fmt"
	"time"

	"griot/internal/access"
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

// Create starts a session: a live one at once or at its time, or one that
// reads the recording or transcript behind UploadURL.
func (s *Service) Create(ctx context.Context, p access.Principal, in CreateInput, claim *idempotency.Claim) (Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return Session{}, err
	}
	plan, err := s.plan(in)
	if err != nil {
		return Session{}, err
	}
	project, err := s.project(ctx, p.Workspace, in.ProjectID)
	if err != nil {
		return Session{}, err
	}
	plan.meta.project, plan.retention = project.ID, project.RetentionDays
	if err := s.checkUpload(ctx, p.Workspace, &plan.source); err != nil {
		return Session{}, err
	}
	sess, err := s.create(ctx, p.Workspace, plan, claim)
	if err == nil {
		s.sendRead(ctx, sess.Ref(), plan.source)
	}
	return sess, err
}

// project returns the project of a new session: the one that is named, or the
// only one there is.
func (s *Service) project(ctx context.Context, workspace, projectID string) (access.Project, error) {
	if projectID != "" {
		return s.Projects.Project(ctx, workspace, projectID)
	}
	project, ok, err := s.Projects.SoleProject(ctx, workspace)
	if err == nil && !ok {
		err = errs.Invalid("project_id", "required", "is required: the workspace has more than one project")
	}
	return project, err
}

// plan is a session to be made.
type plan struct {
	meta      meta
	scheduled time.Time
	retention int64     // days, 0: the default
	source    source    // zero for a live session
	once      table.Key // of a drop: written with the session, unless it exists
}

// create writes a session with an id of its own for each attempt; those that have
// grown old fail, so that ids stay in creation order.
func (s *Service) create(ctx context.Context, workspace string, pl plan, claim *idempotency.Claim) (Session, error) {
	var sess Session
	err := s.clock().Within(ctx, workspace, func(ctx context.Context, at time.Time) error {
		return record.Change(ctx, record.Tries, func() (err error) {
			sess, err = s.createAt(ctx, workspace, at, pl, claim)
			return err
		})
	})
	return sess, err
}

func (s *Service) createAt(ctx context.Context, workspace string, at time.Time, pl plan, claim *idempotency.Claim) (Session, error) {
	ref := record.In(workspace, id.At(id.Session, at))
	h := s.newHead(at, pl)
	counted, err := s.countNew(ctx, ref, &h, pl.source)
	if err != nil {
		return Session{}, err
	}
	sess := build(ref, pl.meta, h)
	ops := []table.Op{
		table.Put(headKey(ref), h.attrs(), table.Absent()),
		table.Put(metaKey(ref), pl.meta.attrs(), table.Absent()),
		task.Due(h.due, ref),
		counted,
	}
	if pl.source != (source{}) {
		ops = append(ops, table.Put(sourceKey(ref), pl.source.attrs()))
		ops = append(ops, pl.source.takeUpload(ref)...)
	}
	if pl.once != (table.Key{}) {
		ops = append(ops, table.Put(pl.once, table.Attrs{"session": ref.ID}, table.Absent()))
	}
	claimed, err := claim.Ops(sess, headKey(ref))
	if err != nil {
		return Session{}, err
	}
	err = quota.Lost(s.Table.Transact(ctx, append(ops, claimed...)))
	return sess, createError(err, pl.source, workspace)
}

// createError tells a taken upload from other failures.
func createError(err error, src source, workspace string) error {
	failed := table.Failed(err)
	switch {
	case err == nil:
		return nil
	case failed != nil && src.upload != "" && failed.Old.Key == uploadKey(record.In(workspace, src.upload)):
		return errs.New(errs.Conflict, "the upload already serves another session")
	default:
		return fmt.Errorf("writing the new session: %w", err)
	}
}

func (s *Service) newHead(at time.Time, pl plan) head {
	h := head{
		status: InProgress, source: SourceLive, rev: 1, duration: -1,
		started: at, scheduled: pl.scheduled, updated: at, retention: pl.retention,
	}
	if pl.source != (source{}) {
		h.source = SourceUpload
	}
	if pl.scheduled.After(at) {
		h.status, h.started = Scheduled, time.Time{}
	}
	h.due = s.firstDue(h)
	if pl.source.url != "" {
		h.due = at.Add(task.FetchURL.Wait(0))
	}
	return h
}
