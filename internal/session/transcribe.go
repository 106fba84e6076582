package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/record"
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
func (s *Service) Recognized(ctx context.Context, r Reading, engine string, f Facts) (Reading, error) {
	sess, err := s.update(ctx, r.Ref(), nil, func(h *head) ([]table.Op, error) {
		if h.status != InProgress || h.recording.waits() {
			return nil, nil
		}
		h.recording = recording{Facts: f, Engine: engine, Attempt: h.recording.Attempt, Left: h.recording.Left}
		if engine != "" {
			h.recording.Status, h.recording.Asked = queued, s.now().UnixMilli()
			h.recording.Attempt++
			h.attempts, h.due = 0, s.now().Add(task.LookAtEngine.Wait(0))
		}
		return nil, nil
	})
	r.Session = sess
	return r, err
}

// HandedOver notes that the engine has taken a recording. It is false when the
// session does not wait for that any more: then the engine has to be stopped.
func (s *Service) HandedOver(ctx context.Context, job transcriber.Job) (wanted bool, err error) {
	return s.waiting(ctx, job, func(h *head) {
		if r := &h.recording; !r.Begun {
			r.Begun, r.Looks, h.due = true, 0, s.now().Add(task.LookAtEngine.Wait(0))
			if r.Waits == EngineBusy {
				r.Waits, r.Why = "", ""
			}
		}
	})
}

// AtWork notes that the engine has been seen at its work.
func (s *Service) AtWork(ctx context.Context, job transcriber.Job) error {
	_, err := s.waiting(ctx, job, func(h *head) {
		if h.recording.Status == queued {
			h.recording.Status, h.recording.Started = running, s.now().UnixMilli()
		}
		h.recording.Waits, h.recording.Why = "", ""
	})
	return err
}

// waiting changes the head of a session that waits for a job.
func (s *Service) waiting(ctx context.Context, job transcriber.Job, change func(*head)) (wanted bool, err error) {
	_, err = s.update(ctx, Of(job), nil, func(h *head) ([]table.Op, error) {
		if wanted = h.waitsFor(job); wanted {
			change(h)
		}
		return nil, nil
	})
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return wanted, err
}

func (h head) waitsFor(job transcriber.Job) bool {
	return h.status == InProgress && h.recording.waits() && h.recording.Attempt == job.Attempt
}

// AskAgain has a recording handed over once more after a while, since the
// engine could not do it now, or fails the session after many attempts. An
// engine that is busy is not counted: it is there.
func (s *Service) AskAgain(ctx context.Context, r Reading, e *transcriber.Error) error {
	failing, job := false, WorkOf(r).Job
	_, err := s.waiting(ctx, job, func(h *head) {
		if failing = false; h.recording.Begun != r.recording.Begun {
			return // a twin was here
		}
		h.recording.Begun = false
		pause, why := busyPause, EngineBusy
		if e.Kind != transcriber.Busy {
			h.attempts++
			pause, why = task.LookAtEngine.Wait(h.attempts), EngineUnavailable
		}
		h.recording.Waits, h.recording.Why = why, e.Message
		h.due = s.now().Add(max(e.After, pause))
		h.recording.NotBefore = h.due.UnixMilli()
		failing = task.LookAtEngine.Exhausted(h.attempts - 1)
	})
	if err == nil && failing {
		return s.GiveUp(ctx, job, Failure{Code: TranscriberUnavailable, Message: e.Message})
	}
	return err
}

// GiveUp ends a session with a reason, if it waits for this job still: it may
// have been tried again.
func (s *Service) GiveUp(ctx context.Context, job transcriber.Job, f Failure) error {
	wanted, err := s.waiting(ctx, job, func(h *head) { h.status, h.failure = Failed, &f })
	if err == nil && wanted {
		s.StopNow(ctx, Of(job))
	}
	return err
}

