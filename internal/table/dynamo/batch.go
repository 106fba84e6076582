package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/table"
)

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
