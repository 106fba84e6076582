package caption

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"

	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// IsTTML goes by the first element.
func IsTTML(head string) bool { return markup.Root(head) == "tt" }

// TTML reads Timed Text Markup Language and what is made of it: DFXP, SMPTE-TT,
// EBU-TT, IMSC, iTunes' lyrics. Each paragraph is a cue; whose it is say the
// agents of it or of what it stands in.
func TTML(src *source.Source, out *turn.Collector) error {
	f := ttmlFile{src: src, agents: map[string]string{}}
	if err := markup.Walk(src.R, src, markup.Handler{Start: f.start, End: f.end, Text: f.chars}); err != nil {
		return err
	}
	for i := range f.cues {
		for j := range f.cues[i].voices {
			v := &f.cues[i].voices[j]
			v.name = f.nameOf(v.name)
		}
	}
	out.SetLanguage(f.language)
	if f.clocked {
		addCues(f.cues, out)
	} else {
		addUntimed(f.cues, out)
	}
	return nil
}

type ttmlFile struct {
	src      *source.Source
	language string
	rates    ttmlRates
	absolute bool              // times count from the beginning of the file, as in iTunes' lyrics
	agents   map[string]string // names by their ids
	agent    string            // the id of the agent that is being read
	naming   bool              // its name comes next

	open    []ttmlElement // from the body on
	inBody  bool
	cue     *cue // the paragraph that is open
	timed   bool // it, or what it stands in, has a time
	clocked bool // some element has
	said    strings.Builder
	saying  string // the id of the agent who says it
	cues    []cue
	size    int64 // bytes of their words
}

// A ttmlElement is a time container.
type ttmlElement struct {
	begin, end int64 // end is -1 without one
	timed      bool  // some element up to here says its time
	seq        bool  // its parts follow each other
	next       int64 // when the next of them begins, if so
	agent      string
}

const (
	maxAgents = 1_000
	maxName   = 200 // bytes of a name that more is added to
)

func (f *ttmlFile) start(e xml.StartElement) error {
	switch {
	case e.Name.Local == "tt":
		f.language = markup.Attr(e, "lang")
		f.rates = newRates(e)
		f.absolute = markup.Attr(e, "timing") != ""
	case e.Name.Local == "agent":
		f.agent = markup.Attr(e, "id")
	case e.Name.Local == "name":
		f.naming = f.agent != ""
	case f.inBody && (e.Name.Local == "metadata" || strings.Contains(e.Name.Space, "metadata") || e.Name.Local == "set"):
		return markup.ErrSkip
	case e.Name.Local == "body":
		f.inBody = true
		f.container(e)
	case !f.inBody:
	case e.Name.Local == "br":
		f.words("\n")
		f.container(e)
	default:
		f.container(e)
	}
	return nil
}

// container opens an element of the body. Its times count from the beginning
// of what it stands in, or from the end of what came before it.
func (f *ttmlFile) container(e xml.StartElement) {
	up := ttmlElement{end: -1}
	if len(f.open) > 0 {
		up = f.open[len(f.open)-1]
	}
	base := up.begin
	switch {
	case f.absolute:
		base = 0
	case up.seq:
		base = up.next
	}
	now := ttmlElement{begin: max(base, up.begin), end: up.end, timed: up.timed, seq: markup.Attr(e, "timeContainer") == "seq", agent: up.agent}
	if ms, ok := f.rates.time(markup.Attr(e, "begin")); ok {
		now.begin, now.timed = base+ms, true
	}
	if ms, ok := f.rates.time(markup.Attr(e, "end")); ok {
		now.end = base + ms
	}
	if ms, ok := f.rates.time(markup.Attr(e, "dur")); ok && (now.end < 0 || now.begin+ms < now.end || markup.Attr(e, "end") == "") {
		now.end = now.begin + ms
		now.timed = now.timed || up.seq || e.Name.Local != "body" && e.Name.Local != "div" // how long the whole lasts is no time of its parts
	}
	now.next = now.begin
	f.clocked = f.clocked || now.timed
	if id := markup.Attr(e, "agent"); id != "" {
		now.agent = id
	}
	f.open = append(f.open, now)
	switch e.Name.Local {
	case "p":
		f.cue, f.timed = &cue{start: now.begin, end: now.end}, now.timed
	case "span":
		if f.cue != nil && !f.timed && now.timed && f.said.Len() == 0 && len(f.cue.voices) == 0 { // the paragraph has the time of its first span
			f.cue.start = now.begin
		}
		if f.cue != nil && !f.timed && now.timed {
			f.cue.end = now.end
		}
		if markup.Attr(e, "unit") == "word" { // Apple's podcasts have nothing between words
			f.words(" ")
		}
	}
}

func (f *ttmlFile) end(name xml.Name) error {
	switch {
	case name.Local == "agent":
		f.agent = ""
	case name.Local == "name":
		f.naming = false
	case len(f.open) > 0 && f.inBody && !strings.Contains(name.Space, "metadata"):
		if name.Local == "p" && f.cue != nil {
			f.paragraph()
		}
		ended := f.open[len(f.open)-1].end
		f.open = f.open[:len(f.open)-1]
		if n := len(f.open); n > 0 && ended >= 0 {
			f.open[n-1].next = ended
		}
	}
	return nil
}

