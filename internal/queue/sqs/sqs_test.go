package sqs_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"griot/internal/queue"
	"griot/internal/queue/queuetest"
	"griot/internal/queue/sqs"
	"griot/internal/setup"
)

func configuration(t testing.TB) aws.Config {
	t.Helper()
	config, err := setup.AWSConfig(func(name string) string {
		return map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

const (
	visibility = 3 * time.Second
	maxReceive = 3
)

// engine looks for LocalStack in a variable that infra/engines/engines sets.
func engine(t testing.TB) aws.Config {
	t.Helper()
	const variable = "GRIOT_TEST_LOCALSTACK"
	url := os.Getenv(variable)
	if url == "" {
		t.Skipf("%s is not set; run infra/engines/engines test", variable)
	}
	config := configuration(t)
	config.BaseEndpoint = &url
	return config
}

func TestConformanceLocalStack(t *testing.T) {
	config := engine(t)
	queuetest.Run(t, queuetest.Harness{
		New:        func(t *testing.T) (queue.Queue, func(time.Duration)) { return create(t, config), nil },
		Visibility: visibility,
		MaxReceive: maxReceive,
		Skip: map[string]string{
			"Fairness":      "LocalStack takes a message's group and then delivers in order all the same",
			"CrowdInFlight": "as Fairness",
			"Redrive":       "LocalStack goes on counting receives where the dead letter ended; see TestRedrive",
		},
	})
}

// TestRedrive is the suite's test without the count of receives.
func TestRedrive(t *testing.T) {
	q := create(t, engine(t))
	if err := q.Send(t.Context(), queue.Outgoing{Body: []byte("bad"), Group: "ws_1"}); err != nil {
		t.Fatal(err)
	}
	for range maxReceive {
		if err := q.Retry(t.Context(), receive(t, q), 0); err != nil {
			t.Fatal(err)
		}
	}
	depth(t, q, queue.Depth{Dead: 1})
	if _, err := q.Redrive(t.Context()); err != nil {
		t.Fatal(err)
	}
	m := receive(t, q)
	if string(m.Body) != "bad" || m.Group != "ws_1" {
		t.Errorf("received %q of group %q", m.Body, m.Group)
	}
	if err := q.Ack(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	depth(t, q, queue.Depth{})
}

func receive(t *testing.T, q *sqs.Queue) queue.Message {
	t.Helper()
	messages, err := q.Receive(t.Context(), 1, 30*time.Second)
	if err != nil || len(messages) != 1 {
		t.Fatalf("received %v, %v", messages, err)
	}
	return messages[0]
}

// depth waits for a depth. It receives meanwhile: that is when SQS looks
// which messages are dead.
func depth(t *testing.T, q *sqs.Queue, want queue.Depth) {
	t.Helper()
	var got queue.Depth
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if m, err := q.Receive(t.Context(), 1, time.Second); err != nil || len(m) != 0 {
			t.Fatalf("received %v, %v", m, err)
		}
		var err error
		if got, err = q.Depth(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got == want {
			return
		}
	}
	t.Fatalf("depth %+v, want %+v", got, want)
}

func create(t *testing.T, config aws.Config) *sqs.Queue {
	t.Helper()
	client, name := sdk.NewFromConfig(config), "test-"+rand.Text()
	dead, err := client.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: aws.String(name + "-dead")})
	if err != nil {
		t.Fatal(err)
	}
	const arn = types.QueueAttributeNameQueueArn
	attributes, err := client.GetQueueAttributes(t.Context(), &sdk.GetQueueAttributesInput{
		QueueUrl: dead.QueueUrl, AttributeNames: []types.QueueAttributeName{arn}})
	if err != nil {
		t.Fatal(err)
	}
	own, err := client.CreateQueue(t.Context(), &sdk.CreateQueueInput{QueueName: &name, Attributes: map[string]string{
		"VisibilityTimeout": fmt.Sprint(visibility.Seconds()),
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, attributes.Attributes[string(arn)], maxReceive),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return sqs.New(config, *own.QueueUrl, *dead.QueueUrl)
}
