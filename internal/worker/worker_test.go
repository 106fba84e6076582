package worker_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/audit/audittest"
	"griot/internal/blob"
	"griot/internal/errs"
	"griot/internal/extraction"
	"griot/internal/media"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/upload"
	"griot/internal/task"
	"griot/internal/transcript"
)

const interview = `WEBVTT

00:00.000 --> 00:02.500
<v Ann>First I pull the report.

00:02.500 --> 00:05.000
<v Bo>Then I post it — naïvely.
`

func createUpload(w *world, url string) session.Session {
	w.t.Helper()
	s, err := w.sessions.Create(w.t.Context(), w.caller, session.CreateInput{
		Template: "operational_workflow", Title: "Close", UploadURL: url,
	}, nil)
	ok(w.t, err)
	return s
}

func createLive(w *world) session.Session {
	w.t.Helper()
	s, err := w.sessions.Create(w.t.Context(), w.caller, session.CreateInput{
		Template: "operational_workflow", Title: "Close", IntervieweeEmail: "ann@acme.com",
	}, nil)
	ok(w.t, err)
	return s
}

func say(w *world, id string, from int, texts ...string) error {
	in := capture.AppendInput{}
	for i, text := range texts {
		in.Segments = append(in.Segments, capture.Incoming{
			ClientSeq: int64(from + i), Turn: transcript.Turn{Speaker: "Ann", Text: text},
		})
	}
	_, err := w.sessions.Capture.Append(w.t.Context(), w.caller, id, in, nil)
	return err
}

// document returns the transcript document and checks that every range names
// its segment's text.
// finished is the document of a session.
type finished struct {
	Status   string
	Complete bool
	Duration *int64 `json:"duration_seconds"`
	Reading  transcript.Reading
	Segments []transcript.Segment
	Text     string
}

func document(w *world, id string) (doc finished) {
	w.t.Helper()
	_, body, err := w.sessions.Capture.OpenDocument(w.t.Context(), w.caller, id)
	ok(w.t, err)
	defer body.Close()
	ok(w.t, json.NewDecoder(body).Decode(&doc))
	for i, seg := range doc.Segments {
		if seg.Seq != int64(i+1) {
			w.t.Errorf("segment %d has seq %d", i, seg.Seq)
		}
		if got := doc.Text[seg.Range[0] : seg.Range[1]+1]; got != seg.Text {
			w.t.Errorf("range of segment %d names %q, not %q", seg.Seq, got, seg.Text)
		}
	}
	return doc
}

func TestUploadBecomesCandidates(t *testing.T) {
	for _, order := range []string{"object first", "session first"} {
		t.Run(order, func(t *testing.T) {
			w := newWorld(t)
			size := int64(len(interview))
			up, err := w.sessions.Uploads.CreateUpload(t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
			ok(t, err)
			var s session.Session
			if order == "object first" {
				w.arrive(up.Request.URL, interview)
				w.drain()
				s = createUpload(w, up.Request.URL)
			} else {
				s = createUpload(w, up.Request.URL)
				w.drain()
				w.arrive(up.Request.URL, interview)
			}
			w.drain()
			s = w.get(s.ID)
			if s.Status != session.Completed || s.DurationSeconds != 5 || *s.Counts != (session.Counts{Entities: 2}) {
				t.Errorf("session = %+v, counts %+v", s, s.Counts)
			}
			doc := document(w, s.ID)
			if !doc.Complete || doc.Text != "First I pull the report.\nThen I post it — naïvely." {
				t.Errorf("document = %+v", doc)
			}
		})
	}
}

func TestExtractionResolves(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(interview))
	w.drain()
	body, err := w.sessions.Results.OpenExtraction(t.Context(), w.caller, s.ID)
	ok(t, err)
	defer body.Close()
	var res extraction.Result
	ok(t, json.NewDecoder(body).Decode(&res))
	text := document(w, s.ID).Text
	for _, e := range res.Entities {
		var first, last int
		_, err := fmt.Sscanf(e.Citations[0].URI, s.ArtifactURI()+"?range=%d-%d", &first, &last)
		ok(t, err)
		if got := text[first : last+1]; got != e.Citations[0].Quote {
			t.Errorf("%s resolves to %q, not %q", e.Citations[0].URI, got, e.Citations[0].Quote)
		}
	}
	if len(res.Entities) != 2 || res.Status != "ready" {
		t.Errorf("result = %+v", res)
	}
}

