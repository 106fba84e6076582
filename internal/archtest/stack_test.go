package archtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/infra/lambda/template"
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/conversations"
	"griot/internal/api/openapi"
	"griot/internal/api/sessions"
	"griot/internal/conversation"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/table"
)

// The names of a stack on AWS, for these tests.
const stack, bucket = "griot", "griot-000000000000-eu-west-1"

var root = filepath.Join("..", "..")

// options have a server that writes recordings down, so that what is there for
// one only is looked at, too.
func options() template.Options {
	return template.Options{Stack: stack, Region: "eu-west-1", Parameters: map[string]any{"Transcriber": "https://speech.example"}}
}

func loadStack(t *testing.T) *template.Template {
	t.Helper()
	tmpl, err := template.Load(filepath.Join(root, "template.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func endpoints() map[string]api.Endpoint {
	process := api.Process{}
	dir := &access.Directory{}
	all := slices.Concat(sessions.All(&session.Service{}, dir, sessions.Streams{}), conversations.All(&conversation.Service{}, dir),
		[]api.Endpoint{api.Livez(process), api.Health(process, nil), api.SystemHealth(process, nil)})
	out := map[string]api.Endpoint{}
	for _, ep := range all {
		out[ep.Name] = ep
	}
	return out
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

func directory(f template.Function) string { return filepath.Base(f.CodeURI) }

func TestFunctionsAreThoseOfTheTemplate(t *testing.T) {
	var inTemplate []string
	for _, f := range loadStack(t).Functions {
		dir := directory(f)
		inTemplate = append(inTemplate, dir)
		if f.CodeURI != "functions/"+dir+"/" || f.Name != stack+"-"+dir {
			t.Errorf("%s: CodeUri %q, FunctionName %q", f.ID, f.CodeURI, f.Name)
		}
		if id := logical(dir); f.ID != id {
			t.Errorf("functions/%s is %s in the template; infra/Makefile wants %s", dir, f.ID, id)
		}
	}
	slices.Sort(inTemplate)
	if diff := cmp.Diff(directories(t), inTemplate); diff != "" {
		t.Errorf("functions (-), template (+): %s", diff)
	}
}

// logical is sessions-get as SessionsGet.
func logical(dir string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(dir, "-") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
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

// One route, one endpoint, one function, one path of the document.
func TestRoutesAreTheEndpoints(t *testing.T) {
	eps, documented := endpoints(), documentRoutes(t)
	served := map[string]bool{}
	for _, f := range loadStack(t).Functions {
		ep, isEndpoint := eps[directory(f)]
		if isEndpoint != (len(f.Routes) == 1) || len(f.Routes) > 1 {
			t.Errorf("%s has %d routes", f.ID, len(f.Routes))
			continue
		}
		if !isEndpoint {
			continue
		}
		r := f.Routes[0]
		served[ep.Name] = true
		if r.Method != routed(ep) || r.Path != ep.Path || r.Stream != ep.Stream {
			t.Errorf("%s: the template has %s %s, stream %v; the endpoint wants %s %s, %v",
				ep.Name, r.Method, r.Path, r.Stream, routed(ep), ep.Path, ep.Stream)
		}
		if !documented[ep.Method+" "+r.Path] {
			t.Errorf("%s %s is not in the document", ep.Method, r.Path)
		}
		delete(documented, ep.Method+" "+r.Path)
	}
	for name := range eps {
		if !served[name] {
			t.Errorf("%s has no function", name)
		}
	}
	for route := range documented {
		t.Errorf("%s is in the document only", route)
	}
}

// routed is the method of an endpoint's route. HEAD is one of its own to API
// Gateway; ANY brings it to GET without a second route, and with it what has
// no route at all, which is 404 there too.
func routed(ep api.Endpoint) string {
	if ep.Method == http.MethodGet {
		return "ANY"
	}
	return ep.Method
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
// a function that goes on for longer works for nobody.
func TestTimesOfRoutes(t *testing.T) {
	for _, f := range loadStack(t).Functions {
		for _, r := range f.Routes {
			limit := 29 * time.Second
			if r.Stream {
				limit = 15 * time.Minute
			}
			if r.Timeout > limit || f.Timeout > r.Timeout {
				t.Errorf("%s: the function has %v, the route %v of at most %v", f.ID, f.Timeout, r.Timeout, limit)
			}
		}
	}
}

func TestQueues(t *testing.T) {
	tmpl := loadStack(t)
	queues := map[string]template.Queue{}
	for _, q := range tmpl.Queues {
		queues[q.Name] = q
	}
	if len(queues) != 2*len(queue.Names) {
		t.Errorf("%d queues, want %d and as many for what is dead", len(queues), len(queue.Names))
	}
	consumers := map[string]template.Function{}
	for _, f := range tmpl.Functions {
		for _, src := range f.Sources {
			name := src.QueueARN[strings.LastIndex(src.QueueARN, ":")+1:]
			consumers[name] = f
			if !src.Partial || src.Concurrency < 2 {
				t.Errorf("%s: partial responses %v, concurrency %d", f.ID, src.Partial, src.Concurrency)
			}
		}
	}
	for _, name := range queue.Names {
		full := stack + "-" + string(name)
		q, dead, f := queues[full], queues[full+"-dead"], consumers[full]
		if q.DeadLetter != dead.Name || q.Receives != queue.MaxReceive || dead.Retention != 14*24*time.Hour || dead.Retention <= q.Retention {
			t.Errorf("%s: %+v, dead letters %+v", name, q, dead)
		}
		if f.ID != "" && directory(f) != "worker-"+string(name) || q.Visibility < 6*f.Timeout {
			t.Errorf("%s is consumed by %q, which may take %v; visible again after %v", name, f.ID, f.Timeout, q.Visibility)
		}
		if q.Visibility > 12*time.Hour {
			t.Errorf("%s: SQS hides a message for at most 12 h", name)
		}
	}
}

func TestTables(t *testing.T) {
	var want []template.Table
	for _, name := range table.Names {
		want = append(want, template.Table{Name: stack + "-" + string(name), Hash: "pk", Range: "sk", TTL: table.ExpiresAttr})
	}
	got := loadStack(t).Tables
	byName := func(a, b template.Table) int { return strings.Compare(a.Name, b.Name) }
	slices.SortFunc(want, byName)
	slices.SortFunc(got, byName)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What arrives under these prefixes is what session.Arrived knows.
func TestNotificationsOfTheBucket(t *testing.T) {
	for _, b := range loadStack(t).Buckets {
		var prefixes []string
		for _, n := range b.Notifications {
			prefixes = append(prefixes, n.Prefix)
			if n.Event != "s3:ObjectCreated:*" || !strings.HasSuffix(n.QueueARN, ":"+stack+"-"+string(queue.Ingest)) {
				t.Errorf("%+v", n)
			}
		}
		if diff := cmp.Diff([]string{"uploads/", session.InboxPrefix}, prefixes); diff != "" || b.Name != bucket {
			t.Errorf("bucket %s: %s", b.Name, diff)
		}
	}
}

// environmentOf is what a function gets of griot's own, by variable.
func environmentOf(f template.Function) map[string]string {
	own := maps.Clone(f.Env)
	maps.DeleteFunc(own, func(name, _ string) bool {
		return !strings.HasPrefix(name, "GRIOT_TABLE_") && !strings.HasPrefix(name, "GRIOT_QUEUE_") && name != "GRIOT_BUCKET"
	})
	return own
}

// arnOf is what a variable of the environment names; it is the same place
// for a function and its policies.
func arnOf(variable, value string) string {
	switch {
	case strings.HasPrefix(variable, "GRIOT_TABLE_"):
		return "arn:aws:dynamodb:eu-west-1:000000000000:table/" + value
	case strings.HasPrefix(variable, "GRIOT_QUEUE_"):
		return "arn:aws:sqs:eu-west-1:000000000000:" + value[strings.LastIndex(value, "/")+1:]
	}
	return "arn:aws:s3:::" + value
}

// A function may touch exactly what its environment names. The bucket of
// sessions-create is only named: it tells our upload URLs from others.
func TestPoliciesAreTheEnvironment(t *testing.T) {
	statements, err := template.Statements(filepath.Join(root, "template.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range loadStack(t).Functions {
		named, allowed := map[string]bool{}, map[string]bool{}
		for variable, value := range environmentOf(f) {
			named[arnOf(variable, value)] = true
		}
		for _, st := range statements[f.ID] {
			for _, r := range st.Resources {
				if strings.HasPrefix(r, "arn:aws:bedrock:") {
					if f.Env["GRIOT_BEDROCK_MODEL"] == "" {
						t.Errorf("%s may ask a model that it does not know: %s", f.ID, r)
					}
					continue
				}
				place, _, _ := strings.Cut(r, "/*")
				if strings.HasPrefix(place, "arn:aws:s3:::") {
					place, _, _ = strings.Cut(r, "/")
				}
				allowed[place] = true
			}
		}
		if directory(f) == "sessions-create" {
			delete(named, "arn:aws:s3:::"+bucket)
		}
		if diff := cmp.Diff(named, allowed); diff != "" {
			t.Errorf("%s: environment (-), policies (+): %s", f.ID, diff)
		}
	}
}

func TestActionsAreNamed(t *testing.T) {
	statements, err := template.Statements(filepath.Join(root, "template.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	if len(statements) < 20 {
		t.Fatalf("%d functions have policies", len(statements))
	}
	for id, list := range statements {
		for _, st := range list {
			for _, action := range st.Actions {
				if strings.Contains(action, "*") {
					t.Errorf("%s: %s", id, action)
				}
			}
			for _, r := range st.Resources {
				if !strings.HasPrefix(r, "arn:") || strings.Count(r, "*") > strings.Count(r[len(r)-1:], "*") && !st.Conditional {
					t.Errorf("%s: the resource %s is too wide", id, r)
				}
			}
		}
	}
}

var (
	opensTables = regexp.MustCompile(`tables\.Open\(c, ([^)]*)\)`)
	opensQueues = regexp.MustCompile(`queues\.Open\(c, ([^)]*)\)`)
	listedName  = regexp.MustCompile(`(?:table|queue)\.([A-Z][a-z]+)`)
)

// What a main opens is what its function's environment names.
func TestMainsOpenTheirEnvironment(t *testing.T) {
	for _, f := range loadStack(t).Functions {
		source := read(t, filepath.Join(root, f.CodeURI, "main.go"))
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
		for variable := range environmentOf(f) {
			given[variable] = true
		}
		if diff := cmp.Diff(opened, given); diff != "" {
			t.Errorf("%s: main.go (-), template (+): %s", f.ID, diff)
		}
	}
}

// Bodies that the gateway makes are readable in both dialects (contract E).
func TestGatewayResponses(t *testing.T) {
	responses := loadStack(t).API.Responses
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
