package session

import (
	"time"
)

// IdleAt is when a live session without appends completes by itself.
func (h Head) IdleAt() time.Time {
	last := h.Started
	if h.LastAppend.After(last) {
		last = h.LastAppend
	}
	return last.Add(idleAfter)
}