func TestBrokenFilesFailWithAReason(t *testing.T) {
	for _, tc := range []struct{ name, content, code string }{
		{"json", `{"results": [`, session.ParseError},
		{"blank", "WEBVTT\n\n00:00.000 --> 00:01.000\n \n", session.EmptyTranscript},
		{"binary", "\x00\x01\x02\x03\x7fELF\x00\x00", session.UnsupportedFormat},
		{"recording", aiff(44_100 * 60), session.TranscriberUnavailable},
		{"recording of five hours", aiff(44_100 * 3600 * 5), session.TranscriberUnavailable},
		{"recording of nothing", nothing, session.TranscriberUnavailable},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			s := createUpload(w, w.upload(tc.content))
			w.drain()
			s = w.get(s.ID)
			if s.Status != session.Failed || s.Failure.Code != tc.code || s.LastSeq != 0 || s.Counts != nil {
				t.Errorf("session = %+v, failure %+v", s, s.Failure)
			}
		})
	}
}

// What no engine could write down is refused before one is asked.
func TestRecordingsThatNoEngineIsAskedFor(t *testing.T) {
	for name, tc := range map[string]struct{ content, code string }{
		"of five hours": {aiff(44_100 * 3600 * 5), media.TooLarge},
		"of nothing":    {nothing, session.UnsupportedFormat},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			engine := w.hire()
			s := createUpload(w, w.upload(tc.content))
			w.drain()
			s = w.get(s.ID)
			if s.Status != session.Failed || s.Failure.Code != tc.code || len(engine.asked) != 0 {
				t.Errorf("asked %d times; failure %+v", len(engine.asked), s.Failure)
			}
		})
	}
}

// nothing is a WAV that ends in its headers.
const nothing = "RIFF\x24\x08\x00\x00WAVEfmt "

// aiff says that it has so many samples of 44.1 kHz.
func aiff(samples uint32) string {
	return "FORM\x00\x00\x00\x1eAIFFCOMM\x00\x00\x00\x12\x00\x01" + string(binary.BigEndian.AppendUint32(nil, samples)) +
		"\x00\x10\x40\x0e\xac\x44\x00\x00\x00\x00\x00\x00"
}

func TestUploadServesOneSession(t *testing.T) {
	w := newWorld(t)
	url := w.upload(interview)
	createUpload(w, url)
	_, err := w.sessions.Create(t.Context(), w.caller, session.CreateInput{
		Template: "open_exploration", Title: "Again", UploadURL: url,
	}, nil)
	if !errs.Is(err, errs.Conflict) {
		t.Errorf("second session of an upload: %v", err)
	}
}

