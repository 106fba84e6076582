package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"griot/internal/table"
	"griot/internal/table/dynamo"
)

// answer is what a stub says to one request: a status with a body, or no
// answer at all.
type answer struct {
	status int
	body   string
	err    error
}

// stub answers requests in turn and keeps them.
type stub struct {
	t        *testing.T
	answers  []answer
	requests []string
}

func (s *stub) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.requests = append(s.requests, string(body))
	if len(s.requests) > len(s.answers) {
		s.t.Errorf("request %d is one too many: %s", len(s.requests), body)
		return nil, errors.New("no answer left")
	}
	a := s.answers[len(s.requests)-1]
	if a.err != nil {
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body))}, nil
}

// open returns a store whose requests the stub answers.
func (s *stub) open() *dynamo.Store {
	config := aws.Config{Region: "us-east-1", HTTPClient: s, Credentials: credentials}
	return dynamo.New(config, map[table.Name]string{table.Sessions: "sessions"}, func() time.Time { return time.Unix(1000, 0) })
}

var credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
})

func key(sk string) table.Key { return table.Key{Table: table.Sessions, PK: "p", SK: sk} }

// failure is an error of DynamoDB.
func failure(status int, code string) answer {
	return answer{status: status, body: fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"m"}`, code)}
}

var (
	fine     = answer{status: 200, body: "{}"}
	broken   = failure(500, "InternalServerError")
	busy     = failure(400, "ThrottlingException")
	reset    = answer{err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}
	refused  = answer{err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
	conflict = failure(400, "TransactionConflictException")
)

// A write whose first attempt may have taken effect is not repeated when that
// would change the outcome.
func TestRetries(t *testing.T) {
	conditional := table.Put(key("a"), nil, table.Absent())
	tests := map[string]struct {
		op      table.Op
		answers []answer
		ok      bool
	}{
		"put again":                      {table.Put(key("a"), nil), []answer{broken, reset, fine}, true},
		"update again":                   {table.Update(key("a"), nil), []answer{reset, fine}, true},
		"conditional put not again":      {conditional, []answer{broken}, false},
		"conditional put of no answer":   {conditional, []answer{reset}, false},
		"conditional put when throttled": {conditional, []answer{busy, fine}, true},
		"conditional put undelivered":    {conditional, []answer{refused, fine}, true},
		"sum not again":                  {table.Increment(key("a"), "n", 1), []answer{reset}, false},
		"delete not again":               {table.Delete(key("a")), []answer{reset}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stub{t: t, answers: test.answers}
				_, err := s.open().Write(t.Context(), test.op)
				if (err == nil) != test.ok || len(s.requests) != len(s.answers) {
					t.Errorf("%d requests, %v", len(s.requests), err)
				}
			})
		})
	}
}

func TestTransactIsRetriedUnderOneToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{t: t, answers: []answer{broken, reset, fine}}
		if err := s.open().Transact(t.Context(), []table.Op{table.Increment(key("a"), "n", 1)}); err != nil {
			t.Fatal(err)
		}
		if s.token(0) == "" || s.token(0) != s.token(1) || s.token(0) != s.token(2) {
			t.Errorf("tokens %q, %q, %q", s.token(0), s.token(1), s.token(2))
		}
	})
}

func (s *stub) token(i int) string {
	var request struct{ ClientRequestToken string }
	if err := json.Unmarshal([]byte(s.requests[i]), &request); err != nil {
		s.t.Fatal(err)
	}
	return request.ClientRequestToken
}

func TestErrors(t *testing.T) {
	for a, want := range map[answer]error{
		busy:     table.ErrThrottled,
		conflict: table.ErrConflict,
		failure(400, "ProvisionedThroughputExceededException"): table.ErrThrottled,
		failure(400, "ValidationException"):                    table.ErrLimit,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &stub{t: t, answers: []answer{a, a, a}} // the SDK tries throttled ones three times
			_, err := s.open().Write(t.Context(), table.Put(key("a"), nil))
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", a.body, err, want)
			}
		})
	}
}

// canceled is a transaction of two operations, canceled for these reasons.
func canceled(reasons ...string) answer {
	return answer{status: 400, body: `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","CancellationReasons":[` +
		strings.Join(reasons, ",") + "]}"}
}

func reason(code string) string { return fmt.Sprintf(`{"Code":%q,"Message":"m"}`, code) }

