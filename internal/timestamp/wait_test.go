package timestamp_test

import (
	"testing"
	"testing/synctest"
	"time"

	"griot/internal/timestamp"
)

func TestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Now().UTC().Add(90 * time.Second)
		for value, want := range map[string]time.Duration{
			"":     0,
			"7":    7 * time.Second,
			"0.5":  500 * time.Millisecond,
			"-3":   0,
			"1e12": 24 * time.Hour,
			"NaN":  0,
			"soon": 0,
			at.Format("Mon, 02 Jan 2006 15:04:05 GMT"):                       90 * time.Second,
			at.Format("Monday, 02-Jan-06 15:04:05 GMT"):                      90 * time.Second,
			at.Add(-time.Hour).Format("Mon, 02 Jan 2006 15:04:05 GMT"):       0,
			at.Add(9000 * time.Hour).Format("Mon, 02 Jan 2006 15:04:05 GMT"): 24 * time.Hour,
		} {
			if got := timestamp.Wait(value); got != want {
				t.Errorf("%q: %v, want %v", value, got, want)
			}
		}
	})
}
