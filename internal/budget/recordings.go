package budget

import (
	"context"
	"fmt"
	"time"

	"griot/internal/table"
)

// Recordings is what each workspace may have written down of recordings in one
// day of UTC.
//
// A recording takes its length of one day, before its engine is asked for it:
// of the first day that has as much left. So it knows at once when its turn is,
// those of one day are never longer together than the limit, and whoever comes
// later takes nothing away from who waits.
type Recordings struct {
	Table         table.Store
	MinutesPerDay int64 // 0: as many as it likes
}

const (
	transcription = "transcription"
	taken         = "seconds"
	// farthest is how far ahead days are taken.
	farthest = 365 * 24 * time.Hour
	// slowest is how many bytes a second of speech has at least, but for a few
	// codecs of telephones, whose files say how long they are; longest is what no
	// engine takes. By these goes a recording that does not say its length.
	slowest = 1000
	longest = 4 * 60 * 60 // seconds
)

// Seconds is what a recording takes of its day. One whose length is unknown (-1)
// takes what its bytes can be at most, and no more than a whole day: on an
// estimate nothing is refused.
func (r Recordings) Seconds(durationMS, size int64) int64 {
	if durationMS >= 0 {
		return max(1, (durationMS+999)/1000)
	}
	return max(1, min(longest, size/slowest, r.MinutesPerDay*60))
}

// Fits is false for a recording that is longer than a whole day's minutes.
func (r Recordings) Fits(seconds int64) bool { return seconds <= r.MinutesPerDay*60 }

// First returns the first day, today or later, that has so many seconds left;
// ok is false where there is none within a year.
func (r Recordings) First(ctx context.Context, workspace string, seconds int64, today time.Time) (day time.Time, ok bool, err error) {
	last := today.Add(farthest)
	q := table.Query{
		Table: table.Sessions, PK: dayKey(workspace, transcription, today).PK, Consistency: table.Consistent,
		From: dayKey(workspace, transcription, today).SK, To: dayKey(workspace, transcription, last).SK,
	}
	day = today
	for row, err := range table.All(ctx, r.Table, q) {
		if err != nil {
			return day, false, fmt.Errorf("reading the minutes of recordings that are taken: %w", err)
		}
		if dayPrefix+day.Format(time.DateOnly) != row.SK || row.Int(taken)+seconds <= r.MinutesPerDay*60 {
			return day, r.Fits(seconds), nil
		}
		day = next(day)
	}
	return day, r.Fits(seconds) && !day.After(last), nil
}

// Take returns the write by which a recording takes its seconds of a day, for
// the transaction that notes it. Its condition fails where others were faster.
func (r Recordings) Take(workspace string, day time.Time, seconds int64) table.Op {
	return add(workspace, day, seconds, table.MissingOrLess(taken, r.MinutesPerDay*60-seconds+1))
}

// GiveBack returns the write by which a recording gives back what it has taken.
func GiveBack(workspace string, day time.Time, seconds int64) table.Op {
	return add(workspace, day, -seconds)
}

func add(workspace string, day time.Time, seconds int64, conds ...table.Cond) table.Op {
	op := table.Update(dayKey(workspace, transcription, day), table.Attrs{table.ExpiresAttr: expires(day)}, conds...)
	op.Add = map[string]int64{taken: seconds}
	return op
}
