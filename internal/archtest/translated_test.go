package archtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
)

// translated is the template as SAM makes CloudFormation of it; infra/sam/sam
// writes it and sets the variable.
func translated(t *testing.T) map[string]resource {
	t.Helper()
	return translation(t, "GRIOT_TRANSLATED")
}

// translatedFile is where a variable says that a translation is.
func translatedFile(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Skipf("no translated template: infra/sam/sam check makes one and sets %s", variable)
	}
	return path
}

func translation(t *testing.T, variable string) map[string]resource {
	t.Helper()
	var doc struct{ Resources map[string]resource }
	if err := json.Unmarshal([]byte(read(t, translatedFile(t, variable))), &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Resources
}

type resource struct {
	Type       string
	Properties map[string]any
}

// CloudFormation takes 500 resources in a stack; some are left for what is
// added between two looks at this.
const mostResources = 450

// All functions stay in one template, also when there are forty endpoints more.
func TestTranslatedStacksAreNotTooLarge(t *testing.T) {
	now, more := len(translated(t)), len(translation(t, "GRIOT_TRANSLATED_MORE"))
	t.Logf("template.yaml has %d resources, with forty more endpoints %d", now, more)
	if more > mostResources || more < now+80 {
		t.Errorf("template.yaml has %d resources, with forty more endpoints %d, want at most %d", now, more, mostResources)
	}
	for _, nested := range []string{"data.yaml", "observability.yaml"} {
		text := read(t, filepath.Join(root, "infra", nested))
		if n := strings.Count(text, "\n    Type: AWS::"); n > mostResources || n < 10 {
			t.Errorf("%s has %d resources, want at most %d", nested, n, mostResources)
		}
	}
}

// SAM buffers a route without a word when the mode is not spelled as it
// wants; here is what the gateway is told in the end.
func TestTranslatedRoutesStream(t *testing.T) {
	eps := map[string]bool{}
	for _, f := range stack.Functions() {
		if !f.Serves() {
			continue
		}
		method := f.Method()
		if method == "any" {
			method = "x-amazon-apigateway-any-method"
		}
		eps[method+" "+f.Endpoint().Path] = f.Endpoint().Stream
		if f.Unknown() {
			eps[method+" /"] = f.Endpoint().Stream
		}
	}
	paths, _ := translated(t)["Api"].Properties["Body"].(map[string]any)["paths"].(map[string]any)
	for path, item := range paths {
		for method, operation := range item.(map[string]any) {
			in, _ := operation.(map[string]any)["x-amazon-apigateway-integration"].(map[string]any)
			stream, known := eps[method+" "+path]
			if !known {
				t.Errorf("%s %s is no endpoint", method, path)
			}
			delete(eps, method+" "+path)
			uri := fmt.Sprint(in["uri"])
			streams := in["responseTransferMode"] == "STREAM" && strings.Contains(uri, "/response-streaming-invocations")
			half := in["responseTransferMode"] == "STREAM" || strings.Contains(uri, "response-streaming")
			if streams != stream || half != streams {
				t.Errorf("%s %s: mode %v, uri %s", method, path, in["responseTransferMode"], uri)
			}
			if ms, _ := in["timeoutInMillis"].(float64); !stream && ms > 29000 || stream && ms != 900000 {
				t.Errorf("%s %s may take %v ms", method, path, ms)
			}
		}
	}
	for route := range eps {
		t.Errorf("%s has no route", route)
	}
}

// addedBySAM are the managed policies that SAM gives for logs and traces, the one
// of CodeDeploy, and the one with which the gateway logs. The one for queues is for all of the account's.
var addedBySAM = []string{"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess", "AWSCodeDeployRoleForLambdaLimited", "AmazonAPIGatewayPushToCloudWatchLogs"}

func TestTranslatedRoles(t *testing.T) {
	for id, r := range translated(t) {
		arns, _ := r.Properties["ManagedPolicyArns"].([]any)
		for _, arn := range arns {
			known := func(name string) bool { return strings.Contains(fmt.Sprint(arn), "/"+name) }
			if !slices.ContainsFunc(addedBySAM, known) {
				t.Errorf("%s has the managed policy %v", id, arn)
			}
		}
	}
}

// What the table says of a function is what CloudFormation is told.
func TestTranslatedFunctions(t *testing.T) {
	resources := translated(t)
	rows := map[string]bool{}
	for _, f := range stack.Functions() {
		id := f.ID()
		rows[id] = true
		p := resources[id].Properties
		if p["FunctionName"] == nil || p["Timeout"] != f.Time().Seconds() || p["MemorySize"] != float64(f.MemoryMB()) {
			t.Errorf("%s: FunctionName %v, Timeout %v, MemorySize %v", id, p["FunctionName"], p["Timeout"], p["MemorySize"])
		}
		got := map[string]string{}
		environment, _ := p["Environment"].(map[string]any)
		variables, _ := environment["Variables"].(map[string]any)
		for name, v := range variables {
			got[name] = substituted(v)
		}
		if diff := cmp.Diff(here.Environment(f), got); diff != "" {
			t.Errorf("%s: the environment of its row (-), as translated (+): %s", id, diff)
		}
		logging, _ := p["LoggingConfig"].(map[string]any)
		if logging["LogFormat"] != "JSON" || logging["LogGroup"] == nil {
			t.Errorf("%s: logs %v", id, logging)
		}
	}
	for id, r := range resources {
		if r.Type == "AWS::Lambda::Function" && !rows[id] {
			t.Errorf("%s has no row", id)
		}
	}
}

// substituted is a text in the place, of a {"Ref": …} the name with ${}.
func substituted(v any) string {
	if o, ok := v.(map[string]any); ok {
		if ref, ok := o["Ref"].(string); ok {
			return here.Resolve("${" + ref + "}")
		}
		text, _ := o["Fn::Sub"].(string)
		return here.Resolve(text)
	}
	return fmt.Sprint(v)
}

// What the row allows is what the function's role has, and nothing else but
// what its Also says: no action has an asterisk, and a resource has one at its
// end at most, or a condition.
func TestTranslatedPolicies(t *testing.T) {
	resources := translated(t)
	for _, f := range stack.Functions() {
		want, got := map[string]bool{}, map[string]bool{}
		for _, st := range here.Statements(f) {
			for _, action := range st.Actions {
				for _, r := range st.Resources {
					want[fmt.Sprint(action, " ", r, " ", st.Keys, st.Prefixes)] = true
				}
			}
		}
		also := 0
		for _, st := range statements(t, resources[f.ID()+"Role"]) {
			if branches, ok := st["Fn::If"].([]any); ok && len(branches) == 3 {
				if branches[0] != "HasKey" {
					also++
				}
				st, _ = branches[1].(map[string]any)
				checkNarrow(t, f.Name(), st)
				continue
			}
			checkNarrow(t, f.Name(), st)
			condition, _ := json.Marshal(st["Condition"])
			for _, action := range list(st["Action"]) {
				for _, r := range list(st["Resource"]) {
					got[fmt.Sprint(action, " ", substituted(r), " ", leading(string(condition)), prefixes(st))] = true
				}
			}
		}
		if f.Also == "" || also == 0 {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: its row (-), its role (+): %s", f.Name(), diff)
			}
		}
		if (also > 0) && f.Also == "" {
			t.Errorf("%s has statements that no row says", f.Name())
		}
	}
}

