package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Caps returns how many read and write units a second DynamoDB lets a table
// consume; -1: as many as it likes.
func Caps(ctx context.Context, config aws.Config, name string) (reads, writes int64, err error) {
	out, err := dynamodb.NewFromConfig(config).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return 0, 0, fmt.Errorf("asking what the table may consume: %w", translate(ctx, err))
	}
	reads, writes = -1, -1
	if t := out.Table.OnDemandThroughput; t != nil {
		if t.MaxReadRequestUnits != nil {
			reads = *t.MaxReadRequestUnits
		}
		if t.MaxWriteRequestUnits != nil {
			writes = *t.MaxWriteRequestUnits
		}
	}
	return reads, writes, nil
}
