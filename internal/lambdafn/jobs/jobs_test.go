package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/transcriber"
	"griot/internal/worker"
)

// pauses is a queue of which only Retry is used.
type pauses struct {
	queue.Queue
	of  map[string]time.Duration
	err error
}

func (p *pauses) Retry(_ context.Context, m queue.Message, after time.Duration) error {
	if p.of == nil {
		p.of = map[string]time.Duration{}
	}
	p.of[m.Receipt] = after
	return p.err
}

func message(id, receives, body string) events.SQSMessage {
	return events.SQSMessage{
		MessageId: id, ReceiptHandle: "receipt-" + id, Body: body,
		Attributes: map[string]string{"ApproximateReceiveCount": receives},
	}
}

func failures(t *testing.T, ctx context.Context, from queue.Queue, w worker.Worker, batch ...events.SQSMessage) string {
	t.Helper()
	out, err := jobs.Batch(queue.Ingest, from, w)(ctx, events.SQSEvent{Records: batch})
	if err != nil {
		t.Fatalf("the function failed: %v", err)
	}
	data, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestEachMessageFailsAlone(t *testing.T) {
	var p pauses
	got := failures(t, t.Context(), &p, func(_ context.Context, body []byte) error {
		switch string(body) {
		case `{"session":"fails"}`:
			return errors.New("busy")
		case `{"session":"panics"}`:
			panic("oh")
		case `{"session":"dropped"}`:
			return &worker.Drop{Reason: "no"}
		}
		return nil
	},
		message("1", "1", `{"session":"good"}`), message("2", "1", `{"session":"fails"}`),
		message("3", "3", `{"session":"panics"}`), message("4", "1", `{"session":"dropped"}`), message("5", "40", `{"session":"fails"}`))
	want := `{"batchItemFailures":[{"itemIdentifier":"2"},{"itemIdentifier":"3"},{"itemIdentifier":"5"}]}`
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
	wantPauses := map[string]time.Duration{"receipt-2": 2 * time.Second, "receipt-3": 8 * time.Second, "receipt-5": 64 * time.Second}
	if diff := cmp.Diff(wantPauses, p.of); diff != "" {
		t.Error(diff)
	}
}

// null would mean that everything failed, and be delivered for ever.
func TestNoFailuresAreAnEmptyList(t *testing.T) {
	never := func(context.Context, []byte) error { return nil }
	for _, batch := range [][]events.SQSMessage{nil, {message("1", "1", "{}")}} {
		if got := failures(t, t.Context(), &pauses{}, never, batch...); got != `{"batchItemFailures":[]}` {
			t.Error(got)
		}
	}
}

func TestAFailedPauseChangesNothing(t *testing.T) {
	p := &pauses{err: errors.New("no permission")}
	got := failures(t, t.Context(), p, func(context.Context, []byte) error { return errors.New("busy") }, message("1", "x", "{}"))
	if got != `{"batchItemFailures":[{"itemIdentifier":"1"}]}` {
		t.Error(got)
	}
}

// Near the end of its time an invocation begins nothing more, and a worker's
// own time ends before the invocation's.
func TestDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got := failures(t, ctx, &pauses{}, func(context.Context, []byte) error {
		t.Error("a message was begun")
		return nil
	}, message("1", "1", "{}"), message("2", "1", "{}"))
	if got != `{"batchItemFailures":[{"itemIdentifier":"1"},{"itemIdentifier":"2"}]}` {
		t.Error(got)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	failures(t, ctx, &pauses{}, func(ctx context.Context, _ []byte) error {
		deadline, _ := ctx.Deadline()
		if left := time.Until(deadline); left > time.Hour-time.Second {
			t.Errorf("the worker has %v", left)
		}
		return nil
	}, message("1", "1", "{}"))
}

func record(keys ...string) string {
	var list []string
	for _, k := range keys {
		list = append(list, fmt.Sprintf(`{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"b"},"object":{"key":%q,"size":1,"eTag":"e"}}}`, k))
	}
	return `{"Records":[` + strings.Join(list, ",") + `]}`
}

func TestNotifications(t *testing.T) {
	tests := []struct {
		body string
		want []string
	}{
		{record("uploads/ws_1/upl_1"), []string{`{"object":"uploads/ws_1/upl_1"}`}},
		{record("inbox/ws_1/a+b%2Bc.vtt", "inbox/ws_1/a%20b.vtt"), []string{`{"object":"inbox/ws_1/a b+c.vtt"}`, `{"object":"inbox/ws_1/a b.vtt"}`}},
		{record("inbox/ws_1/%zz"), []string{`{"object":"inbox/ws_1/%zz"}`}},
		{`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}`, nil},
		{`{"workspace":"ws_1","session":"ses_1"}`, []string{`{"workspace":"ws_1","session":"ses_1"}`}},
		{`{"Records":[{"eventSource":"aws:sns"}]}`, []string{`{"Records":[{"eventSource":"aws:sns"}]}`}},
		{`no json`, []string{`no json`}},
	}
	for _, tt := range tests {
		var got []string
		w := func(_ context.Context, body []byte) error {
			got = append(got, string(body))
			return nil
		}
		failures(t, t.Context(), &pauses{}, w, message("1", "1", tt.body))
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.body, got, tt.want)
		}
	}
}

