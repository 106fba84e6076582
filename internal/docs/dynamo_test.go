package docs_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"griot/infra/lambda/plane"
	"griot/infra/stack"
	"griot/internal/setup"
	"griot/internal/setup/tables"
	"griot/internal/table"
)

// dynamoTable is new tables on DynamoDB Local, or nil without one.
func dynamoTable(t *testing.T) table.Store {
	t.Helper()
	if os.Getenv("GRIOT_TEST_DYNAMODB") == "" {
		t.Log("no DynamoDB Local: infra/engines/engines test names it")
		return nil
	}
	return charging{newTables(t, "costs"), newTables(t, "twin")}
}

func newTables(t *testing.T, name string) table.Store {
	t.Helper()
	name = fmt.Sprintf("%s-%d", name, time.Now().UnixNano())
	c, err := setup.Stack(func(name string) string {
		return map[string]string{
			"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
			"AWS_ENDPOINT_URL": os.Getenv("GRIOT_TEST_DYNAMODB"),
		}[name]
	}, name)
	ok(t, err)
	ok(t, plane.New(c.AWS).Tables(t.Context(), stack.Place{Stack: name}))
	t.Cleanup(func() {
		for _, made := range table.Names {
			full := name + "-" + string(made)
			_, err := dynamodb.NewFromConfig(c.AWS).DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &full})
			ok(t, err)
		}
	})
	store, err := tables.New(c, table.Names...)
	ok(t, err)
	return store
}

// charging makes up for what DynamoDB Local leaves out of its costs. What is
// not there is free to read in batches and queries; the guide to DynamoDB
// says that it costs as much as something small. And of a transaction's
// operations that cost the same it counts one: twin has the same items, where
// each operation is a transaction of its own.
type charging struct {
	table.Store
	twin table.Store
}

func (s charging) BatchGet(ctx context.Context, keys []table.Key, c table.Consistency) ([]table.Item, error) {
	items, err := s.Store.BatchGet(ctx, keys, c)
	for _, item := range items {
		if !item.Found() {
			table.UsageFrom(ctx).Add(table.Totals{ReadUnits: table.ReadUnits(0, c)})
		}
	}
	return items, err
}

func (s charging) Query(ctx context.Context, q table.Query) (table.Page, error) {
	page, err := s.Store.Query(ctx, q)
	if len(page.Items) == 0 && page.Next == "" {
		table.UsageFrom(ctx).Add(table.Totals{ReadUnits: table.ReadUnits(0, q.Consistency)})
	}
	return page, err
}

func (s charging) Write(ctx context.Context, op table.Op) (table.Item, error) {
	item, err := s.Store.Write(ctx, op)
	if err == nil {
		_, err = s.twin.Write(table.WithUsage(ctx, nil), op)
	}
	return item, err
}

func (s charging) Transact(ctx context.Context, ops []table.Op) error {
	if err := s.Store.Transact(table.WithUsage(ctx, nil), ops); err != nil {
		return err
	}
	for _, op := range ops {
		if err := s.twin.Transact(ctx, []table.Op{op}); err != nil {
			return err
		}
	}
	return nil
}
