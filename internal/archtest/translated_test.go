package archtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// translated is the template as SAM makes CloudFormation of it; infra/sam/sam
// writes it and sets the variable.
func translated(t *testing.T) map[string]resource {
	t.Helper()
	path := os.Getenv("GRIOT_TRANSLATED")
	if path == "" {
		t.Skip("no translated template: infra/sam/sam check makes one and sets GRIOT_TRANSLATED")
	}
	var doc struct{ Resources map[string]resource }
	if err := json.Unmarshal([]byte(read(t, path)), &doc); err != nil {
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

func TestTranslatedStacksAreNotTooLarge(t *testing.T) {
	if n := len(translated(t)); n > mostResources || n < 100 {
		t.Errorf("template.yaml has %d resources, want at most %d", n, mostResources)
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
	for _, ep := range endpoints() {
		method := strings.ToLower(routed(ep))
		if method == "any" {
			method = "x-amazon-apigateway-any-method"
		}
		eps[method+" "+ep.Path] = ep.Stream
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

// addedBySAM are the managed policies that SAM gives for logs, traces and
// queues, and the one of CodeDeploy. Inline policies are looked at before the
// translation, by TestActionsAreNamed.
var addedBySAM = []string{
	"AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess", "AWSLambdaSQSQueueExecutionRole", "AWSCodeDeployRoleForLambdaLimited",
}

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

// Versions, aliases and traffic: what calls a function calls its alias, and
// the API's functions are shifted to slowly.
func TestTranslatedDeployment(t *testing.T) {
	resources := translated(t)
	for id, r := range resources {
		if r.Type != "AWS::Lambda::Function" {
			continue
		}
		if resources[id+"Aliaslive"].Type != "AWS::Lambda::Alias" {
			t.Errorf("%s has no alias", id)
		}
		group, shifted := resources[id+"DeploymentGroup"]
		if shifted == strings.HasPrefix(id, "Worker") {
			t.Errorf("%s: has a deployment group: %v", id, shifted)
		}
		if data, _ := json.Marshal(group); shifted && !strings.Contains(string(data), "Canary10Percent5Minutes") {
			t.Errorf("%s: %s", id, data)
		}
		logging, _ := r.Properties["LoggingConfig"].(map[string]any)
		if logging["LogFormat"] != "JSON" || logging["LogGroup"] == nil {
			t.Errorf("%s: logs %v", id, logging)
		}
	}
}
