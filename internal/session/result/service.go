// Package result is what is found in a session: an extraction that is begun,
// finished, asked for again; the notes of a model that is asked for it; and the
// conversation that the session becomes.
package result

import (
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/capture"
)

// Service has the use cases of results.
type Service struct {
	Sessions *session.Store
	Capture  *capture.Service
}

// bridges reports whether completed sessions become conversations: on a host
// that has a queue for it.
func (s *Service) bridges() bool { return s.Sessions.Jobs[queue.Bridge] != nil }
