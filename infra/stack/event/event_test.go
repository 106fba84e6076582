package event

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
)

const text = `== ok
GET /v1/sessions/a%20b%3F?limit=2&q=x%26y&q=z
as KEY2
Last-Event-ID: 1
=> 200

{"a": 1}

== invalid
POST /v1/sessions/x
as nobody

{"b":
 2}
=> 400
`

func TestParse(t *testing.T) {
	cases, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []Case{
		{"ok", []string{"GET /v1/sessions/a%20b%3F?limit=2&q=x%26y&q=z", "as KEY2", "Last-Event-ID: 1"}, "=> 200\n\n{\"a\": 1}\n"},
		{"invalid", []string{"POST /v1/sessions/x", "as nobody", "", `{"b":`, " 2}"}, "=> 400\n"},
	}
	if diff := cmp.Diff(want, cases); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(text, Format(cases)); diff != "" {
		t.Error(diff)
	}
	// As somebody writes it who has nothing recorded yet.
	cases, err = Parse("== ok\nGET /\n\n== invalid\nPOST /\n\n{}\n")
	want = []Case{{"ok", []string{"GET /"}, "\n"}, {"invalid", []string{"POST /", "", "{}"}, "\n"}}
	if diff := cmp.Diff(want, cases); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, broken := range []string{"", "GET /\n", "== a\n", "== a\n=> 200\n"} {
		if got, err := Parse(broken); err == nil {
			t.Errorf("%q: %v", broken, got)
		}
	}
}

func row(t *testing.T, name string) stack.Function {
	t.Helper()
	for _, f := range stack.Functions() {
		if f.Name() == name {
			return f
		}
	}
	t.Fatalf("there is no %s", name)
	return stack.Function{}
}

func of[T any](t *testing.T, function string, lines ...string) (e T) {
	t.Helper()
	raw, err := Of(row(t, function), Case{Name: "x", Lines: lines})
	if err == nil {
		err = json.Unmarshal(raw, &e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRequest(t *testing.T) {
	cases, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	e := of[events.APIGatewayProxyRequest](t, "sessions-get", cases[0].Lines...)
	if e.Path != "/v1/sessions/a b?" || e.Resource != "/v1/sessions/{id}" || e.PathParameters["id"] != "a b?" || e.HTTPMethod != "GET" {
		t.Errorf("%+v", e)
	}
	if diff := cmp.Diff(map[string][]string{"limit": {"2"}, "q": {"x&y", "z"}}, e.MultiValueQueryStringParameters); diff != "" || e.QueryStringParameters["q"] != "z" {
		t.Errorf("%s %v", diff, e.QueryStringParameters)
	}
	if e.Headers["Authorization"] != "Bearer ${KEY2}" || e.Headers["Last-Event-ID"] != "1" || e.Headers["Content-Type"] != "" || e.Body != "" {
		t.Errorf("%+v", e)
	}
	e = of[events.APIGatewayProxyRequest](t, "sessions-get", cases[1].Lines...)
	if _, has := e.Headers["Authorization"]; has || e.Headers["Content-Type"] != "application/json" || e.Body != "{\"b\":\n 2}" {
		t.Errorf("%+v", e)
	}
	for _, lines := range [][]string{{"GET"}, {"GET /%"}, {"GET /?a=%"}, {"GET /", "what"}} {
		if raw, err := Of(row(t, "sessions-get"), Case{Lines: lines}); err == nil {
			t.Errorf("%q: %s", lines, raw)
		}
	}
}

func TestBatch(t *testing.T) {
	e := of[events.SQSEvent](t, "worker-ingest", `{"a":1}`, "object uploads/x+y")
	if len(e.Records) != 2 || e.Records[0].Body != `{"a":1}` || e.Records[1].MessageId != MessageID(1) || !strings.HasSuffix(e.Records[0].EventSourceARN, ":griot-ingest") {
		t.Fatalf("%+v", e)
	}
	var s3 events.S3Event
	if err := json.Unmarshal([]byte(e.Records[1].Body), &s3); err != nil {
		t.Fatal(err)
	}
	if o := s3.Records[0].S3; o.Object.Key != "uploads/x+y" || o.Bucket.Name != Place.Bucket() {
		t.Errorf("%+v", o)
	}
}

func TestClock(t *testing.T) {
	if e := of[events.EventBridgeEvent](t, "worker-sweep", "the clock"); e.DetailType != "Scheduled Event" || e.Region != Place.Region {
		t.Errorf("%+v", e)
	}
}
