package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"griot/infra/gold"
	"griot/internal/extraction"
)

func goldInterviews(t *testing.T) []gold.Interview {
	t.Helper()
	all, err := gold.Own()
	ok(t, err)
	return all
}

// extract sends an interview through the server and returns what was found and
// the text of its artifact.
func (s *server) extract(t *testing.T, iv gold.Interview) (res extraction.Result, text string) {
	t.Helper()
	up := s.Call(t, "POST", "/v1/uploads", map[string]int{"size_bytes": len(iv.Data)}, 201)
	req, err := http.NewRequest(http.MethodPut, up["upload_url"].(string), strings.NewReader(string(iv.Data)))
	ok(t, err)
	for name, value := range up["headers"].(map[string]any) {
		req.Header.Set(name, value.(string))
	}
	resp, err := http.DefaultClient.Do(req)
	ok(t, err)
	ok(t, resp.Body.Close())
	id := s.Call(t, "POST", "/v1/sessions", map[string]any{"template": iv.Template, "title": iv.Title, "upload_url": up["upload_url"]}, 201)["id"].(string)
	if status := s.Ended(t, id); status != "completed" {
		t.Fatalf("%s is %s", iv.File, status)
	}
	var doc struct{ Text string }
	s.Decode(t, "/v1/sessions/"+id+"/transcript?format=json", &doc)
	s.Decode(t, "/v1/sessions/"+id+"/extraction", &res)
	return res, doc.Text
}

// perfect looks that all of the gold answers is there, each thing once, and
// nothing else.
func perfect(t *testing.T, iv gold.Interview, res extraction.Result, text string) {
	t.Helper()
	if res.Extractor.Name != "model" || res.Dropped != (extraction.Dropped{}) {
		t.Errorf("%s was read by %+v, dropped %+v", iv.File, res.Extractor, res.Dropped)
	}
	s := iv.Score(text, res)
	for what, tally := range map[string]gold.Tally{
		"steps": s.Steps, "right steps": s.StepsRight, "procedures": s.Procedures, "risks": s.Risks, "right risks": s.RisksRight,
		"entities": s.Entities, "right entities": s.EntitiesRight, "main entities of the right type": s.MainTyped,
	} {
		if tally.Hit != tally.Of {
			t.Errorf("%s: %d of %d %s", iv.File, tally.Hit, tally.Of, what)
		}
	}
	for kind, taken := range s.Traps {
		if taken.Hit > 0 {
			t.Errorf("%s: %d traps are taken for %s", iv.File, taken.Hit, kind)
		}
	}
	for what, n := range map[string][2]int{
		"steps": {s.StepsRight.Of, s.Steps.Of}, "procedures": {s.SOPs, len(iv.Procedures)}, "risks": {s.RisksRight.Of, len(iv.Risks)},
		"entities": {len(res.Entities), len(iv.Entities)}, "decisions": {len(res.Decisions), len(iv.Decisions)}, "relations": {len(res.Relations), len(iv.Relations)},
	} {
		if n[0] != n[1] {
			t.Errorf("%s: %d %s, and there are %d", iv.File, n[0], what, n[1])
		}
	}
	if res.Summary == nil {
		t.Errorf("%s has no summary", iv.File)
	}
	for _, p := range iv.Procedures {
		i := slices.IndexFunc(res.SOPs, func(c extraction.SOPCandidate) bool { return c.Title == p.Name })
		if i < 0 {
			t.Errorf("%s: no procedure is called %q", iv.File, p.Name)
			continue
		}
		var got, want []string
		for _, st := range res.SOPs[i].Body.Steps {
			got = append(got, st.What)
		}
		for _, st := range p.Steps {
			want = append(want, st.What)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: the steps of %q are %q", iv.File, p.Name, got)
		}
	}
}

