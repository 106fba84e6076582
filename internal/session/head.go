package session

import (
	"encoding/json"
	"fmt"
	"time"

	"griot/internal/errs"
	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/task"
)

// Head is a session's row of everything that changes. It is written whole,
// under the condition that rev is what was read: that serialises all writers
// of a session.
type Head struct {
	Status        Status
	Source        Source
	Rev           int64
	LastSeq       int64
	TextBytes     int64 // of the artifact, the joining newlines included
	scheduled     time.Time
	Started       time.Time
	Ended         time.Time // end of capture
	Cancelled     time.Time
	Updated       time.Time
	LastAppend    time.Time
	Due           time.Time // zero: no due row
	Attempts      int64     // of the job that is under way
	Duration      int64     // seconds, -1 unknown
	Known         string    // client_seq values and hashes of their texts, see capture/known.go
	Language      string
	Reading       string // JSON of a transcript.Reading, once a file is read
	Counts        *Counts
	Failure       *Failure
	DocumentKey   string
	ExtractionKey string
	retention     int64  // days, 0: the default
	Deletion      string // del_… of a tombstone
	// Conversation is what a completed session became. It is kept for ever, so
	// that the session becomes one only once; Unbridged is what is left to do
	// for it.
	Conversation string
	Unbridged    int64 // PassagesMissing, ResultChanged
	// A completed session may be extracted again: Wish is the request that is
	// open, Missed is 1 when the last one was given up. Superseded are the objects
	// of earlier results that are yet to be removed, with spaces between them.
	Wish       Wish
	Missed     int64
	Superseded string
	PutOff     int64     // 1 while the extraction waits for a model that cannot be had
	Recording  Recording // of a session whose file is one
	FileGone   int64     // 1: the file was removed before the session is
	// What the session counts against quotas: Open is 1 while it is one of the
	// open ones, Said are the bytes of its text once it is over. MostText and
	// MostSegments are what a live session may have where that was not the default
	// when it was made.
	Open, Said             int64
	MostText, MostSegments int64
}

// Attrs are the attributes of the head's row.
func (h Head) Attrs() table.Attrs {
	a := table.Attrs{
		"status": string(h.Status), "source": string(h.Source), "rev": h.Rev,
		"last_seq": h.LastSeq, "text_bytes": h.TextBytes,
		"attempts": h.Attempts, "duration": h.Duration, "retention": h.retention,
		"unbridged": h.Unbridged,
	}
	if h.Missed != 0 {
		a["missed"] = h.Missed
	}
	if h.PutOff != 0 {
		a["put_off"] = h.PutOff
	}
	h.addTimes(a)
	for name, s := range map[string]string{
		"language": h.Language, "reading": h.Reading, "document": h.DocumentKey,
		"extraction": h.ExtractionKey, "deletion": h.Deletion, "conversation": h.Conversation,
		"wish": h.Wish.ID, "wish_by": h.Wish.By, "superseded": h.Superseded,
	} {
		if s != "" {
			a[name] = s
		}
	}
	if h.Known != "" {
		a["known"] = []byte(h.Known)
	}
	if h.Recording != (Recording{}) {
		a["recording"] = h.Recording.encode()
	}
	for name, n := range map[string]int64{
		"file_gone": h.FileGone, "open": h.Open, "said": h.Said, "most_text": h.MostText, "most_segments": h.MostSegments,
	} {
		if n != 0 {
			a[name] = n
		}
	}
	if h.Counts != nil {
		a["sops"], a["entities"], a["risks"] = h.Counts.SOPs, h.Counts.Entities, h.Counts.Risks
	}
	if h.Failure != nil {
		a["fail_code"], a["fail_message"] = h.Failure.Code, h.Failure.Message
	}
	return a
}

func (h Head) addTimes(a table.Attrs) {
	for name, t := range map[string]time.Time{
		"scheduled": h.scheduled, "started": h.Started, "ended": h.Ended,
		"cancelled": h.Cancelled, "updated": h.Updated,
		"last_append": h.LastAppend, "due": h.Due,
	} {
		if !t.IsZero() {
			a[name] = t.UnixMilli()
		}
	}
}

