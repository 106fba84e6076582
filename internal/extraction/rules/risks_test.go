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
	const told = "Ann: First you pull the ledger. Then you check the total. Then you post the journal.\n"
	for signal, scripts := range map[string][]string{
		"single_person_dependency": {
			"Ann: Only Marcus knows how to restart the billing engine.",
			"Ann: I'm the only one who knows how to run the ledger export.",
			"Ann: The only one who understands the ledger export is Dana.",
			"Bo: So Dana is the only one who can change the ledger export?\nAnn: Yes, exactly.",
			"ann: only marcus knows how to restart the billing engine",
			"Bo: How do you restart the tape robot?\nAnn: Only Marcus knows how to do that.",
		},
		"undocumented_workflow": {
			"Ann: The failover isn't written down anywhere.",
			"Ann: There's no runbook for the failover.",
			"Ann: We don't have any documentation for the vendor import.",
			"Ann: Our kiln schedule is all tribal knowledge.",
			"Ann: The returns have no written procedure.",
			"Ann: How you pick a carrier, that isn't written down.",
			"Bo: Is the renewal process written down?\nAnn: The renewal process has never been documented.",
			"Bo: How do you close the lab?\nAnn: That has never been written down.",
		},
		"stale_sop": {
			"Ann: The runbook is out of date.",
			"Ann: There's a page, but it hasn't been updated since 2021.",
			"Ann: The wiki still says to call the old number.",
			"Ann: We have an outdated playbook.",
		},
		"tenure_cliff": {
			"Ann: Marcus is retiring in March.",
			"Ann: Marcus trained me. His last day is on Friday.",
			"Ann: Priya gave her notice yesterday.",
			"Ann: Henrik is leaving in six weeks.",
			"Ann: Felix leaves at the end of October.",
		},
		"tribal_contradiction": {
			told + "Bo: That's not how we do it.",
			told + "Bo: I don't think that's right.",
			told + "Bo: No, actually, we post first.",
		},
		"vendor_lock": {
			"Ann: Only the vendor can change the tax tables in Avalara.",
			"Ann: Only the phone provider, Copperline, can change the voice portal.",
			"Ann: We have to open a ticket with the vendor to touch the tax engine.",
		},
	} {
		for _, script := range scripts {
			if got := signals(t, script); !slices.Contains(got, signal) {
				t.Errorf("%q: got %v, want %s", script, got, signal)
			}
		}
	}
}

// TestNoRisks has negations, questions without a yes, suppositions, hearsay,
// and phrases that say neither who nor what.
func TestNoRisks(t *testing.T) {
	for _, script := range []string{
		"Ann: It's not written down anywhere.",
		"Ann: That's all in my head.",
		"Ann: I sang it from memory.",
		"Ann: You just have to know it.",
		"Ann: Yours is the only one that I heard.",
		"Ann: The only way I know is the long way round the billing system.",
		"Ann: There's nobody else on the beach.",
		"Ann: Her last day is on Friday.",
		"Ann: Felix is leaving the building.",
		"Ann: I'm leaving too then.",
		"Ann: I heard that Felix is leaving in March.",
		"Ann: I was told that only Marcus knows how to restart the billing engine.",
		"Ann: The programs haven't been reviewed yet.",
		"Ann: It depends who you ask.",
		"Ann: He said one thing and did another.",
		"Ann: We were supposed to meet at nine, but the bus was late.",
		"Ann: I disagree with the honourable member.",
		"Ann: You post first.\nBo: That's not how we do it.",
		"Ann: First you pull the ledger. Then you check the total. Then you post the journal. No, that's not right.",
		"Ann: You can't leave out the number buttons.",
		"Ann: We're completely locked in with them.",
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

func TestShortTopicIsTheSameRisk(t *testing.T) {
	f := findings(t, "operational_workflow", "Ann: The glaze recipes are undocumented. It rained. The recipes have no written procedure.")
	if len(f.Risks) != 1 || !strings.Contains(f.Risks[0].Title, "laze recipes") || len(f.Risks[0].Evidence) != 2 {
		t.Errorf("got %+v, want one risk with both sentences", f.Risks)
	}
}
