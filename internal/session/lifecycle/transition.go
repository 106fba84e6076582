package lifecycle

import (
	"context"
	"net/mail"
	"net/url"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/idempotency"
	"griot/internal/schema"
	"griot/internal/session"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/timestamp"
	"griot/internal/transcript"
)

// Create starts a session: a live one at once or at its time, or one that
// reads the recording or transcript behind UploadURL.
func (s *Service) Create(ctx context.Context, p access.Principal, in session.CreateInput, claim *idempotency.Claim) (session.Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return session.Session{}, err
	}
	plan, err := s.plan(in)
	if err != nil {
		return session.Session{}, err
	}
	project, err := s.project(ctx, p.Workspace, in.ProjectID)
	if err != nil {
		return session.Session{}, err
	}
	plan.Info.Project, plan.Retention = project.ID, project.RetentionDays
	if err := s.Uploads.CheckUpload(ctx, p.Workspace, &plan.Origin); err != nil {
		return session.Session{}, err
	}
	sess, err := s.Sessions.Create(ctx, p.Workspace, plan, claim)
	if err == nil {
		s.Sessions.SendRead(ctx, sess.Ref(), plan.Origin)
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

// Bounds of when a session starts (contract D 8).
const (
	lateTolerance = 5 * time.Minute
	maxAhead      = 365 * 24 * time.Hour
)

// plan checks a body on its own, before anything is read.
func (s *Service) plan(in session.CreateInput) (session.Plan, error) {
	var bad schema.Problems
	bad.Check(in)
	checkEmail(&bad, in)
	pl := session.Plan{Info: session.Info{Template: string(in.Template), Title: in.Title, Email: in.IntervieweeEmail}}
	pl.Scheduled = parseTime(&bad, "scheduled_for", in.ScheduledFor)
	pl.Info.Recorded = parseTime(&bad, "recorded_at", in.RecordedAt)
	pl.Origin = s.parseSource(&bad, in.UploadURL)
	hint := keptHint(&bad, in.Hint)
	if err := bad.Result(); err != nil {
		return session.Plan{}, err
	}
	if pl.Origin != (session.Origin{}) {
		pl.Origin.Hint, pl.Origin.Language = hint, in.Language
		if in.Speakers != nil {
			pl.Origin.Speakers = int(*in.Speakers)
		}
	}
	return pl, s.checkSchedule(in, pl.Scheduled)
}

// keptHint is the JSON of a hint, "" without one.
func keptHint(bad *schema.Problems, h *transcript.Hint) string {
	if h == nil {
		return ""
	}
	data, err := transcript.Marshal(h)
	if err != nil {
		bad.Invalid("reading_hint", "invalid", "cannot be stored")
	}
	return string(data)
}

func checkEmail(bad *schema.Problems, in session.CreateInput) {
	switch email := in.IntervieweeEmail; {
	case email == "" && in.UploadURL == "":
		bad.Invalid("interviewee_email", "required", "is required unless upload_url is given")
	case email != "":
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			bad.Invalid("interviewee_email", "invalid", "is not an e-mail address")
		}
	}
}

func parseTime(bad *schema.Problems, field, value string) time.Time {
	if value == "" {
		return time.Time{}
	}
	t, err := timestamp.Parse(value)
	if err != nil {
		bad.Invalid(field, "invalid", "is not an RFC 3339 time")
	}
	return t
}

// checkSchedule refuses start times that are void, long past or far away.
func (s *Service) checkSchedule(in session.CreateInput, at time.Time) error {
	var reason string
	switch {
	case at.IsZero():
		return nil
	case in.UploadURL != "":
		reason = "must be left out when upload_url is given"
	case at.Before(s.Sessions.Time().Add(-lateTolerance)):
		reason = "is in the past"
	case at.After(s.Sessions.Time().Add(maxAhead)):
		reason = "is more than a year ahead"
	default:
		return nil
	}
	e := errs.Invalid("scheduled_for", "invalid", "%s", reason)
	e.Kind = errs.FailedPrecondition
	return e
}

