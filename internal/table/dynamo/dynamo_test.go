package dynamo_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"griot/internal/setup"
	"griot/internal/table"
	"griot/internal/table/dynamo"
	"griot/internal/table/tabletest"
)

// engine returns the configuration for the engine whose address is in a variable that
// infra/engines/engines sets.
func engine(t testing.TB, variable string) aws.Config {
	t.Helper()
	url := os.Getenv(variable)
	if url == "" {
		t.Skipf("%s is not set; run infra/engines/engines test", variable)
	}
	config, err := setup.AWSConfig(func(name string) string {
		return map[string]string{"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	config.BaseEndpoint = &url
	return config
}

// create makes the tables and returns their names. They are removed after the
// test.
func create(t testing.TB, config aws.Config) map[table.Name]string {
	t.Helper()
	client := dynamodb.NewFromConfig(config)
	names, prefix := map[table.Name]string{}, "test-"+rand.Text()+"-"
	for _, name := range table.Names {
		names[name] = prefix + string(name)
		if err := createTable(t, client, names[name]); err != nil {
			t.Fatal(err)
		}
	}
	return names
}

func createTable(t testing.TB, client *dynamodb.Client, name string) error {
	key := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
	}
	_, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            &name,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{key("pk"), key("sk")},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		return fmt.Errorf("creating table %s: %w", name, err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
			t.Logf("deleting table %s: %v", name, err)
		}
	})
	return dynamodb.NewTableExistsWaiter(client).Wait(t.Context(), &dynamodb.DescribeTableInput{TableName: &name}, time.Minute)
}

// clock is the system's, moved.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// skip is what DynamoDB Local does otherwise than DynamoDB; LocalStack has it
// inside.
var skip = map[string]string{
	"limit: 4 MB a transaction, with what is there": "DynamoDB Local counts the request only, not the items that are there",
	"usage: a check costs twice a consistent read":  "DynamoDB Local tells the sum of read and write units only; see TestCheckCosts",
}

func conformance(t *testing.T, variable string) {
	t.Parallel()
	config, c := engine(t, variable), &clock{}
	store := dynamo.New(config, create(t, config), c.now)
	tabletest.Run(t, tabletest.Harness{
		Open:    func(*testing.T) table.Store { return store },
		Now:     c.now,
		Advance: c.advance,
		Skip:    skip,
	})
}

func TestConformanceDynamoDBLocal(t *testing.T) { conformance(t, "GRIOT_TEST_DYNAMODB") }

func TestConformanceLocalStack(t *testing.T) { conformance(t, "GRIOT_TEST_LOCALSTACK") }
