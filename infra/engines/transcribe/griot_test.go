package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"

	"griot/infra/speech"
	"griot/internal/access"
	bucket "griot/internal/blob/s3"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/session/upload"
	"griot/internal/system"
	"griot/internal/system/systemtest"
	"griot/internal/task"
	driver "griot/internal/transcriber/amazon"
	"griot/internal/transcript"
	"griot/internal/worker"
)

// griot is the way of a recording as the functions have it: the bucket is S3's,
// the engine Amazon's, and its events come by a queue. Time passes when the
// test says so.
type griot struct {
	*stand
	sessions *lifecycle.Service
	queues   map[queue.Name]queue.Queue
	ingest   func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
	purge    worker.Worker
	caller   access.Principal
	past     time.Duration
}

func (g *griot) now() time.Time { return time.Now().Add(g.past) }

func newGriot(t *testing.T, c driver.Config) *griot {
	t.Helper()
	g := &griot{stand: engines(t)}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ports, _ := systemtest.Embed(t, "", g.now)
	g.queues = ports.Queues
	config := g.files.Options()
	blobs, err := bucket.New(aws.Config{
		Region: config.Region, Credentials: config.Credentials, HTTPClient: config.HTTPClient, BaseEndpoint: config.BaseEndpoint,
	}, g.bucket)
	check(err)
	engine, err := driver.New(configuration(t, g.url), g.bucket, blobs, c)
	check(err)
	on := ports.Ports()
	on.Blobs = blobs
	s := system.New(on, system.Config{Engine: engine})
	g.sessions = s.Sessions
	g.ingest = jobs.Batch(queue.Ingest, g.queues[queue.Ingest], s.Workers[queue.Ingest], jobs.Transcribed(engine.Job))
	g.purge = s.Workers[queue.Purge]
	ws, _, err := s.Access.CreateWorkspace(t.Context(), "Kilns")
	check(err)
	g.caller = access.Principal{Workspace: ws.ID, KeyID: "k", Scopes: []access.Scope{access.All}}
	return g
}

// record makes a session of a recording.
func (g *griot) record(sound []byte, change func(*session.CreateInput)) string {
	g.t.Helper()
	size := int64(len(sound))
	up, err := g.sessions.Uploads.CreateUpload(g.t.Context(), g.caller, upload.UploadInput{SizeBytes: &size}, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	key, _ := g.sessions.Sessions.Blobs.KeyOf(up.Request.URL)
	g.put(key, sound)
	in := session.CreateInput{Template: "operational_workflow", Title: "Kilns", UploadURL: up.Request.URL}
	if change != nil {
		change(&in)
	}
	s, err := g.sessions.Create(g.t.Context(), g.caller, in, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	g.drain()
	return s.ID
}

// give hands a message to the function of the ingest queue.
func (g *griot) give(body string) {
	g.t.Helper()
	out, err := g.ingest(g.t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: body}}})
	if err != nil || len(out.BatchItemFailures) > 0 {
		g.t.Errorf("a message comes back: %s, %v", body, err)
	}
}

func (g *griot) drain() {
	g.t.Helper()
	for {
		busy := false
		for _, name := range []queue.Name{queue.Ingest, queue.Purge} {
			messages, err := g.queues[name].Receive(g.t.Context(), 1, 0)
			if err != nil {
				g.t.Fatal(err)
			}
			for _, m := range messages {
				busy = true
				if name == queue.Ingest {
					g.give(string(m.Body))
				} else if err := g.purge(g.t.Context(), m.Body); err != nil {
					g.t.Error(err)
				}
				if err := g.queues[name].Ack(g.t.Context(), m); err != nil {
					g.t.Fatal(err)
				}
			}
		}
		if !busy {
			return
		}
	}
}

// pass lets time go by, and the sweeper come.
func (g *griot) pass(d time.Duration) {
	g.t.Helper()
	g.past += d
	sweeper := &task.Sweeper{Table: g.sessions.Sessions.Table, Now: g.now, Looks: g.sessions.Looks()}
	if _, err := sweeper.Sweep(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
	g.drain()
}

// told waits for an event and returns it as it came.
func (g *griot) told() string {
	g.t.Helper()
	for range 60 {
		out, err := g.events.ReceiveMessage(g.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &g.queue, WaitTimeSeconds: 2})
		if err != nil {
			g.t.Fatal(err)
		}
		for _, m := range out.Messages {
			if _, err := g.events.DeleteMessage(g.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &g.queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
				g.t.Fatal(err)
			}
			return *m.Body
		}
	}
	g.t.Fatal("no event came")
	return ""
}

