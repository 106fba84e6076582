package dynamo

import (
	"errors"
	"fmt"
	"net"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"griot/internal/table"
)

// codes of DynamoDB's errors, and of the reasons of a canceled transaction,
// that mean something to the port. What the port's own validation does not
// see, DynamoDB's does: sizes of stored items, adding to what is no number.
var codes = map[string]error{
	"ValidationException": table.ErrLimit,
	"ValidationError":     table.ErrLimit,

	"TransactionConflictException": table.ErrConflict,
	"TransactionConflict":          table.ErrConflict,

	"ProvisionedThroughputExceededException": table.ErrThrottled,
	"ProvisionedThroughputExceeded":          table.ErrThrottled,
	"ThrottlingException":                    table.ErrThrottled,
	"ThrottlingError":                        table.ErrThrottled,
	"RequestLimitExceeded":                   table.ErrThrottled,
}

// translate adds the port's error to one of the SDK.
func translate(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		if known := codes[api.ErrorCode()]; known != nil {
			return fmt.Errorf("%w: %w", known, err)
		}
	}
	return err
}

// reasons returns the gravest reason of a canceled transaction: one that
// another try cannot mend.
func reasons(c *types.TransactionCanceledException) error {
	found := map[error]string{}
	for i, reason := range c.CancellationReasons {
		if known := codes[aws.ToString(reason.Code)]; known != nil {
			found[known] = fmt.Sprintf("operation %d: %s", i, aws.ToString(reason.Message))
		}
	}
	for _, known := range []error{table.ErrLimit, table.ErrConflict, table.ErrThrottled} {
		if message, ok := found[known]; ok {
			return fmt.Errorf("%w: %s", known, message)
		}
	}
	return c
}

// retries lets the SDK repeat a write only when the attempt wrote nothing or
// when twice is as good as once. Otherwise a condition would fail on the
// first attempt's own doing, a sum count double, and a deleted item be told
// as none.
func retries(op table.Op) func(*dynamodb.Options) {
	return func(o *dynamodb.Options) {
		if op.Kind == table.DeleteOp || len(op.If)+len(op.Add) > 0 {
			o.Retryer = careful{o.Retryer}
		}
	}
}

type careful struct{ aws.Retryer }

// IsErrorRetryable is the SDK's answer for attempts that wrote nothing.
func (c careful) IsErrorRetryable(err error) bool {
	return c.Retryer.IsErrorRetryable(err) && wroteNothing(err)
}

func wroteNothing(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return true
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	_, throttled := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	return throttled
}
