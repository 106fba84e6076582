package archtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/infra/lambda/template"
	"griot/infra/stack"
	"griot/internal/api/openapi"
	"griot/internal/queue"
	"griot/internal/table"
)

var root = filepath.Join("..", "..")

// here is where the stack stands for these tests.
var here = stack.Place{Stack: "griot", Region: "eu-west-1", Account: "000000000000"}

func load(t *testing.T, file string) template.Template {
	t.Helper()
	tmpl, err := template.Load(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// directories are those of the functions.
func directories(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(root, "functions"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() {
			t.Errorf("functions/%s is not a function's directory", e.Name())
		}
		names = append(names, e.Name())
	}
	return names
}

func TestFunctionsAreThoseOfTheTable(t *testing.T) {
	var names []string
	for _, f := range stack.Functions() {
		names = append(names, f.Name())
	}
	slices.Sort(names)
	if diff := cmp.Diff(directories(t), names); diff != "" {
		t.Errorf("functions (-), infra/stack (+): %s", diff)
	}
}

func TestMainsAreShort(t *testing.T) {
	for _, dir := range directories(t) {
		files, err := filepath.Glob(filepath.Join(root, "functions", dir, "*"))
		if err != nil || len(files) != 1 || filepath.Base(files[0]) != "main.go" {
			t.Errorf("functions/%s has %v, want main.go alone (%v)", dir, files, err)
			continue
		}
		if n := strings.Count(read(t, files[0]), "\n"); n >= 30 {
			t.Errorf("functions/%s/main.go has %d lines, want under 30", dir, n)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// One row, one path of the document.
func TestRoutesAreTheDocuments(t *testing.T) {
	documented := documentRoutes(t)
	for _, f := range stack.Functions() {
		if !f.Serves() || f.Unknown() {
			continue
		}
		route := f.Endpoint().Method + " " + f.Endpoint().Path
		if !documented[route] {
			t.Errorf("%s is not in the document", route)
		}
		delete(documented, route)
	}
	for route := range documented {
		t.Errorf("%s is in the document only", route)
	}
}

// documentRoutes are the routes of both documents.
func documentRoutes(t *testing.T) map[string]bool {
	t.Helper()
	routes := map[string]bool{}
	for _, document := range []func() ([]byte, error){openapi.JSON, openapi.ConversationsJSON} {
		raw, err := document()
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Paths map[string]map[string]json.RawMessage
		}
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		for path, item := range doc.Paths {
			for method := range item {
				if method != "parameters" {
					routes[strings.ToUpper(method)+" "+path] = true
				}
			}
		}
	}
	return routes
}

// The gateway ends a buffered route after 29 s, a streamed one after 15 min;
// a function that goes on for longer works for nobody. Lambda ends all after
// 15 min.
func TestTimes(t *testing.T) {
	for _, f := range stack.Functions() {
		if limit := f.Longest(); f.Serves() && f.Time() > limit || f.Time() > 15*time.Minute {
			t.Errorf("%s may take %v, the route %v", f.Name(), f.Time(), limit)
		}
	}
}

func TestQueues(t *testing.T) {
	working := map[queue.Name]bool{}
	for _, f := range stack.Functions() {
		if f.Worker == "" {
			continue
		}
		working[f.Worker] = true
		if f.AtOnce < 2 || f.AtOnce > 1000 {
			t.Errorf("%s: SQS invokes 2 to 1,000 at once, not %d", f.Name(), f.AtOnce)
		}
		if f.Visibility() > 12*time.Hour {
			t.Errorf("%s: SQS hides a message for at most 12 h", f.Worker)
		}
	}
	for _, name := range queue.Names {
		if !working[name] {
			t.Errorf("nobody does the jobs of %s", name)
		}
	}
}

func TestTables(t *testing.T) {
	want, got := map[string]string{}, map[string]string{}
	for _, name := range table.Names {
		want["${Prefix}-"+string(name)] = "pk HASH, sk RANGE, " + table.ExpiresAttr
	}
	resources, _ := load(t, "infra/data.yaml").At("Resources").(map[string]any)
	for id := range resources {
		at := func(names ...string) any {
			return load(t, "infra/data.yaml").At(slices.Concat([]string{"Resources", id}, names)...)
		}
		if at("Type") != "AWS::DynamoDB::Table" {
			continue
		}
		var shape string
		keys, _ := at("Properties", "KeySchema").([]any)
		for _, key := range keys {
			k, _ := key.(map[string]any)
			shape += fmt.Sprintf("%s %s, ", k["AttributeName"], k["KeyType"])
		}
		name, _ := at("Properties", "TableName", "Fn::Sub").(string)
		got[name] = shape + fmt.Sprint(at("Properties", "TimeToLiveSpecification", "AttributeName"))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("internal/table (-), infra/data.yaml (+): %s", diff)
	}
}

// What arrives under these prefixes is what session.Arrived knows.
func TestNotificationsOfTheBucket(t *testing.T) {
	list, _ := load(t, "infra/data.yaml").At("Resources", "Bucket", "Properties", "NotificationConfiguration", "QueueConfigurations").([]any)
	var want []any
	for _, prefix := range stack.Arrivals {
		rule := map[string]any{"Name": "prefix", "Value": prefix}
		want = append(want, map[string]any{
			"Event": "s3:ObjectCreated:*", "Queue": map[string]any{"Fn::GetAtt": []any{"IngestQueue", "Arn"}},
			"Filter": map[string]any{"S3Key": map[string]any{"Rules": []any{rule}}},
		})
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("infra/stack (-), infra/data.yaml (+): %s", diff)
	}
}

// What a function has when its row says nothing is what the Globals say.
func TestGlobals(t *testing.T) {
	globals := func(names ...string) any {
		return load(t, "template.yaml").At(slices.Concat([]string{"Globals", "Function"}, names)...)
	}
	if globals("MemorySize") != int64(stack.DefaultMemory) || globals("Timeout") != int64(stack.DefaultTimeout.Seconds()) {
		t.Errorf("MemorySize %v, Timeout %v", globals("MemorySize"), globals("Timeout"))
	}
	want := map[string]any{}
	for _, v := range stack.Shared {
		want[v.Name] = v.Value
		if parameter, ok := strings.CutPrefix(v.Value, "${"); ok {
			want[v.Name] = map[string]any{"Ref": strings.TrimSuffix(parameter, "}")}
		}
	}
	if diff := cmp.Diff(any(want), globals("Environment", "Variables")); diff != "" {
		t.Errorf("infra/stack (-), Globals (+): %s", diff)
	}
}

var (
	opensTables = regexp.MustCompile(`tables\.Open\(c, ([^)]*)\)`)
	opensQueues = regexp.MustCompile(`queues\.Open\(c, ([^)]*)\)`)
	listedName  = regexp.MustCompile(`(?:table|queue)\.([A-Z][a-z]+)`)
)

// What a main opens is what its function's environment names. Those of
// endpoints are written from the row, those of workers by hand.
func TestMainsOpenTheirEnvironment(t *testing.T) {
	for _, f := range stack.Functions() {
		source := read(t, filepath.Join(root, f.Directory(), "main.go"))
		opened := map[string]bool{}
		for prefix, calls := range map[string]*regexp.Regexp{"GRIOT_TABLE_": opensTables, "GRIOT_QUEUE_": opensQueues} {
			for _, call := range calls.FindAllStringSubmatch(source, -1) {
				for _, name := range listedName.FindAllStringSubmatch(call[1], -1) {
					opened[prefix+strings.ToUpper(name[1])] = true
				}
			}
		}
		if strings.Contains(source, "objects.Open(c)") || strings.Contains(source, "bucket.Named(c)") {
			opened["GRIOT_BUCKET"] = true
		}
		given := map[string]bool{}
		for _, v := range f.Environment() {
			if !slices.ContainsFunc(f.Settings, func(s stack.Setting) bool { return s.Variable == v.Name }) {
				given[v.Name] = true
			}
		}
		if diff := cmp.Diff(opened, given); diff != "" {
			t.Errorf("%s: main.go (-), its row (+): %s", f.Name(), diff)
		}
	}
}

// Bodies that the gateway makes are readable in both dialects (contract E).
func TestGatewayResponses(t *testing.T) {
	responses := load(t, "template.yaml").API().Responses
	if r := responses["MISSING_AUTHENTICATION_TOKEN"]; r.Status != 404 {
		t.Errorf("an unknown path is a %d", r.Status)
	}
	for _, kind := range []string{"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "REQUEST_TOO_LARGE", "INTEGRATION_TIMEOUT", "INTEGRATION_FAILURE"} {
		if _, ok := responses[kind]; !ok {
			t.Errorf("there is no %s", kind)
		}
	}
	for kind, r := range responses {
		var body map[string]any
		if err := json.Unmarshal([]byte(r.Body), &body); err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		want := []string{"code", "detail", "error", "instance", "status", "title", "type"}
		if diff := cmp.Diff(want, slices.Sorted(maps.Keys(body))); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
		if body["status"] != float64(r.Status) || r.Headers["Cache-Control"] != "no-store" || r.Headers["X-Content-Type-Options"] != "nosniff" {
			t.Errorf("%s: %d %v %v", kind, r.Status, body["status"], r.Headers)
		}
		if code, _ := body["code"].(string); body["type"] != "https://errors.mnemos.ai/"+strings.ToLower(code) {
			t.Errorf("%s: code %v, type %v", kind, body["code"], body["type"])
		}
	}
}

var (
	groupOfAlarms   = regexp.MustCompile(`^  (\w+)(Errors|Throttles)Alarm:`)
	watchedFunction = regexp.MustCompile(`\$\{Prefix\}-([a-z-]+)'\}`)
)

// Every function is in one group for its errors and in one for its throttles;
// CloudWatch takes ten metrics into a formula.
func TestEveryFunctionHasItsAlarms(t *testing.T) {
	text := read(t, filepath.Join(root, "infra", "observability.yaml"))
	watched := map[string][]string{}
	for block := range strings.SplitSeq(text, "\n\n") {
		group := groupOfAlarms.FindStringSubmatch(block)
		if group == nil {
			continue
		}
		names := watchedFunction.FindAllStringSubmatch(block, -1)
		if len(names) > 10 {
			t.Errorf("the group %s has %d functions", group[1], len(names))
		}
		for _, name := range names {
			watched[group[2]] = append(watched[group[2]], name[1])
		}
	}
	for _, metric := range []string{"Errors", "Throttles"} {
		slices.Sort(watched[metric])
		if diff := cmp.Diff(directories(t), watched[metric]); diff != "" {
			t.Errorf("%s: functions (-), alarms (+): %s", metric, diff)
		}
	}
	for _, name := range queue.Names {
		for _, alarm := range []string{"dead", "age"} {
			if !strings.Contains(text, "AlarmName: !Sub ${Prefix}-"+string(name)+"-"+alarm) {
				t.Errorf("the queue %s has no alarm for %s", name, alarm)
			}
		}
	}
}
