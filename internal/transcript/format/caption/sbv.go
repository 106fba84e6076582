package caption

import (
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// sbvHeader is how many lines the header of SubViewer may have.
const sbvHeader = 40

// IsSBV looks for the two times that the captions of YouTube Studio begin
// with, which may stand below the header of SubViewer, lines in brackets.
func IsSBV(head string) bool {
	l := source.NewLines(head)
	for n := 0; n < sbvHeader; {
		line, ok := l.Next()
		if !ok {
			return false
		}
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if line[0] != '[' {
			_, _, ok := sbvTimes(line)
			return ok
		}
		n++
	}
	return false
}

// SBV reads the captions of YouTube Studio and of SubViewer: a line with two
// times, the words, a blank line. Times begin a cue wherever they stand; of
// those that cannot be read whole, the first one counts.
func SBV(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	var cues []cue
	var body []string
	var start, end int64
	open, blank := false, true
	flush := func() {
		if open {
			words := strings.ReplaceAll(strings.Join(body, "\n"), "[br]", "\n")
			cues = append(cues, newCue(start, end, "", words))
		}
		body = body[:0]
	}
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			break
		}
		line = strings.TrimSpace(line)
		from, to, ok := sbvTimes(line)
		if !ok && blank {
			if from, ok = sbvStart(line); ok {
				to = 0
				out.Warn(transcript.TimesRepaired, l.No(), "The end of a cue cannot be read; it has none.")
			}
		}
		if blank = line == ""; ok {
			flush()
			start, end, open = from, to, true
		} else {
			body = append(body, line)
		}
	}
	flush()
	addCues(cues, out)
	return nil
}

// sbvTimes reads 0:00:00.599,0:00:04.160, whose fractions may have a comma, too.
func sbvTimes(s string) (start, end int64, ok bool) {
	if len(s) > 40 || s == "" || !clock.IsDigit(s[0]) {
		return 0, 0, false
	}
	for i := range len(s) {
		if s[i] != ',' {
			continue
		}
		before, after := strings.TrimRight(s[:i], " \t"), strings.TrimLeft(s[i+1:], " \t")
		start, n := clock.Read(before)
		end, k := clock.Read(after)
		if n > 0 && n == len(before) && k > 0 && k == len(after) && strings.Contains(after, ":") {
			return start, end, true
		}
	}
	return 0, 0, false
}

// sbvStart reads the first of two times, the second one of which is none.
func sbvStart(s string) (start int64, ok bool) {
	before, after, ok := strings.Cut(s, ",")
	start, n := clock.Read(before)
	return start, ok && n > 0 && n == len(before) && strings.Contains(after, ":") && !strings.ContainsAny(after, " \t")
}
