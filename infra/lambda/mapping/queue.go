package mapping

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// longPoll is how long one request waits for messages, in seconds.
const longPoll = 20

// Queue returns how a mapping reaches a queue of SQS.
func Queue(client *sqs.Client, url, arn string) (Receive, Remove) {
	receive := func(ctx context.Context, max int) ([]events.SQSMessage, error) {
		out, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: int32(max), WaitTimeSeconds: longPoll,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
			MessageAttributeNames:       []string{"All"},
		})
		if err != nil {
			return nil, err
		}
		var batch []events.SQSMessage
		for _, m := range out.Messages {
			batch = append(batch, message(m, arn))
		}
		return batch, nil
	}
	remove := func(ctx context.Context, messages []events.SQSMessage) error {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: &url}
		for i, m := range messages {
			id := strconv.Itoa(i)
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: &id, ReceiptHandle: &m.ReceiptHandle})
		}
		out, err := client.DeleteMessageBatch(ctx, in)
		if err != nil {
			return err
		}
		return refused(out.Failed)
	}
	return receive, remove
}

func refused(failed []types.BatchResultErrorEntry) error {
	var errs []error
	for _, f := range failed {
		errs = append(errs, fmt.Errorf("%s: %s", text(f.Code), text(f.Message)))
	}
	return errors.Join(errs...)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// message is a message as functions get it.
func message(m types.Message, arn string) events.SQSMessage {
	out := events.SQSMessage{
		MessageId: text(m.MessageId), ReceiptHandle: text(m.ReceiptHandle),
		Body: text(m.Body), Md5OfBody: text(m.MD5OfBody), Md5OfMessageAttributes: text(m.MD5OfMessageAttributes),
		Attributes: m.Attributes, MessageAttributes: map[string]events.SQSMessageAttribute{},
		EventSource: "aws:sqs", EventSourceARN: arn, AWSRegion: region(arn),
	}
	for name, a := range m.MessageAttributes {
		out.MessageAttributes[name] = events.SQSMessageAttribute{
			StringValue: a.StringValue, BinaryValue: a.BinaryValue, DataType: text(a.DataType),
		}
	}
	return out
}