// HeadOf decodes a head's row; what is not there is the zero Head.
func HeadOf(i table.Item) Head {
	h := Head{
		Status: Status(i.Str("status")), Source: Source(i.Str("source")), Rev: i.Int("rev"),
		LastSeq: i.Int("last_seq"), TextBytes: i.Int("text_bytes"),
		scheduled: i.Time("scheduled"), Started: i.Time("started"),
		Ended: i.Time("ended"), Cancelled: i.Time("cancelled"),
		Updated: i.Time("updated"), LastAppend: i.Time("last_append"),
		Due: i.Time("due"), Attempts: i.Int("attempts"), Duration: i.Int("duration"),
		Known:    string(i.Bytes("known")),
		Language: i.Str("language"), Reading: i.Str("reading"), DocumentKey: i.Str("document"),
		ExtractionKey: i.Str("extraction"), retention: i.Int("retention"), Deletion: i.Str("deletion"),
		Conversation: i.Str("conversation"), Unbridged: i.Int("unbridged"),
		Wish: Wish{i.Str("wish"), i.Str("wish_by")}, Missed: i.Int("missed"), Superseded: i.Str("superseded"),
		PutOff:    i.Int("put_off"),
		Recording: readRecording(i.Str("recording")), FileGone: i.Int("file_gone"),
		Open: i.Int("open"), Said: i.Int("said"), MostText: i.Int("most_text"), MostSegments: i.Int("most_segments"),
	}
	if _, ok := i.Attrs["sops"]; ok {
		h.Counts = &Counts{i.Int("sops"), i.Int("entities"), i.Int("risks")}
	}
	if code := i.Str("fail_code"); code != "" {
		h.Failure = &Failure{code, i.Str("fail_message")}
	}
	return h
}

// HeadKey is the row of a session's head. The session's own partition holds it
// with the runs of segments and the blocks that remember client_seq values.
func HeadKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: "head"}
}

// StartIfDue makes a session whose time has come a running one, whether or not
// the sweeper has been there (contract D 8).
func (h Head) StartIfDue(now time.Time) Head {
	if h.Status == Scheduled && !h.scheduled.After(now) {
		h.Status, h.Started = InProgress, h.scheduled
	}
	return h
}

// SendAgain notes that work is sent once more, and when somebody looks again
// whether it was done.
func (h *Head) SendAgain(work task.Kind, now time.Time) {
	h.Attempts++
	h.Due = now.Add(work.Wait(h.Attempts))
}

// StillWanted reports whether somebody still waits for the extraction that the
// session was read for.
func (h Head) StillWanted(sess Session) bool {
	return h.Status == sess.Status && h.Wish == sess.Wish && (h.Status == Processing || h.Wish != Wish{})
}

// Retry makes a failed head one that goes on; kept says that its file is there.
func (h *Head) Retry(kept bool) error {
	switch {
	case h.Failure.Code == ExtractionFailed:
		h.Status = Processing
	case h.Source == SourceLive:
		return errs.New(errs.Conflict, "nothing was said in the session: there is nothing to try again")
	case !kept:
		return errs.New(errs.Conflict, "the session's file is not kept any more: upload it again")
	default: // an engine that is still at the attempt before is stopped beside this one
		h.Status, h.Recording = InProgress, Recording{Attempt: h.Recording.Attempt, Left: h.Recording.Left}
	}
	h.Failure = nil
	return nil
}

// What is yet to be done of the conversation that a completed session becomes.
const (
	PassagesMissing = 1 << iota // not all of them have been added once
	ResultChanged               // those that are there may rest on an earlier result
)

// ToBridge notes what a result calls for, again if it took another one's place.
func (h *Head) ToBridge(again bool) {
	if again {
		h.Unbridged |= ResultChanged
	}
	if h.Conversation == "" {
		h.Unbridged |= PassagesMissing
	}
}

// Wish is a request to extract a completed session again. The zero wish is
// none.
type Wish struct {
	ID string // its own, so that a job of an earlier wish does not fulfil it
	By string // ByRules, ByModel
}

