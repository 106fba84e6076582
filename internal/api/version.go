package api

// Versions of the two APIs, as their documents (info.version) and /livez tell
// them. internal/docs/CHANGELOG.md says what each changed.
const (
	SessionsVersion      = "1.15.1"
	ConversationsVersion = "1.13.0"
)
