package rules

import (
	"slices"
	"strings"
	"testing"
)

func signals(t *testing.T, script string) []string {
	var got []string
	for _, r := range findings(t, "open_exploration", script).Risks {
		got = append(got, r.Signal)
	}
	slices.Sort(got)
	return slices.Compact(got)
}

func TestRisks(t *testing.T) {
	for signal, scripts := range map[string][]string{
		"single_person_dependency": {
			"Ann: Only Marcus knows how to restart the billing engine.",
			"Ann: I'm the only one who knows how to run it.",
			"Ann: Nobody else on the team understands the ledger export.",
			"Ann: If Priya is out sick, we're stuck.",
			"Bo: So Dana is the only one who can post?\nAnn: Yes, exactly.",
			"Ann: Marcus is basically a single point of failure.",
			"ann: only marcus knows how to restart it",
		},
		"undocumented_workflow": {
			"Ann: It's not written down anywhere.",
			"Ann: That's all in my head.",
			"Ann: There's no runbook for the failover.",
			"Ann: We don't have any documentation for that.",
			"Ann: It's all tribal knowledge.",
			"Bo: Is it written down?\nAnn: It has never been documented.",
		},
		"stale_sop": {
			"Ann: The runbook is out of date.",
			"Ann: There's a page, but it hasn't been updated since 2021.",
			"Ann: The wiki still says to call the old number.",
			"Ann: We have an outdated playbook.",
		},
		"tenure_cliff": {
			"Ann: Marcus is retiring in March.",
			"Ann: Her last day is on Friday.",
			"Ann: Priya gave her notice yesterday.",
			"Ann: Henrik is leaving in six weeks.",
			"Ann: Felix leaves at the end of October.",
		},
		"tribal_contradiction": {
			"Ann: You post first.\nBo: That's not how we do it.",
			"Ann: The doc says to post before the review but we do it after.",
			"Ann: It depends who you ask.",
			"Ann: Officially we wait for approval, but in practice nobody does.",
		},
		"vendor_lock": {
			"Ann: Only the vendor can change the tax tables.",
			"Ann: We're completely locked in with them.",
			"Ann: There's nobody in-house who can touch it.",
			"Ann: We have to open a ticket with the vendor.",
		},
	} {
		for _, script := range scripts {
			if got := signals(t, script); !slices.Contains(got, signal) {
				t.Errorf("%q: got %v, want %s", script, got, signal)
			}
		}
	}
}

// TestNoRisks has negations, questions without a yes, and suppositions.
func TestNoRisks(t *testing.T) {
	for _, script := range []string{
		"Ann: She's not the only one who knows it.",
		"Ann: I'm no longer the only person who can run it.",
		"Ann: Dana isn't the only one who can post.",
		"Ann: It's not just Marcus who knows that.",
		"Bo: Is Priya the only one who can post?\nAnn: No, the controller can too.",
		"Bo: Is that undocumented?\nAnn: Not at all.",
		"Ann: The whole process is documented.",
		"Ann: It's all written down in the handbook.",
		"Ann: We used to be undocumented.",
		"Ann: The runbook is not out of date.",
		"Ann: The wiki is kept up to date.",
		"Ann: If Dana left, we would hire somebody.",
		"Ann: Priya isn't leaving, she just bought a house.",
		"Ann: I'm leaving it as it is.",
		"Ann: He has no plans to retire.",
		"Ann: We don't disagree on that.",
		"Ann: We're not locked in with anybody.",
		"Ann: We chose them to avoid vendor lock-in.",
		"Ann: Only then do we send it. Only finance can approve it.",
		"Bo: What would happen if Marcus retired tomorrow?",
		"Ann: It depends on the weather.",
		"Ann: I have a good idea in my mind and my head hurts.",
	} {
		if got := signals(t, script); len(got) > 0 {
			t.Errorf("%q: got %v, want none", script, got)
		}
	}
}

func TestRiskTitlesAndMerging(t *testing.T) {
	f := findings(t, "operational_workflow", `
Ann Lee: Only Marcus Field knows how to restart the billing engine. Nobody else has ever done it.
Ann Lee: Marcus is retiring next month. It's critical.
Ann Lee: He gave his notice in May.`)
	if len(f.Risks) != 2 {
		t.Fatalf("got %d risks, want the dependency and the departure: %+v", len(f.Risks), f.Risks)
	}
	for _, r := range f.Risks {
		if !strings.Contains(r.Title, "Marcus") {
			t.Errorf("title %q does not name the subject", r.Title)
		}
		if len(r.Evidence) < 2 {
			t.Errorf("%s: %d citations, want both sentences", r.Signal, len(r.Evidence))
		}
		if r.Signal == "tenure_cliff" && r.Severity != "high" {
			t.Errorf("a departure next month is %s", r.Severity)
		}
	}
}
