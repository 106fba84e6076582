package docs_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/limit"
	"griot/internal/quota"
)

// The table of the page is what workspaces have where nothing was set.
func TestDefaultLimits(t *testing.T) {
	page, err := os.ReadFile("limits.md")
	ok(t, err)
	_, rest, _ := strings.Cut(string(page), "<!-- defaults -->\n")
	got, _, _ := strings.Cut(rest, costEnd)
	var want strings.Builder
	want.WriteString("| class | requests | read units | write units | AWS: requests | read units | write units |\n|---|---|---|---|---|---|---|\n")
	embedded, deployed := limit.Embedded(), limit.Share(limit.DefaultReadUnits, limit.DefaultWriteUnits)
	for _, class := range limit.Classes {
		fmt.Fprintf(&want, "| `%s` |", class)
		for _, rate := range []limit.Amount{embedded[class], deployed[class]} {
			for _, n := range rate {
				fmt.Fprintf(&want, " %.0f |", n)
			}
		}
		want.WriteByte('\n')
	}
	if diff := cmp.Diff(want.String(), got); diff != "" {
		t.Errorf("the defaults (-), the page (+): %s", diff)
	}
}

// So is that of quotas; what counts is in words.
func TestDefaultQuotas(t *testing.T) {
	page, err := os.ReadFile("limits.md")
	ok(t, err)
	_, rest, _ := strings.Cut(string(page), "<!-- quotas -->\n")
	table, _, _ := strings.Cut(rest, costEnd)
	var want, got []string
	for _, n := range quota.Names {
		want = append(want, fmt.Sprintf(" `%s` | %d ", n, n.Default()))
	}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n")[2:] {
		cells := strings.Split(line, "|")
		got = append(got, cells[1]+"|"+cells[2])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the defaults (-), the page (+): %s", diff)
	}
}
