package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// reference is how a comment names entries of the contract: "contract D 1,
	// D 8 and F3".
	reference = regexp.MustCompile(`[cC]ontract ((?:(?:, | and | or )?[A-F](?:\.| )?\d*\b)+)`)
	named     = regexp.MustCompile(`[A-F](?:\.| )?\d*\b`)
	// entry is how contract.md begins one: a heading or a bold name.
	entry = regexp.MustCompile(`(?m)^(?:## ([A-F])\.|### ([A-F]\.?\d+) |- \*\*(D \d+)\*\*)`)
)

// TestContract resolves what comments say of the contract.
func TestContract(t *testing.T) {
	page, err := os.ReadFile("contract.md")
	if err != nil {
		t.Fatal(err)
	}
	entries := map[string]bool{}
	for _, m := range entry.FindAllStringSubmatch(string(page), -1) {
		name := m[1] + m[2] + m[3]
		if entries[name] {
			t.Errorf("contract.md has %s twice", name)
		}
		entries[name] = true
	}
	found := 0
	for path, text := range sources(t) {
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			for _, name := range named.FindAllString(m[1], -1) {
				found++
				if !entries[name] {
					t.Errorf("%s: the contract has no %q", path, name)
				}
			}
		}
	}
	if found < 60 {
		t.Errorf("only %d references were found: has their spelling changed?", found)
	}
}

// sources returns the text of all files that may refer to the contract, with
// comments that go over several lines as one.
func sources(t *testing.T) map[string]string {
	t.Helper()
	kinds := []string{".go", ".yaml", ".py", ".sh"}
	comment := strings.NewReplacer("\n// ", " ", "\n\t// ", " ", "\n\t\t// ", " ")
	files := map[string]string{}
	err := fs.WalkDir(os.DirFS("../.."), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "node_modules"):
			return fs.SkipDir
		case !slices.Contains(kinds, filepath.Ext(path)):
			return nil
		}
		data, err := os.ReadFile(filepath.Join("../..", path))
		files[path] = comment.Replace(string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
