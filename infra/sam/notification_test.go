package sam_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"griot/internal/blob"
	"griot/internal/lambdafn/jobs"
	"griot/internal/queue"
	"griot/internal/setup"
	"griot/internal/setup/objects"
	"griot/internal/setup/queues"
	"griot/internal/task"
)

// TestNotifications puts objects where clients put them, with signed requests,
// into the bucket that CloudFormation made of infra/data.yaml. Uploads and
// dropped files arrive at the ingest queue, as the keys that were signed;
// nothing else does.
func TestNotifications(t *testing.T) {
	c := plane(t)
	store := objects.Open(c)
	q, err := queues.Deployed(t.Context(), c, queue.Ingest)
	ok(t, err)
	own := rand.Text() // the bucket outlives the test
	want := []string{"inbox/" + own + "/week 48+49, Gérard (1).vtt", "uploads/" + own + "/upl_1"}
	put(t, store, "sessions/"+own+"/document")
	for _, key := range want {
		put(t, store, key)
	}
	if got := announced(t, q, want); !slices.Equal(got, want) {
		t.Errorf("the queue has %q, want %q", got, want)
	}
}

// plane is what is kept of the stack that infra/sam/sam made.
func plane(t *testing.T) setup.Config {
	t.Helper()
	name := os.Getenv("GRIOT_SAM_STACK")
	if name == "" {
		t.Skip("there is no stack: infra/sam/sam test makes it")
	}
	c, err := setup.Stack(os.Getenv, name)
	ok(t, err)
	return c
}

func put(t *testing.T, store blob.Store, key string) {
	t.Helper()
	signed, err := store.PresignPut(t.Context(), key, blob.SignPut{Size: 5, Valid: time.Minute})
	ok(t, err)
	req, err := http.NewRequestWithContext(t.Context(), signed.Method, signed.URL, strings.NewReader("hello"))
	ok(t, err)
	for name, value := range signed.Headers {
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	ok(t, resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("the upload of %s was answered with %s", key, resp.Status)
	}
}

// announced receives jobs with the function of the queue until all that are
// wanted came and there are no more; it returns their objects, sorted. One
// that comes twice, as notifications may, counts once.
func announced(t *testing.T, q queue.Queue, want []string) (keys []string) {
	t.Helper()
	function := jobs.Batch(queue.Ingest, q, func(_ context.Context, body []byte) error {
		var job task.Message
		err := json.Unmarshal(body, &job)
		keys = append(keys, job.Object)
		return err
	})
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		messages, err := q.Receive(t.Context(), 10, time.Second)
		ok(t, err)
		missing := slices.ContainsFunc(want, func(key string) bool { return !slices.Contains(keys, key) })
		if len(messages) == 0 && !missing {
			break
		}
		for _, m := range messages {
			out, err := function(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: m.ID, Body: string(m.Body)}}})
			if err != nil || len(out.BatchItemFailures) > 0 {
				t.Fatalf("no job: %s", m.Body)
			}
			ok(t, q.Ack(t.Context(), m))
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
