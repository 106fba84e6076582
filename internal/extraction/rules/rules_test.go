package rules

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

// transcriptOf reads lines "Name: words"; lines without a name have no speaker.
func transcriptOf(script string) []transcript.Segment {
	var segs []transcript.Segment
	offset := int64(0)
	for line := range strings.Lines(strings.TrimSpace(script)) {
		turn := transcript.Turn{Text: strings.TrimSpace(line)}
		if who, words, ok := strings.Cut(turn.Text, ": "); ok && len(who) < 30 {
			turn.Speaker, turn.Text = who, words
		}
		s := transcript.NewSegment(turn, int64(len(segs)+1), offset)
		offset = s.Range[1] + 2
		segs = append(segs, s)
	}
	return segs
}

func findings(t testing.TB, template, script string) extraction.Findings {
	t.Helper()
	segs := transcriptOf(script)
	f, err := Extractor().Extract(context.Background(), extraction.Input{Template: template, Title: "Interview", Segments: segs})
	if err != nil {
		t.Fatal(err)
	}
	verify(t, segs, f)
	return f
}

// verify checks what holds for all findings: Cite drops nothing, and every
// number is in its range.
func verify(t testing.TB, segs []transcript.Segment, f extraction.Findings) {
	t.Helper()
	evidence := 0
	check := func(kind string, confidence float64, ev []extraction.Evidence) {
		if confidence < 0 || confidence > 1 || len(ev) == 0 || len(ev) > 21 {
			t.Errorf("%s: confidence %v, %d citations", kind, confidence, len(ev))
		}
		evidence += len(ev)
	}
	for _, s := range f.SOPs {
		check("SOP "+s.Title, s.Confidence, s.Evidence)
		if s.Title == "" || s.Summary == "" || len(s.Steps) < 2 {
			t.Errorf("incomplete SOP %+v", s)
		}
		evidence += len(s.Steps)
	}
	for _, e := range f.Entities {
		check("entity "+e.Name, e.Confidence, e.Evidence)
		if !slices.Contains(extraction.EntityTypes, e.Type) || e.Name == "" || e.Mentions < 1 {
			t.Errorf("bad entity %+v", e)
		}
	}
	for _, r := range f.Risks {
		check("risk "+r.Title, r.Confidence, r.Evidence)
		if extraction.Weights[r.Signal] == 0 || !slices.Contains(extraction.Severities, r.Severity) || r.Title == "" {
			t.Errorf("bad risk %+v", r)
		}
	}
	if got := cited(extraction.Cite(extraction.Source{}, extraction.ExtractorVersion{}, segs, f)); got != evidence {
		t.Errorf("Cite keeps %d of %d citations", got, evidence)
	}
}

func cited(r extraction.Result) int {
	n := 0
	for _, s := range r.SOPs {
		n += len(s.Citations) + len(s.Body.Steps)
	}
	for _, e := range r.Entities {
		n += len(e.Citations)
	}
	for _, k := range r.Risks {
		n += len(k.Citations)
	}
	return n
}

const closing = `
Interviewer: Thanks for making time, Dana. Can you walk me through the month-end revenue close?
Dana Whitfield: Sure. So the month-end close is basically how we get revenue out the door by day five. First I pull the aging report from NetSuite. Then I export it to Excel and compare it with the Salesforce opportunities. Once that's done, finance approves the adjustments, and then Priya posts the journal entries. If it's over ten thousand dollars, you have to get the controller to sign off. Finally we email the package to the board.
Interviewer: How do you onboard a new vendor?
Dana Whitfield: Procurement sends us the W-9 form. The accounts payable team creates the vendor in Net Suite. We check the bank details by phone. Then AP runs a test payment.
Interviewer: What about the weather up there?
Dana Whitfield: It rains a lot. I used to live in Boston, and I liked the winters there.
`

