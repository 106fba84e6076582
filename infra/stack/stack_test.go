package stack

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/api"
	"griot/internal/api/sessions"
	"griot/internal/limit"
	"griot/internal/queue"
	"griot/internal/session/lifecycle"
	"griot/internal/table"
)

// A row says each thing once, and what it says fits together.
func TestRows(t *testing.T) {
	names, routes := map[string]bool{}, map[string]bool{}
	for _, f := range Functions() {
		if names[f.Name()] {
			t.Errorf("%s is there twice", f.Name())
		}
		names[f.Name()] = true
		if !slices.Contains(Groups, f.Group()) {
			t.Errorf("%s: the group %v has no alarms", f.Name(), f.Group())
		}
		if f.Also != "" && len(f.Settings) == 0 {
			t.Errorf("%s may do what no parameter turns on", f.Name())
		}
		if !f.Serves() {
			if f.Dear {
				t.Errorf("%s: nobody asks a worker", f.Name())
			}
			continue
		}
		if searches := f.Endpoint().Class == limit.Search; searches && !f.Dear {
			t.Errorf("%s searches, which is dear", f.Name())
		}
		if f.Worker != "" || f.AtOnce > 0 || f.Every > 0 || f.Alarms == (Group{}) {
			t.Errorf("%s: an endpoint has no queue and no schedule, and names its alarms", f.Name())
		}
		route := f.Endpoint().Method + " " + f.Endpoint().Path
		if routes[route] {
			t.Errorf("%s is served twice", route)
		}
		routes[route] = true
		if slices.Contains(f.Parts(), "") {
			t.Errorf("%s: a parameter of its constructor is not known", f.Name())
		}
	}
}

func TestEndpointSaysItsRow(t *testing.T) {
	f := Function{New: sessions.Append, Alarms: Writes, Sessions: Get | Put}.complete()
	path, name := f.Constructor()
	if f.Name() != "segments-append" || f.ID() != "SegmentsAppend" || f.Method() != "post" || path != "griot/internal/api/sessions" || name != "sessions.Append" {
		t.Error(f.Name(), f.ID(), f.Method(), path, name)
	}
	if f.Longest() != longestAnswer || f.Time() != DefaultTimeout {
		t.Error(f.Longest(), f.Time())
	}
	if get := (Function{New: sessions.Transcript}).complete(); get.Method() != "any" || get.Longest() != longestStream || get.Time() != longestAnswer {
		t.Error(get.Method(), get.Longest(), get.Time())
	}
}

// Whatever a constructor takes is what was given of its type, or of one that
// does what it wants.
func TestEndpointsAreHandedWhatIsGiven(t *testing.T) {
	type store struct{ table.Store }
	var process api.Process
	var svc *lifecycle.Service
	var behind table.Store
	var parts []api.Part
	constructor := func(s *lifecycle.Service, p api.Process, st table.Store, more ...api.Part) api.Endpoint {
		svc, process, behind, parts = s, p, st, more
		return api.Endpoint{Name: "a"}
	}
	given := &lifecycle.Service{}
	values := valuesOf(given, api.Process{Version: "v"}, store{}, []api.Part{{Name: "disk"}})
	if ep := endpoint(constructor, values); ep.Name != "a" || svc != given || process.Version != "v" || behind != (store{}) || len(parts) != 1 {
		t.Error(ep, svc, process, behind, parts)
	}
	if endpoint(constructor, nil); svc != nil || process.Version != "" || behind != nil || parts != nil {
		t.Error(svc, process, behind, parts)
	}
	if all := Endpoints(given); len(all) < 40 || all[0].Name != "sessions-create" {
		t.Error(len(all))
	}
}

// here is where the stack stands.
var here = Place{Stack: "s", Region: "eu-west-1", Account: "1", Parameters: map[string]string{"P": "p", "Most": "7", "Version": "v", "MaxReadUnits": "40", "MaxWriteUnits": "20"}}

// ofItsQueue is what a worker may do to its own queue.
var ofItsQueue = []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}