// A model that finds everything gives a result that has everything, however it
// writes it down.
func TestPerfectModel(t *testing.T) {
	spelt := func(how func(n int, quote string) string) func(*findings) {
		return func(a *findings) {
			n := 0
			a.quotes(func(it item) { it["quote"] = how(n, it["quote"].(string)); n++ })
		}
	}
	for name, o := range map[string]oracle{
		"letter for letter": {},
		"curly quotes": {vary: spelt(func(_ int, q string) string {
			return "“" + strings.NewReplacer("'", "’", ",", " –", " - ", "—").Replace(q) + "”"
		})},
		"first letter": {vary: spelt(func(_ int, q string) string {
			r := []rune(q)
			if unicode.IsUpper(r[0]) {
				r[0] = unicode.ToLower(r[0])
			} else {
				r[0] = unicode.ToUpper(r[0])
			}
			return strings.TrimRight(string(r), ".,") + "."
		})},
		"white space": {vary: spelt(func(_ int, q string) string { return " " + strings.ReplaceAll(q, " ", " \u00a0\n") + "\t" })},
		"an ellipsis over a gap": {vary: spelt(func(n int, q string) string {
			words := strings.Fields(q)
			if len(words) < 7 {
				return q
			}
			return strings.Join(words[:3], " ") + []string{" … ", "... ", " [...] "}[n%3] + strings.Join(words[len(words)-3:], " ")
		})},
		"lines off by two": {vary: func(a *findings) {
			n := 0
			a.quotes(func(it item) { it["line"] = it["line"].(int) + n%5 - 2; n++ })
		}},
		"lines as texts": {vary: func(a *findings) { a.quotes(func(it item) { it["line"] = fmt.Sprintf("[%d]", it["line"]) }) }},
		"the speaker before the words": {vary: func(a *findings) {
			a.quotes(func(it item) {
				for _, l := range a.lines {
					if l.n == it["line"] && l.speaker != "" {
						it["quote"] = l.speaker + ": " + it["quote"].(string)
					}
				}
			})
		}},
		"in prose": {wrap: func(object string) string {
			return "Here is what I found {in the transcript}:\n" + object + "\nI hope {this} helps!"
		}},
		"in a fence, after thoughts": {wrap: func(object string) string {
			return "<think>{\"risks\": [1]} or not?</think>\n```json\n" + object + "\n```\n"
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.golds = goldInterviews(t)
			s := start(t, t.TempDir(), "-model-url", o.serve(t), "-model", "gold")
			for _, iv := range o.golds {
				if o.vary != nil && !slices.Contains([]string{"honey-lab.vtt", "rigging-loft.srt", "borough-archive.md", "cocina.json"}, iv.File) {
					continue // half of them are enough for each way to write
				}
				res, text := s.extract(t, iv)
				perfect(t, iv, res, text)
			}
		})
	}
}

// One finding with a bad member is dropped, and nothing with it.
func TestModelWithABadFinding(t *testing.T) {
	archive := func() gold.Interview {
		all := goldInterviews(t)
		return all[slices.IndexFunc(all, func(iv gold.Interview) bool { return iv.File == "borough-archive.md" })]
	}
	var spoil atomic.Pointer[func(*findings)]
	o := oracle{golds: []gold.Interview{archive()}, vary: func(a *findings) { (*spoil.Load())(a) }}
	s := start(t, t.TempDir(), "-model-url", o.serve(t), "-model", "gold")
	for name, test := range map[string]struct {
		spoil   func(*findings)
		dropped extraction.Dropped
		without func(*gold.Answers) // takes out of the answers what must be missing
	}{
		"a signal that there is none of": {
			func(a *findings) { a.Risks[1]["signal"] = "bus_factor" }, extraction.Dropped{Invalid: 1},
			func(g *gold.Answers) { g.Risks = slices.Delete(g.Risks, 1, 2) },
		},
		"a risk that nobody mentions": {
			func(a *findings) {
				a.Risks[0]["evidence"] = []item{{"line": 3, "quote": "the roof is about to fall in"}}
			}, extraction.Dropped{Unverified: 1},
			func(g *gold.Answers) { g.Risks = g.Risks[1:] },
		},
		"evidence that is a text": {
			func(a *findings) { a.Decisions[1]["evidence"] = "We chose Pigeonhole" }, extraction.Dropped{Unverified: 1},
			func(g *gold.Answers) { g.Decisions = g.Decisions[:1] },
		},
		"a step without words": {
			func(a *findings) { a.Procedures[0]["steps"].([]item)[2]["what"] = nil }, extraction.Dropped{Invalid: 1},
			func(g *gold.Answers) { g.Procedures[0].Steps = slices.Delete(g.Procedures[0].Steps, 2, 3) },
		},
		"a step that nobody told": {
			func(a *findings) { a.Procedures[1]["steps"].([]item)[0]["quote"] = "I put on my gloves" }, extraction.Dropped{Unverified: 1},
			func(g *gold.Answers) { g.Procedures[1].Steps = g.Procedures[1].Steps[1:] },
		},
		"a procedure that is a text": {
			func(a *findings) { a.Procedures[1] = item{"title": "Taking in a gift", "steps": "as usual"} }, extraction.Dropped{Invalid: 1, Unverified: 1},
			func(g *gold.Answers) { g.Procedures = g.Procedures[:1] },
		},
		"a name that nobody says": {
			func(a *findings) { a.Entities[3]["name"], a.Entities[3]["aliases"] = "Sir Nobody", []string{} }, extraction.Dropped{Unverified: 1},
			func(g *gold.Answers) { g.Entities = slices.Delete(g.Entities, 3, 4) },
		},
		"a type that there is none of": {
			func(a *findings) { a.Entities[3]["type"] = 7 }, extraction.Dropped{Invalid: 1},
			func(g *gold.Answers) { g.Entities = slices.Delete(g.Entities, 3, 4) },
		},
		"a relation to nobody": {
			func(a *findings) { a.Relations[0]["to"] = "Sir Nobody" }, extraction.Dropped{Unverified: 1},
			func(g *gold.Answers) { g.Relations = g.Relations[1:] },
		},
		"other capitals, spaces for underscores": {
			func(a *findings) {
				a.Risks[0]["signal"], a.Risks[1]["severity"], a.Entities[0]["type"] = "Stale SOP", "HIGH", "person"
			}, extraction.Dropped{}, func(*gold.Answers) {},
		},
	} {
		t.Run(name, func(t *testing.T) {
			spoil.Store(&test.spoil)
			res, text := s.extract(t, archive())
			if res.Dropped != test.dropped {
				t.Errorf("dropped %+v", res.Dropped)
			}
			res.Dropped = extraction.Dropped{}
			left := archive()
			test.without(&left.Answers)
			perfect(t, left, res, text)
		})
	}
}

