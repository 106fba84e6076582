package layout

import (
	"iter"
	"strings"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/label"
)

// unstuck takes a time off that stands before every line and never moves, as
// some converters write it: it says nothing, and hides what stands behind it.
func unstuck(lines iter.Seq[Line]) iter.Seq[Line] {
	const enough, tried = 6, 60
	first, n, same := "", 0, 0
	for l := range lines {
		if l.Heading > 0 {
			continue
		}
		s := label.Trim(l.Text)
		if _, k := clock.Front(s); k > 0 && l.Time == nil {
			if first == "" {
				first = s[:k]
			}
			if s[:k] == first {
				same++
			}
		}
		if n++; n == tried {
			break
		}
	}
	if same < enough || same*10 < n*9 {
		return lines
	}
	return func(yield func(Line) bool) {
		for l := range lines {
			if rest, ok := strings.CutPrefix(label.Trim(l.Text), first); ok {
				l.Text, l.Lead = label.Trim(rest), 0
			}
			if l.Text != "" && !yield(l) {
				return
			}
		}
	}
}
