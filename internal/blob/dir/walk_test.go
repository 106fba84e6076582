package dir

import (
	"os"
	"path/filepath"
	"testing"
)

// A directory that is pruned while it is listed is empty.
func TestPrunedWhileListed(t *testing.T) {
	name := filepath.Join(t.TempDir(), "gone")
	if err := os.Mkdir(name, 0o700); err != nil {
		t.Fatal(err)
	}
	open, err := os.OpenRoot(name)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	w := walk{ctx: t.Context()}
	if entries, err := w.entries(open, ""); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
