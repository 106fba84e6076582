// Package docs_test holds the documentation against the code: what operations
// cost. To measure anew: go test ./internal/docs -run Costs -update
package docs_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/table"
)

var update = flag.Bool("update", false, "write what was measured into performance.md")

const (
	costFile = "performance.md"
	costEnd  = "<!-- end -->"
	costHead = "| operation | reads | read units | writes | write units | DynamoDB Local: read units | write units |\n" +
		"|---|---|---|---|---|---|---|\n"
)

// operation is what one measured operation consumed.
type operation struct {
	name string
	table.Totals
}

// TestCosts holds the documented costs against what the embedded driver counts
// by DynamoDB's rules and, where the environment names it, against what
// DynamoDB Local says that it consumed.
func TestCosts(t *testing.T) {
	for name, measure := range map[string]func(*world) []operation{"sessions": sessionCosts, "conversations": conversationCosts} {
		t.Run(name, func(t *testing.T) {
			embedded := measure(newWorld(t, embeddedTable(t)))
			var deployed []operation
			if store := dynamoTable(t); store != nil {
				deployed = measure(newWorld(t, store))
			}
			compare(t, "<!-- costs of "+name+" -->\n", embedded, deployed)
		})
	}
}

// compare checks the table of the documentation that begins with a mark, or
// writes it. What DynamoDB consumed stays as it is when it was not asked.
func compare(t *testing.T, mark string, embedded, deployed []operation) {
	t.Helper()
	doc, err := os.ReadFile(costFile)
	ok(t, err)
	before, rest, found := strings.Cut(string(doc), mark)
	want, after, found2 := strings.Cut(rest, costEnd)
	if !found || !found2 {
		t.Fatalf("%s has no place for %s", costFile, mark)
	}
	got := costHead
	for i, op := range embedded {
		units := documented(want, op.name)
		if deployed != nil {
			units = fmt.Sprintf("%.1f | %.0f", deployed[i].ReadUnits, deployed[i].WriteUnits)
		}
		got += fmt.Sprintf("| %s | %d | %.1f | %d | %.0f | %s |\n", op.name, op.Reads, op.ReadUnits, op.Writes, op.WriteUnits, units)
	}
	if *update {
		ok(t, os.WriteFile(costFile, []byte(before+mark+got+costEnd+after), 0o600))
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("documented (-) and measured (+) costs differ; -update writes them:\n%s", diff)
	}
}

// documented are the last two columns of an operation's line.
func documented(lines, name string) string {
	for line := range strings.Lines(lines) {
		cells := strings.Split(line, " | ")
		if len(cells) == 7 && cells[0] == "| "+name {
			return cells[5] + " | " + strings.TrimSuffix(cells[6], " |\n")
		}
	}
	return "? | ?"
}

// meter runs operations and notes what each of them consumed.
type meter struct {
	t    *testing.T
	done []operation
}

func (m *meter) run(name string, do func(ctx context.Context) error) {
	m.t.Helper()
	var u table.Usage
	if err := do(table.WithUsage(m.t.Context(), &u)); err != nil {
		m.t.Fatalf("%s: %v", name, err)
	}
	m.done = append(m.done, operation{name, u.Totals()})
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
