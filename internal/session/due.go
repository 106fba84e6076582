package session

import (
	"time"

	"griot/internal/task"
)

// Every session that is not finally gone has exactly one due row, and so has
// every upload that no session has taken. It is the
// time by which somebody has to look after the session if nothing happens
// until then, and it moves in the transactions that change the session.
const (
	idleAfter = 24 * time.Hour           // a live session without appends (contract E)
	retention = 2 * 365 * 24 * time.Hour // contract D 22
)

// FirstDue is the due time of a session that has just come into its state.
func (s *Store) FirstDue(h Head) time.Time {
	switch {
	case h.Status == Scheduled:
		return h.scheduled
	case h.Status == InProgress && h.Source == SourceLive:
		return h.IdleAt()
	case h.Status == Deleted:
		return s.Time().Add(task.PurgeSession.Wait(0))
	case h.Status == InProgress:
		return s.Time().Add(task.ReadFile.Wait(0))
	case h.Status == Processing:
		return s.Time().Add(task.Extract.Wait(0))
	case h.Unbridged > 0:
		return s.Time().Add(task.Bridge.Wait(0))
	case h.Recording.Left > 0:
		return s.Time().Add(task.StopEngine.Wait(0))
	}
	begin := s.Time()
	if h.Status == Completed { // whatever was done with it since
		begin = h.Ended
	}
	if d, shorter := h.FileKept(s.KeepMedia); shorter {
		return begin.Add(d)
	}
	return begin.Add(h.Kept())
}

// IdleAt is when a live session without appends completes by itself.
func (h Head) IdleAt() time.Time {
	last := h.Started
	if h.LastAppend.After(last) {
		last = h.LastAppend
	}
	return last.Add(idleAfter)
}

// Kept is how long a session that is over is kept.
func (h Head) Kept() time.Duration {
	if h.retention > 0 {
		return time.Duration(h.retention) * 24 * time.Hour
	}
	return retention
}

// failedFileKept is how long the file of a failed session is there for a retry
// (contract F3).
const failedFileKept = 7 * 24 * time.Hour

// FileKept is how long the file of a session that is over is kept, where that
// is shorter than the session is, and not over.
func (h Head) FileKept(media time.Duration) (d time.Duration, shorter bool) {
	switch {
	case h.Source != SourceUpload || h.FileGone > 0:
		return 0, false
	case h.Status == Failed:
		d = failedFileKept
	case h.Status == Completed && h.Recording.Kind != "":
		d = media
	}
	return d, d > 0 && d < h.Kept()
}