func TestProcedures(t *testing.T) {
	f := findings(t, "operational_workflow", closing)
	type step struct{ What, Who string }
	got := map[string][]step{}
	for _, s := range f.SOPs {
		for _, st := range s.Steps {
			got[s.Title] = append(got[s.Title], step{st.What, st.Who})
		}
	}
	want := map[string][]step{
		"Month-end revenue close": {
			{"Pull the aging report from NetSuite", "Dana Whitfield"},
			{"Export it to Excel", "Dana Whitfield"},
			{"Compare it with the Salesforce opportunities", "Dana Whitfield"},
			{"Approve the adjustments", "Finance"},
			{"Post the journal entries", "Priya"},
			{"If it's over ten thousand dollars, get the controller to sign off", ""},
			{"Email the package to the board", ""},
		},
		"Onboard a new vendor": {
			{"Send us the W-9 form", "Procurement"},
			{"Create the vendor in Net Suite", "Accounts payable team"},
			{"Check the bank details by phone", ""},
			{"Run a test payment", "AP"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(f.Warnings) > 0 {
		t.Errorf("warned %+v", f.Warnings)
	}
	if s := f.SOPs[0].Summary; !strings.Contains(s, "get revenue out the door") {
		t.Errorf("summary %q is not from the answer", s)
	}
}

func TestNoProcedures(t *testing.T) {
	for name, script := range map[string]string{
		"scattered":     strings.Repeat("Ann: You open the form. "+strings.Repeat("It rained on the whole village all week and the cows stood in the lane. ", 4)+"\n", 6),
		"by many":       "Ann: First you pull the report.\nBo: Then you send it to finance.\nCy: Then you file the copy.\nDi: Finally you lock the drawer.",
		"no order":      "Ann: You pull the report. You send the copy. You lock the drawer. You call the bank.",
		"one sentence":  "Ann: First you roast the flour, then you soak it, then you bake it, then you pour the syrup.",
		"hollow":        "Ann: First you go ahead. Then you do that. Then you go back. Then you do it.",
		"a story":       "Ann: Last year we pulled the report and then we sent it to finance. Then they lost it. Finally we found it again in a drawer.",
		"opinions":      "Ann: I think it works. First of all, I like the people. Then I like the food. I feel at home.",
		"one step":      "Bo: How do you restart it?\nAnn: You press the button.",
		"only question": "Bo: Do you first pull the report, then send it, and then finally archive it?\nAnn: No.",
		"prohibitions":  "Ann: We don't pull the report, and then we don't send it, and we never archive it.",
	} {
		if f := findings(t, "open_exploration", script); len(f.SOPs) > 0 {
			t.Errorf("%s: found %+v", name, f.SOPs)
		} else if len(f.Warnings) != 1 || f.Warnings[0].Code != extraction.NothingProcedural {
			t.Errorf("%s: warnings %+v do not say so", name, f.Warnings)
		}
	}
}

func TestEntities(t *testing.T) {
	script := closing + `
Dana Whitfield: We decided to move to Zuora because the old tool couldn't prorate. Our vendor Avalara does sales tax. Our biggest customer Acme Corp gets invoiced by hand. We follow the expense policy and SOX.
Dana Whitfield: The biggest risk is duplicate invoices. Accounts Receivable (AR) would notice. AR is small.
Dana Whitfield: Ms. Whitfield, that's me, also logs in to Tollgate, our ticket system. Dana is easier. The data engineering team helps. In Paris, on Monday, nobody works.
`
	f := findings(t, "open_exploration", script)
	got := map[string]string{}
	aliases := map[string][]string{}
	for _, e := range f.Entities {
		got[e.Name] = e.Type
		aliases[e.Name] = e.Aliases
		if e.Confidence < 0.6 {
			t.Errorf("%s is shown with a confidence of %v", e.Name, e.Confidence)
		}
	}
	want := map[string]string{
		"Dana Whitfield": "Person", "Priya": "Person", "NetSuite": "System", "Salesforce": "System", "Excel": "System",
		"Tollgate": "System", "Finance": "Team", "Data engineering team": "Team",
		"Accounts Receivable": "Team", "Avalara": "Vendor", "Acme Corp": "Customer", "SOX": "Policy",
		"Expense policy": "Policy", "Move to Zuora": "Decision",
		"Month-end revenue close": "Workflow",
	}
	for name, kind := range want {
		if got[name] != kind {
			t.Errorf("%s is %q, want %s", name, got[name], kind)
		}
	}
	for _, name := range []string{"Paris", "Monday", "Interviewer", "Boston", "Then", "First"} {
		if got[name] != "" {
			t.Errorf("%s is an entity (%s)", name, got[name])
		}
	}
	if !slices.Contains(aliases["Dana Whitfield"], "Dana") || !slices.Contains(aliases["Accounts Receivable"], "AR") || !slices.Contains(aliases["NetSuite"], "Net Suite") {
		t.Errorf("aliases are not merged: %v", aliases)
	}
}

func TestMentions(t *testing.T) {
	f := findings(t, "system_ownership", "Bo: Who runs NetSuite?\nAnn: Net Suite is ours. We log into NetSuite daily. NetSuite, NetSuite.")
	for _, e := range f.Entities {
		if e.Name == "NetSuite" && e.Mentions != 5 {
			t.Errorf("NetSuite has %d mentions, want 5", e.Mentions)
		}
	}
}

// TestTemplates shows that a template moves order and thresholds and never
// adds what the transcript lacks.
func TestTemplates(t *testing.T) {
	for _, template := range extraction.Templates {
		if f := findings(t, template, "Ann: Hello there. Nice weather today."); len(f.SOPs)+len(f.Risks) > 0 {
			t.Errorf("%s: found %+v", template, f)
		}
	}
	script := "Ann: We decided to move to Zuora. We use Salesforce. Our customer Acme pays late. Henrik is leaving next month. Invoices follow the renewal process. The renewal process is ours."
	first := func(template, kind string) float64 {
		for _, e := range findings(t, template, script).Entities {
			if e.Type == kind {
				return e.Confidence
			}
		}
		t.Errorf("%s: no %s", template, kind)
		return 0
	}
	for template, kind := range map[string]string{"decision_retrospective": "Decision", "system_ownership": "System", "customer_playbook": "Customer", "operational_workflow": "Workflow"} {
		if boosted, plain := first(template, kind), first("open_exploration", kind); boosted <= plain {
			t.Errorf("%s does not raise %s: %v against %v", template, kind, boosted, plain)
		}
	}
	order := func(template string) string {
		return findings(t, template, "Ann: The failover isn't written down. Henrik is moving to another team.").Risks[0].Signal
	}
	if order("operational_workflow") != "undocumented_workflow" || order("onboarding_handoff") != "tenure_cliff" {
		t.Error("templates do not change which risk comes first")
	}
}
