package caption

import (
	"math"
	"strings"

	"griot/internal/transcript/format/turn"
)

// An xmlTime is a time in an XML file, whose unit may only show from all of
// them.
type xmlTime struct {
	ok    bool
	value float64
	unit  float64 // milliseconds; 0 for that of the file
	whole bool    // it has no fraction
}

// newXMLTime reads a clock string, a number with a unit, or a number of
// milliseconds or of the unit of the file.
func newXMLTime(s string, ms bool) xmlTime {
	s = strings.TrimSpace(s)
	if n := positive(s); n >= 0 {
		t := xmlTime{ok: true, value: n, whole: strings.Trim(s, "0123456789") == ""}
		if ms {
			t.unit = 1
		}
		return t
	}
	n, ok := ttmlRates{frames: 30, subFrames: 1, ticks: 1}.time(s)
	return xmlTime{ok: ok, value: float64(n), unit: 1}
}

func (t xmlTime) ms(unit float64) int64 {
	if t.unit > 0 {
		unit = t.unit
	}
	return int64(math.Round(min(t.value*unit, float64(turn.MaxMS+1))))
}

// unitOf is milliseconds where the numbers have no fractions and the lines
// would last minutes each, and seconds elsewhere.
func unitOf(lines []xmlLine) float64 {
	const long = 100 // as seconds
	sum, n, before := 0.0, 0, xmlTime{}
	for _, l := range lines {
		if !l.from.ok || l.from.unit > 0 {
			continue
		}
		if !l.from.whole {
			return 1000
		}
		switch {
		case l.to.ok && l.lasts:
			sum += l.to.value
			n++
		case l.to.ok && l.to.value > l.from.value:
			sum += l.to.value - l.from.value
			n++
		case before.ok && l.from.value > before.value:
			sum += l.from.value - before.value
			n++
		}
		before = l.from
	}
	if n > 0 && sum/float64(n) > long {
		return 1
	}
	return 1000
}
