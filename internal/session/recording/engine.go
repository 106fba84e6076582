package recording

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/session/upload"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcriber"
)

// A session whose file is a recording waits for an engine, under a due rule of
// its own: its job looks how the engine stands, again and again, and no look
// counts as an attempt. Attempts are those to reach the engine.
const (
	busyPause = 2 * time.Minute // before an engine is asked again that has enough to do
	// maxQueued is how long an engine may take to begin, once it may be asked.
	maxQueued = 48 * time.Hour
	// A recording takes its engine three times its length at most.
	timesLength = 3
	minWork     = 30 * time.Minute
	maxWork     = 6 * time.Hour
)

// MaxWork is how long an engine may take for a recording, from when it began.
func MaxWork(durationMS int64) time.Duration {
	if durationMS < 0 {
		return maxWork
	}
	return min(max(timesLength*time.Duration(durationMS)*time.Millisecond, minWork), maxWork)
}

// Recognized notes that a session's file is a recording, and that an engine is
// going to be asked for its words; "" is no engine. A recording that an engine
// has already stays as it is.
func (s *Service) Recognized(ctx context.Context, r upload.Reading, engine string, f session.Facts) (upload.Reading, error) {
	sess, err := s.Sessions.Update(ctx, r.Ref(), nil, func(h *session.Head) ([]table.Op, error) {
		if h.Status != session.InProgress || h.Recording.Pending() {
			return nil, nil
		}
		h.Recording = session.Recording{Facts: f, Engine: engine, Attempt: h.Recording.Attempt, Left: h.Recording.Left}
		if engine != "" {
			h.Recording.Status, h.Recording.Asked = session.EngineQueued, s.Sessions.Time().UnixMilli()
			h.Recording.Attempt++
			h.Attempts, h.Due = 0, s.Sessions.Time().Add(task.LookAtEngine.Wait(0))
		}
		return nil, nil
	})
	r.Session = sess
	return r, err
}

// HandedOver notes that the engine has taken a recording. It is false when the
// session does not wait for that any more: then the engine has to be stopped.
func (s *Service) HandedOver(ctx context.Context, job transcriber.Job) (wanted bool, err error) {
	return s.waiting(ctx, job, func(h *session.Head) {
		if r := &h.Recording; !r.Begun {
			r.Begun, r.Looks, h.Due = true, 0, s.Sessions.Time().Add(task.LookAtEngine.Wait(0))
			if r.Waits == session.EngineBusy {
				r.Waits, r.Why = "", ""
			}
		}
	})
}

// AtWork notes that the engine has been seen at its work.
func (s *Service) AtWork(ctx context.Context, job transcriber.Job) error {
	_, err := s.waiting(ctx, job, func(h *session.Head) {
		if h.Recording.Status == session.EngineQueued {
			h.Recording.Status, h.Recording.Started = session.EngineRunning, s.Sessions.Time().UnixMilli()
		}
		h.Recording.Waits, h.Recording.Why = "", ""
	})
	return err
}

// waiting changes the head of a session that waits for a job.
func (s *Service) waiting(ctx context.Context, job transcriber.Job, change func(*session.Head)) (wanted bool, err error) {
	_, err = s.Sessions.Update(ctx, session.Of(job), nil, func(h *session.Head) ([]table.Op, error) {
		if wanted = h.WaitsFor(job); wanted {
			change(h)
		}
		return nil, nil
	})
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return wanted, err
}

