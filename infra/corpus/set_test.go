package corpus_test

import (
	"os"
	"strings"
	"testing"

	"griot/infra/corpus"
)

// The page with the figures says where their data is from.
func TestSetsAreNamed(t *testing.T) {
	page, err := os.ReadFile("../../internal/docs/performance.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range corpus.Sets() {
		row := "| " + strings.Join([]string{s.Name, "`" + strings.Join(s.Files, "`, `") + "`", s.Source, s.Licence}, " | ") + " |"
		if !strings.Contains(string(page), row) {
			t.Errorf("performance.md lacks\n%s", row)
		}
	}
}
