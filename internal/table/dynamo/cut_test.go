package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"griot/internal/errs"
	"griot/internal/setup"
	"griot/internal/setup/cuttest"
	"griot/internal/table"
	"griot/internal/table/dynamo"
)

// row is what DynamoDB has: one item with a number, which every write that takes
// effect raises; a delete lowers what there is to nothing.
type row struct {
	there   bool
	effects int
	tokens  map[string]bool
}

// ServeHTTP answers as DynamoDB does: a condition that the item be absent is
// looked at, and a transaction takes effect once under its token.
func (r *row) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		panic(err)
	}
	_, action, _ := strings.Cut(req.Header.Get("X-Amz-Target"), ".")
	item := fmt.Sprintf(`{"pk":{"S":"p"},"sk":{"S":"a"},"n":{"N":"%d"}}`, r.effects)
	refused := r.there && strings.Contains(string(body), "attribute_not_exists(pk)")
	switch action {
	case "TransactWriteItems":
		r.transact(w, body, refused, item)
		return
	case "DeleteItem":
		if !r.there {
			_, _ = io.WriteString(w, `{}`)
			return
		}
		r.there = false
		r.effects++
		_, _ = io.WriteString(w, `{"Attributes":`+item+`}`)
		return
	}
	if refused {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"The conditional request failed","Item":`+item+`}`)
		return
	}
	r.there = true
	r.effects++
	_, _ = fmt.Fprintf(w, `{"Attributes":{"pk":{"S":"p"},"sk":{"S":"a"},"n":{"N":"%d"}}}`, r.effects)
}

func (r *row) transact(w http.ResponseWriter, body []byte, refused bool, item string) {
	var request struct{ ClientRequestToken string }
	if err := json.Unmarshal(body, &request); err != nil {
		panic(err)
	}
	switch {
	case r.tokens[request.ClientRequestToken]:
	case refused:
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[{"Code":"ConditionalCheckFailed","Item":`+item+`}]}`)
		return
	default:
		r.tokens[request.ClientRequestToken] = true
		r.there = true
		r.effects++
	}
	_, _ = io.WriteString(w, `{}`)
}

// Every kind of write, with the connection cut anywhere in request and answer: it
// is done once, or it is unanswered and done at most once; nothing
// fails by its own doing, and nothing fails otherwise. What may be repeated is,
// and a transaction is safe by its token: they are always done.
func TestConnectionsCutAnywhere(t *testing.T) {
	write := func(op table.Op) func(context.Context, *dynamo.Store) error {
		return func(ctx context.Context, s *dynamo.Store) error {
			item, err := s.Write(ctx, op)
			if err == nil && !item.Found() {
				return errors.New("the item was not told")
			}
			return err
		}
	}
	transact := func(op table.Op) func(context.Context, *dynamo.Store) error {
		return func(ctx context.Context, s *dynamo.Store) error { return s.Transact(ctx, []table.Op{op}) }
	}
	put := table.Put(key("a"), nil, table.Absent())
	sum := table.Increment(key("a"), "n", 1)
	for name, test := range map[string]struct {
		there  bool // before
		do     func(context.Context, *dynamo.Store) error
		always bool // it is done
		twice  bool // that does no harm
	}{
		"put":                       {true, write(table.Put(key("a"), nil)), true, true},
		"update":                    {true, write(table.Update(key("a"), table.Attrs{"s": "x"})), true, true},
		"conditional put":           {false, write(put), false, false},
		"conditional update":        {true, write(table.Update(key("a"), nil, table.Exists())), false, false},
		"sum":                       {true, write(sum), false, false},
		"sum that may count twice":  {true, write(table.Repeatable(sum)), true, true},
		"delete":                    {true, write(table.Delete(key("a"))), false, false},
		"transaction":               {true, transact(sum), true, false},
		"conditional transaction":   {false, transact(put), true, false},
		"transaction with a delete": {true, transact(table.Delete(key("a"), table.Exists())), true, false},
		"repeatable delete": {true, func(ctx context.Context, s *dynamo.Store) error {
			_, err := s.Write(ctx, table.Repeatable(table.Delete(key("a"))))
			return err
		}, true, false},
		"repeatable condition": {false, func(ctx context.Context, s *dynamo.Store) error {
			_, err := s.Write(ctx, table.Repeatable(put))
			if table.Failed(err) != nil { // by its own doing: what is there is known
				return nil
			}
			return err
		}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &row{}
			server := cuttest.Serve(t, r)
			lost, cuts := 0, 0
			var store *dynamo.Store
			server.Each(t, func(cut *cuttest.Cut) {
				*r = row{there: test.there, tokens: map[string]bool{}}
				if cuts%50 == 0 {
					store = hasty(t, server)
				}
				err := test.do(t.Context(), store)
				cuts++
				switch {
				case err == nil && (r.effects == 1 || r.effects == 2 && test.twice && server.Exchanges() == 2):
				case errors.Is(err, table.ErrUnanswered) && errs.Is(err, errs.Unavailable) && r.effects <= 1 && !test.always && cut != nil:
					lost++
				default:
					t.Fatalf("%v: %d effects in %d exchanges, %v", cut, r.effects, server.Exchanges(), err)
				}
			})
			t.Logf("%d cuts, of which %d are told as unanswered", cuts-1, lost)
		})
	}
}

// hasty returns a new store, which has all its tokens to try again, and waits
// no time between attempts.
func hasty(t *testing.T, server *cuttest.Server) *dynamo.Store {
	config, err := setup.AWSConfig(func(name string) string {
		return map[string]string{
			"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": server.URL,
		}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	return dynamo.New(server.Client(setup.DynamoDB.Of(config)), map[table.Name]string{table.Sessions: "sessions"}, time.Now)
}
