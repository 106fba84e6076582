package session

import (
	"context"
	"fmt"
	"time"

	"griot/internal/access"
	"griot/internal/clock"
	"griot/internal/due"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/table"
	"griot/internal/transcript"
)

// CreateInput is the body of POST /v1/sessions; "" means not given. Times are
// RFC 3339.
type CreateInput struct {
	Template, Title, ProjectID, IntervieweeEmail string
	ScheduledFor, UploadURL, RecordedAt          string
	Hint                                         *transcript.Hint // of a file; nil for none
	Language                                     string           // of a recording
	Speakers                                     *int64           // of a recording: how many are expected
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
		s.sendRead(ctx, p.Workspace, sess, plan.source)
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

// create writes a session with an id of its own for each attempt; an attempt
// whose id has grown old begins again, so that ids stay in creation order.
func (s *Service) create(ctx context.Context, workspace string, pl plan, claim *idempotency.Claim) (Session, error) {
	var sess Session
	err := table.Insist(ctx, conflictTries, func() error {
		at, err := s.clock().Next(ctx, workspace)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(ctx, clock.Lifetime)
		defer cancel()
		sess, err = s.createAt(ctx, workspace, at, pl, claim)
		return err
	})
	return sess, err
}

func (s *Service) createAt(ctx context.Context, workspace string, at time.Time, pl plan, claim *idempotency.Claim) (Session, error) {
	sessionID := id.At(id.Session, at)
	h := s.newHead(at, pl)
	sess := build(workspace, sessionID, pl.meta, h)
	ops := []table.Op{
		table.Put(headKey(workspace, sessionID), h.attrs(), table.Absent()),
		table.Put(metaKey(workspace, sessionID), pl.meta.attrs(), table.Absent()),
		table.Put(due.Key(h.due, workspace, sessionID), nil),
	}
	if pl.source != (source{}) {
		ops = append(ops, table.Put(sourceKey(workspace, sessionID), pl.source.attrs()))
		ops = append(ops, pl.source.takeUpload(workspace, sessionID)...)
	}
	if pl.once != (table.Key{}) {
		ops = append(ops, table.Put(pl.once, table.Attrs{"session": sessionID}, table.Absent()))
	}
	claimed, err := claim.Ops(sess, headKey(workspace, sessionID))
	if err != nil {
		return Session{}, err
	}
	err = s.Table.Transact(ctx, append(ops, claimed...))
	return sess, createError(err, pl.source, workspace)
}

// createError tells a taken upload from other failures.
func createError(err error, src source, workspace string) error {
	failed := table.Failed(err)
	switch {
	case err == nil:
		return nil
	case failed != nil && src.upload != "" && failed.Old.Key == uploadKey(workspace, src.upload):
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
		h.due = at.Add(fetchWait)
	}
	return h
}
