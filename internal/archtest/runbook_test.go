package archtest

import (
	"os"
	"regexp"
	"testing"
)

// Every alarm's kind, the last word of its name, has a place in the runbook,
// and what the runbook calls an alarm's is one.
func TestRunbookKnowsAllAlarms(t *testing.T) {
	kinds := map[string]bool{}
	for _, file := range []string{"template.yaml", "infra/data.yaml", "infra/observability.yaml"} {
		for _, name := range regexp.MustCompile(`AlarmName: !Sub \S*-(\w+)`).FindAllStringSubmatch(readFile(t, file), -1) {
			kinds[name[1]] = true
		}
	}
	if len(kinds) < 5 {
		t.Fatalf("only %d kinds of alarms were found", len(kinds))
	}
	for _, heading := range regexp.MustCompile(`(?m)^## ([a-z]+)$`).FindAllStringSubmatch(readFile(t, "internal/docs/runbook.md"), -1) {
		if !kinds[heading[1]] {
			t.Errorf("the runbook has %q, no alarm is called so", heading[1])
		}
		delete(kinds, heading[1])
	}
	for kind := range kinds {
		t.Errorf("the runbook says nothing of alarms %q", kind)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
