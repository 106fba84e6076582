package mapping

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"

	"griot/infra/lambda/platform"
)

func batchOf(ids ...string) (batch []events.SQSMessage) {
	for _, id := range ids {
		batch = append(batch, events.SQSMessage{MessageId: id})
	}
	return batch
}

func TestDone(t *testing.T) {
	all, none := []string{"a", "b"}, []string(nil)
	for _, tt := range []struct {
		answer string
		want   []string
	}{
		{``, all}, {`null`, all}, {`{}`, all}, {`{"batchItemFailures":null}`, all}, {`{"batchItemFailures":[]}`, all},
		{`{"batchItemFailures":[{"itemIdentifier":"a"}]}`, []string{"b"}},
		{`{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}`, none},
		{`{"batchItemFailures":[{"itemIdentifier":""}]}`, none},
		{`{"batchItemFailures":[{"itemIdentifier":null}]}`, none},
		{`{"batchItemFailures":[{"id":"a"}]}`, none},
		{`{"batchItemFailures":[{"itemIdentifier":"c"}]}`, none},
		{`{"batchItemFailures":"a"}`, none}, {`[]`, none}, {`"done"`, none}, {`{`, none},
	} {
		m := Mapping{Source: Source{Partial: true}}
		var got []string
		for _, message := range m.done(batchOf("a", "b"), []byte(tt.answer)) {
			got = append(got, message.MessageId)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.answer, diff)
		}
		m.Source.Partial = false
		if n := len(m.done(batchOf("a", "b"), []byte(tt.answer))); n != 2 {
			t.Errorf("%s without partial answers: %d done", tt.answer, n)
		}
	}
}

// bench is a queue with messages and a function that waits to be let go.
type bench struct {
	mu       sync.Mutex
	waiting  []string
	removed  []string
	running  int
	most     int
	letGo    chan string // answers
	received chan int
}

func (b *bench) receive(ctx context.Context, max int) ([]events.SQSMessage, error) {
	b.mu.Lock()
	n := min(max, len(b.waiting))
	batch := batchOf(b.waiting[:n]...)
	b.waiting = b.waiting[n:]
	b.mu.Unlock()
	if n == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return batch, nil
}

func (b *bench) remove(_ context.Context, messages []events.SQSMessage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, m := range messages {
		b.removed = append(b.removed, m.MessageId)
	}
	return nil
}

func (b *bench) invoke(_ context.Context, _ string, event []byte) (*platform.Answer, error) {
	var e events.SQSEvent
	if err := json.Unmarshal(event, &e); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.running++
	b.most = max(b.most, b.running)
	b.mu.Unlock()
	b.received <- len(e.Records)
	answer := <-b.letGo
	b.mu.Lock()
	b.running--
	b.mu.Unlock()
	if answer == "fail" {
		return nil, errors.New("as ordered")
	}
	return &platform.Answer{Body: io.NopCloser(strings.NewReader(answer))}, nil
}

func TestMappingRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{letGo: make(chan string), received: make(chan int, 100)}
		for i := range 7 {
			b.waiting = append(b.waiting, fmt.Sprint(i))
		}
		m := Mapping{
			Source:  Source{Batch: 2, Concurrency: 2, Partial: true},
			Receive: b.receive, Remove: b.remove, Invoke: b.invoke,
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan bool)
		go func() { m.Run(ctx); close(ended) }()
		synctest.Wait()
		if b.running != 2 || len(b.received) != 2 {
			t.Errorf("%d batches run at once, want 2", b.running)
		}
		b.letGo <- `{"batchItemFailures":[]}`
		b.letGo <- "fail"
		synctest.Wait()
		b.letGo <- "{}"
		cancel()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("the mapping ended before its function did")
		default:
		}
		b.letGo <- "{}"
		<-ended
		if len(b.removed) != 5 || b.most != 2 || len(b.waiting) != 0 {
			t.Errorf("removed %v, %d at once, %d left", b.removed, b.most, len(b.waiting))
		}
	})
}

func TestQueueThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+time.Millisecond)
		defer cancel()
		tries := 0
		Mapping{Receive: func(context.Context, int) ([]events.SQSMessage, error) {
			tries++
			return nil, errors.New("as ordered")
		}}.Run(ctx)
		if tries != 11 && tries != 12 {
			t.Errorf("tried %d times in 10 seconds", tries)
		}
	})
}

func TestSchedule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute+time.Second)
		defer cancel()
		var mu sync.Mutex
		var got []events.EventBridgeEvent
		s := Schedule{
			Every: time.Minute, Function: "f", ARN: "arn:aws:lambda:eu-west-1:0:function:f",
			Invoke: func(_ context.Context, _ string, event []byte) (*platform.Answer, error) {
				var e events.EventBridgeEvent
				mu.Lock()
				defer mu.Unlock()
				got = append(got, e)
				return nil, errors.Join(json.Unmarshal(event, &got[len(got)-1]), errors.New("as ordered"))
			},
		}
		s.Run(ctx)
		if len(got) != 4 || got[3].DetailType != "Scheduled Event" || got[3].Region != "eu-west-1" || got[3].Time.Sub(got[0].Time) != 3*time.Minute {
			t.Errorf("%+v", got)
		}
	})
}

func TestMessage(t *testing.T) {
	word := func(s string) *string { return &s }
	got := message(types.Message{
		MessageId: word("id"), ReceiptHandle: word("r"), Body: word("b"), MD5OfBody: word("m"),
		Attributes:        map[string]string{"ApproximateReceiveCount": "2"},
		MessageAttributes: map[string]types.MessageAttributeValue{"a": {DataType: word("String"), StringValue: word("v")}},
	}, "arn:aws:sqs:eu-west-1:0:q")
	want := events.SQSMessage{
		MessageId: "id", ReceiptHandle: "r", Body: "b", Md5OfBody: "m",
		Attributes:        map[string]string{"ApproximateReceiveCount": "2"},
		MessageAttributes: map[string]events.SQSMessageAttribute{"a": {DataType: "String", StringValue: word("v")}},
		EventSource:       "aws:sqs", EventSourceARN: "arn:aws:sqs:eu-west-1:0:q", AWSRegion: "eu-west-1",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
