package session

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/id"
	"griot/internal/text"
	"griot/internal/timestamp"
	"griot/internal/transcript"
)

// Bounds of a new session (contract D 1, D 8, D 10, E).
const (
	MaxTitle      = 500 // characters
	MaxEmail      = 254 // characters
	maxURL        = 4 << 10
	lateTolerance = 5 * time.Minute
	maxAhead      = 365 * 24 * time.Hour

	// MaxSpeakers is how many may be expected in a recording.
	MaxSpeakers = 30

	MaxHintSpeakers = 100
	maxHintName     = 200 // characters
)

// problems collects what is wrong with a body, field by field.
type problems struct {
	err *errs.Error
}

func (p *problems) add(e *errs.Error) {
	if p.err == nil {
		p.err = e
		return
	}
	p.err.Fields = append(p.err.Fields, e.Fields...)
	p.err.Message += "; " + e.Message
}

func (p *problems) invalid(field, code, format string, args ...any) {
	p.add(errs.Invalid(field, code, format, args...))
}

// oneLine checks a name.
func (p *problems) oneLine(field, value string) {
	if !text.OneLine(value) {
		p.invalid(field, "invalid", "must be on one line, without control characters")
	}
}

func (p *problems) result() error {
	if p.err == nil {
		return nil
	}
	return p.err
}

// plan checks a body on its own, before anything is read.
func (s *Service) plan(in CreateInput) (plan, error) {
	var bad problems
	checkLabels(&bad, in)
	pl := plan{meta: meta{template: in.Template, title: in.Title, email: in.IntervieweeEmail}}
	pl.scheduled = parseTime(&bad, "scheduled_for", in.ScheduledFor)
	pl.meta.recorded = parseTime(&bad, "recorded_at", in.RecordedAt)
	pl.source = s.parseSource(&bad, in.UploadURL)
	hint := checkHint(&bad, in.Hint)
	checkSpoken(&bad, in)
	if err := bad.result(); err != nil {
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

func checkLabels(bad *problems, in CreateInput) {
	switch {
	case in.Template == "":
		bad.invalid("template", "required", "is required")
	case !slices.Contains(extraction.Templates, in.Template):
		bad.invalid("template", "invalid", "must be one of %s", strings.Join(extraction.Templates, ", "))
	}
	switch n := utf8.RuneCountInString(in.Title); {
	case text.Blank(in.Title):
		bad.invalid("title", "required", "is required")
	case n > MaxTitle:
		bad.invalid("title", "too_long", "must have at most %d characters", MaxTitle)
	}
	bad.oneLine("title", in.Title)
	if in.ProjectID != "" && !id.Valid(id.Project, in.ProjectID) && len(in.ProjectID) > 100 {
		bad.invalid("project_id", "invalid", "is not a project id")
	}
	checkEmail(bad, in)
}

// checkHint returns the JSON of a hint, "" without one.
func checkHint(bad *problems, h *transcript.Hint) string {
	if h == nil {
		return ""
	}
	if h.Format != "" && transcript.FormatTitle(h.Format) == "" {
		bad.invalid("reading_hint.format", "invalid", "must be one of %s", strings.Join(transcript.FormatNames(), ", "))
	}
	if h.Language != "" && !isLanguage(h.Language) {
		bad.invalid("reading_hint.language", "invalid", "is not a language tag such as en or pt-BR")
	}
	if len(h.Speakers) > MaxHintSpeakers {
		bad.invalid("reading_hint.speakers", "too_long", "must have at most %d names", MaxHintSpeakers)
	}
	for i, name := range h.Speakers {
		field := fmt.Sprintf("reading_hint.speakers[%d]", i)
		switch n := utf8.RuneCountInString(name); {
		case text.Blank(name):
			bad.invalid(field, "required", "must not be blank")
		case n > maxHintName:
			bad.invalid(field, "too_long", "must have at most %d characters", maxHintName)
		}
		bad.oneLine(field, name)
	}
	data, err := transcript.Marshal(h)
	if err != nil {
		bad.invalid("reading_hint", "invalid", "cannot be stored")
	}
	return string(data)
}

// checkSpoken checks what a client knows of a recording.
func checkSpoken(bad *problems, in CreateInput) {
	if in.Language != "" && !isLanguage(in.Language) {
		bad.invalid("language", "invalid", "is not a language tag such as en or pt-BR")
	}
	if n := in.Speakers; n != nil && (*n < 1 || *n > MaxSpeakers) {
		bad.invalid("speakers_expected", "invalid", "must be from 1 to %d", MaxSpeakers)
	}
}

// isLanguage is true for the form of a BCP 47 tag.
func isLanguage(s string) bool {
	first, _, _ := strings.Cut(s, "-")
	return len(s) <= 35 && len(first) >= 2 && len(first) <= 3 && !strings.HasSuffix(s, "-") && !strings.Contains(s, "--") &&
		strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func checkEmail(bad *problems, in CreateInput) {
	switch email := in.IntervieweeEmail; {
	case email == "" && in.UploadURL == "":
		bad.invalid("interviewee_email", "required", "is required unless upload_url is given")
	case email == "":
	case utf8.RuneCountInString(email) > MaxEmail:
		bad.invalid("interviewee_email", "too_long", "must have at most %d characters", MaxEmail)
	default:
		if a, err := mail.ParseAddress(email); err != nil || a.Address != email {
			bad.invalid("interviewee_email", "invalid", "is not an e-mail address")
		}
	}
}

func parseTime(bad *problems, field, value string) time.Time {
	if value == "" {
		return time.Time{}
	}
	t, err := timestamp.Parse(value)
	if err != nil {
		bad.invalid(field, "invalid", "is not an RFC 3339 time")
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
