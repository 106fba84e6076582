package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"griot/internal/errs"
	"griot/internal/table"
)

// codes of DynamoDB's errors, and of the reasons of a canceled transaction,
// that mean something to the port. What the port's own validation does not
// see, DynamoDB's does: sizes of stored items, adding to what is no number.
var codes = map[string]error{
	"ValidationException": table.ErrLimit,
	"ValidationError":     table.ErrLimit,

	"TransactionConflictException":     table.ErrConflict,
	"TransactionConflict":              table.ErrConflict,
	"ReplicatedWriteConflictException": table.ErrConflict,

	"ProvisionedThroughputExceededException": table.ErrThrottled,
	"ProvisionedThroughputExceeded":          table.ErrThrottled,
	"ThrottlingException":                    table.ErrThrottled,
	"ThrottlingError":                        table.ErrThrottled,
	"Throttling":                             table.ErrThrottled,
	"RequestLimitExceeded":                   table.ErrThrottled,
}

// inProgress is the code for a transaction whose token is that of one which is
// still under way: what comes of it, nobody knows yet.
const inProgress = "TransactionInProgressException"

// translate adds the port's error to one of the SDK. What ctx ended stays as the
// SDK has it: the end of ctx.
func translate(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	if known := codes[code(err)]; known != nil {
		return fmt.Errorf("%w: %w", known, err)
	}
	if unanswered(err) {
		return table.Unanswered(err)
	}
	return err
}

// code returns the code of an error of DynamoDB, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// unanswered reports whether err leaves open what became of the request.
func unanswered(err error) bool { return errs.Unanswered(err) || code(err) == inProgress }

// wroteNothing reports whether a failed attempt has surely not taken effect.
func wroteNothing(err error) bool { return errs.Undelivered(err) || !unanswered(err) }

// reasons returns the gravest reason of a canceled transaction: one that
// another try cannot mend.
func (t *transaction) reasons(c *types.TransactionCanceledException) error {
	found := map[error]string{}
	for i, reason := range c.CancellationReasons {
		if known := codes[aws.ToString(reason.Code)]; known != nil {
			found[known] = fmt.Sprintf("operation %d, on %s: %s", i, t.ops[i].Key.Table, aws.ToString(reason.Message))
		}
	}
	for _, known := range []error{table.ErrLimit, table.ErrConflict, table.ErrThrottled} {
		if message, ok := found[known]; ok {
			return fmt.Errorf("%w: %s", known, message)
		}
	}
	return c
}

// attempts are those that the SDK makes for one request to write.
type attempts struct {
	aws.Retryer
	once bool // another one must not be made where this one may have taken effect
	lost bool // one has failed that may have taken effect
}

// watch is for the options of a request.
func (a *attempts) watch(o *dynamodb.Options) {
	a.Retryer, o.Retryer = o.Retryer, a
}

// IsErrorRetryable is the SDK's answer, but for an attempt that may have taken
// effect and must not be repeated. The SDK asks after each one that failed.
func (a *attempts) IsErrorRetryable(err error) bool {
	sure := wroteNothing(err)
	a.lost = a.lost || !sure
	return a.Retryer.IsErrorRetryable(err) && (sure || !a.once)
}

// once reports whether a write done twice changes the outcome: a condition would
// fail on the first attempt's own doing, a sum count double, a deleted item be
// told as none.
func once(op table.Op) bool {
	return !op.Again && (op.Kind == table.DeleteOp || len(op.If)+len(op.Add) > 0)
}

// settled is the error of a request as its caller may rely on it: that the last
// attempt wrote nothing does not say so of those before it, which were lost. A
// condition that failed does, since DynamoDB knows their token.
func (a *attempts) settled(err error) error {
	if a.lost && table.Retryable(err) {
		return table.Unanswered(errors.New(err.Error())) // in words only: it is none that may be tried again
	}
	return err
}

// refusal is what a Usage is told of a request that failed.
func refusal(err error) (t table.Totals) {
	switch {
	case errors.Is(err, table.ErrConflict):
		t.Conflicts = 1
	case errors.Is(err, table.ErrThrottled):
		t.Throttled = 1
	}
	return t
}
