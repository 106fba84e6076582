package session

import (
	"encoding/json"
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
	queued  = "queued"
	running = "running"
	done    = "done"
	failed  = "failed"
)

// recording is what a head has of a session's recording: what it is, and how
// its engine stands. Times are milliseconds since 1970.
type recording struct {
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

func (r recording) encode() string {
	data, err := json.Marshal(r)
	if err != nil {
		panic(err) // strings, numbers and booleans always encode
	}
	return string(data)
}

func readRecording(s string) (r recording) {
	_ = json.Unmarshal([]byte(s), &r) // "" is none
	return r
}

// unwanted are the attempts, from first to last, for which an engine may be at
// work although nobody waits for them; first is 0 where there are none.
func (r recording) unwanted() (first, last int64) {
	if r.Left == 0 {
		return 0, 0
	}
	if r.waits() || r.Status == done {
		return r.Left, r.Attempt - 1
	}
	return r.Left, r.Attempt
}

// leaves notes that nobody waits for the attempt any more.
func (r *recording) leaves() {
	if r.Left == 0 {
		r.Left = r.Attempt
	}
}

// waits is true while an engine has the recording, or is to have it.
func (r recording) waits() bool { return r.Status == queued || r.Status == running }

func (r recording) shown() *Transcription {
	if r.Status == "" {
		return nil
	}
	t := &Transcription{
		Engine: r.Engine, Status: r.Status, Kind: r.Kind, DurationMS: r.DurationMS,
		StartedAt: unixMilli(r.Started), FinishedAt: unixMilli(r.Ended),
	}
	if r.waits() && r.Waits != "" {
		t.Waiting = &Waiting{Code: r.Waits, Message: r.Why, Until: unixMilli(r.NotBefore)}
		if r.held() {
			t.Waiting.Until = unixMilli(r.Day)
		}
	}
	return t
}

func unixMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Of is the session whose recording an engine works on.
func Of(job transcriber.Job) record.Ref {
	return record.In(job.Workspace, job.Session)
}

// job returns what names the work of an engine.
func (r recording) job(ref record.Ref) transcriber.Recording {
	job := transcriber.Job{Workspace: ref.Workspace, Session: ref.ID, Attempt: r.Attempt}
	return transcriber.Recording{
		Job: job, Answer: fmt.Sprintf("%stranscription/%d/", objectPrefix(ref), r.Attempt),
		Kept: keptAnswers(ref),
	}
}

// keptAnswers begins the keys of an engine's answers to all attempts.
func keptAnswers(ref record.Ref) string {
	return objectPrefix(ref) + "transcription/kept/"
}

// WorkOf returns what an engine is to write down of a session that has been
// [Service.Recognized].
func WorkOf(r Reading) transcriber.Recording {
	rec := r.recording.job(r.Ref())
	rec.Object, rec.Title, rec.Language, rec.Speakers = r.Object, r.Title, r.SpokenLanguage, r.Speakers
	rec.Kind, rec.DurationMS, rec.Channels, rec.SampleRate = r.recording.Kind, r.recording.DurationMS, r.recording.Channels, r.recording.SampleRate
	if name := nameIn(r.IntervieweeEmail); name != "" {
		rec.Names = []string{name}
	}
	return rec
}

// nameIn makes a name of an address such as priya.raman@acme.com; "" where it
// does not look like one.
func nameIn(email string) string {
	a, err := mail.ParseAddress(email)
	if err != nil {
		return ""
	}
	local, _, _ := strings.Cut(a.Address, "@")
	local, _, _ = strings.Cut(local, "+")
	parts := strings.FieldsFunc(local, func(c rune) bool { return c == '.' || c == '_' || c == '-' })
	for i, p := range parts {
		first, n := utf8.DecodeRuneInString(p)
		if strings.ContainsFunc(p, func(c rune) bool { return !unicode.IsLetter(c) }) || len(p) == n && len(parts) == 1 {
			return ""
		}
		parts[i] = string(unicode.ToUpper(first)) + p[n:]
	}
	return strings.Join(parts, " ")
}

// Facts are what the headers of the recording say.
func (r Reading) Facts() Facts { return r.recording.Facts }

// HandedOver reports whether an engine has been given the recording.
func (r Reading) HandedOver() bool { return r.recording.Begun }

// TooEarly reports whether the engine wants to be left alone for a while.
func (r Reading) TooEarly() bool { return r.early }

// IsRecording reports whether the file was found to be a recording.
func (r Reading) IsRecording() bool { return r.recording.waits() }
