// Package session keeps interviews: their states, their segments and what
// became of them. Every change is one conditional transaction, and a terminal
// state is never overwritten (internal/docs/architecture.md draws the states).
package session

import (
	"encoding/json"
	"strings"
	"time"

	"griot/internal/id"
	"griot/internal/record"
)

// Status of a session (contract D 3).
type Status string

const (
	Scheduled  Status = "scheduled"
	InProgress Status = "in_progress"
	Processing Status = "processing"
	Completed  Status = "completed"
	Failed     Status = "failed"
	Cancelled  Status = "cancelled"
	// Deleted is the tombstone's status; it never leaves this package.
	Deleted Status = "deleted"
)

// Statuses are the ones that clients see and filter by.
var Statuses = []Status{Scheduled, InProgress, Processing, Completed, Failed, Cancelled}

// Values returns the statuses by name.
func (Status) Values() []string {
	names := make([]string, len(Statuses))
	for i, s := range Statuses {
		names[i] = string(s)
	}
	return names
}

// Terminal reports whether nothing can happen to the session any more.
func (s Status) Terminal() bool { return s == Completed || s == Failed || s == Cancelled }

// Source says where the words come from.
type Source string

const (
	SourceLive   Source = "live"
	SourceUpload Source = "upload"
)

// Failure codes (contract E).
const (
	UnsupportedFormat      = "unsupported_format"
	ParseError             = "parse_error"
	EmptyTranscript        = "empty_transcript"
	FileTooLarge           = "too_large"
	URLRefused             = "url_refused"
	URLUnreachable         = "url_unreachable"
	UploadExpired          = "upload_expired"
	TranscriberUnavailable = "transcriber_unavailable"
	TranscriberFailed      = "transcriber_failed"
	ExtractionFailed       = "extraction_failed"
	CaptureAbandoned       = "capture_abandoned"
)

// Failure is why a session failed; Message is a sentence for the client.
type Failure struct {
	Code    string `json:"code" is:"of:unsupported_format|parse_error|empty_transcript|too_large|url_refused|url_unreachable|upload_expired|transcriber_unavailable|transcriber_failed|extraction_failed|capture_abandoned"`
	Message string `json:"message"`
}

// Counts are the numbers of candidates.
type Counts struct {
	SOPs, Entities, Risks int64
}

// Session is one interview, ingestion or recording. Zero times, a negative
// DurationSeconds, nil Counts and Failure mean "not yet" and are null on the
// wire. Times have millisecond precision, UTC.
type Session struct {
	ID               string
	Workspace        string
	Project          string
	Template         string
	Title            string
	IntervieweeEmail string
	Status           Status
	Source           Source
	Language         string
	CreatedAt        time.Time
	UpdatedAt        time.Time
	ScheduledFor     time.Time
	RecordedAt       time.Time
	StartedAt        time.Time
	CompletedAt      time.Time // end of capture, see contract D 4
	CancelledAt      time.Time
	DurationSeconds  int64 // -1: unknown
	LastSeq          int64
	Attempts         int64  // of the job that is under way
	Conversation     string // conv_… that it became; "" until then
	Asked            string // to extract it again, while that has yet to be done: ByRules, ByModel
	Counts           *Counts
	Failure          *Failure
	// Reading is the JSON of a [transcript.Reading]: how a file was read. It is
	// empty for a live session and until then.
	Reading json.RawMessage
	// Transcription is how a recording becomes words; nil for what is none.
	Transcription *Transcription

	Recording     Recording
	DocumentKey   string // object of the finished transcript document
	ExtractionKey string // object of the candidates
	Wish          Wish
	Missed        bool   // it was to be extracted again, and that was given up
	PutOff        bool   // its extraction waits for a model
	Superseded    string // see head
	Unbridged     int64
}

// Ref is what names the session among those of all workspaces.
func (s Session) Ref() record.Ref { return record.In(s.Workspace, s.ID) }

// ArtifactURI returns mnemos://artifact/art_…, which names the transcript.
func (s Session) ArtifactURI() string { return artifactURI(s.ID) }

// artifactID names the transcript of a session; both share their ULID.
func artifactID(sessionID string) string {
	return id.Artifact + strings.TrimPrefix(sessionID, id.Session)
}

func artifactURI(sessionID string) string { return "mnemos://artifact/" + artifactID(sessionID) }
