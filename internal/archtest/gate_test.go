package archtest

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The firewall refuses who sends too much, and nothing for what is said in it:
// an interview about attacks is none.
func TestFirewallRefusesRatesAlone(t *testing.T) {
	gate := load(t, "template.yaml")
	rules, _ := gate.At("Resources", "Gate", "Properties", "Rules").([]any)
	blocks, counts := 0, 0
	for _, v := range rules {
		rule, _ := v.(map[string]any)
		statement, _ := rule["Statement"].(map[string]any)
		_, rate := statement["RateBasedStatement"]
		switch {
		case rate && cmp.Equal(rule["Action"], any(map[string]any{"Block": map[string]any{}})):
			blocks++
		case !rate && rule["Action"] == nil && cmp.Equal(rule["OverrideAction"], any(map[string]any{"Count": map[string]any{}})):
			counts++
		default:
			t.Errorf("the rule %v", rule["Name"])
		}
	}
	if blocks != 2 || counts != 2 {
		t.Errorf("%d rules refuse, %d count", blocks, counts)
	}
	for _, id := range []string{"Gate", "GateOfTheApi", "GateAlarm"} {
		if c := gate.At("Resources", id, "Condition"); c != "HasFirewall" {
			t.Errorf("%s stands under %v", id, c)
		}
	}
}
