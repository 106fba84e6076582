// Package plane makes the tables, buckets and queues of a template on servers
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

	"griot/infra/lambda/template"
)

// Plane reaches the services.
type Plane struct {
	tables  *dynamodb.Client
	buckets *s3.Client
	queues  *sqs.Client
	region  string
	// Visibility replaces that of all queues that have a dead letter queue,
	// so that a test need not wait for half an hour; 0: the template's.
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

// Create makes what the template has and is not there yet.
func (p *Plane) Create(ctx context.Context, t *template.Template) error {
	for _, table := range t.Tables {
		if err := p.table(ctx, table); err != nil {
			return fmt.Errorf("making the table %s: %w", table.Name, err)
		}
	}
	for _, dead := range []bool{true, false} { // those that others refer to first
		for _, queue := range t.Queues {
			if dead == (queue.DeadLetter == "") {
				if err := p.queue(ctx, queue); err != nil {
					return fmt.Errorf("making the queue %s: %w", queue.Name, err)
				}
			}
		}
	}
	for _, bucket := range t.Buckets {
		if err := p.bucket(ctx, bucket); err != nil {
			return fmt.Errorf("making the bucket %s: %w", bucket.Name, err)
		}
	}
	return nil
}

func (p *Plane) table(ctx context.Context, t template.Table) error {
	in := &dynamodb.CreateTableInput{TableName: &t.Name, BillingMode: dynamotypes.BillingModePayPerRequest}
	for name, kind := range map[string]dynamotypes.KeyType{t.Hash: dynamotypes.KeyTypeHash, t.Range: dynamotypes.KeyTypeRange} {
		if name == "" {
			continue
		}
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			dynamotypes.AttributeDefinition{AttributeName: &name, AttributeType: dynamotypes.ScalarAttributeTypeS})
		element := dynamotypes.KeySchemaElement{AttributeName: &name, KeyType: kind}
		if kind == dynamotypes.KeyTypeHash { // is wanted first
			in.KeySchema = append([]dynamotypes.KeySchemaElement{element}, in.KeySchema...)
		} else {
			in.KeySchema = append(in.KeySchema, element)
		}
	}
	_, err := p.tables.CreateTable(ctx, in)
	var exists *dynamotypes.ResourceInUseException
	if errors.As(err, &exists) {
		return nil
	}
	if err != nil || t.TTL == "" {
		return err
	}
	_, err = p.tables.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               &t.Name,
		TimeToLiveSpecification: &dynamotypes.TimeToLiveSpecification{AttributeName: &t.TTL, Enabled: aws.Bool(true)},
	})
	return err
}

func (p *Plane) queue(ctx context.Context, q template.Queue) error {
	attributes := map[string]string{
		"VisibilityTimeout":      seconds(q.Visibility),
		"MessageRetentionPeriod": seconds(q.Retention),
	}
	if q.DeadLetter != "" {
		policy, err := json.Marshal(map[string]string{
			"deadLetterTargetArn": "arn:aws:sqs:" + p.region + ":000000000000:" + q.DeadLetter,
			"maxReceiveCount":     strconv.Itoa(q.Receives),
		})
		if err != nil {
			return err
		}
		attributes["RedrivePolicy"] = string(policy)
		if p.Visibility > 0 {
			attributes["VisibilityTimeout"] = seconds(p.Visibility)
		}
	}
	_, err := p.queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &q.Name, Attributes: maps.Clone(attributes)})
	var exists *sqstypes.QueueNameExists
	if !errors.As(err, &exists) {
		return err
	}
	url, err := p.queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &q.Name})
	if err != nil {
		return err
	}
	_, err = p.queues.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: url.QueueUrl, Attributes: attributes})
	return err
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

func (p *Plane) bucket(ctx context.Context, b template.Bucket) error {
	in := &s3.CreateBucketInput{Bucket: &b.Name}
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
		Bucket: &b.Name, NotificationConfiguration: notifications(b),
	})
	return err
}

func notifications(b template.Bucket) *s3types.NotificationConfiguration {
	out := &s3types.NotificationConfiguration{}
	for _, n := range b.Notifications {
		c := s3types.QueueConfiguration{QueueArn: &n.QueueARN, Events: []s3types.Event{s3types.Event(n.Event)}}
		var rules []s3types.FilterRule
		for name, value := range map[s3types.FilterRuleName]string{
			s3types.FilterRuleNamePrefix: n.Prefix, s3types.FilterRuleNameSuffix: n.Suffix,
		} {
			if value != "" {
				rules = append(rules, s3types.FilterRule{Name: name, Value: &value})
			}
		}
		if rules != nil {
			c.Filter = &s3types.NotificationConfigurationFilter{Key: &s3types.S3KeyFilter{FilterRules: rules}}
		}
		out.QueueConfigurations = append(out.QueueConfigurations, c)
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