func TestStatements(t *testing.T) {
	f := Function{
		Worker: queue.Extract, Sessions: BatchGet | Check, Sends: []queue.Name{queue.Bridge},
		Objects: Objects{Get: []string{files, inbox}, Put: []string{files}, List: true},
	}.complete()
	want := []Statement{
		{Actions: []string{"dynamodb:BatchGetItem", "dynamodb:ConditionCheckItem"}, Resources: []string{"arn:aws:dynamodb:eu-west-1:1:table/s-sessions"}},
		{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::s-1-eu-west-1/sessions/*", "arn:aws:s3:::s-1-eu-west-1/inbox/*"}},
		{Actions: []string{"s3:PutObject", "s3:AbortMultipartUpload"}, Resources: []string{"arn:aws:s3:::s-1-eu-west-1/sessions/*"}},
		{Actions: []string{"sqs:SendMessage"}, Resources: []string{"arn:aws:sqs:eu-west-1:1:s-bridge"}},
		{Actions: []string{"s3:ListBucket"}, Resources: []string{"arn:aws:s3:::s-1-eu-west-1"}, Prefixes: []string{"sessions/*", "inbox/*"}},
		{Actions: ofItsQueue, Resources: []string{"arn:aws:sqs:eu-west-1:1:s-extract"}},
	}
	if diff := cmp.Diff(want, here.Statements(f)); diff != "" {
		t.Error(diff)
	}
}

// Whoever wants a key notes that it was used, in the key's rows alone, and what
// its workspace has taken, in the limits' rows alone; who may do so to any row
// does not have to be told.
func TestStatementsOfKeys(t *testing.T) {
	note := Statement{Actions: []string{"dynamodb:UpdateItem"}, Resources: []string{tableARN + "access"}, Keys: "key#*"}
	limits := func(actions ...string) Statement {
		for i := range actions {
			actions[i] = "dynamodb:" + actions[i]
		}
		return Statement{Actions: actions, Resources: []string{tableARN + "access"}, Keys: "*#limit"}
	}
	for _, tt := range []struct {
		f    Function
		want []Statement
	}{
		{Function{New: sessions.Get}, []Statement{{Actions: []string{"dynamodb:GetItem"}, Resources: []string{tableARN + "access"}}, note, limits("Query", "PutItem", "UpdateItem")}},
		{Function{New: sessions.Get, Access: Update}, []Statement{
			{Actions: []string{"dynamodb:GetItem", "dynamodb:UpdateItem"}, Resources: []string{tableARN + "access"}}, limits("Query", "PutItem"),
		}},
		{Function{New: sessions.Get, Access: Query | Put | Update}, []Statement{
			{Actions: []string{"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"}, Resources: []string{tableARN + "access"}},
		}},
		{Function{Worker: queue.Merge, Access: Get}, []Statement{
			{Actions: []string{"dynamodb:GetItem"}, Resources: []string{tableARN + "access"}},
			{Actions: ofItsQueue, Resources: []string{queueARN + "merge"}},
		}},
	} {
		if diff := cmp.Diff(tt.want, tt.f.complete().Statements()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAllows(t *testing.T) {
	s := Statement{Actions: []string{"a:B"}, Resources: []string{"r", "p/*"}}
	for _, tt := range []struct {
		action, resource string
		want             bool
	}{{"a:B", "r", true}, {"a:B", "p/x", true}, {"a:B", "r/x", false}, {"a:B", "p", false}, {"a:C", "r", false}} {
		if got := s.Allows(tt.action, tt.resource); got != tt.want {
			t.Errorf("%s on %s: %v", tt.action, tt.resource, got)
		}
	}
}

func TestEnvironment(t *testing.T) {
	f := Function{
		Worker: queue.Extract, Sessions: Get, Objects: Objects{Named: true}, Sends: []queue.Name{queue.Merge},
		Settings: []Setting{{"X", "P"}}, Limit: "Most",
	}.complete()
	want := map[string]string{
		"GOMAXPROCS": "1", "GRIOT_VERSION": "v", "GRIOT_MAX_READ_UNITS": "40", "GRIOT_MAX_WRITE_UNITS": "20", "GRIOT_TABLE_SESSIONS": "s-sessions", "GRIOT_BUCKET": "s-1-eu-west-1", "X": "p",
		"GRIOT_QUEUE_EXTRACT": "https://sqs.eu-west-1.amazonaws.com/1/s-extract",
		"GRIOT_QUEUE_MERGE":   "https://sqs.eu-west-1.amazonaws.com/1/s-merge",
	}
	if diff := cmp.Diff(want, here.Environment(f)); diff != "" {
		t.Error(diff)
	}
	if here.Limit(f) != 7 || here.Limit(Function{}) != 0 {
		t.Error(here.Limit(f), here.Limit(Function{}))
	}
	if diff := cmp.Diff([]table.Name{table.Sessions}, f.Tables()); diff != "" {
		t.Error(diff)
	}
	if arn := here.ARN(f); !strings.HasSuffix(arn, ":eu-west-1:1:function:s-worker-extract") {
		t.Error(arn)
	}
}
