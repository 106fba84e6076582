package caption

import (
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/turn"
)

// addUntimed makes turns of what has the form of captions and no times.
func addUntimed(cues []cue, out *turn.Collector) {
	voiced := false
	for _, c := range cues {
		for _, v := range c.voices {
			voiced = voiced || v.voiced
		}
	}
	if !voiced {
		layout.Read(layout.File{Known: out.Hint.Speakers, Lines: linesOf(cues)}, out)
		return
	}
	out.Reading.Layout = "voice"
	for _, c := range cues {
		for _, v := range c.voices {
			out.Add(transcript.Turn{Speaker: v.name, Text: v.text})
		}
	}
}

func linesOf(cues []cue) func(yield func(layout.Line) bool) {
	return func(yield func(layout.Line) bool) {
		for _, c := range cues {
			para := true
			for line := range strings.SplitSeq(c.voices[0].text, "\n") {
				if turn.IsBlank(line) {
					continue
				}
				if !yield(layout.Line{Text: strings.TrimSpace(line), Para: para}) {
					return
				}
				para = false
			}
		}
	}
}
