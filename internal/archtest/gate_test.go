package archtest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
)

// The firewall refuses who sends too much or is on the operators' lists, and
// nothing for what is said in it: an interview about attacks is none.
func TestFirewallRefusesNoWords(t *testing.T) {
	gate := load(t, "template.yaml")
	rules, _ := gate.At("Resources", "Gate", "Properties", "Rules").([]any)
	blocks, counts := 0, 0
	for _, v := range rules {
		rule, _ := v.(map[string]any)
		statement, _ := rule["Statement"].(map[string]any)
		_, rate := statement["RateBasedStatement"]
		_, list := statement["OrStatement"]
		switch {
		case (rate || list) && cmp.Equal(rule["Action"], any(map[string]any{"Block": map[string]any{}})):
			blocks++
		case !rate && !list && rule["Action"] == nil && cmp.Equal(rule["OverrideAction"], any(map[string]any{"Count": map[string]any{}})):
			counts++
		default:
			t.Errorf("the rule %v", rule["Name"])
		}
	}
	if blocks != 3 || counts != 2 {
		t.Errorf("%d rules refuse, %d count", blocks, counts)
	}
	for _, id := range []string{"Gate", "GateOfTheApi", "GateAlarm", "BlockedAddresses", "BlockedAddresses6"} {
		if c := gate.At("Resources", id, "Condition"); c != "HasFirewall" {
			t.Errorf("%s stands under %v", id, c)
		}
	}
}

// The gateway takes fewer of the requests that a row calls dear, by the method
// with which they come, and of no others.
func TestTranslatedThrottles(t *testing.T) {
	want := map[string]string{"/* *": "RequestsPerSecond"}
	for _, f := range stack.Functions() {
		if !f.Dear {
			continue
		}
		path := "/" + strings.ReplaceAll(f.Endpoint().Path, "/", "~1")
		want[path+" "+f.Endpoint().Method] = "DearRequestsPerSecond"
		if f.Endpoint().Method == "GET" {
			want[path+" HEAD"] = "DearRequestsPerSecond"
		}
	}
	got := map[string]string{}
	settings, _ := translated(t)["ApiStage"].Properties["MethodSettings"].([]any)
	for _, v := range settings {
		s, _ := v.(map[string]any)
		rate, _ := s["ThrottlingRateLimit"].(map[string]any)
		got[fmt.Sprint(s["ResourcePath"], " ", s["HttpMethod"])] = fmt.Sprint(rate["Ref"])
		if !cmp.Equal(s["ThrottlingRateLimit"], s["ThrottlingBurstLimit"]) || s["MetricsEnabled"] != true {
			t.Errorf("%v", s)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 10 {
		t.Errorf("the rows (-), the stage (+): %s", diff)
	}
}

// The access log is of JSON, has the id that our own lines have, and nothing
// that is said in a request: no path with its ids, no query, no header.
func TestTranslatedAccessLog(t *testing.T) {
	setting, _ := json.Marshal(translated(t)["ApiStage"].Properties["AccessLogSetting"])
	var when struct {
		If []json.RawMessage `json:"Fn::If"`
	}
	var log struct{ Format string }
	if err := json.Unmarshal(setting, &when); err != nil || len(when.If) != 3 || string(when.If[0]) != `"HasAccessLogs"` {
		t.Fatalf("%s: %v", setting, err)
	}
	if err := json.Unmarshal(when.If[1], &log); err != nil {
		t.Fatal(err)
	}
	var line map[string]string
	if err := json.Unmarshal([]byte(log.Format), &line); err != nil {
		t.Fatalf("%s: %v", log.Format, err)
	}
	want := map[string]string{
		"gateway_id": "$context.requestId", "address": "$context.identity.sourceIp", "method": "$context.httpMethod", "route": "$context.resourcePath",
		"status": "$context.status", "bytes": "$context.responseLength", "latency": "$context.responseLatency", "refused": "$context.error.responseType",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
}

// Saved queries ask for fields that lines have, of log groups that there are.
func TestQueriesAskForWhatIsLogged(t *testing.T) {
	logged := map[string]bool{"message": true, "limited": true}
	for _, line := range []string{read(t, root+"/internal/api/call.go"), read(t, root+"/template.yaml")} {
		for _, name := range regexp.MustCompile(`slog\.\w+\("(\w+)"|"(\w+)":"\$context`).FindAllStringSubmatch(line, -1) {
			logged[name[1]+name[2]] = true
		}
	}
	groups := map[string]bool{}
	for _, file := range []string{"template.yaml", "infra/data.yaml"} {
		for _, name := range regexp.MustCompile(`LogGroupName: !Sub /griot/\$\{[A-Za-z:]+\}(/\w+)`).FindAllStringSubmatch(read(t, root+"/"+file), -1) {
			groups["/griot/${Prefix}"+name[1]] = true
		}
	}
	all, _ := load(t, "infra/observability.yaml").At("Resources").(map[string]any)
	queries := 0
	for id, v := range all {
		r, _ := v.(map[string]any)
		if r["Type"] != "AWS::Logs::QueryDefinition" {
			continue
		}
		queries++
		p, _ := r["Properties"].(map[string]any)
		for _, g := range list(p["LogGroupNames"]) {
			if name, _ := g.(map[string]any); !groups[fmt.Sprint(name["Fn::Sub"])] {
				t.Errorf("%s: the log group %v", id, g)
			}
		}
		known := []string{}
		for _, part := range strings.Split(fmt.Sprint(p["QueryString"]), "| ") {
			for _, field := range regexp.MustCompile(`(?:ispresent|sortsLast|max|sum|count|floor|filter|by|sort|,)[ (]\s*([a-z_]+)\b`).FindAllStringSubmatch(part, -1) {
				if name := field[1]; !logged[name] && !slices.Contains(known, name) && !slices.Contains(functionsOfInsights, name) {
					t.Errorf("%s asks for %s, which no line has", id, name)
				}
			}
			for _, alias := range regexp.MustCompile(` as ([a-z_]+)`).FindAllStringSubmatch(part, -1) {
				known = append(known, alias[1])
			}
		}
	}
	if queries != 3 {
		t.Errorf("there are %d queries", queries)
	}
}

var functionsOfInsights = []string{"ispresent", "sortsLast", "sorts", "max", "sum", "count", "floor"}
