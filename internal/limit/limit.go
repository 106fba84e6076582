// Package limit bounds what each workspace takes, in what the requests cost:
// their number, and the read and write units that the table measured. Every
// workspace has a token bucket for each class of endpoints, and so has a key
// that the operator has limited. A request takes an estimate from its buckets
// before it is served; what it cost more or less is settled afterwards.
//
// On the embedded host the buckets are those of its one process. On AWS they
// are rows that all functions share, see [Limiter.Shared].
package limit

import (
	"math"
	"time"
)

// Class is a group of endpoints that have buckets in common.
type Class string

// The classes (contract F6).
const (
	Standard Class = "standard"
	Heavy    Class = "heavy" // creates, appends, uploads, exports, extraction
	Search   Class = "search"
)

// Classes are all classes.
var Classes = []Class{Standard, Heavy, Search}

// Values are the classes, for documents.
func (Class) Values() []string { return []string{string(Standard), string(Heavy), string(Search)} }

// The dimensions of an Amount.
const (
	Requests = iota
	Reads    // read units, see table.Usage
	Writes   // write units
	dimensions
)

// Amount is what requests take of each dimension; of a bucket's rate it is what
// comes back in a second.
type Amount [dimensions]float64

func (a Amount) plus(b Amount) Amount {
	for d := range a {
		a[d] += b[d]
	}
	return a
}

func (a Amount) minus(b Amount) Amount { return a.plus(b.times(-1)) }

func (a Amount) times(n float64) Amount {
	for d := range a {
		a[d] *= n
	}
	return a
}

// least and most take the smaller and the larger of each dimension.
func least(a, b Amount) Amount {
	for d := range a {
		a[d] = min(a[d], b[d])
	}
	return a
}

func most(a, b Amount) Amount {
	for d := range a {
		a[d] = max(a[d], b[d])
	}
	return a
}

// fits reports whether no dimension of a is larger than in b.
func (a Amount) fits(b Amount) bool { return most(a, b) == b }

// Span is what a full bucket holds: so much time of its rate.
const Span = 60 * time.Second

func burst(rate Amount) Amount { return rate.times(Span.Seconds()) }

// bucket is a token bucket in three dimensions. One that was never looked at
// is full.
type bucket struct {
	level Amount    // what may be taken; below zero what was taken too much
	at    time.Time // when that was so
}

// refill brings the bucket to the present. Time that a clock repeats, since it
// was set back, fills nothing twice; it is the new time when it was set back
// by more than a bucket takes to fill, or nobody would be served for so long.
func (b *bucket) refill(rate Amount, now time.Time) {
	switch passed := now.Sub(b.at); {
	case b.at.IsZero():
		b.level, b.at = burst(rate), now
	case passed > 0:
		b.level, b.at = b.level.plus(rate.times(passed.Seconds())), now
	case -passed > Span:
		b.at = now
	}
	b.level = least(b.level, burst(rate))
}

// needed is what has to be there for who takes a total, of which so much was
// taken before: what is more than a full bucket may be taken of a full one.
func needed(rate, total, taken Amount) Amount { return least(total, burst(rate)).minus(taken) }

// wait is how long it takes until all that is needed is there; what is not
// above 0 is not needed.
func (b *bucket) wait(rate, need Amount) time.Duration {
	var longest float64
	for d, missing := range need.minus(b.level) {
		if need[d] > 0 && missing > 0 {
			longest = max(longest, missing/rate[d])
		}
	}
	return time.Duration(longest * float64(time.Second))
}

// State is how full a bucket is.
type State struct {
	Bucket    string // workspace:<id>:<class> or key:<id>:<class>
	Key       string // whose it is; "": the workspace's
	Class     Class
	Rate      Amount    // a second
	Limit     Amount    // of a full bucket
	Remaining Amount    // below zero: taken too much
	Full      time.Time // when it will be full, in whole seconds
}

func (b *bucket) state(rate Amount) State {
	full := burst(rate)
	at := b.at.Add(b.wait(rate, full))
	return State{Rate: rate, Limit: full, Remaining: b.level, Full: at.Add(time.Second - 1).Truncate(time.Second)}
}

// Nearest is the dimension that is nearest to its end: of which the smallest
// part of a full bucket remains.
func (s State) Nearest() (dimension int) {
	for d := range s.Limit {
		if s.share(d) < s.share(dimension) {
			dimension = d
		}
	}
	return dimension
}

// Left is what may still be taken of a dimension, in whole numbers.
func (s State) Left(d int) float64 { return max(0, math.Floor(s.Remaining[d])) }

func (s State) share(d int) float64 { return s.Remaining[d] / s.Limit[d] }
