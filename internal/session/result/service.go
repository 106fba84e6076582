// Package result is what is found in a session: an extraction that is begun,
// finished, asked for again; the notes of a model that is asked for it; and the
// conversation that the session becomes.
package result

import (
	"griot/internal/session"
	"griot/internal/session/capture"
)

// Service has the use cases of results.
type Service struct {
	Sessions *session.Store
	Capture  *capture.Service
}
