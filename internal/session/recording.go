package session

import (
	"encoding/json"
	"fmt"
	"time"

	"griot/internal/record"
	"griot/internal/transcriber"
)

// Transcription is how far the recording of a session is on its way to words
// (contract F3). Zero times are not yet.
type Transcription struct {
	Engine                string
	Status                string // queued, running, done, failed
	StartedAt, FinishedAt time.Time
	Kind                  string // of the media
	DurationMS            int64  // of the media, -1: unknown
	Waiting               *Waiting
}

// Waiting is why an engine has not got on with a recording yet.
type Waiting struct {
	Code    string
	Message string    // a sentence for the client
	Until   time.Time // when the engine is asked again, at the latest if it waits for a day
}

// Codes of a Waiting.
const (
	MinutesSpent      = "minutes_spent"      // the workspace's of a day
	EngineBusy        = "engine_busy"        // it says so
	EngineUnavailable = "engine_unavailable" // it does not answer, or breaks off
)

// States of a Transcription.
const (
	EngineQueued  = "queued"
	EngineRunning = "running"
	EngineDone    = "done"
	EngineFailed  = "failed"
)

// Recording is what a head has of a session's recording: what it is, and how
// its engine stands. Times are milliseconds since 1970.
type Recording struct {
	Facts
	Engine  string `json:"engine"`
	Status  string `json:"status,omitempty"`  // "" until an engine is asked for it
	Attempt int64  `json:"attempt"`           // from 1; each retry of the session is another
	Begun   bool   `json:"begun,omitempty"`   // the engine has taken it
	Looks   int64  `json:"looks,omitempty"`   // since it was handed over
	Asked   int64  `json:"asked,omitempty"`   // when the engine was first asked for it
	Started int64  `json:"started,omitempty"` // when the engine was first seen at it
	Ended   int64  `json:"ended,omitempty"`
	// NotBefore is when the engine may be asked again that could not do it, or
	// may not yet; Waits and Why are the code and the message of a Waiting.
	NotBefore int64  `json:"not_before,omitempty"`
	Waits     string `json:"waits,omitempty"`
	Why       string `json:"why,omitempty"`
	// Seconds are what the recording has taken of the minutes of a Day, 0 where
	// it has none. They are spent once Asks is not 0: the engine is asked for
	// the recording, or has it; 2 where it was asked more often than it answered.
	Day     int64 `json:"day,omitempty"`
	Seconds int64 `json:"seconds,omitempty"`
	Asks    int64 `json:"asks,omitempty"`
	// Left is the first attempt at which an engine may be although nobody waits
	// for it any more: it has to be told, and what is left of it removed. 0 is
	// none.
	Left int64 `json:"left,omitempty"`
}

// Facts are what the headers of a recording say.
type Facts struct {
	Kind       string `json:"kind"`
	DurationMS int64  `json:"duration_ms"`           // -1: unknown
	Channels   int    `json:"channels,omitempty"`    // 0: unknown
	SampleRate int    `json:"sample_rate,omitempty"` // Hz, 0: unknown
	Estimated  bool   `json:"estimated,omitempty"`   // the duration, by the file's size
	CutOff     bool   `json:"cut_off,omitempty"`     // it has counted more sound than there is
}

func (r Recording) encode() string {
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings, numbers and booleans always encode
	}
	return string(data)
}

func readRecording(s string) (r Recording) {
	_ = json.Unmarshal([]byte(s), &r) // "" is none
	return r
}

// Unwanted are the attempts, from first to last, for which an engine may be at
// work although nobody waits for them; first is 0 where there are none.
func (r Recording) Unwanted() (first, last int64) {
	if r.Left == 0 {
		return 0, 0
	}
	if r.Pending() || r.Status == EngineDone {
		return r.Left, r.Attempt - 1
	}
	return r.Left, r.Attempt
}

// leaves notes that nobody waits for the attempt any more.
func (r *Recording) leaves() {
	if r.Left == 0 {
		r.Left = r.Attempt
	}
}

// Pending is true while an engine has the recording, or is to have it.
func (r Recording) Pending() bool { return r.Status == EngineQueued || r.Status == EngineRunning }

// Held is true for a recording that waits for its day.
func (r Recording) Held() bool { return r.Waits == MinutesSpent }

func (r Recording) shown() *Transcription {
	if r.Status == "" {
		return nil
	}
	t := &Transcription{
		Engine: r.Engine, Status: r.Status, Kind: r.Kind, DurationMS: r.DurationMS,
		StartedAt: UnixMilli(r.Started), FinishedAt: UnixMilli(r.Ended),
	}
	if r.Pending() && r.Waits != "" {
		t.Waiting = &Waiting{Code: r.Waits, Message: r.Why, Until: UnixMilli(r.NotBefore)}
		if r.Held() {
			t.Waiting.Until = UnixMilli(r.Day)
		}
	}
	return t
}

// UnixMilli is a time of a head; 0 is the zero time.
func UnixMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Of is the session whose recording an engine works on.
func Of(job transcriber.Job) record.Ref {
	return record.In(job.Workspace, job.Session)
}

// Job returns what names the work of an engine.
func (r Recording) Job(ref record.Ref) transcriber.Recording {
	job := transcriber.Job{Workspace: ref.Workspace, Session: ref.ID, Attempt: r.Attempt}
	return transcriber.Recording{
		Job: job, Answer: fmt.Sprintf("%stranscription/%d/", ObjectPrefix(ref), r.Attempt),
		Kept: KeptAnswers(ref),
	}
}

// KeptAnswers begins the keys of an engine's answers to all attempts.
func KeptAnswers(ref record.Ref) string {
	return ObjectPrefix(ref) + "transcription/kept/"
}

// WaitsFor reports whether the session waits for this work of an engine.
func (h Head) WaitsFor(job transcriber.Job) bool {
	return h.Status == InProgress && h.Recording.Pending() && h.Recording.Attempt == job.Attempt
}
