package rules

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

// FuzzExtract shows that any text in any segments gives the same findings
// twice, all of which cite correctly. Nearly every input is new to its coverage:
// without -fuzzminimizetime 1x the minimiser takes all the time there is.
func FuzzExtract(f *testing.F) {
	f.Add(closing, "operational_workflow")
	f.Add("a: İ ı ẞ Ⱥ\nb: don’t\u2028Dana’s \xff\xfe ok", "")
	f.Add("a: First ... then\na: , I pull it,\nb: yes", "system_ownership")
	f.Add("if if if when , , and and then we we - - . ? ( ) Mr. U.S. 1) 2) @ # & 's 's", "customer_playbook")
	f.Add("ONLY DANA KNOWS. IT IS NOT WRITTEN DOWN. FIRST WE PULL IT, THEN WE SEND IT, THEN WE CLOSE IT.", "onboarding_handoff")
	f.Fuzz(func(t *testing.T, script, template string) {
		segs := transcriptOf(script)
		in := extraction.Input{Template: template, Title: script, Segments: segs}
		a, err := Extractor().Extract(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		verify(t, segs, a)
		b, err := Extractor().Extract(context.Background(), in)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(a, b); diff != "" {
			t.Error(diff)
		}
	})
}

// TestCaptions shows that a procedure is found in captions that are cut in the
// middle of sentences, each citation inside its own segment.
func TestCaptions(t *testing.T) {
	words := strings.Fields("How do we close the quarter? First I pull the aging report from NetSuite and then I send it to the controller for review. After that she signs the summary, and we archive the folder.")
	var script strings.Builder
	for i := 0; i < len(words); i += 5 {
		fmt.Fprintln(&script, strings.Join(words[i:min(i+5, len(words))], " "))
	}
	f := findings(t, "operational_workflow", script.String())
	if len(f.SOPs) != 1 || len(f.SOPs[0].Steps) != 4 {
		t.Fatalf("got %+v, want one procedure of 4 steps", f.SOPs)
	}
	if got := f.SOPs[0].Steps[0].What; got != "Pull the aging report from NetSuite" {
		t.Errorf("first step %q is not read across captions", got)
	}
}

// TestWithoutCapitals shows that speech without capitals or marks still gives
// a procedure, teams, systems and risks.
func TestWithoutCapitals(t *testing.T) {
	for name, change := range map[string]func(string) string{"lower": strings.ToLower, "upper": strings.ToUpper} {
		f := findings(t, "operational_workflow", change(`how do you close the books
first i export the report from salesforce and then the finance team approves it and then we post it to netsuite
only marcus knows how to do that`))
		got := map[string]bool{}
		for _, e := range f.Entities {
			got[strings.ToLower(e.Name)] = true
		}
		if len(f.SOPs) != 1 || len(f.SOPs[0].Steps) != 3 {
			t.Errorf("%s: procedures %+v, want one of 3 steps", name, f.SOPs)
		}
		if !got["salesforce"] || !got["netsuite"] || !got["finance team"] {
			t.Errorf("%s: entities %v", name, got)
		}
		if len(f.Risks) != 1 || f.Risks[0].Signal != "single_person_dependency" {
			t.Errorf("%s: risks %+v", name, f.Risks)
		}
	}
}

func TestOtherLanguages(t *testing.T) {
	findings(t, "open_exploration", "Zoë: Zuerst öffnen wir das Kassenbuch, danach prüft die Buchhaltung alles.\n李雷: 首先我们打开系统。然后我们提交报告。\nИван: Сначала мы открываем отчёт.")
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := Extractor().Extract(ctx, extraction.Input{Segments: transcriptOf(closing)})
	if err == nil {
		t.Error("a cancelled extraction gives no error")
	}
}

func TestEmpty(t *testing.T) {
	f := findings(t, "", "")
	if len(f.SOPs)+len(f.Entities)+len(f.Risks) > 0 {
		t.Errorf("found %+v in nothing", f)
	}
}

// TestCaps shows the limits on long transcripts.
func TestCaps(t *testing.T) {
	var script strings.Builder
	for i := range 600 {
		a, b := string(rune('A'+i%26)), string(rune('a'+i/26))
		fmt.Fprintf(&script, "Ann: Our vendor %s%sxo%s sells it. Only Bob%s%s knows how to run the billing engine.\n", a, b, b, b, a)
	}
	f := findings(t, "open_exploration", script.String())
	if len(f.Entities) != maxEntities || len(f.Risks) != maxRisks {
		t.Errorf("%d entities and %d risks, want the limits", len(f.Entities), len(f.Risks))
	}
}

// sample reads the interview that the repository shows its tour with.
func sample(t testing.TB) []transcript.Segment {
	data, err := os.ReadFile(filepath.Join("..", "..", "..", "infra", "local", "sample", "month-end-close.vtt"))
	if err != nil {
		t.Skip("the sample interview is not there: ", err)
	}
	var segs []transcript.Segment
	offset := int64(0)
	for cue := range strings.SplitSeq(string(data), "\n\n") {
		_, voice, ok := strings.Cut(cue, "<v ")
		who, words, closed := strings.Cut(voice, ">")
		if !ok || !closed {
			continue
		}
		s := transcript.NewSegment(transcript.Turn{Speaker: who, Text: strings.TrimSpace(words)}, int64(len(segs)+1), offset)
		offset = s.Range[1] + 2
		segs = append(segs, s)
	}
	return segs
}

func TestSampleInterview(t *testing.T) {
	segs := sample(t)
	f, err := Extractor().Extract(context.Background(), extraction.Input{Template: "operational_workflow", Title: "Month-end revenue close", Segments: segs})
	if err != nil {
		t.Fatal(err)
	}
	verify(t, segs, f)
	steps := map[string]int{}
	for _, s := range f.SOPs {
		steps[s.Title] = len(s.Steps)
	}
	for title, least := range map[string]int{"Closing the revenue subledger": 14, "Get into Tollgate": 7, "Distributor rebates": 6, "Bank import": 8} {
		if steps[title] < least {
			t.Errorf("%q has %d steps, want %d or more; found %v", title, steps[title], least, steps)
		}
	}
	types := map[string]string{}
	for _, e := range f.Entities {
		types[e.Name] = e.Type
	}
	for name, kind := range map[string]string{
		"Elin Sorrenby": "Person", "Henrik Vasse": "Person", "Gareth Loomis": "Person", "Ledgerhaven": "System",
		"Tollgate": "System", "Cashlane": "System", "Billing Operations": "Team", "Access policy": "Policy",
		"Hallam Foods": "Customer", "Keep the workbook": "Decision",
	} {
		if types[name] != kind {
			t.Errorf("%s is %q, want %s", name, types[name], kind)
		}
	}
	risks := map[string]string{}
	for _, r := range f.Risks {
		risks[r.Signal] += r.Title + "; "
	}
	for signal, part := range map[string]string{
		"single_person_dependency": "Meridale mapping", "undocumented_workflow": "Distributor rebates", "stale_sop": "Bank import",
		"tenure_cliff": "Henrik", "tribal_contradiction": "Bank import", "vendor_lock": "Norvane",
	} {
		if !strings.Contains(risks[signal], part) {
			t.Errorf("%s: %q does not name %s", signal, risks[signal], part)
		}
	}
	for _, not := range []string{"Priya", "Kestrel", "Tobias"} {
		if strings.Contains(risks["single_person_dependency"]+risks["tenure_cliff"], not) {
			t.Errorf("%s is held a risk: %v", not, risks)
		}
	}
}

func BenchmarkExtract(b *testing.B) {
	one := sample(b)
	for _, copies := range []int{1, 4, 40} {
		segs, words := repeat(one, copies)
		b.Run(fmt.Sprintf("%dwords", words), func(b *testing.B) {
			for b.Loop() {
				in := extraction.Input{Template: "operational_workflow", Segments: segs}
				if _, err := Extractor().Extract(context.Background(), in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(words)*float64(b.N)/b.Elapsed().Seconds(), "words/s")
			b.ReportAllocs()
		})
	}
}

func repeat(one []transcript.Segment, copies int) ([]transcript.Segment, int) {
	var segs []transcript.Segment
	words, offset := 0, int64(0)
	for range copies {
		for _, s := range one {
			n := transcript.NewSegment(transcript.Turn{Speaker: s.SpeakerName(), Text: s.Text}, int64(len(segs)+1), offset)
			offset = n.Range[1] + 2
			segs = append(segs, n)
			words += len(strings.Fields(s.Text))
		}
	}
	return segs, words
}
