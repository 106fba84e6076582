package clock

// OnTheWall is true where the times of a file are those of a clock on the wall,
// though they do not say so: the first one is later than the file lasts, and
// than most recordings, and none is beyond midnight.
func OnTheWall(first, last, latest int64) bool {
	const early = 5 * 3600e3
	return first >= early && latest < dayMS && last-first < first
}

// Nights counts those that times of day have gone over.
type Nights struct{ passed, last int64 }

// Onward is the time at, or the same on the next day where it lies half a day
// before the last one.
func (n *Nights) Onward(at int64) int64 {
	if at < dayMS && n.last-at-n.passed > dayMS/2 {
		n.passed += dayMS
	}
	n.last = at + n.passed
	return n.last
}

// Wall makes of times of day offsets from the first of them.
type Wall struct {
	first  *int64
	nights Nights
}

// Told reports whether there was a time of day.
func (w *Wall) Told() bool { return w.first != nil }

// Offset is that of a time of day and of its end, which is -1 where there is
// none. What has a date goes over no night.
func (w *Wall) Offset(start, end int64, dated bool) (from, to int64) {
	if w.first == nil {
		w.first = &start
	}
	at := start
	if !dated {
		at = w.nights.Onward(start)
	}
	if end >= 0 {
		end += at - start - *w.first
	}
	return at - *w.first, end
}
