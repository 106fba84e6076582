package sqs

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"griot/internal/queue"
)

const (
	ready    = types.QueueAttributeNameApproximateNumberOfMessages
	inFlight = types.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	delayed  = types.QueueAttributeNameApproximateNumberOfMessagesDelayed
)

// Depth implements queue.Queue.
func (q *Queue) Depth(ctx context.Context) (queue.Depth, error) {
	own, err := q.count(ctx, q.url)
	if err != nil {
		return queue.Depth{}, err
	}
	dead, err := q.count(ctx, q.dead)
	if err != nil {
		return queue.Depth{}, err
	}
	own.Dead = dead.Ready + dead.InFlight + dead.Delayed
	return own, nil
}

func (q *Queue) count(ctx context.Context, url string) (d queue.Depth, err error) {
	attributes, err := q.attributes(ctx, url, ready, inFlight, delayed)
	if err != nil {
		return d, fmt.Errorf("counting messages: %w", err)
	}
	for name, n := range map[types.QueueAttributeName]*int{ready: &d.Ready, inFlight: &d.InFlight, delayed: &d.Delayed} {
		if *n, err = strconv.Atoi(attributes[string(name)]); err != nil {
			return d, fmt.Errorf("counting messages: %s: %w", name, err)
		}
	}
	return d, nil
}

func (q *Queue) attributes(ctx context.Context, url string, names ...types.QueueAttributeName) (map[string]string, error) {
	if url == "" {
		return nil, errors.New("the queue of the dead letters is not known")
	}
	out, err := q.client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return nil, failure(ctx, "asking a queue", err)
	}
	return out.Attributes, nil
}

// Redrive implements queue.Queue: SQS moves the messages in the background.
// It moves one batch at a time and refuses another meanwhile.
func (q *Queue) Redrive(ctx context.Context) (int, error) {
	const name = types.QueueAttributeNameQueueArn
	attributes, err := q.attributes(ctx, q.dead, name)
	if err != nil {
		return 0, fmt.Errorf("moving dead letters: %w", err)
	}
	arn := attributes[string(name)]
	if _, err := q.client.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &arn}); err != nil {
		return 0, failure(ctx, "moving dead letters", err)
	}
	return -1, nil
}
