package archtest

import (
	"encoding/json"
	"path"
	"strings"
	"testing"
	"unicode"

	"griot/infra/stack"
	"griot/internal/queue"
)

// Quotas of AWS that nobody raises, or that a deployment meets late.
const (
	mostFunctionName       = 64
	mostQueueName          = 80
	mostRuleName           = 64
	mostEnvironment        = 4096
	mostVersionDescription = 256
	mostManagedPolicy      = 6144 // characters without white space, as all of IAM's
	mostInlinePolicies     = 10240
	mostTemplate           = 1 << 20
	mostRoutes             = 300 // resources of a REST API, which are the nodes of its paths
)

// far is where names are as long as they get.
var far = stack.Place{
	Stack: strings.Repeat("s", 25), Region: "ap-northeast-1", Account: "123456789012",
	Parameters: map[string]string{
		"Architecture": "x86_64", "Version": strings.Repeat("v", 64), "MaxReadUnits": "10000000", "MaxWriteUnits": "10000000",
		"BedrockModel": strings.Repeat("m", 256), "Transcriber": strings.Repeat("t", 256), "TranscriberKey": strings.Repeat("k", 256),
	},
}

// dense is how IAM counts.
func dense(text string) int {
	return len(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
}

func TestNamesAreNotTooLong(t *testing.T) {
	for _, f := range stack.Functions() {
		if name := far.Name(f); len(name) > mostFunctionName {
			t.Errorf("the function %s", name)
		}
	}
	for _, name := range queue.Names {
		if dead := far.Stack + "-" + string(name) + "-dead"; len(dead) > mostQueueName {
			t.Errorf("the queue %s", dead)
		}
	}
	rules, _ := load(t, "template.yaml").At("Resources").(map[string]any)
	for id, v := range rules {
		r, _ := v.(map[string]any)
		if r["Type"] != "AWS::Events::Rule" {
			continue
		}
		properties, _ := r["Properties"].(map[string]any)
		if name := resolved(t, properties["Name"]); len(name) > mostRuleName {
			t.Errorf("%s: the rule %s", id, name)
		}
	}
}

// resolved is a value far away, as JSON.
func resolved(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return far.Resolve(string(data))
}

func TestEnvironmentsAreNotTooLarge(t *testing.T) {
	for _, f := range stack.Functions() {
		size := 0
		for name, value := range far.Environment(f) {
			size += len(name) + len(value) + len(`"":"",`)
		}
		if size > mostEnvironment {
			t.Errorf("%s is told %d bytes", f.Name(), size)
		}
	}
}

// Whoever deploys can have the policy as it is, one of the account's own.
func TestPolicyOfDeployingIsNotTooLarge(t *testing.T) {
	policy := strings.NewReplacer("NAME", far.Stack, "REGION", far.Region, "ACCOUNT", far.Account).Replace(readFile(t, "infra/deploy/policy.json"))
	if n := dense(policy); n > mostManagedPolicy {
		t.Errorf("infra/deploy/policy.json has %d characters, want at most %d: put more into one statement, or make two of it", n, mostManagedPolicy)
	}
}

// What forty more endpoints take fits, too.
func TestTranslatedQuotas(t *testing.T) {
	if n := len(read(t, translatedFile(t, "GRIOT_TRANSLATED_MORE"))); n > mostTemplate {
		t.Errorf("the template has %d bytes, want at most %d", n, mostTemplate)
	}
	resources := translation(t, "GRIOT_TRANSLATED_MORE")
	if n := routes(resources["Api"]); n > mostRoutes || n < len(stack.Functions()) {
		t.Errorf("the API has %d resources, want at most %d", n, mostRoutes)
	}
	for id, r := range resources {
		switch r.Type {
		case "AWS::IAM::Role":
			if n := dense(resolved(t, r.Properties["Policies"])); n > mostInlinePolicies {
				t.Errorf("the policies of %s have %d characters, want at most %d", id, n, mostInlinePolicies)
			}
		case "AWS::Lambda::Version":
			if n := len(resolved(t, r.Properties["Description"])); n > mostVersionDescription {
				t.Errorf("the description of %s has %d characters, want at most %d", id, n, mostVersionDescription)
			}
		}
	}
}

// routes counts the nodes of an API's paths.
func routes(api resource) int {
	body, _ := api.Properties["Body"].(map[string]any)
	paths, _ := body["paths"].(map[string]any)
	nodes := map[string]bool{}
	for p := range paths {
		for nodes[p] = true; p != "/"; p = path.Dir(p) {
			nodes[path.Dir(p)] = true
		}
	}
	return len(nodes)
}
