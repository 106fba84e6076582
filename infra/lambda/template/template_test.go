package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var options = Options{Stack: "dev", Region: "eu-west-1"}

func TestLoad(t *testing.T) {
	got, err := Load("testdata/template.yaml", options)
	if err != nil {
		t.Fatal(err)
	}
	const ingest = "arn:aws:sqs:eu-west-1:000000000000:dev-Data-Ingest"
	want := &Template{
		Functions: []Function{
			{
				ID: "SessionsGetFunction", Name: "dev-sessions-get", CodeURI: "functions/sessions-get/",
				ARN:     "arn:aws:lambda:eu-west-1:000000000000:function:dev-sessions-get",
				Timeout: 10 * time.Second, MemoryMB: 256,
				Env: map[string]string{"GRIOT_STAGE": "dev", "GRIOT_TABLE_ACCESS": "dev-access"},
				Routes: []Route{
					{Method: "GET", Path: "/v1/sessions/{id}/transcript", Stream: true, Timeout: 15 * time.Minute},
					{Method: "GET", Path: "/v1/sessions/{id}", Timeout: 29 * time.Second},
				},
			},
			{
				ID: "WorkerFunction", Name: "dev-WorkerFunction", CodeURI: "functions/worker/",
				ARN:     "arn:aws:lambda:eu-west-1:000000000000:function:dev-WorkerFunction",
				Timeout: time.Minute, MemoryMB: 512, Reserved: 3,
				Env: map[string]string{
					"GRIOT_STAGE": "own", "GRIOT_TABLE_ACCESS": "dev-access",
					"GRIOT_QUEUE_INGEST": "https://sqs.eu-west-1.amazonaws.com/000000000000/dev-Data-Ingest",
				},
				Sources:   []Source{{QueueARN: ingest, Batch: 5, Concurrency: 2, Partial: true}},
				Schedules: []Schedule{{Every: time.Minute}},
			},
		},
		API: API{Stage: "live", BinaryTypes: []string{"application/octet-stream"}, Responses: map[string]Response{
			"MISSING_AUTHENTICATION_TOKEN": {
				Status: 404, Headers: map[string]string{"Cache-Control": "no-store"},
				Body: "{\"error\":$context.error.messageString,\"instance\":\"$context.requestId\"}\n",
			},
			"THROTTLED": {Status: 429, Headers: map[string]string{}},
		}},
		Tables: []Table{{Name: "dev-access", Hash: "pk", Range: "sk", TTL: "exp"}},
		Buckets: []Bucket{{
			Name:          "dev-${literal}-000000000000",
			Notifications: []Notification{{Event: "s3:ObjectCreated:*", QueueARN: ingest, Prefix: "inbox/"}},
		}},
		Queues: []Queue{
			{Name: "dev-Data-Dead", Visibility: 30 * time.Second, Retention: 14 * 24 * time.Hour},
			{
				Name: "dev-Data-Ingest", Visibility: 6 * time.Minute, Retention: 4 * 24 * time.Hour,
				DeadLetter: "dev-Data-Dead", Receives: 5,
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParametersDecide(t *testing.T) {
	o := options
	o.Parameters = map[string]any{"Stage": "prod", "Domain": "griot.example"}
	got, err := Load("testdata/template.yaml", o)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Functions); n != 3 {
		t.Errorf("%d functions, want the conditional one, too", n)
	}
	for _, f := range got.Functions {
		if f.Env["GRIOT_PUBLIC"] != "yes" {
			t.Errorf("%s: GRIOT_PUBLIC is %q", f.ID, f.Env["GRIOT_PUBLIC"])
		}
	}
}

func TestRefusals(t *testing.T) {
	function := "Resources:\n  G: {Type: AWS::Serverless::Function}\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: x\n"
	for text, want := range map[string]string{
		"a: [":         "bad.yaml",
		"- a\n":        "no mapping",
		"a: 1\na: 2\n": "already defined",
		function + "      FunctionName: !Ref Nobody\n":                                              "no parameter or resource Nobody",
		function + "      FunctionName: !GetAtt G.Color\n":                                          "Color of a AWS::Serverless::Function",
		function + "      FunctionName: !Ref F\n":                                                   "refers to itself",
		function + "      FunctionName: !Transform x\n":                                             "Fn::Transform",
		function + "      Timeout: !If [Unknown, 1, 2]\n":                                           "no condition Unknown",
		function + "      Events: {A: {Type: SNS}}\n":                                               `"SNS" is not supported`,
		function + "      Events: {A: {Type: Schedule, Properties: {Schedule: cron(0 * * * ?)}}}\n": "want rate(1 minute)",
	} {
		file := filepath.Join(t.TempDir(), "bad.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file, options); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := Load("testdata/nothing.yaml", options); err == nil {
		t.Error("a file that does not exist was read")
	}
}
