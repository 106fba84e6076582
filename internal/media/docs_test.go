package media

import (
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The page of what is read has a row for every kind of recording, and says the
// limits that hold.
func TestDocs(t *testing.T) {
	page, err := os.ReadFile("../docs/reading.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Recordings\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := map[Kind]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([a-z0-9]+)` \\|").FindAllStringSubmatch(section, -1) {
		rows[Kind(m[1])] = true
	}
	kinds := map[Kind]bool{}
	for _, h := range heads {
		if h.want != "" {
			kinds[h.want] = true
		}
	}
	if !maps.Equal(rows, kinds) {
		t.Errorf("rows of %v, want %v", rows, kinds)
	}
	if Any.Longest != 4*time.Hour || Any.Bytes != 2<<30 || Any.Shortest != 500*time.Millisecond {
		t.Errorf("the page has other limits than %+v", Any)
	}
	for _, limit := range []string{"longer than 4 hours", "larger than 2 GB", "shorter than half a\nsecond"} {
		if !strings.Contains(section, limit) {
			t.Errorf("not said: %s", limit)
		}
	}
}
