package template

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoad(t *testing.T) {
	tmpl, err := Load("testdata/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := API{Stage: "live", BinaryTypes: []string{"application/octet-stream"}, Responses: map[string]Response{
		"MISSING_AUTHENTICATION_TOKEN": {
			Status: 404, Headers: map[string]string{"Cache-Control": "no-store"},
			Body: "{\"error\":$context.error.messageString,\"instance\":\"$context.requestId\"}\n",
		},
		"THROTTLED": {Status: 429, Headers: map[string]string{}},
	}}
	if diff := cmp.Diff(want, tmpl.API()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"Stage": "live", "Retention": "14"}, tmpl.Defaults()); diff != "" {
		t.Error(diff)
	}
	queue := object{
		"QueueName": object{"Fn::Sub": "${AWS::StackName}-a"},
		"Arn":       object{"Fn::GetAtt": []any{"Other", "Arn"}},
	}
	if diff := cmp.Diff(any(queue), tmpl.At("Resources", "Queue", "Properties")); diff != "" {
		t.Error(diff)
	}
}

func TestRefusals(t *testing.T) {
	for text, want := range map[string]string{
		"a: [": "bad.yaml", "- a\n": "no mapping", "a: 1\na: 2\n": "a is there twice",
	} {
		file := filepath.Join(t.TempDir(), "bad.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := Load("testdata/nothing.yaml"); err == nil {
		t.Error("a file that does not exist was read")
	}
}
