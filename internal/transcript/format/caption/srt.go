package caption

import (
	"slices"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// srtLook is how many lines that are not blank may come before the first times.
const srtLook = 12

// IsSRT looks for a line of times, good or bad, near the front.
func IsSRT(head string) bool {
	l, before := source.NewLines(head), ""
	for n := 0; n < srtLook; {
		line, ok := l.Next()
		if !ok {
			return false
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if _, _, ok := srtTimings(line); ok || isCounter(before) && strings.Contains(line, "-->") {
			return true
		}
		before, n = line, n+1
	}
	return false
}

// SRT is lenient: counters may be missing or wrong, times may use comma or
// point and leave the hours out, blank lines may stand inside a cue. A cue
// whose times cannot be read goes on from the one before; where none can, the
// first line that should be times is to blame.
func SRT(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	cues, bad := srtCues(text)
	if bad > 0 {
		if !slices.ContainsFunc(cues, func(c cue) bool { return c.end > 0 }) {
			return src.Fail(bad, "should have the times of a cue, such as 00:00:01,000 --> 00:00:04,000")
		}
		out.Warn(transcript.TimesRepaired, bad, "The times of a cue cannot be read; it goes on from the one before.")
	}
	addCues(cues, out)
	return nil
}

// srtCues reads all cues; bad is the first line whose times cannot be read.
func srtCues(text string) (cues []cue, bad int) {
	f := srtFile{Lines: source.NewLines(text)}
	for {
		line, ok := f.Next()
		if !ok {
			break
		}
		if f.line(strings.TrimSpace(line)) && bad == 0 {
			bad = f.No()
		}
	}
	f.flush(f.withoutLastCounter())
	return f.cues, bad
}

type srtFile struct {
	source.Lines
	cues       []cue
	start, end int64
	open       bool     // times were read
	body       []string // lines since then, blank ones included
}

// line takes the next line; bad when it was to be times.
func (f *srtFile) line(s string) (bad bool) {
	if start, end, ok := srtTimings(s); ok {
		f.flush(f.withoutCounter())
		f.start, f.end, f.open = start, end, true
		return false
	}
	if _, _, ok := cutArrow(s); ok && f.timesDue(s) {
		f.flush(f.withoutCounter())
		f.start, f.open = f.end, true
		f.readable(s)
		return true
	}
	f.body = append(f.body, s)
	return false
}

func (f *srtFile) flush(body []string) {
	if f.open {
		f.cues = append(f.cues, newCue(f.start, f.end, "", srtText(strings.Join(body, "\n"))))
	}
	f.body, f.open = f.body[:0], false
}

// withoutCounter drops the number that stands before the times, unless it is
// the only line: then it is what was said.
func (f *srtFile) withoutCounter() []string {
	n := len(f.body)
	if n < 2 || !isCounter(f.body[n-1]) {
		return f.body
	}
	return f.body[:n-1]
}

// withoutLastCounter drops the number of a cue that never came.
func (f *srtFile) withoutLastCounter() []string {
	n := len(f.body)
	for n > 0 && f.body[n-1] == "" {
		n--
	}
	if n > 1 && isCounter(f.body[n-1]) && f.body[n-2] == "" {
		n--
	}
	return f.body[:n]
}

// timesDue is true after a counter that begins a block, and at the beginning
// of a block for a line that looks like times.
func (f *srtFile) timesDue(s string) bool {
	n := len(f.body)
	if n == 0 || f.body[n-1] == "" {
		return clock.IsDigit(s[0])
	}
	return isCounter(f.body[n-1]) && (n == 1 || f.body[n-2] == "")
}

func isCounter(s string) bool {
	_, n := clock.Digits(s)
	return n > 0 && n == len(s)
}

// srtTimings reads the two times; positions that may follow are not read.
func srtTimings(s string) (start, end int64, ok bool) {
	if s == "" || !clock.IsDigit(s[0]) {
		return 0, 0, false
	}
	start, n := clock.Read(s)
	before, rest, ok := cutArrow(s[n:])
	if n == 0 || !ok || before != "" {
		return 0, 0, false
	}
	end, n = clock.Read(rest)
	ok = n > 0 && (n == len(rest) || rest[n] == ' ' || rest[n] == '\t')
	return start, end, ok
}

// arrows are how files write the arrow between two times.
var arrows = []string{"-->", "--&gt;", "->", "→", "--＞", "—>", "–>"}

// cutArrow cuts s at the arrow, and spaces around it.
func cutArrow(s string) (before, after string, ok bool) {
	for _, a := range arrows {
		if before, after, ok = strings.Cut(s, a); ok {
			return strings.TrimRight(before, " \t"), strings.TrimLeft(after, " \t"), true
		}
	}
	return s, "", false
}

// readable takes what can be read of bad times.
func (f *srtFile) readable(s string) {
	before, after, _ := cutArrow(s)
	if ms, n := clock.Read(before); n > 0 {
		f.start = ms
	}
	if ms, n := clock.Read(after); n > 0 && ms > f.start {
		f.end = ms
	} else {
		f.end = f.start
	}
}

// srtText drops the positions of SubStation Alpha that many files carry.
func srtText(s string) string {
	if !strings.Contains(s, `{\`) {
		return s
	}
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, `{\`)
		_, rest, closed := strings.Cut(after, "}")
		if !ok || !closed {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(before)
		s = rest
	}
}
