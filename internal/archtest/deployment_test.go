package archtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"griot/infra/stack"
)

// What calls a function whose traffic is shifted calls its alias; others have
// neither versions nor aliases, see decisions/0017, and are changed in place.
func TestTranslatedDeployment(t *testing.T) {
	resources := translated(t)
	for _, f := range stack.Functions() {
		_, shifted := resources[f.ID()+"DeploymentGroup"]
		_, alias := resources[f.ID()+"Aliaslive"]
		_, version := versionOf(resources, f)
		if shifted != f.Canary || alias != f.Canary || version != f.Canary {
			t.Errorf("%s: has a deployment group: %v, an alias: %v, versions: %v", f.Name(), shifted, alias, version)
		}
		if uri := invoked(resources, f); f.Serves() && strings.Contains(uri, f.ID()+"Aliaslive") != f.Canary {
			t.Errorf("%s is invoked by %s", f.Name(), uri)
		}
	}
}

// Traffic is shifted in prod, unless somebody turned that off; then no alarm
// holds a mend back, and elsewhere none holds anything.
func TestTranslatedShifts(t *testing.T) {
	resources := translated(t)
	for _, f := range stack.Functions() {
		group, shifted := resources[f.ID()+"DeploymentGroup"]
		if !shifted {
			continue
		}
		for property, want := range map[string]string{
			"DeploymentConfigName": `{"Fn::If":["Shifts",{"Fn::Sub":["CodeDeployDefault.Lambda${ConfigName}",{"ConfigName":"Canary10Percent5Minutes"}]},{"Fn::Sub":["CodeDeployDefault.Lambda${ConfigName}",{"ConfigName":"AllAtOnce"}]}]}`,
			"AlarmConfiguration":   `{"Fn::If":["Shifts",{"Alarms":[{"Name":{"Ref":"FaultsAlarm"}}],"Enabled":true},{}]}`,
		} {
			if got, err := json.Marshal(group.Properties[property]); string(got) != want || err != nil {
				t.Errorf("%s: %s is %s, %v", f.Name(), property, got, err)
			}
		}
	}
}

// versionOf is the version of a function that the translation publishes.
func versionOf(resources map[string]resource, f stack.Function) (resource, bool) {
	for id, r := range resources {
		if strings.HasPrefix(id, f.ID()+"Version") && r.Type == "AWS::Lambda::Version" {
			return r, true
		}
	}
	return resource{}, false
}

// invoked is what API Gateway calls for a function's endpoint.
func invoked(resources map[string]resource, f stack.Function) string {
	paths, _ := resources["Api"].Properties["Body"].(map[string]any)["paths"].(map[string]any)
	item, _ := paths[f.Endpoint().Path].(map[string]any)
	method := f.Method()
	if method == "any" {
		method = "x-amazon-apigateway-any-method"
	}
	operation, _ := item[method].(map[string]any)
	integration, _ := operation["x-amazon-apigateway-integration"].(map[string]any)
	return fmt.Sprint(integration["uri"])
}

// unversioned are properties that a version does not have of its own; where it
// stands does not change.
var unversioned = []string{"ReservedConcurrentExecutions", "FunctionName", "Tags", "Role"}

// parametersIn are those that a value refers to, in itself or through the
// conditions that it asks for.
func parametersIn(t *testing.T, v any) map[string]bool {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	parameters, _ := load(t, "template.yaml").At("Parameters").(map[string]any)
	conditions, _ := load(t, "template.yaml").At("Conditions").(map[string]any)
	found := map[string]bool{}
	for name := range parameters {
		if strings.Contains(string(text), `{"Ref":"`+name+`"}`) || strings.Contains(string(text), "${"+name+"}") {
			found[name] = true
		}
	}
	for name, condition := range conditions {
		if strings.Contains(string(text), `"Fn::If":["`+name+`"`) {
			maps.Copy(found, parametersIn(t, condition))
		}
	}
	return found
}

// A parameter that a function reads gives it a new version when it changes:
// SAM's name of the version does not, but its description, which CloudFormation
// cannot change, is another one. One that the function does not read gives it
// none: Lambda has no two versions that are the same.
func TestTranslatedVersionsFollowParameters(t *testing.T) {
	resources := translated(t)
	tmpl := load(t, "template.yaml")
	for _, f := range stack.Functions() {
		version, ok := versionOf(resources, f)
		if !ok {
			continue
		}
		properties := maps.Clone(resources[f.ID()].Properties)
		for _, name := range unversioned {
			delete(properties, name)
		}
		reads := parametersIn(t, properties)
		for name, value := range tmpl.Defaults() {
			before, after := here, here
			before.Parameters = tmpl.Defaults()
			after.Parameters = tmpl.Defaults()
			after.Parameters[name] = value + "x"
			described, _ := version.Properties["Description"].(map[string]any)
			text, _ := described["Fn::Sub"].(string)
			if changed := before.Resolve(text) != after.Resolve(text); changed != reads[name] {
				t.Errorf("%s reads %s: %v, has a new version when it changes: %v", f.Name(), name, reads[name], changed)
			}
			if hidden := tmpl.At("Parameters", name, "NoEcho"); hidden != nil && reads[name] {
				t.Errorf("%s reads %s, which a description would show", f.Name(), name)
			}
			if n := len(after.Resolve(text)); n > 200 {
				t.Errorf("%s: a description of %d bytes; Lambda takes 256", f.Name(), n)
			}
		}
	}
}

