package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"griot/internal/errs"
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
	before   func() // each answer
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
	if s.before != nil {
		s.before()
	}
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
		"condition that may fail again":  {table.Repeatable(conditional), []answer{reset, broken, fine}, true},
		"sum that may count again":       {table.Repeatable(table.Increment(key("a"), "n", 1)), []answer{broken, fine}, true},
		"delete that may come again":     {table.Repeatable(table.Delete(key("a"))), []answer{reset, fine}, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stub{t: t, answers: test.answers}
				_, err := s.open().Write(t.Context(), test.op)
				if (err == nil) != test.ok || len(s.requests) != len(s.answers) {
					t.Errorf("%d requests, %v", len(s.requests), err)
				}
				if err != nil && !(errors.Is(err, table.ErrUnanswered) && errs.Is(err, errs.Unavailable)) {
					t.Errorf("%v, want that it may have taken effect", err)
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

// What each answer of DynamoDB means, to a write and to a transaction.
func TestErrors(t *testing.T) {
	other := errors.New("none of the port's")
	for a, want := range map[answer]error{
		busy:     table.ErrThrottled,
		conflict: table.ErrConflict,
		broken:   table.ErrUnanswered,
		reset:    table.ErrUnanswered,
		refused:  table.ErrUnanswered,
		failure(400, "ProvisionedThroughputExceededException"): table.ErrThrottled,
		failure(400, "RequestLimitExceeded"):                   table.ErrThrottled,
		failure(400, "ReplicatedWriteConflictException"):       table.ErrConflict,
		failure(400, "TransactionInProgressException"):         table.ErrUnanswered,
		failure(400, "ValidationException"):                    table.ErrLimit,
		failure(400, "AccessDeniedException"):                  other,
		failure(400, "ResourceNotFoundException"):              other,
		failure(503, "ServiceUnavailable"):                     table.ErrUnanswered,
		{status: 503, body: "<html>busy</html>"}:               table.ErrUnanswered,
		{status: 200, body: `{"Attributes":{"n"`}:              table.ErrUnanswered,
	} {
		for name, do := range map[string]func(*dynamo.Store, context.Context) error{
			"write": func(s *dynamo.Store, ctx context.Context) error {
				_, err := s.Write(ctx, table.Put(key("a"), nil))
				return err
			},
			"transact": func(s *dynamo.Store, ctx context.Context) error {
				return s.Transact(ctx, []table.Op{table.Put(key("a"), nil)})
			},
			"read": func(s *dynamo.Store, ctx context.Context) error {
				_, err := s.Query(ctx, table.Query{Table: table.Sessions, PK: "p"})
				return err
			},
		} {
			synctest.Test(t, func(t *testing.T) {
				s := &stub{t: t, answers: []answer{a, a, a}} // the SDK tries three times what it tries again
				err := do(s.open(), t.Context())
				var known error
				for _, e := range []error{table.ErrThrottled, table.ErrConflict, table.ErrUnanswered, table.ErrLimit} {
					if errors.Is(err, e) {
						known = errors.Join(known, e)
					}
				}
				if err == nil || want == other && known != nil || want != other && (known == nil || known.Error() != want.Error()) {
					t.Errorf("%s of %s %v: %v, want %v", name, a.body, a.err, err, want)
				}
			})
		}
	}
}

// An attempt that was lost may have taken effect, whatever the next one is told:
// to be tried again under another token it would take effect twice.
func TestLostAttemptsOfATransaction(t *testing.T) {
	for name, test := range map[string]struct {
		answers []answer
		want    error
	}{
		"then done":          {[]answer{reset, fine}, nil},
		"then throttled":     {[]answer{reset, busy, busy}, table.ErrUnanswered},
		"then in conflict":   {[]answer{broken, canceled(reason("TransactionConflict"))}, table.ErrUnanswered},
		"then over capacity": {[]answer{reset, canceled(reason("ThrottlingError"))}, table.ErrUnanswered},
		"then in progress":   {slices.Repeat([]answer{reset, failure(400, "TransactionInProgressException")}, 2)[:3], table.ErrUnanswered},
		"then refused":       {[]answer{reset, canceled(failed("2000"))}, table.ErrCondition},
		"undelivered":        {[]answer{refused, busy, busy}, table.ErrThrottled},
		"throttled only":     {[]answer{busy, busy, busy}, table.ErrThrottled},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stub{t: t, answers: test.answers}
				err := s.open().Transact(t.Context(), []table.Op{table.Update(key("b"), nil, table.Missing("n"))})
				if !errors.Is(err, test.want) || table.Retryable(err) != (test.want == table.ErrThrottled) || len(s.requests) != len(s.answers) {
					t.Errorf("%d requests, %v, want %v", len(s.requests), err, test.want)
				}
			})
		})
	}
}

// What ended because its time was over says so, and not that it may be tried again.
func TestTheEndOfTheContextIsNoMissingAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		slow := answer{err: context.DeadlineExceeded}
		s := &stub{t: t, answers: []answer{slow}, before: func() { <-ctx.Done() }}
		_, err := s.open().Write(ctx, table.Put(key("a"), nil))
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, table.ErrUnanswered) {
			t.Errorf("%v", err)
		}
	})
}

func TestRefusalsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var u table.Usage
		ctx := table.WithUsage(t.Context(), &u)
		s := &stub{t: t, answers: []answer{busy, busy, busy, canceled(reason("TransactionConflict")), conflict, busy, busy, busy}}
		store := s.open()
		_, err := store.Get(ctx, key("a"), table.Eventual)
		if err == nil || !strings.Contains(err.Error(), "sessions") {
			t.Errorf("%v, want the table's name", err)
		}
		if err := store.Transact(ctx, []table.Op{table.Put(key("a"), nil)}); err == nil || !strings.Contains(err.Error(), "sessions") {
			t.Errorf("%v, want the table's name", err)
		}
		_, _ = store.Write(ctx, table.Put(key("a"), nil))
		_, _ = store.BatchGet(ctx, []table.Key{key("a")}, table.Eventual)
		if got, want := u.Totals(), (table.Totals{Conflicts: 2, Throttled: 2}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
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
		"throttled in two ways":     {canceled(reason("ThrottlingError"), reason("ProvisionedThroughputExceeded")), table.ErrThrottled},
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
