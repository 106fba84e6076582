// Package plane makes the tables, bucket and queues of a stack on servers
// that stand for AWS on this machine. CloudFormation makes them elsewhere;
// this takes a tenth of the time and has no stack to clean up.
package plane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"griot/infra/stack"
	"griot/internal/queue"
	"griot/internal/table"
)

// Plane reaches the services.
type Plane struct {
	tables  *dynamodb.Client
	buckets *s3.Client
	queues  *sqs.Client
	region  string
	// Visibility replaces that of all queues that have a dead letter queue,
	// so that a test need not wait for half an hour; 0: the stack's.
	Visibility time.Duration
}

// New returns the plane of a configuration.
func New(c aws.Config) *Plane {
	return &Plane{
		tables:  dynamodb.NewFromConfig(c),
		buckets: s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true }),
		queues:  sqs.NewFromConfig(c),
		region:  c.Region,
	}
}

// Create makes what a stack in the place has and is not there yet.
func (p *Plane) Create(ctx context.Context, place stack.Place) error {
	if err := p.Tables(ctx, place); err != nil {
		return err
	}
	for _, name := range queue.Names {
		if err := p.queue(ctx, place, name); err != nil {
			return fmt.Errorf("making the queue %s: %w", name, err)
		}
	}
	if err := p.bucket(ctx, place); err != nil {
		return fmt.Errorf("making the bucket %s: %w", place.Bucket(), err)
	}
	return nil
}

// Tables makes the tables alone.
func (p *Plane) Tables(ctx context.Context, place stack.Place) error {
	for _, name := range table.Names {
		if err := p.table(ctx, place.Stack+"-"+string(name)); err != nil {
			return fmt.Errorf("making the table %s: %w", name, err)
		}
	}
	return nil
}

func (p *Plane) table(ctx context.Context, name string) error {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: dynamotypes.BillingModePayPerRequest}
	for _, key := range []dynamotypes.KeySchemaElement{
		{AttributeName: aws.String("pk"), KeyType: dynamotypes.KeyTypeHash},
		{AttributeName: aws.String("sk"), KeyType: dynamotypes.KeyTypeRange},
	} {
		in.KeySchema = append(in.KeySchema, key)
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			dynamotypes.AttributeDefinition{AttributeName: key.AttributeName, AttributeType: dynamotypes.ScalarAttributeTypeS})
	}
	_, err := p.tables.CreateTable(ctx, in)
	var exists *dynamotypes.ResourceInUseException
	if errors.As(err, &exists) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = p.tables.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &name,
		TimeToLiveSpecification: &dynamotypes.TimeToLiveSpecification{AttributeName: aws.String(table.ExpiresAttr), Enabled: aws.Bool(true)},
	})
	return err
}

// queue makes a queue, and before it the one for what is dead.
func (p *Plane) queue(ctx context.Context, place stack.Place, name queue.Name) error {
	full := place.Stack + "-" + string(name)
	dead := map[string]string{"MessageRetentionPeriod": seconds(stack.KeptDead)}
	if err := p.queueWith(ctx, full+"-dead", dead); err != nil {
		return err
	}
	policy, err := json.Marshal(map[string]string{
		"deadLetterTargetArn": place.QueueARN(name) + "-dead",
		"maxReceiveCount":     strconv.Itoa(queue.MaxReceive),
	})
	if err != nil {
		return err
	}
	visibility := stack.Worker(name).Visibility()
	if p.Visibility > 0 {
		visibility = p.Visibility
	}
	return p.queueWith(ctx, full, map[string]string{
		"VisibilityTimeout": seconds(visibility), "MessageRetentionPeriod": seconds(stack.Kept), "RedrivePolicy": string(policy),
	})
}

func (p *Plane) queueWith(ctx context.Context, name string, attributes map[string]string) error {
	_, err := p.queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: maps.Clone(attributes)})
	var exists *sqstypes.QueueNameExists
	if !errors.As(err, &exists) {
		return err
	}
	url, err := p.queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return err
	}
	_, err = p.queues.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url.QueueUrl, Attributes: attributes})
	return err
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

func (p *Plane) bucket(ctx context.Context, place stack.Place) error {
	name := place.Bucket()
	in := &s3.CreateBucketInput{Bucket: &name}
	if p.region != "us-east-1" {
		in.CreateBucketConfiguration = &s3types.CreateBucketConfiguration{
			LocationConstraint: s3types.BucketLocationConstraint(p.region),
		}
	}
	_, err := p.buckets.CreateBucket(ctx, in)
	var exists *s3types.BucketAlreadyOwnedByYou
	if err != nil && !errors.As(err, &exists) {
		return err
	}
	_, err = p.buckets.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{
		Bucket: &name, NotificationConfiguration: notifications(place.QueueARN(queue.Ingest)),
	})
	return err
}

// notifications tell the queue ingest of what arrives.
func notifications(queueARN string) *s3types.NotificationConfiguration {
	out := &s3types.NotificationConfiguration{}
	for _, prefix := range stack.Arrivals {
		out.QueueConfigurations = append(out.QueueConfigurations, s3types.QueueConfiguration{
			QueueArn: &queueARN, Events: []s3types.Event{"s3:ObjectCreated:*"},
			Filter: &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{FilterRules: []s3types.FilterRule{
				{Name: s3types.FilterRuleNamePrefix, Value: &prefix},
			}}},
		})
	}
	return out
}

// Ping reports whether all services answer.
func (p *Plane) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, tables := p.tables.ListTables(ctx, &dynamodb.ListTablesInput{})
	_, buckets := p.buckets.ListBuckets(ctx, &s3.ListBucketsInput{})
	_, queues := p.queues.ListQueues(ctx, &sqs.ListQueuesInput{})
	return errors.Join(tables, buckets, queues)
}

// Queue returns the client of queues, and the URL of one that is named by its
// ARN.
func (p *Plane) Queue(ctx context.Context, arn string) (*sqs.Client, string, error) {
	name := arn[strings.LastIndex(arn, ":")+1:]
	out, err := p.queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	if err != nil {
		return nil, "", fmt.Errorf("looking up the queue %s: %w", name, err)
	}
	return p.queues, *out.QueueUrl, nil
}