func TestUploadThatNeverComes(t *testing.T) {
	w := newWorld(t)
	size := int64(10)
	up, err := w.sessions.Uploads.CreateUpload(t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
	ok(t, err)
	s := createUpload(w, up.Request.URL)
	w.advance(74 * time.Minute) // expiry and an hour are 75
	sweep(w)
	if got := w.get(s.ID).Status; got != session.InProgress {
		t.Errorf("status after 74 minutes = %s", got)
	}
	w.advance(3 * time.Minute)
	sweep(w)
	if got := w.get(s.ID); got.Status != session.Failed || got.Failure.Code != session.UploadExpired {
		t.Errorf("session after 77 minutes = %+v", got)
	}
	up, err = w.sessions.Uploads.GetUpload(t.Context(), w.caller, up.ID)
	ok(t, err)
	if up.Status != "expired" || up.Request.URL != "" || up.SessionID != s.ID {
		t.Errorf("upload = %+v", up)
	}
}

// looking is a store that counts how often somebody looks for an object.
type looking struct {
	blob.Store
	looks int
}

func (l *looking) Stat(ctx context.Context, key string) (blob.Info, error) {
	l.looks++
	return l.Store.Stat(ctx, key)
}

// A session that waits for its upload is looked at less and less often, and all
// the same one whose object's arrival was told to nobody goes on.
func TestAWaitingUploadIsLookedAtWithGrowingPauses(t *testing.T) {
	for _, test := range []struct {
		name    string
		arrives int // in minutes; 0: never
		looks   []int
		end     session.Status
	}{
		{"never", 0, []int{1, 2, 4, 8, 16, 32, 64, 75}, session.Failed},
		{"unannounced", 9, []int{1, 2, 4, 8, 16}, session.Completed},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			l := &looking{Store: w.blobs}
			w.sessions.Sessions.Blobs = l
			size := int64(len(fewLines))
			up, err := w.sessions.Uploads.CreateUpload(t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
			ok(t, err)
			s := createUpload(w, up.Request.URL)
			w.drain()
			w.advance(time.Second) // the session began a little later than the test
			var looks []int
			for minute := range 90 {
				if minute == test.arrives && minute > 0 {
					key, _ := w.blobs.KeyOf(up.Request.URL)
					_, err := w.blobs.Put(t.Context(), key, strings.NewReader(fewLines), size, blob.Put{})
					ok(t, err)
				}
				before := l.looks
				sweep(w)
				if l.looks > before {
					looks = append(looks, minute)
				}
				w.drain()
				w.advance(time.Minute)
			}
			if got := w.get(s.ID).Status; !slices.Equal(looks, test.looks) || got != test.end {
				t.Errorf("it was looked for after %v minutes, want %v, and is %s in the end", looks, test.looks, got)
			}
		})
	}
}

func sweep(w *world) {
	w.t.Helper()
	ok(w.t, w.sweep())
}

func TestScheduledSessionStarts(t *testing.T) {
	w := newWorld(t)
	s, err := w.sessions.Create(t.Context(), w.caller, session.CreateInput{
		Template: "open_exploration", Title: "Later", IntervieweeEmail: "ann@acme.com",
		ScheduledFor: w.clock().Add(time.Hour).Format(time.RFC3339),
	}, nil)
	ok(t, err)
	if s.Status != session.Scheduled || !s.StartedAt.IsZero() {
		t.Fatalf("new session = %+v", s)
	}
	if err := say(w, s.ID, 0, "too early"); !errs.Is(err, errs.Conflict) {
		t.Errorf("append before the start: %v", err)
	}
	w.advance(time.Hour)
	if got := w.get(s.ID); got.Status != session.InProgress || !got.StartedAt.Equal(s.ScheduledFor) {
		t.Errorf("past due without a sweep = %+v", got)
	}
	sweep(w)
	w.advance(-time.Hour) // what was written stays, whatever the clock says
	if got := w.get(s.ID).Status; got != session.InProgress {
		t.Errorf("after the sweep = %s", got)
	}
}

func TestIdleSessionEnds(t *testing.T) {
	w := newWorld(t)
	silent, spoken := createLive(w), createLive(w)
	w.advance(23 * time.Hour)
	ok(t, say(w, spoken.ID, 0, "still here"))
	w.advance(90 * time.Minute)
	sweep(w)
	if got := w.get(silent.ID); got.Status != session.Failed || got.Failure.Code != session.CaptureAbandoned {
		t.Errorf("silent session = %+v", got)
	}
	if got := w.get(spoken.ID).Status; got != session.InProgress {
		t.Errorf("spoken session = %s", got)
	}
	w.advance(23 * time.Hour)
	sweep(w)
	w.drain()
	if got := w.get(spoken.ID).Status; got != session.Completed {
		t.Errorf("spoken session a day later = %s", got)
	}
}

