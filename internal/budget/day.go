package budget

import (
	"time"

	"griot/internal/table"
)

// dayKept is how long the row of a day is there, from the beginning of its day.
const dayKept = 8 * 24 * time.Hour

// Day is the beginning of the day, of UTC, in which a time lies.
func Day(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }

// next is the day behind a day.
func next(day time.Time) time.Time { return day.Add(24 * time.Hour) }

const dayPrefix = "day#"

// dayKey is the row of what a workspace spends of one thing in a day.
func dayKey(workspace, thing string, day time.Time) table.Key {
	return table.Key{Table: table.Sessions, PK: workspace + "#" + thing, SK: dayPrefix + day.Format(time.DateOnly)}
}

// expires is when the row of a day goes.
func expires(day time.Time) int64 { return day.Add(dayKept).Unix() }
