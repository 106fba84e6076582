// Package sqs is the driver of the queue port for SQS: a standard queue whose
// redrive policy sends what was received [queue.MaxReceive] times to another.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"griot/internal/errs"
	"griot/internal/queue"
)

// Queue implements queue.Queue.
type Queue struct {
	client    *sqs.Client
	url, dead string
}

var _ queue.Queue = (*Queue)(nil)

// New returns the queue at a URL. dead is the URL of its dead letters; Depth
// and Redrive need it, a function that only sends does not.
func New(config aws.Config, url, dead string) *Queue {
	return &Queue{client: sqs.NewFromConfig(config), url: url, dead: dead}
}

// maxWait is how long one request may wait; a longer Receive makes several.
const maxWait = 20 * time.Second

// Receive implements queue.Queue. SQS waits whole seconds: parts of one are
// not waited for.
func (q *Queue) Receive(ctx context.Context, max int, wait time.Duration) ([]queue.Message, error) {
	if err := queue.CheckReceive(max); err != nil {
		return nil, err
	}
	for end := time.Now().Add(wait); ; {
		messages, err := q.receive(ctx, max, min(wait, maxWait))
		if err != nil || len(messages) > 0 {
			return messages, err
		}
		if wait = time.Until(end); wait < time.Second {
			return nil, nil
		}
	}
}

func (q *Queue) receive(ctx context.Context, limit int, wait time.Duration) ([]queue.Message, error) {
	out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:            &q.url,
		MaxNumberOfMessages: int32(limit),
		WaitTimeSeconds:     int32(max(0, wait/time.Second)),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{
			types.MessageSystemAttributeNameApproximateReceiveCount,
			types.MessageSystemAttributeNameMessageGroupId,
		},
	})
	if err != nil {
		return nil, failure(ctx, "receiving messages", err)
	}
	var messages []queue.Message
	for _, m := range out.Messages {
		receives, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
		if err != nil {
			return nil, fmt.Errorf("receiving messages: count of receives: %w", err)
		}
		messages = append(messages, queue.Message{
			ID:       aws.ToString(m.MessageId),
			Body:     []byte(aws.ToString(m.Body)),
			Group:    m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
			Receives: receives,
			Receipt:  aws.ToString(m.ReceiptHandle),
		})
	}
	return messages, nil
}

// Ack implements queue.Queue.
func (q *Queue) Ack(ctx context.Context, m queue.Message) error {
	_, err := q.client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &q.url, ReceiptHandle: &m.Receipt})
	if err != nil && !outdated(err) {
		return failure(ctx, "removing a message", err)
	}
	return nil
}

// Retry implements queue.Queue; parts of a second are rounded up.
func (q *Queue) Retry(ctx context.Context, m queue.Message, after time.Duration) error {
	if err := queue.CheckRetry(after); err != nil {
		return err
	}
	_, err := q.client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &q.url, ReceiptHandle: &m.Receipt, VisibilityTimeout: seconds(after)})
	if err != nil && !outdated(err) {
		return failure(ctx, "returning a message", err)
	}
	return nil
}

func busy(code string) bool {
	_, is := retry.DefaultThrottleErrorCodes[code]
	return is
}

func seconds(d time.Duration) int32 { return int32((d + time.Second - 1) / time.Second) }

// outdated reports whether SQS refused a receipt for being of the past.
func outdated(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	switch api.ErrorCode() {
	case "ReceiptHandleIsInvalid", "MessageNotInflight":
		return true
	case "InvalidParameterValue": // "… for parameter ReceiptHandle is invalid. Reason: Message does not exist …"
		return strings.Contains(api.ErrorMessage(), "ReceiptHandle")
	}
	return false
}

// failure is the error of a request, or of its context when that ended it; where
// SQS did not answer, or is busy, whoever asked is to come back.
func failure(ctx context.Context, doing string, err error) error {
	var api smithy.APIError
	switch ended := ctx.Err(); {
	case ended != nil:
		err = ended
	case errs.Unanswered(err), errors.As(err, &api) && busy(api.ErrorCode()):
		err = errs.Unreachable(err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}
