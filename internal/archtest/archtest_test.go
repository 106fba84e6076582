package archtest

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArchitecture(t *testing.T) {
	g, err := Load(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := g["internal/access"]; !ok {
		t.Fatal("internal/access was not found: nothing was checked")
	}
	for _, sentence := range Check(g) {
		t.Error(sentence)
	}
}

// sound is a small module that keeps all rules.
var sound = Graph{
	"internal/errs":                     {"errors"},
	"internal/table":                    {"context", "internal/errs"},
	"internal/table/bolt":               {"go.etcd.io/bbolt", "internal/table"},
	"internal/table/dynamo":             {"github.com/aws/aws-sdk-go-v2/service/dynamodb", "internal/table", "net/http"},
	"internal/table/tabletest":          {"internal/table", "testing"},
	"internal/clock":                    {"internal/table"},
	"internal/access":                   {"internal/clock", "internal/errs"},
	"internal/extraction":               {},
	"internal/extraction/rules":         {"internal/extraction", "internal/extraction/rules/english"},
	"internal/extraction/rules/english": {},
	"internal/transcript":               {},
	"internal/transcript/format":        {"internal/transcript"},
	"internal/session":                  {"internal/access", "internal/extraction"},
	"internal/api":                      {"internal/session", "net/http"},
	"internal/api/sessions":             {"internal/api"},
	"internal/worker":                   {"internal/extraction/rules", "internal/session", "internal/transcript/format"},
	"internal/setup":                    {"github.com/aws/aws-sdk-go-v2/aws", "internal/table"},
	"infra/local":                       {"go.etcd.io/bbolt", "internal/api", "internal/setup", "internal/table/bolt"},
	"functions/sessions-create":         {"internal/api/sessions", "internal/setup"},
}

func TestSoundModule(t *testing.T) {
	if found := Check(sound); found != nil {
		t.Errorf("violations where there are none: %q", found)
	}
}

// Each violation is found when it alone is planted.
func TestPlantedViolations(t *testing.T) {
	tests := []struct{ pkg, imports, want string }{
		{"internal/errs", "internal/table", "internal/errs (leaf) imports internal/table (port)"},
		{"internal/table", "internal/session", "internal/table (port) imports internal/session (domain)"},
		{"internal/session", "internal/api", "internal/session (domain) imports internal/api (edge)"},
		{"internal/session", "internal/table/bolt", "internal/session (domain) imports internal/table/bolt (edge)"},
		{"internal/api", "internal/worker", "internal/api (edge) imports internal/worker (edge)"},
		{"internal/api", "internal/table/dynamo", "internal/api (edge) imports internal/table/dynamo (edge)"},
		{"internal/table/dynamo", "internal/table/bolt", "internal/table/dynamo (edge) imports internal/table/bolt (edge)"},
		{"internal/worker", "infra/local", "internal/worker (edge) imports infra/local (host)"},
		{"internal/session", "internal/extraction/rules", "internal/session imports internal/extraction/rules: an endpoint"},
		{"internal/api/sessions", "internal/transcript/format", "internal/api/sessions imports internal/transcript/format: an endpoint"},
		{"internal/access", "internal/extraction/rules", "internal/session imports internal/access imports internal/extraction/rules: an endpoint"},
		{"internal/table/bolt", "internal/access", "internal/table/bolt imports internal/access: a driver holds no rules"},
		{"internal/session", "go.etcd.io/bbolt", "internal/session imports go.etcd.io/bbolt, which is for"},
		{"internal/worker", "go.etcd.io/bbolt/errors", "internal/worker imports go.etcd.io/bbolt/errors, which is for"},
		{"infra/local", "github.com/aws/aws-sdk-go-v2/config", "infra/local imports github.com/aws/aws-sdk-go-v2/config, which is for"},
		{"internal/api", "github.com/aws/aws-lambda-go/events", "internal/api imports github.com/aws/aws-lambda-go/events, which is for"},
		{"internal/session", "net/http", "internal/session imports net/http, which is for"},
		{"internal/access", "testing", "internal/access imports testing, which is for"},
		{"infra/local", "internal/table/tabletest", "infra/local imports internal/table/tabletest, which is for"},
		{"internal/fruit", "errors", "internal/fruit: has no place in the layers"},
		{"internal/session/util", "errors", `internal/session/util: the name "util" says nothing`},
		{"internal/models/session", "errors", `internal/models/session: the name "models" says nothing`},
	}
	for _, tt := range tests {
		g := maps.Clone(sound)
		g[tt.pkg] = append([]string{tt.imports}, g[tt.pkg]...)
		found := strings.Join(Check(g), "\n")
		if !strings.Contains("\n"+found, "\n"+tt.want) {
			t.Errorf("%s imports %s: found %q, want %q", tt.pkg, tt.imports, found, tt.want)
		}
	}
}

// No package has two places, or the order of the table would matter.
func TestPatternsDoNotOverlap(t *testing.T) {
	g, err := Load(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range g.packages() {
		n := 0
		for _, l := range layers {
			for _, pattern := range l.packages {
				if match(pattern, pkg) {
					n++
				}
			}
		}
		if n > 1 {
			t.Errorf("%s matches %d patterns", pkg, n)
		}
	}
}

func TestLoad(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                "// about\nmodule example\n\ngo 1.26\n",
		"main.go":               "package main\n\nimport \"example/a\"\n",
		"a/a.go":                "package a\n\nimport (\n\t\"example/a/b\"\n\tx \"os\"\n)\n",
		"a/a_windows.go":        "package a\n\nimport \"syscall\"\nimport \"os\"\n",
		"a/a_test.go":           "package a\n\nimport \"testing\"\n",
		"a/b/b.go":              "package b\n",
		"a/testdata/broken.go":  "no go",
		".hidden/h.go":          "package h\n",
		"a/only_test/x_test.go": "package x\n",
	} {
		write(t, filepath.Join(root, name), text)
	}
	g, err := Load(root)
	want := Graph{".": {"a"}, "a": {"a/b", "os", "syscall"}, "a/b": nil}
	if diff := cmp.Diff(want, g); diff != "" || err != nil {
		t.Errorf("Load: %v\n%s", err, diff)
	}
	write(t, filepath.Join(root, "a", "c.go"), "no go")
	if _, err := Load(root); err == nil {
		t.Error("Load of a file that is not Go succeeded")
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
