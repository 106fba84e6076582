package session

import (
	"net/mail"
	"time"

	"griot/internal/errs"
	"griot/internal/schema"
	"griot/internal/timestamp"
	"griot/internal/transcript"
)

// Bounds of when a session starts (contract D 8).
const (
	lateTolerance = 5 * time.Minute
	maxAhead      = 365 * 24 * time.Hour
)

// plan checks a body on its own, before anything is read.
func (s *Service) plan(in CreateInput) (plan, error) {
	var bad schema.Problems
	bad.Check(in)
	checkEmail(&bad, in)
	pl := plan{meta: meta{template: string(in.Template), title: in.Title, email: in.IntervieweeEmail}}
	pl.scheduled = parseTime(&bad, "scheduled_for", in.ScheduledFor)
	pl.meta.recorded = parseTime(&bad, "recorded_at", in.RecordedAt)
	pl.source = s.parseSource(&bad, in.UploadURL)
	hint := keptHint(&bad, in.Hint)
	if err := bad.Result(); err != nil {
		return plan{}, err
	}
	if pl.source != (source{}) {
		pl.source.hint, pl.source.language = hint, in.Language
		if in.Speakers != nil {
			pl.source.speakers = int(*in.Speakers)
		}
	}
	return pl, s.checkSchedule(in, pl.scheduled)
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

func checkEmail(bad *schema.Problems, in CreateInput) {
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
func (s *Service) checkSchedule(in CreateInput, at time.Time) error {
	var reason string
	switch {
	case at.IsZero():
		return nil
	case in.UploadURL != "":
		reason = "must be left out when upload_url is given"
	case at.Before(s.now().Add(-lateTolerance)):
		reason = "is in the past"
	case at.After(s.now().Add(maxAhead)):
		reason = "is more than a year ahead"
	default:
		return nil
	}
	e := errs.Invalid("scheduled_for", "invalid", "%s", reason)
	e.Kind = errs.FailedPrecondition
	return e
}
