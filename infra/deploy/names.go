package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"griot/internal/table"
)

// names looks for what bears a name that the data stack is to make, while that
// stack does not stand: what an earlier one has left, or somebody else's.
func (d *deployment) names(ctx context.Context) (string, error) {
	s, err := d.account.find(ctx, d.settings.dataStack())
	if err != nil {
		return "", err
	}
	if s != nil && !neverStood(s.StackStatus) {
		return "are its own", nil
	}
	taken, err := d.taken(ctx)
	switch {
	case err != nil:
		return "", err
	case len(taken) == 0:
		return "are free", nil
	case s != nil: // it may be what CloudFormation is yet to remove
		return "", warning("there are still " + strings.Join(taken, ", ") + "; if they stay when the stack that never stood is deleted, remove them")
	}
	return "", fmt.Errorf("there are %s, and no stack %s that has them. An earlier stack has left them, with its data: "+
		"to keep it, choose another stack_name, or bring them into a stack (AWS: \"resource import\"); "+
		"if nobody wants it, delete them", strings.Join(taken, ", "), d.settings.dataStack())
}

// taken are the resources that outlive a stack and are there.
func (d *deployment) taken(ctx context.Context) (found []string, err error) {
	place := d.settings.place(d.account.id)
	tables := dynamodb.NewFromConfig(d.account.config)
	for _, name := range table.Names {
		full := d.settings.stack + "-" + string(name)
		_, err := tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &full})
		var missing *dynamotypes.ResourceNotFoundException
		switch {
		case err == nil:
			found = append(found, "the table "+full)
		case !errors.As(err, &missing):
			return nil, fmt.Errorf("looking for the table %s: %w", full, err)
		}
	}
	bucket := place.Bucket()
	_, err = d.buckets().HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	var missing *s3types.NotFound
	switch {
	case err == nil:
		found = append(found, "the bucket "+bucket)
	case !errors.As(err, &missing):
		return nil, fmt.Errorf("looking for the bucket %s: %w", bucket, err)
	}
	queues, err := sqs.NewFromConfig(d.account.config).ListQueues(ctx, &sqs.ListQueuesInput{QueueNamePrefix: aws.String(d.settings.stack + "-")})
	if err != nil {
		return nil, fmt.Errorf("looking for queues: %w", err)
	}
	own := map[string]bool{}
	for _, name := range queueNames() {
		own[d.settings.stack+"-"+name] = true
	}
	for _, url := range queues.QueueUrls {
		if name := url[strings.LastIndex(url, "/")+1:]; own[name] {
			found = append(found, "the queue "+name)
		}
	}
	group := auditGroup(d.settings.stack)
	logs, err := cloudwatchlogs.NewFromConfig(d.account.config).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &group})
	if err != nil {
		return nil, fmt.Errorf("looking for the log group %s: %w", group, err)
	}
	for _, g := range logs.LogGroups {
		if aws.ToString(g.LogGroupName) == group {
			found = append(found, "the log group "+group)
		}
	}
	return found, nil
}

func auditGroup(stack string) string { return "/griot/" + stack + "/audit" }

func (d *deployment) buckets() *s3.Client {
	return s3.NewFromConfig(d.account.config, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}
