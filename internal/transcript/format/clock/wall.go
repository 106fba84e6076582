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
