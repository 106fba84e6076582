// Package auditlog writes events of the audit into the log group of a stack,
// for an operator's program: what functions write is there by itself. Only this
// package links the client.
package auditlog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	client "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"griot/internal/setup"
)

// stream is the log stream of all operators' commands.
const stream = "operator"

// timeout of a write, with its repetitions.
const timeout = 10 * time.Second

// Writer returns what keeps an event for [griot/internal/audit.Keep]: in the
// group that infra/data.yaml makes for the stack.
func Writer(c setup.Config, stack string) func(ctx context.Context, at time.Time, line []byte) error {
	api := client.NewFromConfig(c.AWS)
	group, name := "/griot/"+stack+"/audit", stream
	return func(ctx context.Context, at time.Time, line []byte) error {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		ms, message := at.UnixMilli(), string(bytes.TrimSpace(line))
		put := &client.PutLogEventsInput{
			LogGroupName: &group, LogStreamName: &name,
			LogEvents: []types.InputLogEvent{{Timestamp: &ms, Message: &message}},
		}
		_, err := api.PutLogEvents(ctx, put)
		if none := new(types.ResourceNotFoundException); errors.As(err, &none) {
			if err := makeStream(ctx, api, group, name); err != nil {
				return err
			}
			_, err = api.PutLogEvents(ctx, put)
		}
		if err != nil {
			return fmt.Errorf("writing to the log group %s: %w", group, err)
		}
		return nil
	}
}

func makeStream(ctx context.Context, api *client.Client, group, name string) error {
	_, err := api.CreateLogStream(ctx, &client.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &name})
	if there := new(types.ResourceAlreadyExistsException); errors.As(err, &there) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("making a stream in the log group %s: %w", group, err)
	}
	return nil
}
