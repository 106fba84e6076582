package archtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// dataResources are those of infra/data.yaml, by logical id.
func dataResources(t *testing.T) map[string]map[string]any {
	t.Helper()
	all, _ := load(t, "infra/data.yaml").At("Resources").(map[string]any)
	out := map[string]map[string]any{}
	for id, r := range all {
		out[id], _ = r.(map[string]any)
	}
	return out
}

// What is kept outlives its stack, but for one whose create failed: then
// nothing is left in the way of the next.
func TestDataOutlivesItsStack(t *testing.T) {
	kept := 0
	for id, r := range dataResources(t) {
		switch r["Type"] {
		case "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Logs::LogGroup":
			kept++
			if r["DeletionPolicy"] != "RetainExceptOnCreate" || r["UpdateReplacePolicy"] != "Retain" {
				t.Errorf("%s: DeletionPolicy %v, UpdateReplacePolicy %v", id, r["DeletionPolicy"], r["UpdateReplacePolicy"])
			}
		default:
			if r["DeletionPolicy"] != nil {
				t.Errorf("%s, a %v, is left over when the stack is deleted", id, r["Type"])
			}
		}
	}
	if kept != 5 {
		t.Errorf("%d resources are kept", kept)
	}
	if d := load(t, "infra/data.yaml").Defaults()["Protect"]; d != "false" {
		t.Errorf("Protect is %s from the start: a failed create could not be taken back", d)
	}
}

// The functions' stack knows the data by name: neither waits for the other,
// takes it along or reads its outputs.
func TestDataIsAStackOfItsOwn(t *testing.T) {
	resources, _ := load(t, "template.yaml").At("Resources").(map[string]any)
	for id, v := range resources {
		r, _ := v.(map[string]any)
		if id != "Observability" && r["Type"] == "AWS::CloudFormation::Stack" {
			t.Errorf("%s is nested", id)
		}
	}
	if strings.Contains(read(t, root+"/template.yaml"), "ImportValue") {
		t.Error("template.yaml reads an output of another stack")
	}
	parameters, _ := load(t, "infra/data.yaml").At("Parameters").(map[string]any)
	want := []string{"AlarmScope", "KmsKeyArn", "MaxReadUnits", "MaxWriteUnits", "Prefix", "Protect", "UploadOrigin", "WarmReadUnits", "WarmWriteUnits"}
	if got := slices.Sorted(maps.Keys(parameters)); !slices.Equal(got, want) {
		t.Errorf("parameters %v, want %v", got, want)
	}
}

// Whatever is at rest is encrypted with the account's own key, where there is
// one: tables, bucket, queues, logs and what alarms say.
func TestEverythingKeptTakesTheKey(t *testing.T) {
	property := map[string]string{
		"AWS::DynamoDB::Table": "SSESpecification", "AWS::S3::Bucket": "BucketEncryption",
		"AWS::SQS::Queue": "KmsMasterKeyId", "AWS::Logs::LogGroup": "KmsKeyId", "AWS::SNS::Topic": "KmsMasterKeyId",
	}
	seen := map[any]int{}
	for _, file := range []string{"template.yaml", "infra/data.yaml", "infra/observability.yaml"} {
		resources, _ := load(t, file).At("Resources").(map[string]any)
		for id, v := range resources {
			r, _ := v.(map[string]any)
			name, keyed := property[fmt.Sprint(r["Type"])]
			if !keyed {
				continue
			}
			seen[r["Type"]]++
			properties, _ := r["Properties"].(map[string]any)
			text, err := json.Marshal(properties[name])
			if err != nil || !strings.Contains(string(text), `"Fn::If":["HasKey",`) || !strings.Contains(string(text), `{"Ref":"KmsKeyArn"}`) {
				t.Errorf("%s: %s is %s (%v)", id, name, text, err)
			}
		}
	}
	if len(seen) != len(property) {
		t.Errorf("only these were found: %v", seen)
	}
}