// wakeRecording sends the job that looks how the engine stands, or gives up.
func (s *Service) wakeRecording(ctx context.Context, ref record.Ref, h head) error {
	switch r := h.recording; {
	case r.Started > 0 && s.now().After(unixMilli(r.Started).Add(MaxWork(r.DurationMS))):
		return s.GiveUp(ctx, r.job(ref).Job, Failure{Code: TranscriberFailed, Message: fmt.Sprintf(
			"The transcription engine was still at work after %v, and was not waited for any longer. A retry of the session starts it again.", MaxWork(r.DurationMS))})
	case r.Started == 0 && !r.held() && s.now().After(unixMilli(r.Asked).Add(maxQueued)):
		return s.GiveUp(ctx, r.job(ref).Job, Failure{Code: TranscriberFailed, Message: "The transcription engine did not begin with the recording for two days. A retry of the session asks it again."})
	}
	sess, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		if h.status == InProgress && h.recording.waits() {
			h.recording.Looks++
			h.due = s.now().Add(task.LookAtEngine.Wait(h.recording.Looks))
		}
		return nil, nil
	})
	if err == nil && sess.Status == InProgress {
		s.Look(ctx, ref)
	}
	if err == nil && sess.recording.Left > 0 {
		s.StopNow(ctx, ref)
	}
	return err
}

// Look has somebody look how the engine of a session stands, now.
func (s *Service) Look(ctx context.Context, ref record.Ref) {
	s.Jobs.Send(ctx, task.LookAtEngine, task.Of(ref))
}

// Wanted returns the recording of a job whose session still waits for it. It
// is false where none does, and then the recording has the job and Answer only.
func (s *Service) Wanted(ctx context.Context, job transcriber.Job) (rec transcriber.Recording, wanted bool, err error) {
	r, ok, err := s.Reading(ctx, Of(job))
	if err != nil {
		return rec, false, err
	}
	if !ok || !r.recording.waits() || r.recording.Attempt != job.Attempt {
		return recording{Attempt: job.Attempt}.job(Of(job)), false, nil
	}
	return WorkOf(r), true, nil
}

// settleRecording brings a recording along into another status of its
// session: its words are there, or nobody waits for them any more. It returns
// what belongs into the same transaction.
func (s *Service) settleRecording(h *head, workspace string) (ops []table.Op) {
	if !h.recording.waits() {
		if h.status == Cancelled && h.recording.Status == "" && h.recording.Attempt > 0 { // as it was tried again
			h.recording.leaves() // for what the attempts before were answered
		}
		return nil
	}
	switch {
	case h.status == Processing:
		h.recording.Status = done
		if h.recording.Started == 0 { // nobody looked while it was at it
			h.recording.Started = h.recording.Asked
		}
	case h.status.Terminal():
		h.recording.Status = failed
		h.recording.leaves()
		ops = s.giveBack(h, workspace)
	default:
		return nil
	}
	h.recording.Ended = s.now().UnixMilli()
	return ops
}

// Unstopped returns what an engine has to be told to stop: the work for a
// session that is over before its words were there, that was tried again
// meanwhile, or deleted. engine is who has the recording, or had it last; "" is
// not known.
func (s *Service) Unstopped(ctx context.Context, ref record.Ref) (recs []transcriber.Recording, engine string, err error) {
	item, err := s.Table.Get(ctx, headKey(ref), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading the head of a session to stop: %w", err)
	}
	h := readHead(item)
	first, last := h.recording.unwanted()
	if h.status == deleted {
		first, last = 1, h.recording.Attempt
	}
	for attempt := max(first, 1); attempt <= last; attempt++ {
		recs = append(recs, recording{Attempt: attempt}.job(ref))
	}
	return recs, h.recording.Engine, nil
}

