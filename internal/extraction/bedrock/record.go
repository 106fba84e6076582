package bedrock

import (
	"slices"
	"strings"
	"unicode/utf8"

	"griot/internal/extraction"
	"griot/internal/transcript"
)

// record is the tool's input, as a model fills it in.
type record struct {
	SOPs []struct {
		Title, Summary string
		Confidence     float64
		Evidence       []evidence
		Steps          []struct {
			What, Who string
			Evidence  []evidence
		}
	}
	Entities []struct {
		Type, Name string
		Aliases    []string
		Confidence float64
		Evidence   []evidence
	}
	Risks []struct {
		Signal, Title, Severity string
		Confidence              float64
		Evidence                []evidence
	}
}

type evidence struct {
	Line  int64
	Quote string
}

// Bounds of what is taken from a model, in characters and pieces.
const (
	maxTitle    = 200
	maxText     = 2000
	maxEvidence = 10
	maxSteps    = 100
)

// merger unites the records of all parts.
type merger struct {
	segs     map[int64]string
	out      extraction.Findings
	entities map[string]int // by type and folded name: the place in out
}

func merge(segs []transcript.Segment, records []record) extraction.Findings {
	m := merger{segs: map[int64]string{}, entities: map[string]int{}}
	for _, seg := range segs {
		m.segs[seg.Seq] = seg.Text
	}
	for _, r := range records {
		m.add(r)
	}
	for i := range m.out.Entities {
		m.out.Entities[i].Mentions = mentions(segs, m.out.Entities[i])
	}
	return m.out
}

func (m *merger) add(r record) {
	for _, s := range r.SOPs {
		sop := extraction.SOP{Title: clip(s.Title, maxTitle), Summary: clip(s.Summary, maxText), Confidence: share(s.Confidence), Evidence: m.evidence(s.Evidence)}
		for _, st := range s.Steps[:min(maxSteps, len(s.Steps))] {
			if found := m.evidence(st.Evidence); len(found) > 0 && st.What != "" {
				sop.Steps = append(sop.Steps, extraction.Step{What: clip(st.What, maxText), Who: clip(st.Who, maxTitle), Evidence: found[0]})
			}
		}
		if sop.Title != "" && len(sop.Steps) > 0 && len(sop.Evidence) > 0 {
			m.out.SOPs = append(m.out.SOPs, sop)
		}
	}
	for _, e := range r.Entities {
		found := m.evidence(e.Evidence)
		if name := clip(e.Name, maxTitle); name != "" && len(found) > 0 && slices.Contains(extraction.EntityTypes, e.Type) {
			m.entity(extraction.Entity{Type: e.Type, Name: name, Aliases: e.Aliases, Confidence: share(e.Confidence), Evidence: found})
		}
	}
	for _, k := range r.Risks {
		found := m.evidence(k.Evidence)
		known := extraction.Weights[k.Signal] > 0 && slices.Contains(extraction.Severities, k.Severity)
		if title := clip(k.Title, maxTitle); known && title != "" && len(found) > 0 {
			m.out.Risks = append(m.out.Risks, extraction.Risk{
				Signal: k.Signal, Title: title, Severity: k.Severity, Confidence: share(k.Confidence), Evidence: found,
			})
		}
	}
}

// entity adds one, to what another part said of it.
func (m *merger) entity(e extraction.Entity) {
	aliases := []string{}
	for _, a := range e.Aliases[:min(maxEvidence, len(e.Aliases))] {
		if a = clip(a, maxTitle); a != "" && a != e.Name && !slices.Contains(aliases, a) {
			aliases = append(aliases, a)
		}
	}
	e.Aliases = aliases
	key := e.Type + "#" + strings.ToLower(e.Name)
	at, known := m.entities[key]
	if !known {
		m.entities[key] = len(m.out.Entities)
		m.out.Entities = append(m.out.Entities, e)
		return
	}
	old := &m.out.Entities[at]
	old.Confidence = max(old.Confidence, e.Confidence)
	old.Evidence = append(old.Evidence, e.Evidence...)
	for _, a := range aliases {
		if !slices.Contains(old.Aliases, a) {
			old.Aliases = append(old.Aliases, a)
		}
	}
}

// evidence keeps the quotes that stand where they are said to.
func (m *merger) evidence(claimed []evidence) []extraction.Evidence {
	var out []extraction.Evidence
	for _, c := range claimed[:min(maxEvidence, len(claimed))] {
		if at := strings.Index(m.segs[c.Line], c.Quote); c.Quote != "" && at >= 0 {
			out = append(out, extraction.Evidence{Seq: c.Line, At: at, Quote: c.Quote})
		}
	}
	return out
}

// mentions counts how often an entity is named, at least once.
func mentions(segs []transcript.Segment, e extraction.Entity) int {
	n := 0
	for _, seg := range segs {
		for _, name := range append([]string{e.Name}, e.Aliases...) {
			n += strings.Count(seg.Text, name)
		}
	}
	return max(1, n)
}

func share(v float64) float64 { return min(1, max(0, v)) }

// clip returns a text as one line of at most n characters.
func clip(text string, n int) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if utf8.RuneCountInString(text) > n {
		text = strings.TrimSpace(string([]rune(text)[:n]))
	}
	return text
}