// failed is a condition that failed over an item with this expiry.
func failed(exp string) string {
	return `{"Code":"ConditionalCheckFailed","Item":{"pk":{"S":"p"},"sk":{"S":"b"},"n":{"N":"7"},"exp":{"N":"` + exp + `"}}}`
}

func TestCanceledTransactions(t *testing.T) {
	none, condition := reason("None"), failed("2000")
	tests := map[string]struct {
		answer answer
		want   error
	}{
		"conflict":                  {canceled(none, reason("TransactionConflict")), table.ErrConflict},
		"throttled":                 {canceled(reason("ThrottlingError"), none), table.ErrThrottled},
		"over capacity":             {canceled(reason("ProvisionedThroughputExceeded"), none), table.ErrThrottled},
		"conflict before throttled": {canceled(reason("ThrottlingError"), reason("TransactionConflict")), table.ErrConflict},
		"a limit before conflict":   {canceled(reason("ValidationError"), reason("TransactionConflict")), table.ErrLimit},
		"condition before conflict": {canceled(reason("TransactionConflict"), condition), table.ErrCondition},
		"condition before limit":    {canceled(condition, reason("ValidationError")), table.ErrCondition},
	}
	for name, test := range tests {
		s := &stub{t: t, answers: []answer{test.answer}}
		err := s.open().Transact(t.Context(), []table.Op{table.Put(key("a"), nil), table.Update(key("b"), nil, table.Exists())})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	s := &stub{t: t, answers: []answer{canceled(none, condition)}}
	err := s.open().Transact(t.Context(), []table.Op{table.Put(key("a"), nil), table.Delete(key("b"), table.Missing("n"))})
	want := &table.ConditionError{Index: 1, Old: table.Item{Key: key("b"), Attrs: table.Attrs{"n": int64(7), "exp": int64(2000)}}}
	if diff := cmp.Diff(want, table.Failed(err)); diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// An update that finds an expired item becomes a put; when somebody else puts
// first, that is a conflict.
func TestRenewals(t *testing.T) {
	update := table.Increment(key("b"), "n", 3, table.MissingOrLess("n", int64(1)))
	for name, test := range map[string]struct {
		answers []answer
		want    error
	}{
		"renewed":           {[]answer{canceled(reason("None"), failed("1000")), fine}, nil},
		"somebody was fast": {[]answer{canceled(reason("None"), failed("1000")), canceled(reason("None"), failed("2000"))}, table.ErrConflict},
		"not expired":       {[]answer{canceled(reason("None"), failed("1001"))}, table.ErrCondition},
	} {
		s := &stub{t: t, answers: test.answers}
		err := s.open().Transact(t.Context(), []table.Op{table.Put(key("a"), nil), update})
		if !errors.Is(err, test.want) || len(s.requests) != len(test.answers) {
			t.Errorf("%s: %d requests, %v", name, len(s.requests), err)
		}
		if len(s.requests) == 2 && !strings.Contains(s.requests[1], `"n":{"N":"3"}`) {
			t.Errorf("%s: %s", name, s.requests[1])
		}
	}
}

const (
	itemA    = `{"pk":{"S":"p"},"sk":{"S":"a"}}`
	leftOver = `"UnprocessedKeys":{"sessions":{"Keys":[{"pk":{"S":"p"},"sk":{"S":"b"}}]}}`
)

func TestBatchGetAsksForWhatIsLeftOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stub{t: t, answers: []answer{
			{status: 200, body: `{"Responses":{"sessions":[` + itemA + `]},` + leftOver + `}`},
			{status: 200, body: `{"Responses":{"sessions":[]},` + leftOver + `}`},
			{status: 200, body: `{"Responses":{"sessions":[` + strings.Replace(itemA, `"a"`, `"b"`, 1) + `]}}`},
		}}
		items, err := s.open().BatchGet(t.Context(), []table.Key{key("a"), key("b")}, table.Eventual)
		if err != nil || !items[0].Found() || !items[1].Found() {
			t.Errorf("%v, %v", items, err)
		}
	})
}

func TestBatchGetGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		idle := answer{status: 200, body: `{` + leftOver + `}`}
		s := &stub{t: t, answers: []answer{idle, idle, idle, idle, idle, idle}}
		if _, err := s.open().BatchGet(t.Context(), []table.Key{key("b")}, table.Eventual); !errors.Is(err, table.ErrThrottled) {
			t.Errorf("%v", err)
		}
	})
}
