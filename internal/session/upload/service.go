// Package upload brings files to sessions: those that clients upload to signed
// URLs, those that are dropped into an inbox, and those that are fetched from
// other people's URLs.
package upload

import (
	"griot/internal/access"
	"griot/internal/session"
)

// Service has the use cases of files. Projects are needed where drops arrive.
type Service struct {
	Sessions *session.Store
	Projects *access.Directory
}
