package session

import (
	"strings"

	"griot/internal/id"
)

// artifactID names the transcript of a session; both share their ULID.
func artifactID(sessionID string) string {
	return id.Artifact + strings.TrimPrefix(sessionID, id.Session)
}

func artifactURI(sessionID string) string { return "mnemos://artifact/" + artifactID(sessionID) }