func statements(t *testing.T, role resource) (all []map[string]any) {
	t.Helper()
	policies, _ := role.Properties["Policies"].([]any)
	for _, policy := range policies {
		document, _ := policy.(map[string]any)["PolicyDocument"].(map[string]any)
		for _, st := range list(document["Statement"]) {
			s, ok := st.(map[string]any)
			if !ok {
				t.Fatalf("a statement is %v", st)
			}
			all = append(all, s)
		}
	}
	return all
}

func list(v any) []any {
	if l, ok := v.([]any); ok {
		return l
	}
	return []any{v}
}

var leadingKeys = regexp.MustCompile(`"dynamodb:LeadingKeys":\["([^"]*)"\]`)

func leading(condition string) string {
	if m := leadingKeys.FindStringSubmatch(condition); m != nil {
		return m[1]
	}
	return ""
}

// prefixes are those to which a statement is narrowed. It has to say IfExists:
// a read of an object that is not there lists nothing, and names no prefix.
func prefixes(st map[string]any) (list []string) {
	condition, _ := st["Condition"].(map[string]any)
	like, _ := condition["StringLikeIfExists"].(map[string]any)
	values, _ := like["s3:prefix"].([]any)
	for _, v := range values {
		list = append(list, fmt.Sprint(v))
	}
	return list
}

func checkNarrow(t *testing.T, function string, st map[string]any) {
	t.Helper()
	if st["Effect"] != "Allow" {
		t.Errorf("%s: %v", function, st)
	}
	for _, action := range list(st["Action"]) {
		if name := fmt.Sprint(action); strings.Contains(name, "*") || !strings.Contains(name, ":") {
			t.Errorf("%s: the action %v", function, action)
		}
	}
	for _, r := range list(st["Resource"]) {
		data, _ := json.Marshal(r)
		text := string(data)
		if o, _ := r.(map[string]any); o["Fn::If"] == nil {
			text = substituted(r)
		}
		if wide := text == "*" || strings.Contains(strings.TrimSuffix(text, "*"), "*"); wide && st["Condition"] == nil {
			t.Errorf("%s: the resource %s is too wide", function, text)
		}
	}
}
