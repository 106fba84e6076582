package caption

import (
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// A cue is what is shown from start to end, in milliseconds.
type cue struct {
	start, end int64
	id         string
	voices     []voice // at least one
}

// A voice is what one person says in a cue.
type voice struct {
	name   string
	voiced bool   // a tag says whose it is
	text   string // in lines, without markup
}

// newCue reads the markup of a cue's text.
func newCue(start, end int64, id, text string) cue {
	return cue{start, end, id, voices(text)}
}

// addCues makes a turn of every voice in every cue. Where no tag names one, it
// may stand in the identifier, or it is for the layouts to find.
func addCues(cues []cue, out *turn.Collector) {
	voiced := false
	for _, c := range cues {
		for _, v := range c.voices {
			voiced = voiced || v.voiced
		}
	}
	if !voiced && rolls(cues) {
		cues = unroll(cues)
		out.Warn(transcript.RepeatedLines, 0, "The captions roll: lines that were shown again are counted once.")
	}
	if !voiced && !nameByID(cues) {
		readLayout(cues, out)
		return
	}
	out.Reading.Layout = "voice"
	for _, c := range cues {
		for _, v := range c.voices {
			if v.name == label.Nobody {
				v.name = ""
			}
			out.Add(transcript.Turn{Speaker: label.Collapse(v.name), StartMS: &c.start, EndMS: &c.end, Text: v.text})
		}
	}
}

// readLayout gives the lines of the cues to the layouts.
func readLayout(cues []cue, out *turn.Collector) {
	layout.Read(layout.File{Cues: true, Paragraphs: true, Known: out.Hint.Speakers, Lines: func(yield func(layout.Line) bool) {
		for _, c := range cues {
			para := true
			for line := range strings.SplitSeq(c.voices[0].text, "\n") {
				if turn.IsBlank(line) {
					continue
				}
				l := layout.Line{Text: line, Para: para, Time: &clock.Mark{Start: c.start, End: &c.end}}
				if !yield(l) {
					return
				}
				para = false
			}
		}
	}}, out)
}

// nameByID reads the names that Webex writes into identifiers: 1 "Name" (312).
func nameByID(cues []cue) bool {
	for i := range cues {
		if _, ok := idName(cues[i].id); !ok {
			return false
		}
	}
	for i := range cues {
		cues[i].voices[0].name, _ = idName(cues[i].id)
	}
	return len(cues) > 0
}

func idName(id string) (name string, ok bool) {
	_, n := clock.Digits(id)
	from, to := strings.IndexByte(id, '"'), strings.LastIndexByte(id, '"')
	if n == 0 || from < n || to <= from || strings.TrimSpace(id[n:from]) != "" {
		return "", false
	}
	return id[from+1 : to], true
}
