package media

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits are what an engine takes.
type Limits struct {
	Kinds    []Kind // nil: all
	Bytes    int64
	Shortest time.Duration
	Longest  time.Duration
}

// Any are the limits that hold for every engine.
var Any = Limits{Bytes: 2 << 30, Shortest: time.Second / 2, Longest: 4 * time.Hour}

// Check reports, as an *Error, what an engine with these limits would refuse.
// A duration that is not known is nothing to refuse a recording for.
func (l Limits) Check(f Facts) error {
	long := time.Duration(f.DurationMS) * time.Millisecond
	switch {
	case f.Size > l.Bytes:
		return &Error{TooLarge, fmt.Sprintf("The recording has %s; at most %s are taken. Save it at a lower bit rate, or without its video, and upload that.", bytesOf(f.Size), bytesOf(l.Bytes))}
	case l.Kinds != nil && !slices.Contains(l.Kinds, f.Kind):
		return unsupported("The recording is %s, which the transcription engine does not take; convert it to one of %s and upload that.", f.Kind, list(l.Kinds))
	case f.DurationMS < 0:
		return nil
	case long > l.Longest:
		return &Error{TooLarge, fmt.Sprintf("The recording is %s long; at most %s are taken. Cut it into parts and upload each by itself.", lengthOf(long), lengthOf(l.Longest))}
	case f.DurationMS == 0:
		return unsupported("The recording has no sound in it: it ends where it begins.")
	case long < l.Shortest && !f.Estimated:
		return unsupported("The recording is %s long, too short for anything to be said in it; at least %s are needed.", lengthOf(long), lengthOf(l.Shortest))
	}
	return nil
}

func list(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// bytesOf writes a size as people do, so exactly that one above a limit does
// not read like the limit.
func bytesOf(n int64) string {
	units := []string{"bytes", "KB", "MB", "GB"}
	i := 0
	for v := n; v >= 1<<10 && i < len(units)-1; v >>= 10 {
		i++
	}
	if n%(1<<(10*i)) == 0 {
		return fmt.Sprintf("%d %s", n>>(10*i), units[i])
	}
	for digits := 1; ; digits++ {
		text := fmt.Sprintf("%.*f", digits, float64(n)/float64(int64(1)<<(10*i)))
		if strings.Trim(text[strings.IndexByte(text, '.'):], ".0") != "" {
			return text + " " + units[i]
		}
	}
}

// lengthOf writes a duration as people do: 5 h 12 min, 3 min 20 s, 0.3 s. Seconds
// beside hours are left out, unless nothing else tells a length from a limit.
func lengthOf(d time.Duration) string {
	h, min, s := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	var parts []string
	add := func(n int, unit string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit))
		}
	}
	switch {
	case d < time.Minute && d%time.Second != 0:
		return fmt.Sprintf("%.3g s", d.Seconds())
	case h > 0 && min > 0:
		s = 0
	}
	add(h, "h")
	add(min, "min")
	add(s, "s")
	if len(parts) == 1 && h > 0 && d%time.Hour != 0 {
		parts = append(parts, fmt.Sprintf("%g s", (d%time.Hour).Seconds()))
	}
	return strings.Join(parts, " ")
}
