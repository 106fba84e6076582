// Package capture is how words get into a session and out again: appends, which
// store each segment once, and the feed, pages and documents that are read from
// what is stored.
package capture

import "griot/internal/session"

// Service has the use cases of a session's words. Blobs of Sessions are needed for
// the documents of completed sessions only.
type Service struct {
	Sessions *session.Store
}