// GivesWay reports whether a request for an extractor, or "" for none by name,
// takes the place of the one that is open.
func (w Wish) GivesWay(by string) bool { return w == (Wish{}) || by != "" && w.By != by }

// IgnoreGone is for jobs: their session may be deleted meanwhile.
func IgnoreGone(err error) error {
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// Info is a session's row in the list of its workspace; it never changes.
type Info struct {
	Project, Template, Title, Email string
	Recorded                        time.Time
}

func (m Info) attrs() table.Attrs {
	a := table.Attrs{"project": m.Project, "template": m.Template, "title": m.Title}
	if m.Email != "" {
		a["email"] = m.Email
	}
	if !m.Recorded.IsZero() {
		a["recorded"] = m.Recorded.UnixMilli()
	}
	return a
}

func infoOf(i table.Item) Info {
	return Info{
		Project: i.Str("project"), Template: i.Str("template"), Title: i.Str("title"),
		Email: i.Str("email"), Recorded: i.Time("recorded"),
	}
}

func build(ref record.Ref, m Info, h Head) Session {
	return Session{
		ID: ref.ID, Workspace: ref.Workspace,
		Project: m.Project, Template: m.Template, Title: m.Title, IntervieweeEmail: m.Email,
		Status: h.Status, Source: h.Source, Language: h.Language,
		CreatedAt: id.Time(ref.ID), UpdatedAt: h.Updated,
		ScheduledFor: h.scheduled, RecordedAt: m.Recorded,
		StartedAt: h.Started, CompletedAt: h.Ended, CancelledAt: h.Cancelled,
		DurationSeconds: h.Duration, LastSeq: h.LastSeq, Attempts: h.Attempts,
		Counts: h.Counts, Failure: h.Failure, Conversation: h.Conversation,
		Reading: h.shownReading(), Transcription: h.Recording.shown(),
		Recording:   h.Recording,
		Asked:       h.Wish.By,
		DocumentKey: h.DocumentKey, ExtractionKey: h.ExtractionKey,
		Wish: h.Wish, Missed: h.Missed != 0, PutOff: h.PutOff != 0, Superseded: h.Superseded, Unbridged: h.Unbridged,
	}
}

// shownReading is nil, and null in JSON, until there is one.
func (h Head) shownReading() json.RawMessage {
	if h.Reading == "" {
		return nil
	}
	return json.RawMessage(h.Reading)
}

// Named returns the objects that a row of the table rests on. Those of uploads
// and drops may have yet to come, or have gone.
func Named(row table.Item) []string {
	if row.Table != table.Sessions || row.SK != HeadKey(record.Ref{}).SK {
		return nil
	}
	h := HeadOf(row)
	if h.Status != Completed {
		return nil
	}
	return []string{h.DocumentKey, h.ExtractionKey}
}

// ObjectPrefix begins the keys of everything a session's workers write.
func ObjectPrefix(ref record.Ref) string {
	return fmt.Sprintf("sessions/%s/%s/", ref.Workspace, ref.ID)
}

// Extractors that a client may ask for.
const (
	ByRules = "rules"
	ByModel = "model" // where there is none, or it cannot be had, the rules step in
)

// Extractable refuses to extract a session again that has no result to take
// the place of.
func (s Status) Extractable() error {
	switch s {
	case Completed:
		return nil
	case Processing:
		return errs.New(errs.Conflict, "the session is processing: its extraction is still under way")
	case Scheduled, InProgress:
		return errs.New(errs.Conflict, "the session is %s: it is extracted when it has ended", s)
	default:
		return errs.New(errs.Conflict, "the session is %s: only a completed one is extracted again", s)
	}
}

// InfoKey is the session's row in the list of its workspace, which is written once
// and holds what never changes.
func InfoKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Workspace + "#sessions", SK: ref.ID}
}

// OriginKey is the row of its origin, which is read by workers
// only, so that its length costs readers nothing.
func OriginKey(ref record.Ref) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: "source"}
}
