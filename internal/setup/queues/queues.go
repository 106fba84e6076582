// Package queues opens SQS for a function, or for an operator's program. Only
// this package and the driver link the client.
package queues

import (
	"context"
	"fmt"

	client "github.com/aws/aws-sdk-go-v2/service/sqs"

	"griot/internal/queue"
	"griot/internal/queue/sqs"
	"griot/internal/setup"
)

// Open returns the named queues, for sending and putting off. The process
// ends when the environment does not have their URLs.
func Open(c setup.Config, names ...queue.Name) map[queue.Name]queue.Queue {
	out := map[queue.Name]queue.Queue{}
	config := setup.SQS.Of(c.AWS)
	for _, name := range names {
		out[name] = sqs.New(config, setup.Must(c.Queue(string(name))), "")
	}
	return out
}

// Deployed returns a queue of a stack with its dead letters, for an operator;
// c is of [setup.Stack].
func Deployed(ctx context.Context, c setup.Config, name queue.Name) (queue.Queue, error) {
	full, err := c.Queue(string(name))
	if err != nil {
		return nil, err
	}
	api := client.NewFromConfig(c.AWS)
	var urls [2]string
	for i, n := range []string{full, full + "-dead"} {
		out, err := api.GetQueueUrl(ctx, &client.GetQueueUrlInput{QueueName: &n})
		if err != nil {
			return nil, fmt.Errorf("looking for the queue %s: %w", n, err)
		}
		urls[i] = *out.QueueUrl
	}
	return sqs.New(c.AWS, urls[0], urls[1]), nil
}
