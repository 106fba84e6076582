package timestamp

import (
	"strconv"
	"time"
)

// mostWait bounds what a service may ask for, as a guard against nonsense.
const mostWait = 24 * time.Hour

// Wait reads how long a service wants to be left alone, as the header
// Retry-After has it: seconds, or a date of HTTP. It is 0 for anything else, and
// a day at most.
func Wait(value string) time.Duration {
	wait := time.Duration(0)
	if n, err := strconv.ParseFloat(value, 64); err == nil && n > 0 {
		wait = time.Duration(min(n, mostWait.Seconds()) * float64(time.Second))
	}
	for _, layout := range []string{"Mon, 02 Jan 2006 15:04:05 GMT", "Monday, 02-Jan-06 15:04:05 MST", time.ANSIC} {
		if at, err := time.Parse(layout, value); err == nil {
			wait = time.Until(at)
		}
	}
	return min(max(wait, 0), mostWait)
}
