package session

import (
	"encoding/json"
	"fmt"
	"time"

	"griot/internal/id"
	"griot/internal/record"
	"griot/internal/table"
)

// head is a session's row of everything that changes. It is written whole,
// under the condition that rev is what was read: that serialises all writers
// of a session.
type head struct {
	status     Status
	source     Source
	rev        int64
	lastSeq    int64
	textBytes  int64 // of the artifact, the joining newlines included
	scheduled  time.Time
	started    time.Time
	ended      time.Time // end of capture
	cancelled  time.Time
	updated    time.Time
	lastAppend time.Time
	due        time.Time // zero: no due row
	attempts   int64     // of the job that is under way
	duration   int64     // seconds, -1 unknown
	known      string    // client_seq values and hashes of their texts, see known.go
	language   string
	reading    string // JSON of a transcript.Reading, once a file is read
	counts     *Counts
	failure    *Failure
	document   string
	extraction string
	retention  int64  // days, 0: the default
	deletion   string // del_… of a tombstone
	// conversation is what a completed session became, kept for ever, so that
	// it becomes one only once; unbridged says what of it is yet to be done.
	conversation string
	unbridged    int64 // passagesMissing, resultChanged
	// A completed session may be extracted again: wish is the request that is
	// open, missed is 1 when the last one was given up. superseded are objects
	// of earlier results that are yet to be removed, with spaces between them.
	wish       wish
	missed     int64
	superseded string
	putOff     int64     // 1 while the extraction waits for a model that cannot be had
	recording  recording // of a session whose file is one
	fileGone   int64     // 1: the file was removed before the session is
	// What counts of the session against quotas: open is 1 while it is one of the
	// open ones, said are the bytes of its text once it is over. mostText and
	// mostSegments are what a live session may have where that was not the default
	// when it was made.
	open, said             int64
	mostText, mostSegments int64
}

func (h head) attrs() table.Attrs {
	a := table.Attrs{
		"status": string(h.status), "source": string(h.source), "rev": h.rev,
		"last_seq": h.lastSeq, "text_bytes": h.textBytes,
		"attempts": h.attempts, "duration": h.duration, "retention": h.retention,
		"unbridged": h.unbridged,
	}
	if h.missed != 0 {
		a["missed"] = h.missed
	}
	if h.putOff != 0 {
		a["put_off"] = h.putOff
	}
	h.addTimes(a)
	for name, s := range map[string]string{
		"language": h.language, "reading": h.reading, "document": h.document,
		"extraction": h.extraction, "deletion": h.deletion, "conversation": h.conversation,
		"wish": h.wish.id, "wish_by": h.wish.by, "superseded": h.superseded,
	} {
		if s != "" {
			a[name] = s
		}
	}
	if h.known != "" {
		a["known"] = []byte(h.known)
	}
	if h.recording != (recording{}) {
		a["recording"] = h.recording.encode()
	}
	for name, n := range map[string]int64{
		"file_gone": h.fileGone, "open": h.open, "said": h.said, "most_text": h.mostText, "most_segments": h.mostSegments,
	} {
		if n != 0 {
			a[name] = n
		}
	}
	if h.counts != nil {
		a["sops"], a["entities"], a["risks"] = h.counts.SOPs, h.counts.Entities, h.counts.Risks
	}
	if h.failure != nil {
		a["fail_code"], a["fail_message"] = h.failure.Code, h.failure.Message
	}
	return a
}

func (h head) addTimes(a table.Attrs) {
	for name, t := range map[string]time.Time{
		"scheduled": h.scheduled, "started": h.started, "ended": h.ended,
		"cancelled": h.cancelled, "updated": h.updated,
		"last_append": h.lastAppend, "due": h.due,
	} {
		if !t.IsZero() {
			a[name] = t.UnixMilli()
		}
	}
}