// Interviews one after the other, with small talk between them, are read in
// parts that overlap. What is told across a cut, or twice, is there once.
func TestPerfectModelOfALongTranscript(t *testing.T) {
	all := goldInterviews(t)
	long := longInterview(t, all)
	var asked atomic.Int64
	o := oracle{golds: all, vary: func(a *findings) {
		if asked.Add(1)%2 == 0 { // the same is said in other words
			for _, r := range a.Risks {
				r["about"] = "danger: " + r["about"].(string)
			}
			for _, d := range a.Decisions {
				d["what"] = "so decided: " + d["what"].(string)
			}
		}
	}}
	s := start(t, t.TempDir(), "-model-url", o.serve(t), "-model", "gold")
	res, text := s.extract(t, long)
	perfect(t, long, res, text)
	if len(text) < 100_000 || asked.Load() < 5 {
		t.Errorf("%d bytes were read in %d parts", len(text), asked.Load())
	}
}

// longInterview is all of them in one, with what is to be found in each.
func longInterview(t *testing.T, all []gold.Interview) gold.Interview {
	var b strings.Builder
	b.WriteString("WEBVTT\n\n")
	cues := 0
	say := func(speaker, words string) {
		fmt.Fprintf(&b, "%02d:%02d:%02d.000 --> %02d:%02d:%02d.900\n<v %s>%s\n\n", cues/3600, cues/60%60, cues%60, cues/3600, cues/60%60, cues%60, speaker, words)
		cues++
	}
	long := gold.Interview{File: "long.vtt", Answers: gold.Answers{Title: "A day of interviews", Template: "open_exploration", Kind: gold.Work}}
	for _, iv := range all {
		in, err := iv.Input()
		ok(t, err)
		for _, seg := range in.Segments {
			speaker := seg.SpeakerName()
			if speaker == "" {
				speaker = "Somebody"
			}
			say(speaker, seg.Text)
		}
		for i := range 80 {
			say([]string{"Uma", "Otto"}[i/2%2], fmt.Sprintf("And how was your number %d? It was all right, thank you, you know how it is at this time of the year.", i))
		}
		long.Procedures = append(long.Procedures, iv.Procedures...)
		long.Entities = append(long.Entities, iv.Entities...)
		long.Relations = append(long.Relations, iv.Relations...)
		long.Risks = append(long.Risks, iv.Risks...)
		long.Decisions = append(long.Decisions, iv.Decisions...)
		long.Traps = append(long.Traps, iv.Traps...)
	}
	long.Data = []byte(b.String())
	return long
}
