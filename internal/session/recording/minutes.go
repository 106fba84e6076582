package recording

import (
	"context"
	"fmt"
	"time"

	"griot/internal/budget"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/session/upload"
	"griot/internal/table"
	"griot/internal/transcriber"
)

// heldLook is how often a recording that waits for its day looks whether an
// earlier one has room for it by now: others may have been cancelled, or the
// limit raised.
const heldLook = time.Hour

// Admit says whether the engine may be asked for a recording now. Where a
// workspace has so many minutes of recordings a day ([budget.Recordings]) the
// recording takes its own here, once for each attempt and in the transaction
// that notes it; until its day comes the session waits. refused is why it never
// will be its day.
//
// The minutes are spent from when this has said yes: whoever dies then has
// perhaps asked the engine. They are given back by a session that ends without,
// and where the engine itself has refused ([Service.Refused]).
func (s *Service) Admit(ctx context.Context, r upload.Reading, rec transcriber.Recording) (now bool, refused *session.Failure, err error) {
	if s.MinutesPerDay <= 0 && r.Recording.Day == 0 {
		return true, nil, nil
	}
	for range record.Tries {
		_, err = s.Sessions.Update(ctx, session.Of(rec.Job), nil, func(h *session.Head) (ops []table.Op, err error) {
			if now, refused = h.WaitsFor(rec.Job), nil; now {
				now, refused, ops, err = s.admit(ctx, h, rec)
			}
			return ops, err
		})
		if table.Failed(err) == nil {
			return now && err == nil, refused, session.IgnoreGone(err)
		} // else others have taken what was left of the day
	}
	return false, nil, record.Crowded(err)
}

func (s *Service) admit(ctx context.Context, h *session.Head, rec transcriber.Recording) (now bool, refused *session.Failure, ops []table.Op, err error) {
	r := &h.Recording
	if r.Asks > 0 {
		r.Asks = 2 // somebody has asked before, and it is not known with what result
		return true, nil, nil, nil
	}
	if s.MinutesPerDay <= 0 { // not any more
		ops = s.Sessions.GiveBack(h, rec.Workspace)
		s.admitted(h)
		return true, nil, ops, nil
	}
	today := budget.Day(s.Sessions.Time())
	if r.Day != today.UnixMilli() {
		if refused, ops, err = s.takeDay(ctx, h, rec, today); refused != nil || err != nil {
			return false, refused, nil, err
		}
	}
	if r.Day == today.UnixMilli() {
		s.admitted(h)
		r.Asks = 1
		return true, nil, ops, nil
	}
	r.Waits, r.Why = session.MinutesSpent, fmt.Sprintf(
		"The %d minutes of recordings that the workspace may have written down in a day are taken. The turn of this one comes on %s (UTC).",
		s.MinutesPerDay, session.UnixMilli(r.Day).Format(time.DateOnly))
	h.Due = s.Sessions.Time().Add(heldLook)
	if day := session.UnixMilli(r.Day); day.Before(h.Due) {
		h.Due = day
	}
	r.NotBefore = h.Due.UnixMilli()
	return false, nil, ops, nil
}

// takeDay takes the minutes of the first day that has them, if that is earlier
// than the one that the recording has, or that one is over.
func (s *Service) takeDay(ctx context.Context, h *session.Head, rec transcriber.Recording, today time.Time) (refused *session.Failure, ops []table.Op, err error) {
	r, limit := &h.Recording, budget.Recordings{Table: s.Sessions.Table, MinutesPerDay: s.MinutesPerDay}
	seconds := limit.Seconds(rec.DurationMS, rec.Size)
	first, ok, err := limit.First(ctx, rec.Workspace, seconds, today)
	switch {
	case err != nil:
		return nil, nil, err
	case ok && (r.Day < today.UnixMilli() || first.UnixMilli() < r.Day):
		ops = append(s.Sessions.GiveBack(h, rec.Workspace), limit.Take(rec.Workspace, first, seconds))
		r.Day, r.Seconds = first.UnixMilli(), seconds
	case r.Day >= today.UnixMilli(): // it has one
	case !limit.Fits(seconds):
		return &session.Failure{Code: session.FileTooLarge, Message: fmt.Sprintf(
				"The recording is %v long, and the workspace may have %d minutes of recordings written down in a day: this one never comes to its turn. Send it in shorter pieces, or have the limit raised.",
				time.Duration(seconds)*time.Second, s.MinutesPerDay)},

			nil, nil
	default:
		return &session.Failure{Code: session.TranscriberUnavailable, Message: fmt.Sprintf(
				"So many recordings wait that the %d minutes which the workspace may have written down in a day are taken for a year. Have the limit raised, and then retry the session.",
				s.MinutesPerDay)},

			nil, nil
	}
	return nil, ops, nil
}

// admitted begins the waiting for the engine: none counts that was for a day.
func (s *Service) admitted(h *session.Head) {
	if h.Recording.Held() {
		h.Attempts, h.Recording.Asked = 0, s.Sessions.Time().UnixMilli()
		h.Recording.Waits, h.Recording.Why = "", ""
	}
}

// Refused notes that the engine has not taken a recording, so that its minutes
// are not spent, unless somebody else has asked for it, too.
func (s *Service) Refused(ctx context.Context, r upload.Reading) error {
	if s.MinutesPerDay <= 0 {
		return nil
	}
	_, err := s.waiting(ctx, Of(r).Job, func(h *session.Head) {
		if h.Recording.Asks == 1 {
			h.Recording.Asks = 0
		}
	})
	return err
}
