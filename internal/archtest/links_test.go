package archtest

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"griot/infra/stack"
)

const sdk = "github.com/aws/aws-sdk-go-v2/service/"

// clients are what a function links for what it uses.
var clients = []struct {
	client string
	uses   func(stack.Function) bool
}{
	{sdk + "dynamodb", func(f stack.Function) bool { return len(f.Tables()) > 0 }},
	{sdk + "s3", func(f stack.Function) bool { return f.Objects.Used() && !f.Objects.Named }},
	{sdk + "sqs", func(f stack.Function) bool { return len(f.Queues()) > 0 }},
}

// What only workers need, and what no function needs.
var (
	forWorkers = []string{"griot/internal/worker", "griot/internal/transcript/format", "griot/internal/extraction/rules", "griot/internal/fetch", "code.dny.dev/ssrf"}
	forNobody  = []string{"go.etcd.io/bbolt", "go.yaml.in/yaml/v3", "github.com/aws/aws-sdk-go-v2/config", "text/template", "testing"}
)

// A function links the clients that it uses and no others, and an endpoint
// nothing of what happens behind the queues.
func TestFunctionsLinkWhatTheyUse(t *testing.T) {
	for _, f := range stack.Functions() {
		linked := dependencies(t, f.Name())
		for _, c := range clients {
			if links := slices.Contains(linked, c.client); links != c.uses(f) {
				t.Errorf("%s links %s: %v; it uses it: %v", f.Name(), c.client, links, c.uses(f))
			}
		}
		for _, name := range linked {
			if matchTree(forNobody, name) || f.Serves() && matchTree(forWorkers, name) {
				t.Errorf("%s links %s", f.Name(), name)
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
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as infra/build builds
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}