// All objects of a notification are tried, and it comes back if one failed.
func TestNotificationFails(t *testing.T) {
	var n int
	w := func(_ context.Context, body []byte) error {
		if n++; n == 1 {
			return errors.New("busy")
		}
		return &worker.Drop{Reason: "not ours"}
	}
	got := failures(t, t.Context(), &pauses{}, w, message("1", "1", record("a", "b")))
	if n != 2 || got != `{"batchItemFailures":[{"itemIdentifier":"1"}]}` {
		t.Errorf("%d objects, %s", n, got)
	}
}

func TestScheduled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	broken := errors.New("no table")
	err := jobs.Scheduled(func(ctx context.Context) (int, error) {
		if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > time.Hour-time.Second {
			t.Error("the sweep may take all of the time")
		}
		return 3, broken
	})(ctx)
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

func state(source, kind, name string) string {
	return fmt.Sprintf(`{"version":"0","id":"1b","detail-type":%q,"source":%q,"account":"1","region":"eu-west-1","resources":[],"detail":{"TranscriptionJobName":%q,"TranscriptionJobStatus":"COMPLETED"}}`, kind, source, name)
}

// An event of an engine becomes the job of its session, or nothing.
func TestEventsOfAmazonTranscribe(t *testing.T) {
	const source, kind = "aws.transcribe", "Transcribe Job State Change"
	find := func(_ context.Context, name string) (transcriber.Job, bool, error) {
		switch name {
		case "griot-ses_1-3":
			return transcriber.Job{Workspace: "ws_1", Session: "ses_1", Attempt: 3}, true, nil
		case "busy":
			return transcriber.Job{}, false, transcriber.Fail(transcriber.Busy, "Later.", nil)
		case "broken":
			return transcriber.Job{}, false, errors.New("cut off")
		}
		return transcriber.Job{}, false, nil
	}
	tests := []struct {
		name, body string
		want       []string
		comesBack  bool
	}{
		{"ours", state(source, kind, "griot-ses_1-3"), []string{`{"workspace":"ws_1","session":"ses_1","attempt":3}`}, false},
		{"of somebody else", state(source, kind, "weekly"), nil, false},
		{"of an engine that is busy", state(source, kind, "busy"), nil, false},
		{"of an engine that is cut off", state(source, kind, "broken"), nil, true},
		{"another kind", state(source, "Vocabulary State Change", "griot-ses_1-3"), []string{state(source, "Vocabulary State Change", "griot-ses_1-3")}, false},
		{"another source", state("aws.s3", kind, "griot-ses_1-3"), []string{state("aws.s3", kind, "griot-ses_1-3")}, false},
		{"a job", `{"workspace":"ws_1","session":"ses_1"}`, []string{`{"workspace":"ws_1","session":"ses_1"}`}, false},
		{"a notification", record("uploads/ws_1/upl_1"), []string{`{"object":"uploads/ws_1/upl_1"}`}, false},
		{"no detail", `{"source":"aws.transcribe","detail-type":"Transcribe Job State Change"}`, nil, false},
		{"a detail of another form", `{"source":"aws.transcribe","detail-type":"Transcribe Job State Change","detail":7}`, []string{`{"source":"aws.transcribe","detail-type":"Transcribe Job State Change","detail":7}`}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			w := func(_ context.Context, body []byte) error {
				got = append(got, string(body))
				return nil
			}
			out, err := jobs.Batch(queue.Ingest, &pauses{}, w, jobs.Transcribed(find))(t.Context(), events.SQSEvent{Records: []events.SQSMessage{message("1", "1", tt.body)}})
			if err != nil || len(out.BatchItemFailures) > 0 != tt.comesBack || !slices.Equal(got, tt.want) {
				t.Errorf("the jobs are %q, and what failed %v, %v; want %q", got, out.BatchItemFailures, err, tt.want)
			}
		})
	}
}