// paragraph ends a cue.
func (f *ttmlFile) paragraph() {
	f.voice()
	if len(f.cue.voices) > 0 {
		f.cues = append(f.cues, *f.cue)
	}
	f.cue = nil
}

// voice ends what one agent says.
func (f *ttmlFile) voice() {
	lines := strings.Split(f.said.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	if text := strings.TrimSpace(strings.Join(lines, "\n")); text != "" {
		f.cue.voices = append(f.cue.voices, voice{f.saying, f.saying != "", text})
	}
	f.said.Reset()
}

func (f *ttmlFile) chars(s string) error {
	switch {
	case f.naming && len(f.agents) < maxAgents && len(f.agents[f.agent]) < maxName:
		f.agents[f.agent] = strings.TrimSpace(f.agents[f.agent] + " " + strings.TrimSpace(s))
	case f.cue != nil:
		f.words(strings.Map(func(r rune) rune {
			if r == '\n' || r == '\r' || r == '\t' {
				return ' '
			}
			return r
		}, s))
	}
	if f.size > f.src.Limit || len(f.cues) > turn.MaxPieces {
		return f.src.TooLarge()
	}
	return nil
}

// words adds to what the agent of now says.
func (f *ttmlFile) words(s string) {
	if f.cue == nil {
		return
	}
	if agent := f.open[len(f.open)-1].agent; agent != f.saying && strings.TrimSpace(s) != "" {
		f.voice()
		f.saying = agent
	}
	f.said.WriteString(s)
	f.size += int64(len(strings.TrimSpace(s)))
}

// nameOf names agents; one that has no name goes by its id.
func (f *ttmlFile) nameOf(ids string) string {
	var names []string
	for id := range strings.FieldsSeq(ids) {
		if name := f.agents[id]; name != "" {
			id = name
		}
		names = append(names, id)
	}
	return strings.Join(names, ", ")
}

// ttmlRates are how many of its units a TTML file has in a second.
type ttmlRates struct{ frames, subFrames, ticks float64 }

// newRates reads the parameters of the first element.
func newRates(e xml.StartElement) ttmlRates {
	r := ttmlRates{frames: 30, subFrames: 1}
	given := false
	if n := positive(markup.Attr(e, "frameRate")); n > 0 {
		r.frames, given = n, true
	}
	if f := strings.Fields(strings.ReplaceAll(markup.Attr(e, "frameRateMultiplier"), ":", " ")); len(f) == 2 && positive(f[0]) > 0 && positive(f[1]) > 0 {
		r.frames *= positive(f[0]) / positive(f[1])
	}
	if n := positive(markup.Attr(e, "subFrameRate")); n > 0 {
		r.subFrames = n
	}
	switch n := positive(markup.Attr(e, "tickRate")); {
	case n > 0:
		r.ticks = n
	case given:
		r.ticks = r.frames * r.subFrames
	default:
		r.ticks = 1
	}
	return r
}

// positive reads a number in digits with a point or a comma; -1 of anything
// else.
func positive(s string) float64 {
	s = strings.ReplaceAll(s, ",", ".")
	if s == "" || strings.Trim(s, "0123456789.") != "" {
		return -1
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return -1
	}
	return n
}

// time reads a time expression: 00:01:02.5, 00:01:02:12 with frames and
// 00:01:02:12.1 with their parts, 62.5s, 1.5m, 0.1h, 900ms, 30f, 625000t, and
// what files have besides: 1:02.5 and 62.5 seconds.
func (r ttmlRates) time(s string) (ms int64, ok bool) {
	s = strings.TrimSpace(s)
	seconds := -1.0
	if parts := strings.Split(s, ":"); len(parts) > 1 {
		seconds = r.clock(parts)
	} else {
		n := len(strings.TrimRight(s, "hmsft"))
		if unit, ok := r.unit(s[n:]); ok {
			seconds = positive(s[:n]) * unit
		}
	}
	if seconds < 0 || seconds*1000 > float64(turn.MaxMS) || math.IsNaN(seconds) {
		return 0, false
	}
	return int64(math.Round(seconds * 1000)), true
}

// unit is how many seconds a metric has.
func (r ttmlRates) unit(metric string) (float64, bool) {
	switch metric {
	case "h":
		return 3600, true
	case "m":
		return 60, true
	case "s", "":
		return 1, true
	case "ms":
		return 0.001, true
	case "f":
		return 1 / r.frames, true
	case "t":
		return 1 / r.ticks, true
	}
	return 0, false
}

// clock adds hours, minutes, seconds and frames; -1 of what is no such time.
func (r ttmlRates) clock(parts []string) float64 {
	units := []float64{3600, 60, 1, 1 / r.frames}
	switch {
	case len(parts) == 2:
		units = units[1:]
	case len(parts) > 4:
		return -1
	}
	sum := 0.0
	for i, part := range parts {
		part, sub, _ := strings.Cut(part, ".")
		n := positive(part)
		switch {
		case n < 0:
			return -1
		case sub != "" && i == 3: // parts of a frame
			n += max(0, positive(sub)) / r.subFrames
		case sub != "":
			n = positive(part + "." + sub)
		}
		sum += n * units[i]
	}
	return sum
}