// segments are what a session's recording was read as. Nothing extracts.
func (g *griot) segments(id string) []transcript.Segment {
	g.t.Helper()
	sess, all, err := g.sessions.Capture.AllSegments(g.t.Context(), g.caller, id)
	if err != nil || sess.Status != session.Processing || len(all) == 0 {
		g.t.Fatalf("%s with %d segments, %v: %+v, %+v", sess.Status, len(all), err, sess.Failure, sess.Transcription)
	}
	for i, seg := range all {
		if seg.StartMS == nil || seg.EndMS == nil || *seg.EndMS < *seg.StartMS || i > 0 && *seg.StartMS < *all[i-1].StartMS {
			g.t.Errorf("segment %d has no time in its place: %+v", i, seg)
		}
	}
	return all
}

func speakersOf(all []transcript.Segment) (names []string) {
	for _, seg := range all {
		if name := seg.SpeakerName(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func textOf(all []transcript.Segment, speaker string) string {
	var said []string
	for _, seg := range all {
		if speaker == "" || seg.SpeakerName() == speaker {
			said = append(said, seg.Text)
		}
	}
	return strings.Join(said, " ")
}

// jobs and objects that are left of sessions.
func (g *griot) left() (names []string) {
	g.t.Helper()
	listed, err := g.client.ListTranscriptionJobs(g.t.Context(), &transcribe.ListTranscriptionJobsInput{})
	if err != nil {
		g.t.Fatal(err)
	}
	for _, j := range listed.TranscriptionJobSummaries {
		names = append(names, *j.TranscriptionJobName)
	}
	objects, err := g.files.ListObjectsV2(g.t.Context(), &s3.ListObjectsV2Input{Bucket: &g.bucket, Prefix: aws.String("sessions/")})
	if err != nil {
		g.t.Fatal(err)
	}
	for _, o := range objects.Contents {
		names = append(names, *o.Key)
	}
	return names
}

// The answer is there as soon as the event is, which comes twice; and the
// object by which Amazon tries whether it may write starts nothing.
func TestGriotByEvent(t *testing.T) {
	g := newGriot(t, driver.Config{})
	g.fault(`{"Events":"` + g.queue + `","Twice":true}`)
	wav, turns := interview(t, false)
	id := g.record(wav, nil)
	event := g.told()
	g.give(event)
	all := g.segments(id)
	if wer := speech.WER(speech.Text(turns, ""), textOf(all, "")); wer > 0.5 {
		t.Errorf("word error rate %.2f: %s", wer, textOf(all, ""))
	}
	if sess, err := g.sessions.Sessions.Get(t.Context(), g.caller, id); err != nil || sess.Language != "en-US" || sess.Transcription.Engine != "amazon" || sess.Transcription.Status != "done" {
		t.Errorf("%+v, %v", sess, err)
	}
	g.give(g.told()) // again
	g.give(event)    // and late
	g.give(strings.ReplaceAll(event, id, "ses_unknown"))
	if again := g.segments(id); len(again) != len(all) {
		t.Errorf("%d segments became %d", len(all), len(again))
	}
	for _, key := range g.left() {
		if strings.HasSuffix(key, ".write_access_check_file.temp") {
			g.give(`{"Records":[{"eventSource":"aws:s3","s3":{"object":{"key":"` + key + `"}}}]}`)
		}
	}
	g.drain()
	page, err := g.sessions.Sessions.List(t.Context(), g.caller, session.ListInput{Limit: 10})
	if err != nil || len(page.Sessions) != 1 {
		t.Errorf("%d sessions, %v", len(page.Sessions), err)
	}
	if _, err := g.sessions.Delete(t.Context(), g.caller, id); err != nil {
		t.Fatal(err)
	}
	g.drain()
	if left := g.left(); len(left) > 0 {
		t.Errorf("after its deletion are left %q", left)
	}
}

// Without events the session looks by itself; calls that are throttled or whose
// answers are lost cost time.
func TestGriotWithoutEvents(t *testing.T) {
	g := newGriot(t, driver.Config{Language: "en-US"})
	g.fault(`{"Throttle":9}`) // more than the SDK tries
	wav, turns := interview(t, true)
	id := g.record(wav, nil)
	g.fault(`{"Break":1}`)
	for range 100 {
		if sess, err := g.sessions.Sessions.Get(t.Context(), g.caller, id); err != nil || sess.Status != session.InProgress {
			break
		}
		g.pass(130 * time.Second)
		if g.status(id) != "" {
			g.end("griot-" + id + "-1")
		}
	}
	all := g.segments(id)
	if names := speakersOf(all); len(names) != 2 {
		t.Fatalf("the speakers are %q", names)
	}
	for i, name := range speakersOf(all) {
		said := speech.Text(turns, []string{"Ruth", "Omar"}[i])
		if wer := speech.WER(said, textOf(all, name)); wer > 0.5 {
			t.Errorf("%s: word error rate %.2f: %s", name, wer, textOf(all, name))
		}
	}
}

// status is how Amazon's job for a session stands, "" where there is none.
func (g *griot) status(id string) types.TranscriptionJobStatus {
	g.t.Helper()
	out, err := g.client.GetTranscriptionJob(g.t.Context(), &transcribe.GetTranscriptionJobInput{TranscriptionJobName: aws.String("griot-" + id + "-1")})
	if code(err) == "BadRequestException" {
		return ""
	}
	if err != nil {
		g.t.Fatal(err)
	}
	return out.TranscriptionJob.TranscriptionJobStatus
}

// What identifies a person is not in the words, nor anywhere else.
func TestGriotRedacts(t *testing.T) {
	g := newGriot(t, driver.Config{Language: "en-US", Redact: true})
	g.fault(`{"Events":"` + g.queue + `"}`)
	wav, _, err := speech.Speak(t.Context(), []speech.Turn{{Speaker: "Ruth", Text: "The number of the account is 4 7 1 1 0 8 1 5 in the second book."}}, false)
	if err != nil {
		t.Fatal(err)
	}
	one := int64(1)
	id := g.record(wav, func(in *session.CreateInput) { in.Speakers = &one })
	g.give(g.told())
	text := textOf(g.segments(id), "")
	if !strings.Contains(text, "[PII]") || strings.ContainsAny(text, "0123456789") {
		t.Errorf("%q", text)
	}
	for _, key := range g.left() {
		if strings.HasSuffix(key, ".json") && !strings.Contains(key, "/redacted-") {
			t.Errorf("there is also %s", key)
		}
	}
}

// A job that Amazon works on cannot be stopped. When it has ended, the event or
// the due row removes it and what it wrote.
func TestGriotCancels(t *testing.T) {
	for _, deleted := range []bool{false, true} {
		for _, byEvent := range []bool{false, true} {
			t.Run(fmt.Sprintf("deleted %v, event %v", deleted, byEvent), func(t *testing.T) {
				g := newGriot(t, driver.Config{})
				g.fault(`{"Events":"` + g.queue + `","Media":[{"Match":"griot-","Stay":"IN_PROGRESS"}]}`)
				id := g.record(speech.Clip, nil)
				var err error
				if deleted {
					_, err = g.sessions.Delete(t.Context(), g.caller, id)
				} else {
					_, err = g.sessions.Cancel(t.Context(), g.caller, id, nil)
				}
				if err != nil {
					t.Fatal(err)
				}
				g.drain()
				g.pass(5 * time.Minute)
				if status := g.status(id); status != types.TranscriptionJobStatusInProgress {
					t.Fatalf("the job is %q", status)
				}
				g.fault(`{"Events":"` + g.queue + `"}`)
				event := g.told()
				if byEvent {
					g.give(event)
					g.drain()
				} else {
					g.pass(2 * time.Hour)
				}
				if left := g.left(); len(left) > 0 {
					t.Errorf("left are %q", left)
				}
				g.give(event) // too late
				g.pass(2 * time.Hour)
				if sess, err := g.sessions.Sessions.Get(t.Context(), g.caller, id); !deleted && (err != nil || sess.Status != session.Cancelled || sess.LastSeq > 0) {
					t.Errorf("%+v, %v", sess, err)
				}
			})
		}
	}
}
