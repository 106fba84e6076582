package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"griot/internal/table"
)

// names looks for what bears a name that a stack is to make which does not
// stand yet: what an earlier one has left, or somebody else's.
func (d *deployment) names(ctx context.Context) (string, error) {
	data, err := d.account.find(ctx, d.settings.dataStack())
	if err != nil {
		return "", err
	}
	functions, err := d.account.find(ctx, d.settings.stack)
	if err != nil {
		return "", err
	}
	standing := func(s *types.Stack) bool { return s != nil && !neverStood(s.StackStatus) }
	if standing(data) && standing(functions) {
		return "are its own", nil
	}
	var found []string
	if !standing(data) {
		if found, err = d.taken(ctx); err != nil {
			return "", err
		}
	}
	var logs []string
	if !standing(functions) {
		if logs, err = d.logGroups(ctx, "api", "gateway", "workers"); err != nil {
			return "", err
		}
	}
	switch {
	case len(found) > 0:
		return "", fmt.Errorf("there are %s, and no stack %s that has them. An earlier stack has left them, with its data: "+
			"to keep it, choose another stack_name, or bring them into a stack (AWS: \"resource import\"); "+
			"if nobody wants it, delete them", strings.Join(append(found, logs...), ", "), d.settings.dataStack())
	case len(logs) > 0:
		return "", fmt.Errorf("there are %s, and no stack %s that has them: late lines of functions that were deleted made them again; delete them\n  aws logs delete-log-group --region %s --log-group-name NAME",
			strings.Join(logs, ", "), d.settings.stack, d.settings.region)
	}
	return "are free", nil
}

// taken are the resources that outlive a stack and are there.
func (d *deployment) taken(ctx context.Context) (found []string, err error) {
	tables := dynamodb.NewFromConfig(d.account.config)
	for _, name := range table.Names {
		full := d.settings.stack + "-" + string(name)
		_, err := tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &full})
		if found, err = among[*dynamotypes.ResourceNotFoundException](found, "the table "+full, err); err != nil {
			return nil, err
		}
	}
	bucket := d.settings.place(d.account.id).Bucket()
	_, err = d.buckets().HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
	if found, err = among[*s3types.NotFound](found, "the bucket "+bucket, err); err != nil {
		return nil, err
	}
	queues := sqs.NewFromConfig(d.account.config)
	for _, name := range queueNames() { // by name: who may deploy sees no others
		full := d.settings.stack + "-" + name
		_, err := queues.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &full})
		if found, err = among[*sqstypes.QueueDoesNotExist](found, "the queue "+full, err); err != nil {
			return nil, err
		}
	}
	logs, err := d.logGroups(ctx, "audit")
	return append(found, logs...), err
}

// among adds what was looked for to what was found, unless the answer was that
// it is missing.
func among[Missing error](found []string, what string, err error) ([]string, error) {
	var missing Missing
	switch {
	case err == nil:
		return append(found, what), nil
	case errors.As(err, &missing):
		return found, nil
	}
	return nil, fmt.Errorf("looking for %s: %w", what, err)
}

// logGroups are those of these names that are there.
func (d *deployment) logGroups(ctx context.Context, names ...string) (found []string, err error) {
	prefix := "/griot/" + d.settings.stack + "/"
	out, err := cloudwatchlogs.NewFromConfig(d.account.config).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &prefix})
	if err != nil {
		return nil, fmt.Errorf("looking for log groups: %w", err)
	}
	for _, g := range out.LogGroups {
		if name := aws.ToString(g.LogGroupName); slices.Contains(names, strings.TrimPrefix(name, prefix)) {
			found = append(found, "the log group "+name)
		}
	}
	return found, nil
}

func (d *deployment) buckets() *s3.Client {
	return s3.NewFromConfig(d.account.config, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}