// AskAgain has a recording handed over once more after a while, since the
// engine could not do it now, or fails the session after many attempts. An
// engine that is busy is not counted: it is there.
func (s *Service) AskAgain(ctx context.Context, r upload.Reading, e *transcriber.Error) error {
	failing, job := false, Of(r).Job
	_, err := s.waiting(ctx, job, func(h *session.Head) {
		if failing = false; h.Recording.Begun != r.Recording.Begun {
			return // a twin was here
		}
		h.Recording.Begun = false
		pause, why := busyPause, session.EngineBusy
		if e.Kind != transcriber.Busy {
			h.Attempts++
			pause, why = task.LookAtEngine.Wait(h.Attempts), session.EngineUnavailable
		}
		h.Recording.Waits, h.Recording.Why = why, e.Message
		h.Due = s.Sessions.Time().Add(max(e.After, pause))
		h.Recording.NotBefore = h.Due.UnixMilli()
		failing = task.LookAtEngine.Exhausted(h.Attempts - 1)
	})
	if err == nil && failing {
		return s.GiveUp(ctx, job, session.Failure{Code: session.TranscriberUnavailable, Message: e.Message})
	}
	return err
}

// GiveUp ends a session with a reason, if it waits for this job still: it may
// have been tried again.
func (s *Service) GiveUp(ctx context.Context, job transcriber.Job, f session.Failure) error {
	wanted, err := s.waiting(ctx, job, func(h *session.Head) { h.Status, h.Failure = session.Failed, &f })
	if err == nil && wanted {
		s.Sessions.StopNow(ctx, session.Of(job))
	}
	return err
}

// WakeRecording sends the job that looks how the engine stands, or gives up.
func (s *Service) WakeRecording(ctx context.Context, ref record.Ref, h session.Head) error {
	switch r := h.Recording; {
	case r.Started > 0 && s.Sessions.Time().After(session.UnixMilli(r.Started).Add(MaxWork(r.DurationMS))):
		return s.GiveUp(ctx, r.Job(ref).Job, session.Failure{Code: session.TranscriberFailed, Message: fmt.Sprintf(
			"The transcription engine was still at work after %v, and was not waited for any longer. A retry of the session starts it again.", MaxWork(r.DurationMS))})
	case r.Started == 0 && !r.Held() && s.Sessions.Time().After(session.UnixMilli(r.Asked).Add(maxQueued)):
		return s.GiveUp(ctx, r.Job(ref).Job, session.Failure{Code: session.TranscriberFailed, Message: "The transcription engine did not begin with the recording for two days. A retry of the session asks it again."})
	}
	sess, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		if h.Status == session.InProgress && h.Recording.Pending() {
			h.Recording.Looks++
			h.Due = s.Sessions.Time().Add(task.LookAtEngine.Wait(h.Recording.Looks))
		}
		return nil, nil
	})
	if err == nil && sess.Status == session.InProgress {
		s.Look(ctx, ref)
	}
	if err == nil && sess.Recording.Left > 0 {
		s.Sessions.StopNow(ctx, ref)
	}
	return err
}

// Look has somebody look how the engine of a session stands, now.
func (s *Service) Look(ctx context.Context, ref record.Ref) {
	s.Sessions.Jobs.Send(ctx, task.LookAtEngine, task.Of(ref))
}

// Wanted returns the recording of a job whose session still waits for it. It
// is false where none does, and then the recording has the job and Answer only.
func (s *Service) Wanted(ctx context.Context, job transcriber.Job) (rec transcriber.Recording, wanted bool, err error) {
	r, ok, err := s.Uploads.Reading(ctx, session.Of(job))
	if err != nil {
		return rec, false, err
	}
	if !ok || !r.Recording.Pending() || r.Recording.Attempt != job.Attempt {
		return session.Recording{Attempt: job.Attempt}.Job(session.Of(job)), false, nil
	}
	return Of(r), true, nil
}

// ToStop returns what an engine has to be told to stop: the work for a
// session that is over before its words were there, that was tried again
// meanwhile, or deleted. engine is who has the recording, or had it last; "" is
// not known.
func (s *Service) ToStop(ctx context.Context, ref record.Ref) (recs []transcriber.Recording, engine string, err error) {
	item, err := s.Sessions.Table.Get(ctx, session.HeadKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading the head of a session to stop: %w", err)
	}
	h := session.HeadOf(item)
	first, last := h.Recording.Unwanted()
	if h.Status == session.Deleted {
		first, last = 1, h.Recording.Attempt
	}
	for attempt := max(first, 1); attempt <= last; attempt++ {
		recs = append(recs, session.Recording{Attempt: attempt}.Job(ref))
	}
	return recs, h.Recording.Engine, nil
}

