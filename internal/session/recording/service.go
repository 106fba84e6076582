// Package recording is the way of a session's recording to its words: an engine is
// asked for them, looked after while it is at work, and stopped when nobody waits
// for them any more.
package recording

import (
	"griot/internal/session"
	"griot/internal/session/upload"
)

// Service has the use cases of recordings.
type Service struct {
	Sessions *session.Store
	Uploads  *upload.Service
	// MinutesPerDay is how many minutes of recordings a workspace may have
	// written down in a day of UTC; 0: any. It is needed where engines are
	// asked.
	MinutesPerDay int64
}