// parseSource recognises our own upload URLs first, whatever their scheme and
// query; any other must be plain https (contract D 10).
func (s *Service) parseSource(bad *schema.Problems, raw string) session.Origin {
	if raw == "" {
		return session.Origin{}
	}
	if key, ok := s.Sessions.Blobs.KeyOf(raw); ok {
		return session.Origin{Upload: uploadIn(key), Object: key}
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		bad.Invalid("upload_url", "invalid", "is not a URL")
	case u.Scheme != "https" && !(s.LoopbackURLs && u.Scheme == "http"):
		bad.Invalid("upload_url", "invalid", "must be an https URL")
	case u.User != nil:
		bad.Invalid("upload_url", "invalid", "must not contain a user or password")
	case !s.portAllowed(u.Port()):
		bad.Invalid("upload_url", "invalid", "must use port 443")
	}
	return session.Origin{URL: raw}
}

func (s *Service) portAllowed(port string) bool {
	return port == "" || port == "443" || s.LoopbackURLs
}

// uploadIn returns the id of the upload whose object key this is; a key of
// anything else gives an id that does not exist.
func uploadIn(key string) string {
	_, uploadID, _ := strings.Cut(strings.TrimPrefix(key, session.UploadPrefix), "/")
	if !id.Valid(id.Upload, uploadID) {
		return "unknown"
	}
	return uploadID
}

// Retry takes a failed session up again where it failed: its extraction, or
// the reading of its file, which has to be there still. It is the only way out
// of a final state.
func (s *Service) Retry(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (session.Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return session.Session{}, err
	}
	sess, err := s.Sessions.Read(ctx, session.Ref(p, id))
	if err != nil {
		return session.Session{}, err
	}
	src, kept := session.Origin{}, false
	if sess.Source == session.SourceUpload {
		if src, kept, err = s.Uploads.KeptFile(ctx, session.Ref(p, id)); err != nil {
			return session.Session{}, err
		}
	}
	sess, err = s.Sessions.Update(ctx, session.Ref(p, id), claim, func(h *session.Head) ([]table.Op, error) {
		if h.Status != session.Failed {
			return nil, errs.New(errs.Conflict, "the session is %s: only a failed one can be tried again", h.Status)
		}
		return nil, h.Retry(kept)
	})
	if err != nil {
		return session.Session{}, err
	}
	if sess.Status == session.Processing {
		s.Sessions.Jobs.Send(ctx, task.Extract, task.Of(session.Ref(p, id)))
	} else {
		s.Sessions.SendRead(ctx, sess.Ref(), src)
	}
	return sess, nil
}

// Cancel ends a session that is not over. What was transcribed stays;
// extraction is not run. Repeating it is harmless.
func (s *Service) Cancel(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (session.Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return session.Session{}, err
	}
	sess, err := s.Sessions.Update(ctx, session.Ref(p, id), claim, func(h *session.Head) ([]table.Op, error) {
		switch h.Status {
		case session.Cancelled:
			return nil, nil
		case session.Completed, session.Failed:
			return nil, errs.New(errs.Conflict, "the session is already %s", h.Status)
		}
		h.Status, h.Cancelled = session.Cancelled, s.Sessions.Time()
		return nil, nil
	})
	if err == nil && sess.Recording.Left > 0 {
		s.Sessions.StopNow(ctx, session.Ref(p, id))
	}
	return sess, err
}

// Complete ends the capture of a live session and hands it to extraction.
// Repeating it is harmless.
func (s *Service) Complete(ctx context.Context, p access.Principal, id string, claim *idempotency.Claim) (session.Session, error) {
	if err := p.Require(access.SessionsWrite); err != nil {
		return session.Session{}, err
	}
	sess, err := s.Sessions.Update(ctx, session.Ref(p, id), claim, func(h *session.Head) ([]table.Op, error) {
		switch {
		case h.Source == session.SourceUpload:
			return nil, errs.New(errs.Conflict, "the session reads an upload: it completes by itself")
		case h.Status == session.Processing, h.Status == session.Completed:
			return nil, nil
		case h.Status != session.InProgress:
			return nil, errs.New(errs.Conflict, "the session is %s", h.Status)
		}
		s.Sessions.EndCapture(h)
		return nil, nil
	})
	if err == nil && sess.Status == session.Processing {
		s.Sessions.Jobs.Send(ctx, task.Extract, task.Of(session.Ref(p, id)))
	}
	return sess, err
}