// Stopped notes that the engine works on what [Service.ToStop] returned no
// more, and removes what it has left. Answers stay that a retry may ask for.
// What a deleted session has left is its purge's to remove.
func (s *Service) Stopped(ctx context.Context, recs []transcriber.Recording) error {
	of := recs[len(recs)-1]
	sess, err := s.Sessions.Read(ctx, session.Of(of.Job))
	if err != nil {
		return session.IgnoreGone(err)
	}
	for _, rec := range recs {
		if err := s.Sessions.RemoveBelow(ctx, rec.Answer); err != nil {
			return err
		}
	}
	if sess.Status == session.Cancelled {
		if err := s.Sessions.RemoveBelow(ctx, of.Kept); err != nil {
			return err
		}
	}
	_, err = s.Sessions.Update(ctx, session.Of(of.Job), nil, func(h *session.Head) ([]table.Op, error) {
		if _, last := h.Recording.Unwanted(); h.Recording.Left != recs[0].Attempt || last != of.Attempt {
			return nil, nil // another one has come
		}
		h.Recording.Left = 0
		if h.Status.Terminal() && h.Unbridged == 0 && h.Wish == (session.Wish{}) {
			h.Attempts, h.Due = 0, s.Sessions.FirstDue(*h)
		}
		return nil, nil
	})
	return session.IgnoreGone(err)
}

// WakeStop sends the job again that stops an engine. It is never given up.
func (s *Service) WakeStop(ctx context.Context, ref record.Ref) error {
	_, err := s.Sessions.Update(ctx, ref, nil, func(h *session.Head) ([]table.Op, error) {
		if h.Recording.Left > 0 {
			h.SendAgain(task.StopEngine, s.Sessions.Time())
		}
		return nil, nil
	})
	if err == nil {
		s.Sessions.StopNow(ctx, ref)
	}
	return err
}

// Orphaned returns the recording of a job whose answer nobody will read: its
// session is deleted, or was over before the words were there, or has been
// tried again. It is false where the answer is waited for, or was read.
func (s *Service) Orphaned(ctx context.Context, job transcriber.Job) (rec transcriber.Recording, orphaned bool, err error) {
	rec = session.Recording{Attempt: job.Attempt}.Job(session.Of(job))
	item, err := s.Sessions.Table.Get(ctx, session.HeadKey(session.Of(job)), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return rec, true, nil
	}
	if err != nil {
		return rec, false, fmt.Errorf("reading the head of a session that waits for nothing: %w", err)
	}
	h := session.HeadOf(item)
	r := h.Recording
	return rec, h.Status == session.Deleted || r.Attempt > job.Attempt || r.Attempt == job.Attempt && !r.Pending() && r.Status != session.EngineDone, nil
}

// StopLater sends the job that ends an engine's work for nobody, after a while.
// No due row does: the session may be gone.
func (s *Service) StopLater(ctx context.Context, job transcriber.Job) error {
	m := task.Message{Workspace: job.Workspace, Session: job.Session, Attempt: job.Attempt}
	err := s.Sessions.Jobs.Delay(ctx, task.LookAtEngine, m, queue.MaxDelay)
	if err != nil {
		return fmt.Errorf("sending the job that ends an engine's work: %w", err)
	}
	return nil
}

// Discard removes what was stored for a job that nobody waits for; its answers,
// unless another attempt may have them.
func (s *Service) Discard(ctx context.Context, rec transcriber.Recording) error {
	sess, err := s.Sessions.Read(ctx, session.Of(rec.Job))
	if session.IgnoreGone(err) != nil {
		return err
	}
	if err != nil || sess.Status == session.Cancelled {
		if err := s.Sessions.RemoveBelow(ctx, rec.Kept); err != nil {
			return err
		}
	}
	return s.Sessions.RemoveBelow(ctx, rec.Answer)
}
