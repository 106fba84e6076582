package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/table"
)

// conditionFailed is the reason of a canceled transaction that is none of its
// errors.
const conditionFailed = "ConditionalCheckFailed"

// Transact implements [table.Store]. The SDK gives each request a token, by which
// DynamoDB knows its attempts for ten minutes: they take effect once.
func (s *Store) Transact(ctx context.Context, ops []table.Op) error {
	if err := table.ValidateTransact(ops); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil || len(ops) == 0 {
		return err
	}
	t := transaction{
		writing: writing{store: s, now: s.now().Unix(), cost: table.Totals{Writes: 1}},
		ops:     slices.Clone(ops),
		renewed: make([]bool, len(ops)),
	}
	err := t.run(ctx)
	t.report(ctx, err)
	return err
}

// transaction is a Transact under way.
type transaction struct {
	writing
	ops     []table.Op
	renewed []bool // which have become a renewal
}

// run sends the transaction, again while there are updates to renew.
func (t *transaction) run(ctx context.Context) error {
	for {
		a := &attempts{}
		err := t.send(ctx, a)
		var canceled *types.TransactionCanceledException
		if !errors.As(err, &canceled) {
			return a.settled(translate(ctx, err))
		}
		if again, err := t.canceled(canceled); !again {
			return a.settled(err)
		}
	}
}

func (t *transaction) send(ctx context.Context, a *attempts) error {
	items := make([]types.TransactWriteItem, len(t.ops))
	for i, op := range t.ops {
		items[i] = t.item(op)
	}
	out, err := t.store.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems:          items,
		ReturnConsumedCapacity: capacity(ctx),
	}, a.watch)
	if err != nil {
		return fmt.Errorf("writing items: %w", err)
	}
	for _, c := range out.ConsumedCapacity {
		t.consumed(c)
	}
	return nil
}

// consumed adds what the operations on one table cost. Where DynamoDB tells
// the sum only, the checks are taken for checks of small items.
func (t *transaction) consumed(c types.ConsumedCapacity) {
	read, write := aws.ToFloat64(c.ReadCapacityUnits), aws.ToFloat64(c.WriteCapacityUnits)
	if c.ReadCapacityUnits == nil && c.WriteCapacityUnits == nil {
		for _, op := range t.ops {
			if op.Kind == table.CheckOp && t.store.tables[op.Key.Table] == aws.ToString(c.TableName) {
				read += 2 * table.ReadUnits(0, table.Consistent)
			}
		}
		write = units(&c) - read
	}
	t.cost.ReadUnits += read
	t.cost.WriteUnits += write
}

func (t *transaction) item(op table.Op) types.TransactWriteItem {
	e := expression{now: t.now}
	name, old := t.store.tableName(op.Key.Table), types.ReturnValuesOnConditionCheckFailureAllOld
	switch op.Kind {
	case table.PutOp:
		condition := e.condition(op)
		return types.TransactWriteItem{Put: &types.Put{
			TableName: name, Item: encodeItem(op.Key, op.Attrs), ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, ReturnValuesOnConditionCheckFailure: old}}
	case table.UpdateOp:
		update, condition := e.update(op), e.condition(op)
		return types.TransactWriteItem{Update: &types.Update{
			TableName: name, Key: encodeKey(op.Key), UpdateExpression: update, ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, ReturnValuesOnConditionCheckFailure: old}}
	case table.DeleteOp:
		condition := e.condition(op)
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: name, Key: encodeKey(op.Key), ConditionExpression: condition,
			ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, ReturnValuesOnConditionCheckFailure: old}}
	}
	condition := e.condition(op)
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: name, Key: encodeKey(op.Key), ConditionExpression: condition,
		ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, ReturnValuesOnConditionCheckFailure: old}}
}

// canceled decides what a canceled transaction comes to. A failed condition
// counts more than a conflict beside it: to try again would not help.
func (t *transaction) canceled(c *types.TransactionCanceledException) (again bool, err error) {
	var conflict bool
	for i, reason := range c.CancellationReasons { // one for each operation
		if aws.ToString(reason.Code) != conditionFailed {
			t.bill(t.ops[i], 0, 2)
			continue
		}
		old, problem := t.refused(t.ops[i], reason.Item, 2)
		switch {
		case problem != nil:
			return false, problem
		case t.renewed[i]:
			conflict = true
		case t.renewable(t.ops[i], old):
			t.ops[i], t.renewed[i], again = renewal(t.ops[i]), true, true
		case err == nil:
			err = &table.ConditionError{Index: i, Old: t.live(old)}
		}
	}
	switch {
	case err != nil:
		return false, err
	case conflict:
		return false, errOvertaken
	case again:
		return true, nil
	}
	return false, fmt.Errorf("writing items: %w", t.reasons(c))
}
