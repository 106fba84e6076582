package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
	"griot/internal/queue"
)

var root = filepath.Join("..", "..", "..")

// Generating changes nothing: whoever changed the table has to run go generate.
func TestGeneratingChangesNothing(t *testing.T) {
	files, err := generated(root, stack.Functions(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range files {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if diff := cmp.Diff(want, string(got)); diff != "" {
			t.Errorf("%s: generated (-), there (+); go generate ./infra/stack writes it:\n%s", name, diff)
		}
	}
}

// What is generated says so, and nothing else does.
func TestGeneratedMainsAreThoseOfEndpoints(t *testing.T) {
	for _, f := range stack.Functions() {
		text, err := os.ReadFile(filepath.Join(root, f.Directory(), "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		if says := strings.HasPrefix(string(text), "// Code generated "); says != f.Serves() {
			t.Errorf("%s: says that it is generated: %v", f.Name(), says)
		}
	}
}

func TestMoreEndpoints(t *testing.T) {
	now, more := functionsRegion(stack.Functions()), moreFunctions(stack.Functions(), 70)
	const kind = "Type: AWS::Serverless::Function"
	if n := strings.Count(more, kind); n != 70 {
		t.Errorf("%d more functions, want 70", n)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(now + more) {
		if id, ok := strings.CutPrefix(line, "  "); ok && !strings.HasPrefix(id, " ") && seen[id] {
			t.Errorf("%s is there twice", strings.TrimSpace(id))
		} else if ok {
			seen[id] = !strings.HasPrefix(id, " ")
		}
	}
}

func TestRegions(t *testing.T) {
	text := "a\n" + begin + "x\nold\n" + end + "x\nb\n"
	got, err := replaced(text, map[string]string{"x": "new\n"})
	if want := "a\n" + begin + "x\nnew\n" + end + "x\nb\n"; got != want || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for _, broken := range []string{"", begin + "x\n", end + "x\n" + begin + "x\n"} {
		if got, err := replaced(broken, map[string]string{"x": ""}); err == nil {
			t.Errorf("%q became %q", broken, got)
		}
	}
}

// A group's eleventh function begins another alarm.
func TestGroupsAreSplit(t *testing.T) {
	var many []stack.Function
	for _, f := range stack.Functions() {
		f.Alarms = stack.Reads
		many = append(many, f)
	}
	region := alarmsRegion(many[:11])
	for _, want := range []string{"  ReadsErrorsAlarm:\n", "  Reads2ErrorsAlarm:\n", "${Prefix}-reads-2-throttles\n"} {
		if strings.Count(region, want) != 1 {
			t.Errorf("%q is there %d times", want, strings.Count(region, want))
		}
	}
}

// What a dashboard is made of is JSON, and each function, queue and table has a
// row in it; CloudWatch takes 500 metrics in a graph and 2,500 in all.
func TestDashboard(t *testing.T) {
	_, body, _ := strings.Cut(dashboardRegion(stack.Functions()), "!Sub |\n")
	var d struct {
		Widgets []struct {
			X, Y       int
			Properties struct {
				Title, Query string
				Metrics      [][]string
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		t.Fatal(err)
	}
	seen, places, sum := map[string]bool{}, map[[2]int]bool{}, 0
	for _, w := range d.Widgets {
		if n := len(w.Properties.Metrics); n == 0 && w.Properties.Query == "" || n > 500 || places[[2]int{w.X, w.Y}] {
			t.Errorf("%s has %d metrics, at %d, %d", w.Properties.Title, n, w.X, w.Y)
		}
		places[[2]int{w.X, w.Y}] = true
		sum += len(w.Properties.Metrics)
		metric := ""
		for i, row := range w.Properties.Metrics {
			if i == 0 && (row[0] == "." || row[1] == "." || row[2] == ".") {
				t.Errorf("%s begins with %v", w.Properties.Title, row)
			}
			if row[1] != "." {
				metric = row[1]
			}
			seen[metric+" "+row[3]] = true
		}
	}
	for _, f := range stack.Functions() {
		for _, metric := range []string{"Duration", "Errors", "Throttles", "ConcurrentExecutions"} {
			if !seen[metric+" ${Prefix}-"+f.Name()] {
				t.Errorf("%s of %s is not shown", metric, f.Name())
			}
		}
	}
	for _, name := range queue.Names {
		if !seen["ApproximateNumberOfMessagesVisible ${Prefix}-"+string(name)+"-dead"] {
			t.Errorf("what is dead of %s is not shown", name)
		}
	}
	if sum > 2500 {
		t.Errorf("%d metrics", sum)
	}
}
