package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every link within the repository leads to a file, and to a heading of it
// where it names one.
func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("*.md")
	ok(t, err)
	decisions, err := filepath.Glob("decisions/*.md")
	ok(t, err)
	link, seen := regexp.MustCompile(`\]\(([^)\s]+)\)`), 0
	for _, page := range append(append(pages, decisions...), "../../README.md") {
		for _, m := range link.FindAllStringSubmatch(prose(t, page), -1) {
			file, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(file, "://") {
				continue
			}
			seen++
			target := page
			if file != "" {
				target = filepath.Join(filepath.Dir(page), file)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			} else if heading != "" && !headings(t, target)[heading] {
				t.Errorf("%s links to %s, and there is no such heading", page, m[1])
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d links were found", seen)
	}
}

// prose is a page without its blocks of code.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(page)
	ok(t, err)
	return regexp.MustCompile("(?ms)^```.*?^```$").ReplaceAllString(string(text), "")
}

// headings are a page's, as links name them.
func headings(t *testing.T, page string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(prose(t, page), -1) {
		name := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		out[strings.ReplaceAll(name, " ", "-")] = true
	}
	return out
}
