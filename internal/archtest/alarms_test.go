package archtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"griot/internal/queue"
	"griot/internal/table"
)

// alarmsOf are the alarms of a template, as JSON, by their names without the
// stack's.
func alarmsOf(t *testing.T, file string) map[string]string {
	t.Helper()
	all, _ := load(t, file).At("Resources").(map[string]any)
	out := map[string]string{}
	for _, v := range all {
		r, _ := v.(map[string]any)
		if r["Type"] != "AWS::CloudWatch::Alarm" {
			continue
		}
		properties, _ := r["Properties"].(map[string]any)
		text, err := json.Marshal(properties)
		if err != nil {
			t.Fatal(err)
		}
		name := regexp.MustCompile(`"AlarmName":\{"Fn::Sub":"\$\{[A-Za-z:]+\}-([a-z0-9-]+)"\}`).FindSubmatch(text)
		if name == nil {
			t.Fatalf("an alarm has no name: %s", text)
		}
		out[string(name[1])] = string(text)
	}
	return out
}

// A formula takes ten metrics, and an alarm is heard by the topic.
func TestAlarms(t *testing.T) {
	for _, file := range []string{"template.yaml", "infra/data.yaml", "infra/observability.yaml"} {
		alarms := alarmsOf(t, file)
		for name, text := range alarms {
			if n := strings.Count(text, `"MetricName"`); n == 0 || n > 10 {
				t.Errorf("%s has %d metrics", name, n)
			}
			if !strings.Contains(text, `"AlarmActions":[{"Ref":"Alarms"}]`) && !strings.Contains(text, `-alarms"}]`) {
				t.Errorf("nobody hears %s", name)
			}
		}
		if len(alarms) == 0 {
			t.Errorf("%s has no alarms", file)
		}
	}
}

// With AlarmScope=few a stack has the alarms that are left here: ten metrics, which
// CloudWatch takes nothing for. That of the firewall goes with the firewall.
func TestFewAlarms(t *testing.T) {
	var few []string
	metrics := 0
	for _, file := range []string{"template.yaml", "infra/data.yaml", "infra/observability.yaml"} {
		all, _ := load(t, file).At("Resources").(map[string]any)
		for _, v := range all {
			r, _ := v.(map[string]any)
			if r["Type"] != "AWS::CloudWatch::Alarm" || r["Condition"] == "HasAllAlarms" || r["Condition"] == "HasFirewall" {
				continue
			}
			text, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			name := regexp.MustCompile(`"AlarmName":\{"Fn::Sub":"\$\{[A-Za-z:]+\}-([a-z0-9-]+)"\}`).FindSubmatch(text)
			few = append(few, string(name[1]))
			metrics += strings.Count(string(text), `"MetricName"`)
			if r["Condition"] != nil {
				t.Errorf("%s is there only if %v", name[1], r["Condition"])
			}
		}
	}
	want := []string{"faults"}
	for _, name := range queue.Names {
		want = append(want, string(name)+"-dead")
	}
	slices.Sort(few)
	slices.Sort(want)
	if !slices.Equal(few, want) || metrics > 10 {
		t.Errorf("%d metrics of %v, want ten of %v", metrics, few, want)
	}
}

// Every table has what DynamoDB may do to it: refuse, fail, cancel, and come
// near its caps.
func TestTablesHaveTheirAlarms(t *testing.T) {
	alarms := alarmsOf(t, "infra/data.yaml")
	for _, name := range table.Names {
		dimension := fmt.Sprintf(`{"Name":"TableName","Value":{"Fn::Sub":"${Prefix}-%s"}}`, name)
		for alarm, want := range map[string][]string{
			"tables-throttled":            {"ReadThrottleEvents", "WriteThrottleEvents"},
			"tables-conflicts":            {"TransactionConflict"},
			"tables-read-capacity":        {"ConsumedReadCapacityUnits", "${MaxReadUnits}"},
			"tables-write-capacity":       {"ConsumedWriteCapacityUnits", "${MaxWriteUnits}"},
			string(name) + "-unavailable": {"SystemErrors", "TransactWriteItems", "Query"},
		} {
			for _, word := range append(want, dimension) {
				if !strings.Contains(alarms[alarm], word) {
					t.Errorf("%s has no %s", alarm, word)
				}
			}
		}
	}
}

// What takes a deployment back is a share of the answers, and not a handful.
func TestFaultsAreARate(t *testing.T) {
	text := alarmsOf(t, "template.yaml")["faults"]
	for _, want := range []string{`"Expression":"IF(faults \u003e= 5, 100 * faults / answers, 0)"`, "5XXError", `"MetricName":"Count"`, `"TreatMissingData":"notBreaching"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the alarm faults has no %s:\n%s", want, text)
		}
	}
}
