// Package lifecycle has what happens to a session as a whole: it is created,
// completed, cancelled, tried again and deleted, by a client or because its time
// has come.
package lifecycle

import (
	"context"

	"griot/internal/access"
	"griot/internal/deletion"
	"griot/internal/record"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/recording"
	"griot/internal/session/result"
	"griot/internal/session/upload"
)

// Service has the use cases of sessions as a whole, and the services of their
// parts over the same sessions.
type Service struct {
	Sessions   *session.Store
	Capture    *capture.Service
	Uploads    *upload.Service
	Recordings *recording.Service
	Results    *result.Service
	Options
}

// Options are what not every host, or function, needs.
type Options struct {
	// Projects are needed where sessions are created, also by files.
	Projects *access.Directory
	// HideConversation returns what hides the conversation that a session
	// became, for the transaction that hides the session; ok is false when there
	// is none any more. It is needed where sessions are deleted or swept.
	HideConversation func(ctx context.Context, conversation record.Ref, deletionID string) (h deletion.Hidden, ok bool, err error)
	// LoopbackURLs lets upload_url be http and of any port: for development,
	// together with a fetcher that may dial loopback.
	LoopbackURLs bool
	// MinutesPerDay is that of a [recording.Service].
	MinutesPerDay int64
}

// New returns the services of sessions.
func New(sessions *session.Store, o Options) *Service {
	words := &capture.Service{Sessions: sessions}
	uploads := &upload.Service{Sessions: sessions, Projects: o.Projects}
	return &Service{
		Sessions: sessions, Capture: words, Uploads: uploads,
		Recordings: &recording.Service{Sessions: sessions, Uploads: uploads, MinutesPerDay: o.MinutesPerDay},
		Results:    &result.Service{Sessions: sessions, Capture: words},
		Options:    o,
	}
}
