package sqs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"griot/internal/queue"
)

// SQS takes the messages of a batch one by one. Those that it does not take
// are sent again, sendTries times in all.
const (
	sendTries = 4
	sendPause = 50 * time.Millisecond // at most, before the second try; doubles
)

// Send implements queue.Queue, but for one promise that SQS does not allow to
// keep: after an error that is not ErrLimit some of the messages may have
// been sent.
func (q *Queue) Send(ctx context.Context, messages ...queue.Outgoing) error {
	if err := queue.CheckSend(messages); err != nil {
		return err
	}
	entries := make([]types.SendMessageBatchRequestEntry, len(messages))
	for i, m := range messages {
		entries[i] = entry(i, m)
	}
	for try := 0; ; try++ {
		refused, err := q.send(ctx, entries)
		if err != nil || len(refused) == 0 {
			return err
		}
		if try+1 == sendTries {
			return fmt.Errorf("sending messages: SQS did not take %d of %d", len(refused), len(messages))
		}
		if err := pause(ctx, try); err != nil {
			return err
		}
		entries = refused
	}
}

func entry(i int, m queue.Outgoing) types.SendMessageBatchRequestEntry {
	e := types.SendMessageBatchRequestEntry{
		Id:           aws.String(strconv.Itoa(i)),
		MessageBody:  aws.String(string(m.Body)),
		DelaySeconds: seconds(m.Delay),
	}
	if m.Group != "" {
		e.MessageGroupId = &m.Group
	}
	return e
}

// send makes one request and returns what SQS did not take for its own
// reasons.
func (q *Queue) send(ctx context.Context, entries []types.SendMessageBatchRequestEntry) (refused []types.SendMessageBatchRequestEntry, err error) {
	out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &q.url, Entries: entries})
	if err != nil {
		return nil, failure(ctx, "sending messages", err)
	}
	failed := map[string]bool{}
	for _, f := range out.Failed {
		if f.SenderFault {
			return nil, fmt.Errorf("sending messages: %s: %w", aws.ToString(f.Code), errors.New(aws.ToString(f.Message)))
		}
		failed[aws.ToString(f.Id)] = true
	}
	for _, e := range entries {
		if failed[*e.Id] {
			refused = append(refused, e)
		}
	}
	return refused, nil
}

func pause(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(sendPause << try)):
		return nil
	}
}
