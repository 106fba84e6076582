package dynamo_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"griot/internal/table"
	"griot/internal/table/dynamo"
)

// always gives one answer without a network, so that a benchmark shows what
// the driver and the SDK cost.
type always string

func (a always) Do(req *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(a)))}, nil
}

func benchmark(b *testing.B, answer string, do func(table.Store) error) {
	config := aws.Config{Region: "us-east-1", HTTPClient: always(answer), Credentials: credentials}
	store := dynamo.New(config, map[table.Name]string{table.Sessions: "sessions"}, time.Now)
	b.ReportAllocs()
	for b.Loop() {
		if err := do(store); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	benchmark(b, `{"Item":`+itemA+`}`, func(s table.Store) error {
		_, err := s.Get(b.Context(), key("a"), table.Consistent)
		return err
	})
}

func BenchmarkQuery100(b *testing.B) {
	items := make([]string, 100)
	for i := range items {
		items[i] = fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":"s%04d"},"n":{"N":"%d"},"b":{"B":"%s"}}`, i, i, strings.Repeat("QUFB", 100))
	}
	benchmark(b, `{"Items":[`+strings.Join(items, ",")+`]}`, func(s table.Store) error {
		_, err := s.Query(b.Context(), table.Query{Table: table.Sessions, PK: "p"})
		return err
	})
}

func BenchmarkTransact20(b *testing.B) {
	ops := make([]table.Op, 20)
	for i := range ops {
		ops[i] = table.Put(key(fmt.Sprint(i)), table.Attrs{"s": "text", "b": make([]byte, 1000)}, table.Absent())
	}
	benchmark(b, `{}`, func(s table.Store) error { return s.Transact(b.Context(), ops) })
}