// What was taken back leaves no version in the way of the same build: Lambda
// would find that it has it already, and CloudFormation that it failed.
func TestTranslatedVersionsGo(t *testing.T) {
	var doc struct {
		Resources map[string]struct{ Type, DeletionPolicy string }
	}
	if err := json.Unmarshal([]byte(read(t, translatedFile(t, "GRIOT_TRANSLATED"))), &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	for id, r := range doc.Resources {
		if r.Type == "AWS::Lambda::Version" {
			n++
			if r.DeletionPolicy != "Delete" {
				t.Errorf("%s is kept: %q", id, r.DeletionPolicy)
			}
		}
	}
	if n == 0 {
		t.Error("there are no versions")
	}
}

// A function without versions has what it reads when the update is made.
func TestTranslatedFunctionsInPlace(t *testing.T) {
	resources := translated(t)
	for _, f := range stack.Functions() {
		if f.Canary {
			continue
		}
		if uri := invoked(resources, f); f.Serves() && !strings.Contains(uri, f.ID()) || strings.Contains(uri, ":live") {
			t.Errorf("%s is invoked by %s", f.Name(), uri)
		}
		reads := parametersIn(t, resources[f.ID()].Properties["Environment"])
		for _, s := range f.Settings {
			if !reads[s.Parameter] {
				t.Errorf("%s does not read %s", f.Name(), s.Parameter)
			}
		}
	}
}

// What a worker may take of its queue, and how, is what its row says; the
// mapping stands where the function does.
func TestTranslatedWorkersHaveTheirQueue(t *testing.T) {
	var doc struct {
		Resources map[string]struct {
			Condition string
		}
	}
	if err := json.Unmarshal([]byte(read(t, translatedFile(t, "GRIOT_TRANSLATED"))), &doc); err != nil {
		t.Fatal(err)
	}
	resources := translated(t)
	for _, f := range stack.Functions() {
		if f.Worker == "" {
			continue
		}
		jobs := resources[f.ID()+"Jobs"]
		scaling, _ := jobs.Properties["ScalingConfig"].(map[string]any)
		if jobs.Type != "AWS::Lambda::EventSourceMapping" || substituted(jobs.Properties["EventSourceArn"]) != here.QueueARN(f.Worker) ||
			jobs.Properties["BatchSize"] != 1.0 || scaling["MaximumConcurrency"] != float64(f.AtOnce) ||
			!slices.Contains(list(jobs.Properties["FunctionResponseTypes"]), any("ReportBatchItemFailures")) {
			t.Errorf("%s: %v", f.Name(), jobs)
		}
		if c := doc.Resources[f.ID()+"Jobs"].Condition; c != f.Condition || c != doc.Resources[f.ID()].Condition {
			t.Errorf("%s stands under %q, its jobs under %q", f.Name(), f.Condition, c)
		}
	}
}

// What the clock began is not tried again: the next one is under way.
func TestTranslatedSweepsDoNotPileUp(t *testing.T) {
	resources := translated(t)
	for _, f := range stack.Functions() {
		config, ok := resources[f.ID()+"EventInvokeConfig"]
		if ok != (f.Every > 0) || ok && (config.Properties["MaximumRetryAttempts"] != 0.0 || config.Properties["MaximumEventAgeInSeconds"] != 60.0) {
			t.Errorf("%s: %v", f.Name(), config)
		}
	}
}

// Streams have the longest invocations, and a limit that leaves the account's
// concurrency to the rest.
func TestStreamsAreBounded(t *testing.T) {
	for _, f := range stack.Functions() {
		if f.Group() == stack.Streams && (f.Limit == "" || f.Time().Minutes() > 5) {
			t.Errorf("%s may take %v, its limit is %q", f.Name(), f.Time(), f.Limit)
		}
		if f.Serves() && f.Group() != stack.Streams && f.Time() > f.Longest() || f.Serves() && f.Limit == "" && f.Time().Seconds() > 29 {
			t.Errorf("%s may take %v, and as many at once as there are requests", f.Name(), f.Time())
		}
	}
}
