package budget_test

import (
	"testing"
	"time"

	"griot/internal/budget"
	"griot/internal/table"
)

func TestSecondsOfARecording(t *testing.T) {
	r := budget.Recordings{MinutesPerDay: 60}
	for name, test := range map[string]struct{ duration, size, want int64 }{
		"a second":                 {1000, 9000, 1},
		"begun seconds count":      {1001, 9000, 2},
		"empty":                    {0, 44, 1},
		"unknown, by its bytes":    {-1, 90_000, 90},
		"unknown, next to nothing": {-1, 12, 1},
		"unknown, a day at most":   {-1, 50 << 20, 3600},
	} {
		if got := r.Seconds(test.duration, test.size); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	if got := (budget.Recordings{MinutesPerDay: 6000}).Seconds(-1, 2<<30); got != 4*3600 {
		t.Errorf("unknown, longer than any engine takes: %d", got)
	}
}

// A recording has the first day with room for it, and others none of what it
// has taken.
func TestFirstDay(t *testing.T) {
	w := newTill(t, 0)
	r := budget.Recordings{Table: w.Table, MinutesPerDay: 1}
	today := budget.Day(w.now)
	day := func(n int) time.Time { return today.AddDate(0, 0, n) }
	take := func(workspace string, n int, seconds int64) error {
		_, err := w.Table.Write(t.Context(), r.Take(workspace, day(n), seconds))
		return err
	}
	first := func(workspace string, seconds int64) (int, bool) {
		d, found, err := r.First(t.Context(), workspace, seconds, today)
		ok(t, err)
		return int(d.Sub(today) / (24 * time.Hour)), found
	}
	for n, seconds := range []int64{50, 60, 20} {
		ok(t, take("ws_a", n, seconds))
	}
	ok(t, take("ws_a", 4, 60))
	for seconds, want := range map[int64]int{10: 0, 11: 2, 40: 2, 41: 3, 60: 3} {
		if n, found := first("ws_a", seconds); n != want || !found {
			t.Errorf("%d seconds: day %d, %v, want day %d", seconds, n, found, want)
		}
	}
	if n, found := first("ws_b", 60); n != 0 || !found {
		t.Errorf("of another workspace: day %d, %v", n, found)
	}
	if _, found := first("ws_b", 61); found || r.Fits(61) {
		t.Error("more than a day has fits on a day")
	}
	if err := take("ws_a", 0, 11); table.Failed(err) == nil {
		t.Errorf("taken from others: %v", err)
	}
	_, err := w.Table.Write(t.Context(), budget.GiveBack("ws_a", day(1), 45))
	ok(t, err)
	if n, found := first("ws_a", 45); n != 1 || !found {
		t.Errorf("after others gave back: day %d, %v", n, found)
	}
	for n := range 366 {
		if n != 4 && n > 2 {
			ok(t, take("ws_a", n, 60))
		}
	}
	ok(t, take("ws_a", 1, 45))
	if n, found := first("ws_a", 41); found {
		t.Errorf("a year is taken, and day %d is not", n)
	}
	w.now = w.now.AddDate(0, 0, 9)
	if n, found := first("ws_c", 60); n != 0 || !found {
		t.Errorf("later: day %d, %v", n, found)
	}
}
