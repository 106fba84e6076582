package archtest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// Every parameter that a person may set has a row on the page of deploying, and
// every row is of one. Prefix follows from the stack's name.
func TestDeployingKnowsAllParameters(t *testing.T) {
	want := map[string]bool{}
	for _, file := range []string{"template.yaml", "infra/data.yaml"} {
		parameters, _ := load(t, file).At("Parameters").(map[string]any)
		for name := range parameters {
			want[name] = name != "Prefix"
		}
	}
	rows := map[string]bool{"Prefix": false}
	_, table, _ := strings.Cut(readFile(t, "internal/docs/deploy.md"), "\n| parameter | |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(strings.Split(line, "|")[1], -1) {
			rows[name[1]] = true
		}
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("the templates (-), deploy.md (+): %s", diff)
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
