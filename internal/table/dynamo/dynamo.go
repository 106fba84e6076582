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
	"fmt"
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
