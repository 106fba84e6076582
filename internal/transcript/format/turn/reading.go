package turn

import (
	"fmt"

	"griot/internal/transcript"
)

// Settle adds to the reading what follows from the turns.
func (c *Collector) Settle() {
	r := &c.Reading
	r.Turns, r.Speakers = len(c.Turns), []string{}
	known := map[string]bool{}
	nobody := 0
	for _, t := range c.Turns {
		r.Timed = r.Timed || t.StartMS != nil
		switch {
		case t.Speaker == "":
			nobody++
		case !known[t.Speaker]:
			if len(r.Speakers) < transcript.MaxSpeakers {
				known[t.Speaker] = true
				r.Speakers = append(r.Speakers, t.Speaker)
			}
		}
	}
	switch {
	case len(r.Speakers) == 0:
		c.Warn(transcript.NoSpeakers, 0, "The file names no speakers.")
	case nobody > 0:
		c.Warn(transcript.TurnsWithoutSpeaker, 0, fmt.Sprintf("%d of %d turns have no speaker.", nobody, len(c.Turns)))
	}
	if !r.Timed {
		c.Warn(transcript.NoTimes, 0, "The file has no times.")
	}
	if r.PassedOver > 0 {
		c.Warn(transcript.LinesPassedOver, 0, fmt.Sprintf("%d lines are nobody's speech and were passed over.", r.PassedOver))
	}
	if r.Warnings == nil {
		r.Warnings = []transcript.Warning{}
	}
}
