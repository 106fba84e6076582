package archtest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
	"github.com/google/go-cmp/cmp"
)

// Whoever names a language that Amazon does not know is told when deploying.
func TestLanguagesOfAmazonTranscribe(t *testing.T) {
	want := []string{""}
	for _, code := range types.LanguageCode("").Values() {
		want = append(want, string(code))
	}
	var got []string
	allowed, _ := load(t, "template.yaml").At("Parameters", "TranscribeLanguage", "AllowedValues").([]any)
	for _, v := range allowed {
		got = append(got, fmt.Sprint(v))
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("languages of the service (-), of the parameter, sorted (+): %s", diff)
	}
}

// The rule that tells the ingest queue about Amazon Transcribe is the one that
// the queue lets in, and its queue the ingest queue.
func TestEventsOfAmazonTranscribe(t *testing.T) {
	stack, data := load(t, "template.yaml"), load(t, "infra/data.yaml")
	rule := func(names ...string) any {
		return stack.At(append([]string{"Resources", "TranscribedRule", "Properties"}, names...)...)
	}
	if diff := cmp.Diff(map[string]any{"Fn::Sub": "${AWS::StackName}-transcribed"}, rule("Name")); diff != "" {
		t.Error(diff)
	}
	targets, _ := rule("Targets").([]any)
	want := []any{map[string]any{"Id": "ingest", "Arn": map[string]any{
		"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-ingest"}}}
	if diff := cmp.Diff(want, targets); diff != "" {
		t.Error(diff)
	}
	statements, _ := data.At("Resources", "IngestQueuePolicy", "Properties", "PolicyDocument", "Statement").([]any)
	let := slices.ContainsFunc(statements, func(v any) bool {
		st, _ := v.(map[string]any)
		return cmp.Equal(st["Principal"], any(map[string]any{"Service": "events.amazonaws.com"})) &&
			cmp.Equal(st["Condition"], any(map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": map[string]any{
				"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${Prefix}-transcribed"}}}))
	})
	if !let {
		t.Error("the ingest queue takes nothing from the rule")
	}
}
