package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/table"
)

// Write implements [table.Store].
func (s *Store) Write(ctx context.Context, op table.Op) (table.Item, error) {
	if err := table.ValidateWrite(op); err != nil {
		return table.Item{}, err
	}
	if err := ctx.Err(); err != nil {
		return table.Item{}, err
	}
	w := &writing{store: s, now: s.now().Unix(), cost: table.Totals{Writes: 1}}
	item, err := w.write(ctx, op)
	w.report(ctx, err)
	return item, err
}

// report tells the Usage what a request cost, or that it was refused.
func (w *writing) report(ctx context.Context, err error) {
	if err != nil && !errors.Is(err, table.ErrCondition) {
		w.cost = refusal(err)
	}
	table.UsageFrom(ctx).Add(w.cost)
}

// writing is one Write or Transact under way and what it has cost so far.
type writing struct {
	store *Store
	now   int64
	cost  table.Totals
}

func (w *writing) write(ctx context.Context, op table.Op) (table.Item, error) {
	row, err := w.send(ctx, op)
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return w.answer(ctx, op, row, err)
	}
	old, err := w.refused(op, failed.Item, 1)
	if err != nil {
		return table.Item{}, err
	}
	if !w.renewable(op, old) {
		return table.Item{}, &table.ConditionError{Old: w.live(old)}
	}
	op = renewal(op)
	row, err = w.send(ctx, op)
	if errors.As(err, &failed) {
		return table.Item{}, errOvertaken
	}
	return w.answer(ctx, op, row, err)
}

func (w *writing) answer(ctx context.Context, op table.Op, row map[string]types.AttributeValue, err error) (table.Item, error) {
	if err != nil {
		return table.Item{}, fmt.Errorf("writing an item of %s: %w", op.Key.Table, translate(ctx, err))
	}
	if op.Kind == table.PutOp {
		row = encodeItem(op.Key, op.Attrs) // decoded, it shares nothing with the caller's
	}
	if row == nil {
		return table.Item{Key: op.Key}, nil
	}
	item, err := decode(op.Key.Table, row)
	if err == nil && op.Kind == table.DeleteOp {
		item = w.live(item)
	}
	return item, err
}

// send makes one request. It returns the row after an Update, the row before
// a Delete.
func (w *writing) send(ctx context.Context, op table.Op) (row map[string]types.AttributeValue, err error) {
	var consumed *types.ConsumedCapacity
	watch := (&attempts{once: once(op)}).watch
	switch op.Kind {
	case table.PutOp:
		var out *dynamodb.PutItemOutput
		if out, err = w.store.client.PutItem(ctx, w.putInput(ctx, op), watch); err == nil {
			consumed = out.ConsumedCapacity
		}
	case table.UpdateOp:
		var out *dynamodb.UpdateItemOutput
		if out, err = w.store.client.UpdateItem(ctx, w.updateInput(ctx, op), watch); err == nil {
			row, consumed = out.Attributes, out.ConsumedCapacity
		}
	default:
		var out *dynamodb.DeleteItemOutput
		if out, err = w.store.client.DeleteItem(ctx, w.deleteInput(ctx, op), watch); err == nil {
			row, consumed = out.Attributes, out.ConsumedCapacity
		}
	}
	w.cost.WriteUnits += units(consumed)
	return row, err
}

func (w *writing) putInput(ctx context.Context, op table.Op) *dynamodb.PutItemInput {
	e := expression{now: w.now}
	return &dynamodb.PutItemInput{
		TableName:                           w.store.tableName(op.Key.Table),
		Item:                                encodeItem(op.Key, op.Attrs),
		ConditionExpression:                 e.condition(op),
		ExpressionAttributeNames:            e.names,
		ExpressionAttributeValues:           e.values,
		ReturnConsumedCapacity:              capacity(ctx),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

func (w *writing) updateInput(ctx context.Context, op table.Op) *dynamodb.UpdateItemInput {
	e := expression{now: w.now}
	return &dynamodb.UpdateItemInput{
		TableName:                           w.store.tableName(op.Key.Table),
		Key:                                 encodeKey(op.Key),
		UpdateExpression:                    e.update(op),
		ConditionExpression:                 e.condition(op),
		ExpressionAttributeNames:            e.names,
		ExpressionAttributeValues:           e.values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnConsumedCapacity:              capacity(ctx),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}

func (w *writing) deleteInput(ctx context.Context, op table.Op) *dynamodb.DeleteItemInput {
	e := expression{now: w.now}
	return &dynamodb.DeleteItemInput{
		TableName:                           w.store.tableName(op.Key.Table),
		Key:                                 encodeKey(op.Key),
		ConditionExpression:                 e.condition(op),
		ExpressionAttributeNames:            e.names,
		ExpressionAttributeValues:           e.values,
		ReturnValues:                        types.ReturnValueAllOld,
		ReturnConsumedCapacity:              capacity(ctx),
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
}