// Stopped notes that the engine works on what [Service.Unstopped] returned no
// more, and removes what it has left. Answers stay that a retry may ask for.
// What a deleted session has left is its purge's to remove.
func (s *Service) Stopped(ctx context.Context, recs []transcriber.Recording) error {
	of := recs[len(recs)-1]
	sess, err := s.get(ctx, Of(of.Job))
	if err != nil {
		return ignoreGone(err)
	}
	for _, rec := range recs {
		if err := s.removeBelow(ctx, rec.Answer); err != nil {
			return err
		}
	}
	if sess.Status == Cancelled {
		if err := s.removeBelow(ctx, of.Kept); err != nil {
			return err
		}
	}
	_, err = s.update(ctx, Of(of.Job), nil, func(h *head) ([]table.Op, error) {
		if _, last := h.recording.unwanted(); h.recording.Left != recs[0].Attempt || last != of.Attempt {
			return nil, nil // another one has come
		}
		h.recording.Left = 0
		if h.status.Terminal() && h.unbridged == 0 && h.wish == (wish{}) {
			h.attempts, h.due = 0, s.firstDue(*h)
		}
		return nil, nil
	})
	return ignoreGone(err)
}

// wakeStop sends the job again that stops an engine. It is never given up.
func (s *Service) wakeStop(ctx context.Context, ref record.Ref) error {
	_, err := s.update(ctx, ref, nil, func(h *head) ([]table.Op, error) {
		if h.recording.Left > 0 {
			h.attempts++
			h.due = s.now().Add(task.StopEngine.Wait(h.attempts))
		}
		return nil, nil
	})
	if err == nil {
		s.StopNow(ctx, ref)
	}
	return err
}

// Orphaned returns the recording of a job whose answer nobody will read: its
// session is deleted, or was over before the words were there, or has been
// tried again. It is false where the answer is waited for, or was read.
func (s *Service) Orphaned(ctx context.Context, job transcriber.Job) (rec transcriber.Recording, orphaned bool, err error) {
	rec = recording{Attempt: job.Attempt}.job(Of(job))
	item, err := s.Table.Get(ctx, headKey(Of(job)), table.Consistent)
	if errors.Is(err, table.ErrNotFound) {
		return rec, true, nil
	}
	if err != nil {
		return rec, false, fmt.Errorf("reading the head of a session that waits for nothing: %w", err)
	}
	h := readHead(item)
	r := h.recording
	return rec, h.status == deleted || r.Attempt > job.Attempt || r.Attempt == job.Attempt && !r.waits() && r.Status != done, nil
}

// StopLater sends the job that ends an engine's work for nobody, after a while.
// No due row does: the session may be gone.
func (s *Service) StopLater(ctx context.Context, job transcriber.Job) error {
	m := task.Message{Workspace: job.Workspace, Session: job.Session, Attempt: job.Attempt}
	err := s.Jobs.Delay(ctx, task.LookAtEngine, m, queue.MaxDelay)
	if err != nil {
		return fmt.Errorf("sending the job that ends an engine's work: %w", err)
	}
	return nil
}

// StopNow has the engine of a session that is over stopped, sooner than its
// due row would.
func (s *Service) StopNow(ctx context.Context, ref record.Ref) {
	s.Jobs.Send(ctx, task.StopEngine, task.Of(ref))
}

// Disown removes what was stored for a job that nobody waits for; its answers,
// unless another attempt may have them.
func (s *Service) Disown(ctx context.Context, rec transcriber.Recording) error {
	sess, err := s.get(ctx, Of(rec.Job))
	if ignoreGone(err) != nil {
		return err
	}
	if err != nil || sess.Status == Cancelled {
		if err := s.removeBelow(ctx, rec.Kept); err != nil {
			return err
		}
	}
	return s.removeBelow(ctx, rec.Answer)
}

// removeBelow removes all objects whose keys begin with prefix.
func (s *Service) removeBelow(ctx context.Context, prefix string) error {
	if err := blob.DeleteBelow(ctx, s.Blobs, prefix); err != nil {
		return fmt.Errorf("removing what a session has stored: %w", err)
	}
	return nil
}
