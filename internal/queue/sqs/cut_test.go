package sqs_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"griot/internal/errs"
	"griot/internal/queue"
	"griot/internal/queue/sqs"
	"griot/internal/setup"
	"griot/internal/setup/cuttest"
)

// Connections cut anywhere: a message is sent once or twice, which the port
// allows, and never lost; what acknowledges or puts off is done.
func TestConnectionsCutAnywhere(t *testing.T) {
	for name, do := range map[string]func(context.Context, *sqs.Queue) error{
		"send": func(ctx context.Context, q *sqs.Queue) error { return q.Send(ctx, queue.Outgoing{Body: []byte("job")}) },
		"ack":  func(ctx context.Context, q *sqs.Queue) error { return q.Ack(ctx, queue.Message{Receipt: "r"}) },
		"retry": func(ctx context.Context, q *sqs.Queue) error {
			return q.Retry(ctx, queue.Message{Receipt: "r"}, time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := 0
			server := cuttest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				done++
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				_, _ = io.WriteString(w, `{"Successful":[{"Id":"0","MessageId":"m","MD5OfMessageBody":"9dddd5ce1b1375bc497feeb871842d4b"}]}`)
			}))
			q, cuts := sqs.New(server.Client(setup.SQS.Of(configuration(t))), server.URL+"/1/q", ""), 0
			server.Each(t, func(cut *cuttest.Cut) {
				done = 0
				cuts++
				if err := do(t.Context(), q); err != nil || done < 1 || done > 2 {
					t.Fatalf("%v: done %d times, %v", cut, done, err)
				}
			})
			t.Logf("%d cuts", cuts-1)
		})
	}
}

// What SQS cannot do now is told so.
func TestBusy(t *testing.T) {
	for code, unavailable := range map[string]bool{
		"RequestThrottled": true, "ThrottlingException": true, "QueueDoesNotExist": false, "AccessDeniedException": false,
	} {
		stub := &stub{t: t, answers: []string{`{"__type":"com.amazonaws.sqs#` + code + `","message":"m"}`}}
		config := configuration(t)
		config.HTTPClient = stub
		config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
		err := sqs.New(config, "https://sqs.us-east-1.amazonaws.com/1/q", "").Send(t.Context(), queue.Outgoing{Body: []byte("a")})
		if err == nil || errs.Is(err, errs.Unavailable) != unavailable || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}
