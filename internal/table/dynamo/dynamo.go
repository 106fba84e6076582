// Package dynamo is the driver of the table port for DynamoDB: every table has
// a partition key "pk" and a sort key "sk", both strings, and DynamoDB's TTL
// on the attribute [table.ExpiresAttr].
//
// DynamoDB deletes expired items days late, and knows nothing of the port's
// rule that they are gone at once. So reads drop them, conditions ask for the
// expiry too, and an update that meets one becomes a put; see condition and
// renewal.
package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/table"
)

// Store implements [table.Store].
type Store struct {
	client *dynamodb.Client
	tables map[table.Name]string
	now    func() time.Time
}

var _ table.Store = (*Store)(nil)

// New returns a Store over the tables of these names; a function names those
// it uses. now decides what has expired.
func New(config aws.Config, tables map[table.Name]string, now func() time.Time) *Store {
	return &Store{client: dynamodb.NewFromConfig(config), tables: tables, now: now}
}

// tableName returns the name in the request. An unnamed table is a fault of
// the wiring; DynamoDB will not find the empty name.
func (s *Store) tableName(name table.Name) *string {
	n := s.tables[name]
	return &n
}

// Get implements [table.Store].
func (s *Store) Get(ctx context.Context, key table.Key, c table.Consistency) (table.Item, error) {
	if err := key.Validate(); err != nil {
		return table.Item{}, err
	}
	if err := ctx.Err(); err != nil {
		return table.Item{}, err
	}
	consistent := bool(c)
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName:              s.tableName(key.Table),
		Key:                    encodeKey(key),
		ConsistentRead:         &consistent,
		ReturnConsumedCapacity: capacity(ctx),
	})
	if err != nil {
		return table.Item{}, failed(ctx, "reading an item", key.Table, err)
	}
	r := s.reading()
	item, err := r.item(key.Table, out.Item)
	if err != nil {
		return table.Item{}, err
	}
	r.report(ctx, out.ConsumedCapacity)
	if !item.Found() {
		return table.Item{}, table.ErrNotFound
	}
	return item, nil
}

// reading is one read request and what it has brought so far.
type reading struct {
	now  int64
	cost table.Totals
}

func (s *Store) reading() *reading {
	return &reading{now: s.now().Unix(), cost: table.Totals{Reads: 1}}
}

// item decodes a row and counts it. It has no Attrs when the row is not there
// or has expired.
func (r *reading) item(name table.Name, row map[string]types.AttributeValue) (table.Item, error) {
	if row == nil {
		return table.Item{}, nil
	}
	item, err := decode(name, row)
	if err != nil {
		return table.Item{}, err
	}
	r.cost.BytesRead += int64(item.Size())
	if expired(item, r.now) {
		return table.Item{Key: item.Key}, nil
	}
	r.cost.ItemsRead++
	return item, nil
}

// failed is the error of a request to read, and tells the Usage of it.
func failed(ctx context.Context, doing string, name table.Name, err error) error {
	err = translate(ctx, err)
	table.UsageFrom(ctx).Add(refusal(err))
	return fmt.Errorf("%s of %s: %w", doing, name, err)
}

func (r *reading) report(ctx context.Context, consumed ...*types.ConsumedCapacity) {
	for _, c := range consumed {
		r.cost.ReadUnits += units(c)
	}
	table.UsageFrom(ctx).Add(r.cost)
}

func expired(item table.Item, now int64) bool {
	exp, ok := item.Attrs[table.ExpiresAttr].(int64)
	return ok && exp <= now
}

// Query implements [table.Store].
func (s *Store) Query(ctx context.Context, q table.Query) (table.Page, error) {
	if err := q.Validate(); err != nil {
		return table.Page{}, err
	}
	if err := ctx.Err(); err != nil {
		return table.Page{}, err
	}
	out, err := s.client.Query(ctx, s.queryInput(ctx, q))
	if err != nil {
		return table.Page{}, failed(ctx, "reading a page", q.Table, err)
	}
	r := s.reading()
	var page table.Page
	for _, row := range out.Items {
		item, err := r.item(q.Table, row)
		if err != nil {
			return table.Page{}, err
		}
		if item.Found() {
			page.Items = append(page.Items, item)
		}
	}
	if last, ok := out.LastEvaluatedKey["sk"].(*types.AttributeValueMemberS); ok {
		page.Next = last.Value
	}
	r.report(ctx, out.ConsumedCapacity)
	return page, nil
}

