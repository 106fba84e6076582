package prompt

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write down the texts of a new version")

// What the model is told is told again only under a new version: results say
// which one they come from.
func TestVersion(t *testing.T) {
	const file = "testdata/versions"
	sum := sha256.New()
	err := fs.WalkDir(texts, "text", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := texts.ReadFile(path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(data), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	line := fmt.Sprintf("%s %x\n", Version, sum.Sum(nil))
	known, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	if strings.HasSuffix(string(known), line) {
		return
	}
	if *update && !strings.Contains("\n"+string(known), "\n"+Version+" ") {
		if err := os.WriteFile(file, append(known, line...), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the texts have changed: raise Version, and run this with -update; %s ends with\n%s", file, known)
}
