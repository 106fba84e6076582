package api

// Versions of the two APIs, as their documents (info.version) and /livez tell
// them. internal/docs/CHANGELOG.md says what each changed.
const (
	SessionsVersion      = "1.17.0"
	ConversationsVersion = "1.29.2"
)
