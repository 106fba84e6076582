package caption

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"

	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/turn"
)

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
