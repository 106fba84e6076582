package caption

import (
	"cmp"
	"slices"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// assLook is how many lines that are not blank may come before the first
// section of a script.
const assLook = 10

// IsASS looks for a section that scripts of SubStation Alpha begin with, or
// for its events alone.
func IsASS(head string) bool {
	l := source.NewLines(head)
	for n := 0; n < assLook; {
		line, ok := l.Next()
		if !ok {
			return false
		}
		switch line = strings.ToLower(strings.TrimSpace(line)); {
		case line == "":
			continue
		case line == "[script info]", line == "[v4+ styles]", line == "[v4 styles]", line == "[events]":
			return true
		case strings.HasPrefix(line, "dialogue:"):
			_, ok := assEvents{columns: assColumns(assDefault)}.event(line[len("dialogue:"):])
			return ok
		case line[0] != ';' && line[0] != '!':
			return false
		}
		n++
	}
	return false
}

// ASS reads a script of SubStation Alpha, version 4 or 4+. Its Format line
// says which columns an event has, of which Name is the speaker. Comments,
// drawings and override codes are no speech. Scripts are ordered by style as
// often as by time, and show a line in several layers; the cues are in order
// of time, and each is there once.
func ASS(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	events := assEvents{columns: assColumns(assDefault)}
	var cues []cue
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			break
		}
		key, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		switch strings.ToLower(key) {
		case "format":
			if c := assColumns(value); c.text >= 0 { // not that of the styles
				events.columns = c
			}
		case "language":
			out.SetLanguage(value)
		case "comment":
			out.Reading.PassedOver++
		case "dialogue":
			c, ok := events.event(value)
			if !ok {
				out.Warn(transcript.TimesRepaired, l.No(), "The times of a cue cannot be read; it goes on from the one before.")
				c.start = 0
				if n := len(cues); n > 0 {
					c.start = max(cues[n-1].start, cues[n-1].end)
				}
			}
			cues = append(cues, c)
		}
	}
	slices.SortStableFunc(cues, func(a, b cue) int { return cmp.Compare(a.start, b.start) })
	n := len(cues)
	if cues = slices.CompactFunc(cues, sameCue); len(cues) < n {
		out.Warn(transcript.RepeatedLines, 0, "Lines that are shown in several layers at once are counted once.")
	}
	addCues(cues, out)
	return nil
}

func sameCue(a, b cue) bool {
	return a.start == b.start && a.end == b.end && slices.Equal(a.voices, b.voices)
}

// assDefault are the columns of events without a Format line.
const assDefault = "Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text"

// assEvents reads events by the columns that hold for them.
type assEvents struct{ columns assFormat }

// assFormat is where the columns are that are read, -1 for none.
type assFormat struct{ all, start, end, name, text int }

func assColumns(format string) assFormat {
	f := assFormat{start: -1, end: -1, name: -1, text: -1}
	for column := range strings.SplitSeq(format, ",") {
		switch strings.ToLower(strings.TrimSpace(column)) {
		case "start":
			f.start = f.all
		case "end":
			f.end = f.all
		case "name", "actor":
			f.name = f.all
		case "text":
			f.text = f.all
		}
		f.all++
	}
	return f
}

// event reads the columns of a line; ok is false where it has no start. The
// last column has whatever commas follow.
func (e assEvents) event(line string) (c cue, ok bool) {
	cells := strings.SplitN(line, ",", e.columns.all)
	cell := func(i int) string {
		if i < 0 || i >= len(cells) {
			return ""
		}
		return strings.TrimSpace(cells[i])
	}
	start, n := clock.Read(cell(e.columns.start))
	end, _ := clock.Read(cell(e.columns.end))
	c = newCue(start, end, "", assText(cell(e.columns.text)))
	if who := assName(cell(e.columns.name)); who != "" {
		for i := range c.voices {
			if v := &c.voices[i]; !v.voiced {
				v.name, v.voiced = who, true
			}
		}
	}
	return c, n > 0
}

// assName drops what editors of old write where there is no name.
func assName(s string) string {
	if s == "NTP" || label.IsNobody(s) {
		return ""
	}
	return s
}

// assText takes override codes and drawings off: what stands in braces is
// never shown, and after {\p1} come lines to draw until {\p0}.
func assText(s string) string {
	var b strings.Builder
	drawing := false
	for s != "" {
		before, rest, ok := strings.Cut(s, "{")
		codes, after, closed := strings.Cut(rest, "}")
		if ok && !closed {
			before, after = s, ""
		}
		if !drawing {
			b.WriteString(before)
		}
		for code := range strings.SplitSeq(codes, `\`) {
			if scale, ok := strings.CutPrefix(code, "p"); ok && closed {
				if v, n := clock.Digits(scale); n > 0 && n == len(scale) {
					drawing = v > 0
				}
			}
		}
		s = after
	}
	return assBreaks.Replace(b.String())
}

var assBreaks = strings.NewReplacer(`\N`, "\n", `\n`, "\n", `\h`, " ")
