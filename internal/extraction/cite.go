package extraction

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"griot/internal/id"
	"griot/internal/transcript"
)

// Source names the session that findings are about.
type Source struct {
	SessionID   string
	ArtifactURI string    // mnemos://artifact/art_…
	Created     time.Time // carried by the candidates' ids
}

// Cite turns findings into a ready result: evidence whose bytes do not equal
// its quote is dropped, and so is every step and candidate that keeps none.
// The same findings give the same result, ids included.
func Cite(src Source, by ExtractorVersion, segs []transcript.Segment, f Findings) Result {
	c := citer{src: src, segs: segs, same: map[string]int{}}
	res := Empty(src.SessionID, Ready)
	res.Extractor, res.Dropped, res.Usage = &by, f.Dropped, f.Usage
	res.Warnings = append(res.Warnings, f.Warnings...)
	for _, s := range f.SOPs {
		c.sop(&res, s)
	}
	for _, e := range f.Entities {
		c.entity(&res, e)
	}
	for _, r := range f.Risks {
		c.risk(&res, r)
	}
	for _, r := range f.Relations {
		if cites := c.all(r.Evidence); len(cites) > 0 {
			res.Relations = append(res.Relations, CitedRelation{r.From, r.Rel, r.To, cites})
		}
	}
	for _, d := range f.Decisions {
		if cites := c.all(d.Evidence); len(cites) > 0 {
			res.Decisions = append(res.Decisions, CitedDecision{d.What, append([]string{}, d.Options...), d.Reason, cites})
		}
	}
	if cites := c.all(f.Summary.Evidence); len(cites) > 0 && f.Summary.Text != "" {
		res.Summary = &CitedSummary{f.Summary.Text, cites}
	}
	return res
}

type citer struct {
	src  Source
	segs []transcript.Segment
	same map[string]int // how many candidates are called the same so far
}

func (c *citer) sop(res *Result, s SOP) {
	steps := make([]SOPStepC, 0, len(s.Steps))
	for _, st := range s.Steps {
		cite, ok := c.cite(st.Evidence)
		if !ok || st.What == "" {
			continue
		}
		step := SOPStepC{N: len(steps) + 1, What: st.What, Citation: cite}
		if st.Who != "" {
			step.Who = &st.Who
		}
		steps = append(steps, step)
	}
	if len(steps) == 0 {
		return
	}
	if common, ok := c.common("sop", s.Confidence, s.Evidence, placed(s.Title)); ok {
		res.SOPs = append(res.SOPs, SOPCandidate{common, s.Title, SOPBody{s.Summary, steps}})
	}
}

func (c *citer) entity(res *Result, e Entity) {
	common, ok := c.common("entity", e.Confidence, e.Evidence, named(e.Type, e.Name))
	if !ok {
		return
	}
	if e.Aliases == nil {
		e.Aliases = []string{}
	}
	res.Entities = append(res.Entities, EntityCandidate{common, e.Type, e.Name, e.Aliases, e.Mentions})
}

func (c *citer) risk(res *Result, r Risk) {
	weight, known := Weights[r.Signal]
	if !known {
		return
	}
	if common, ok := c.common("risk", r.Confidence, r.Evidence, placed(r.Signal)); ok {
		res.Risks = append(res.Risks, RiskCandidate{common, r.Signal, r.Title, weight, r.Severity})
	}
}

// common makes what every candidate has, unless none of its evidence
// verifies. called tells it from others of its kind.
func (c *citer) common(kind string, confidence float64, evidence []Evidence, called naming) (Common, bool) {
	cites := c.all(evidence)
	if len(cites) == 0 {
		return Common{}, false
	}
	return Common{
		ID:         c.id(append([]string{kind}, called(cites[0])...)),
		Kind:       kind,
		Confidence: min(max(confidence, 0), 1),
		Status:     "candidate",
		Citations:  cites,
	}, true
}

// naming returns what a candidate is: words that another reading of the same
// transcript finds again, so that the same finding keeps its id.
type naming func(first Citation) []string

// named is a candidate that is the same wherever it is spoken of.
func named(words ...string) naming {
	return func(Citation) []string { return words }
}

// placed is one of which there may be another elsewhere: what tells them apart
// is where the first evidence begins, which another reading may quote at another
// length.
func placed(words ...string) naming {
	return func(first Citation) []string {
		return append(words, first.URI[:strings.LastIndexByte(first.URI, '-')])
	}
}

// id is that of a candidate by what it is, whatever the case and the spacing of
// its words. Those that are called the same are numbered.
func (c *citer) id(parts []string) string {
	for i, part := range parts {
		parts[i] = strings.ToLower(strings.Join(strings.Fields(part), " "))
	}
	name := strings.Join(parts, "\x00")
	if c.same[name]++; c.same[name] > 1 {
		parts = append(parts, strconv.Itoa(c.same[name]))
	}
	return id.Derived(id.Candidate, c.src.Created, append([]string{c.src.SessionID}, parts...)...)
}

// all are the citations of the evidence that verifies.
func (c *citer) all(evidence []Evidence) (cites []Citation) {
	for _, e := range evidence {
		if cite, ok := c.cite(e); ok {
			cites = append(cites, cite)
		}
	}
	return cites
}

func (c *citer) cite(e Evidence) (Citation, bool) {
	if e.Seq < 1 || e.Seq > int64(len(c.segs)) || e.Quote == "" || e.At < 0 {
		return Citation{}, false
	}
	seg := c.segs[e.Seq-1]
	end := e.At + len(e.Quote)
	if seg.Seq != e.Seq || end > len(seg.Text) || seg.Text[e.At:end] != e.Quote {
		return Citation{}, false
	}
	first := seg.Range[0] + int64(e.At)
	return Citation{
		URI:     fmt.Sprintf("%s?range=%d-%d", c.src.ArtifactURI, first, first+int64(len(e.Quote))-1),
		Quote:   e.Quote,
		Seq:     e.Seq,
		StartMS: seg.StartMS,
		EndMS:   seg.EndMS,
	}, true
}