func TestCancelWhileProcessing(t *testing.T) {
	w := newWorld(t)
	s := createLive(w)
	ok(t, say(w, s.ID, 0, "one", "two"))
	_, err := w.sessions.Complete(t.Context(), w.caller, s.ID, nil)
	ok(t, err)
	_, err = w.sessions.Cancel(t.Context(), w.caller, s.ID, nil)
	ok(t, err)
	w.settle()
	s = w.get(s.ID)
	if s.Status != session.Cancelled || s.Counts != nil || s.LastSeq != 2 || s.CompletedAt.IsZero() {
		t.Errorf("session = %+v", s)
	}
	if doc := document(w, s.ID); doc.Complete || len(doc.Segments) != 2 {
		t.Errorf("document = %+v", doc)
	}
}

func TestDropStartsOneSession(t *testing.T) {
	w := newWorld(t)
	key := upload.InboxPrefix + w.caller.Workspace + "/" + w.project + "/system_ownership/calls/monday.vtt"
	for range 3 { // the same version arrives again and again
		drop(w, key, interview)
	}
	drop(w, upload.InboxPrefix+w.caller.Workspace+"/"+w.project+"/no_template/x.vtt", interview)
	drop(w, upload.InboxPrefix+"ws_0/"+w.project+"/system_ownership/x.vtt", interview)
	w.drain()
	page, err := w.sessions.Sessions.List(t.Context(), w.caller, session.ListInput{Limit: 50})
	ok(t, err)
	if len(page.Sessions) != 1 {
		t.Fatalf("%d sessions", len(page.Sessions))
	}
	s := page.Sessions[0]
	if s.Title != "calls/monday.vtt" || s.Status != session.Completed || s.Project != w.project {
		t.Errorf("session = %+v", s)
	}
	drop(w, key, strings.Replace(interview, "First", "Second", 1))
	w.drain()
	page, err = w.sessions.Sessions.List(t.Context(), w.caller, session.ListInput{Limit: 50})
	ok(t, err)
	if len(page.Sessions) != 2 {
		t.Errorf("%d sessions after a new version", len(page.Sessions))
	}
}

func drop(w *world, key, content string) {
	w.t.Helper()
	put(w, key, content)
	ok(w.t, w.queues[queue.Ingest].Send(w.t.Context(), queue.Outgoing{Body: task.Message{Object: key}.Encode()}))
}

func TestDeletionLeavesNothing(t *testing.T) {
	// No other word begins with a z, so that the index, which leaves out what a
	// word has in common with the one before it, cannot hide it from scan; and
	// it is its own stem.
	const marker = "zyzzyva"
	w := newWorld(t)
	url := w.upload(strings.ReplaceAll(interview, "report", marker))
	s, err := w.sessions.Create(t.Context(), w.caller, session.CreateInput{
		Template: "operational_workflow", Title: marker, UploadURL: url,
	}, claim(w, marker))
	ok(t, err)
	w.drain()
	if found := scan(w, marker); len(found) == 0 {
		t.Fatal("the marker is nowhere to begin with")
	}
	checkBridged(w, w.get(s.ID), marker)
	del, err := w.sessions.Delete(t.Context(), w.caller, s.ID)
	ok(t, err)
	if _, err := w.sessions.Sessions.Get(t.Context(), w.caller, s.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("deleted session: %v", err)
	}
	w.drain()
	first, err := w.sessions.GetDeletion(t.Context(), w.caller, del.ID)
	ok(t, err)
	if first.Status != "done" || first.Objects != 3 || first.TableItems < 6 || first.FinishedAt.IsZero() {
		t.Errorf("receipt = %+v", first)
	}
	if found := scan(w, marker); len(found) > 0 {
		t.Errorf("the marker is still in %v", found)
	}
	ok(t, w.queues[queue.Purge].Send(t.Context(), queue.Outgoing{Body: task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()}))
	w.settle()
	again, err := w.sessions.GetDeletion(t.Context(), w.caller, del.ID)
	ok(t, err)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the receipt changed under redelivery (-first +again):\n%s", diff)
	}
}