func (s *Store) queryInput(ctx context.Context, q table.Query) *dynamodb.QueryInput {
	consistent, forward := bool(q.Consistency), !q.Reverse
	condition, values := keyCondition(q)
	in := &dynamodb.QueryInput{
		TableName:                 s.tableName(q.Table),
		KeyConditionExpression:    &condition,
		ExpressionAttributeValues: values,
		ConsistentRead:            &consistent,
		ScanIndexForward:          &forward,
		ReturnConsumedCapacity:    capacity(ctx),
	}
	if q.Limit > 0 {
		in.Limit = aws.Int32(int32(min(q.Limit, table.MaxPage))) // an item has a byte and more
	}
	if q.After != "" {
		in.ExclusiveStartKey = encodeKey(table.Key{PK: q.PK, SK: q.After})
	}
	return in
}

func keyCondition(q table.Query) (string, map[string]types.AttributeValue) {
	values := map[string]types.AttributeValue{":pk": text(q.PK)}
	condition := "pk = :pk"
	for name, bound := range map[string]string{":prefix": q.Prefix, ":from": q.From, ":to": q.To} {
		if bound != "" {
			values[name] = text(bound)
		}
	}
	switch {
	case q.Prefix != "":
		condition += " AND begins_with(sk, :prefix)"
	case q.From != "" && q.To != "":
		condition += " AND sk BETWEEN :from AND :to"
	case q.From != "":
		condition += " AND sk >= :from"
	case q.To != "":
		condition += " AND sk <= :to"
	}
	return condition, values
}

// batchTries bounds how often a BatchGet asks for the keys that DynamoDB left
// over, when not a single item came back.
const batchTries = 6

// BatchGet implements [table.Store].
func (s *Store) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	if err := table.ValidateBatchGet(keys); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil || len(keys) == 0 {
		return nil, err
	}
	b := batch{store: s, reading: s.reading(), found: make(map[table.Key]table.Attrs, len(keys)), names: map[string]table.Name{}}
	if err := b.read(ctx, b.request(keys, c)); err != nil {
		return nil, failed(ctx, "reading items", keys[0].Table, err)
	}
	items := make([]table.Item, len(keys))
	for i, key := range keys {
		items[i] = table.Item{Key: key, Attrs: b.found[key]}
	}
	b.report(ctx)
	return items, nil
}

// batch is a BatchGet under way.
type batch struct {
	*reading
	store *Store
	names map[string]table.Name // what the request's tables are to us
	found map[table.Key]table.Attrs
}

func (b *batch) request(keys []table.Key, c table.Consistency) map[string]types.KeysAndAttributes {
	consistent := bool(c)
	request := map[string]types.KeysAndAttributes{}
	for _, key := range keys {
		name := *b.store.tableName(key.Table)
		b.names[name] = key.Table
		part := request[name]
		part.ConsistentRead = &consistent
		part.Keys = append(part.Keys, encodeKey(key))
		request[name] = part
	}
	return request
}

// read asks until DynamoDB leaves no keys over: it does when the answer has
// 16 MB, and when a partition is busy.
func (b *batch) read(ctx context.Context, request map[string]types.KeysAndAttributes) error {
	for idle := 0; len(request) > 0; {
		out, err := b.store.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           request,
			ReturnConsumedCapacity: capacity(ctx),
		})
		if err != nil {
			return err
		}
		n, err := b.take(out)
		if err != nil {
			return err
		}
		if request = out.UnprocessedKeys; len(request) == 0 || n > 0 {
			continue
		}
		if idle++; idle == batchTries {
			return table.ErrThrottled
		}
		if err := table.Pause(ctx, idle); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) take(out *dynamodb.BatchGetItemOutput) (n int, err error) {
	for _, c := range out.ConsumedCapacity {
		b.cost.ReadUnits += units(&c)
	}
	for name, rows := range out.Responses {
		for _, row := range rows {
			item, err := b.item(b.names[name], row)
			if err != nil {
				return 0, err
			}
			b.found[item.Key] = item.Attrs
			n++
		}
	}
	if b.cost.BytesRead > table.MaxBatchGetPage {
		return 0, table.Limitf("a BatchGet of more than %d bytes", table.MaxBatchGetPage)
	}
	return n, nil
}

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

// capacity asks for a request's cost when somebody wants to know it.
func capacity(ctx context.Context) types.ReturnConsumedCapacity {
	if table.UsageFrom(ctx) == nil {
		return types.ReturnConsumedCapacityNone
	}
	return types.ReturnConsumedCapacityTotal
}

func units(c *types.ConsumedCapacity) float64 {
	if c == nil {
		return 0
	}
	return aws.ToFloat64(c.CapacityUnits)
}
