package format

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"griot/internal/transcript"
)

// The page of what is read has a row for every container, and each example of
// a layout is read by that layout.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	transcripts, _, _ := strings.Cut(string(page), "\n## Recordings\n") // which internal/media reads
	rows := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9]+)` \\| ([^|]+) \\|").FindAllStringSubmatch(transcripts, -1) {
		rows[m[1]] = m[2]
	}
	for _, f := range transcript.Formats {
		if rows[f.Name] != f.Title {
			t.Errorf("the row of %s says %q, want %q", f.Name, rows[f.Name], f.Title)
		}
		delete(rows, f.Name)
	}
	for name := range rows {
		t.Errorf("%s has a row and is not read", name)
	}
	examples := regexp.MustCompile("(?ms)^`([a-z_]+)`[^\n]*\\. .*?^```\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	for _, m := range examples {
		if p := mustParse(t, m[2]); p.Reading.Layout != m[1] || p.Format != string(Text) {
			t.Errorf("the example of %s is read as %s, %s", m[1], p.Format, p.Reading.Layout)
		}
	}
	if len(examples) < 10 {
		t.Errorf("only %d examples", len(examples))
	}
}