func readHead(i table.Item) head {
	h := head{
		status: Status(i.Str("status")), source: Source(i.Str("source")), rev: i.Int("rev"),
		lastSeq: i.Int("last_seq"), textBytes: i.Int("text_bytes"),
		scheduled: i.Time("scheduled"), started: i.Time("started"),
		ended: i.Time("ended"), cancelled: i.Time("cancelled"),
		updated: i.Time("updated"), lastAppend: i.Time("last_append"),
		due: i.Time("due"), attempts: i.Int("attempts"), duration: i.Int("duration"),
		known:    string(i.Bytes("known")),
		language: i.Str("language"), reading: i.Str("reading"), document: i.Str("document"),
		extraction: i.Str("extraction"), retention: i.Int("retention"), deletion: i.Str("deletion"),
		conversation: i.Str("conversation"), unbridged: i.Int("unbridged"),
		wish: wish{i.Str("wish"), i.Str("wish_by")}, missed: i.Int("missed"), superseded: i.Str("superseded"),
		putOff:    i.Int("put_off"),
		recording: readRecording(i.Str("recording")), fileGone: i.Int("file_gone"),
		open: i.Int("open"), said: i.Int("said"), mostText: i.Int("most_text"), mostSegments: i.Int("most_segments"),
	}
	if _, ok := i.Attrs["sops"]; ok {
		h.counts = &Counts{i.Int("sops"), i.Int("entities"), i.Int("risks")}
	}
	if code := i.Str("fail_code"); code != "" {
		h.failure = &Failure{code, i.Str("fail_message")}
	}
	return h
}

// startIfDue makes a session whose time has come a running one, whether or not
// the sweeper has been there (contract D 8).
func (h head) startIfDue(now time.Time) head {
	if h.status == Scheduled && !h.scheduled.After(now) {
		h.status, h.started = InProgress, h.scheduled
	}
	return h
}

// meta is a session's row in the list of its workspace; it never changes.
type meta struct {
	project, template, title, email string
	recorded                        time.Time
}

func (m meta) attrs() table.Attrs {
	a := table.Attrs{"project": m.project, "template": m.template, "title": m.title}
	if m.email != "" {
		a["email"] = m.email
	}
	if !m.recorded.IsZero() {
		a["recorded"] = m.recorded.UnixMilli()
	}
	return a
}

func readMeta(i table.Item) meta {
	return meta{
		project: i.Str("project"), template: i.Str("template"), title: i.Str("title"),
		email: i.Str("email"), recorded: i.Time("recorded"),
	}
}

func build(ref record.Ref, m meta, h head) Session {
	return Session{
		ID: ref.ID, Workspace: ref.Workspace,
		Project: m.project, Template: m.template, Title: m.title, IntervieweeEmail: m.email,
		Status: h.status, Source: h.source, Language: h.language,
		CreatedAt: id.Time(ref.ID), UpdatedAt: h.updated,
		ScheduledFor: h.scheduled, RecordedAt: m.recorded,
		StartedAt: h.started, CompletedAt: h.ended, CancelledAt: h.cancelled,
		DurationSeconds: h.duration, LastSeq: h.lastSeq, Attempts: h.attempts,
		Counts: h.counts, Failure: h.failure, Conversation: h.conversation,
		Reading: h.shownReading(), Transcription: h.recording.shown(),
		recording:   h.recording,
		Asked:       h.wish.by,
		documentKey: h.document, extractionKey: h.extraction,
		wish: h.wish, missed: h.missed != 0, putOff: h.putOff != 0, superseded: h.superseded, unbridged: h.unbridged,
	}
}

// shownReading is nil, and null in JSON, until there is one.
func (h head) shownReading() json.RawMessage {
	if h.reading == "" {
		return nil
	}
	return json.RawMessage(h.reading)
}

// Named returns the objects that a row of the table rests on. Those of uploads
// and drops may have yet to come, or have gone.
func Named(row table.Item) []string {
	if row.Table != table.Sessions || row.SK != headKey(record.Ref{}).SK {
		return nil
	}
	h := readHead(row)
	if h.status != Completed {
		return nil
	}
	return []string{h.document, h.extraction}
}

// objectPrefix begins the keys of everything a session's workers write.
func objectPrefix(ref record.Ref) string {
	return fmt.Sprintf("sessions/%s/%s/", ref.Workspace, ref.ID)
}
