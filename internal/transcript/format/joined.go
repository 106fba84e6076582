package format

import (
	"griot/internal/transcript"
	"griot/internal/transcript/format/turn"
)

// Joined is the transcript of what was read in parts; turns are those of all of
// them, joined. Warnings are of the whole: each stands once.
func Joined(parts []Parsed, turns []transcript.Turn) Parsed {
	whole := parts[0]
	out := turn.Collector{Turns: turns, Reading: whole.Reading}
	out.Reading.PassedOver, out.Reading.Warnings = 0, nil
	for _, p := range parts {
		out.Reading.PassedOver += p.Reading.PassedOver
		for _, w := range p.Reading.Warnings {
			switch w.Code {
			case transcript.NoSpeakers, transcript.TurnsWithoutSpeaker, transcript.NoTimes, transcript.LinesPassedOver: // Settle finds them anew
			default:
				out.Warn(w.Code, 0, w.Message)
			}
		}
		if whole.Language == "" {
			whole.Language = p.Language
		}
	}
	out.Settle()
	whole.Reading, whole.Turns, whole.DurationMS = out.Reading, turns, parts[len(parts)-1].DurationMS
	return whole
}