func TestNothingOutlivesItsSession(t *testing.T) {
	w := newWorld(t)
	size := int64(len(interview))
	up, err := w.sessions.Uploads.CreateUpload(t.Context(), w.caller, upload.UploadInput{SizeBytes: &size}, nil)
	ok(t, err)
	s := createUpload(w, up.Request.URL)
	key := upload.InboxPrefix + w.caller.Workspace + "/" + w.project + "/system_ownership/a.vtt"
	drop(w, key, interview)
	w.drain()
	page, err := w.sessions.Sessions.List(t.Context(), w.caller, session.ListInput{Limit: 50})
	ok(t, err)
	for _, s := range page.Sessions {
		_, err := w.sessions.Delete(t.Context(), w.caller, s.ID)
		ok(t, err)
	}
	w.arrive(up.Request.URL, interview) // before the purge,
	w.drain()
	w.arrive(up.Request.URL, interview) // after it,
	drop(w, key, interview)             // and once more what was dropped
	w.settle()
	objects, _, err := w.blobs.List(t.Context(), "", "")
	ok(t, err)
	if len(objects) > 0 {
		t.Errorf("objects are left: %v", objects)
	}
	if _, err := w.sessions.Sessions.Get(t.Context(), w.caller, s.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("deleted session: %v", err)
	}
}

func TestUploadThatNobodyTakesIsForgotten(t *testing.T) {
	w := newWorld(t)
	url := w.upload(interview)
	taken := createUpload(w, w.upload(interview))
	w.advance(8 * 24 * time.Hour)
	w.settle()
	if _, err := w.sessions.Create(t.Context(), w.caller, session.CreateInput{
		Template: "open_exploration", Title: "Late", UploadURL: url,
	}, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("a session of a forgotten upload: %v", err)
	}
	objects, _, err := w.blobs.List(t.Context(), "uploads/", "")
	ok(t, err)
	if len(objects) != 1 || w.get(taken.ID).Status != session.Completed {
		t.Errorf("objects = %v, the other session is %s", objects, w.get(taken.ID).Status)
	}
}

func TestRetentionDeletes(t *testing.T) {
	w := newWorld(t)
	s := createUpload(w, w.upload(interview))
	w.drain()
	w.advance(729 * 24 * time.Hour)
	sweep(w)
	if got := w.get(s.ID).Status; got != session.Completed {
		t.Errorf("after 729 days: %s", got)
	}
	w.advance(2 * 24 * time.Hour)
	events := audittest.Capture(t)
	w.settle()
	if got := events.Take(); len(got) != 1 || got[0]["action"] != "session.deleted" || got[0]["actor"] != "retention" || got[0]["target"] != s.ID {
		t.Errorf("audit: %v", got)
	}
	if _, err := w.sessions.Sessions.Get(t.Context(), w.caller, s.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("after two years: %v", err)
	}
}

func TestLongTranscript(t *testing.T) {
	var b strings.Builder
	b.WriteString("WEBVTT\n")
	const cues = 12_000 // ten hours, three seconds each
	for i := range cues {
		fmt.Fprintf(&b, "\n%02d:%02d:%02d.000 --> %02d:%02d:%02d.900\n<v S%d>Line %d %s.\n",
			i*3/3600, i*3/60%60, i*3%60, (i*3+2)/3600, (i*3+2)/60%60, (i*3+2)%60, i%3, i, strings.Repeat("word ", 60))
	}
	w := newWorld(t)
	delete(w.workers, queue.Bridge) // or it takes long
	s := createUpload(w, w.upload(b.String()))
	w.drain()
	s = w.get(s.ID)
	if s.Status != session.Completed || s.LastSeq != cues || s.DurationSeconds != 10*3600-1 {
		t.Fatalf("session = %+v %+v", s, s.Failure)
	}
	if doc := document(w, s.ID); len(doc.Segments) != cues {
		t.Errorf("%d segments", len(doc.Segments))
	}
}

func put(w *world, key, content string) {
	w.t.Helper()
	_, err := w.blobs.Put(w.t.Context(), key, strings.NewReader(content), int64(len(content)), blobPut)
	ok(w.t, err)
}

func readAll(w *world, key string) string {
	w.t.Helper()
	r, _, err := w.blobs.Get(w.t.Context(), key)
	ok(w.t, err)
	defer r.Close()
	data, err := io.ReadAll(r)
	ok(w.t, err)
	return string(data)
}
