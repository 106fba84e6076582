package archtest

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const sdk = "github.com/aws/aws-sdk-go-v2/service/"

// clients are what a function links for each thing that its environment
// names.
var clients = []struct{ variable, client string }{
	{"GRIOT_TABLE_", sdk + "dynamodb"},
	{"GRIOT_BUCKET", sdk + "s3"},
	{"GRIOT_QUEUE_", sdk + "sqs"},
}

// What only workers need, and what no function needs.
var (
	forWorkers = []string{"griot/internal/worker", "griot/internal/transcript/format", "griot/internal/extraction/rules", "griot/internal/fetch", "code.dny.dev/ssrf"}
	forNobody  = []string{"go.etcd.io/bbolt", "github.com/goccy/go-yaml", "github.com/aws/aws-sdk-go-v2/config", "text/template", "testing"}
)

// A function links the clients that it uses and no others, and an endpoint
// nothing of what happens behind the queues.
func TestFunctionsLinkWhatTheyUse(t *testing.T) {
	for _, f := range loadStack(t).Functions {
		dir := directory(f)
		linked := dependencies(t, dir)
		for _, c := range clients {
			uses := slices.ContainsFunc(slices.Collect(maps.Keys(environmentOf(f))), func(v string) bool { return strings.HasPrefix(v, c.variable) })
			if dir == "sessions-create" && c.variable == "GRIOT_BUCKET" {
				uses = false // it only compares URLs
			}
			if links := slices.Contains(linked, c.client); links != uses {
				t.Errorf("%s links %s: %v; its environment names it: %v", dir, c.client, links, uses)
			}
		}
		for _, name := range linked {
			if matchTree(forNobody, name) || !strings.HasPrefix(dir, "worker-") && matchTree(forWorkers, name) {
				t.Errorf("%s links %s", dir, name)
			}
		}
	}
}

func matchTree(trees []string, name string) bool {
	return slices.ContainsFunc(trees, func(tree string) bool { return name == tree || strings.HasPrefix(name, tree+"/") })
}

func dependencies(t *testing.T, dir string) []string {
	t.Helper()
	return strings.Fields(goCommand(t, "list", "-deps", "-tags", "lambda.norpc,nethttpomithttp2", "./functions/"+dir))
}

func goCommand(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as infra/Makefile builds
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}
