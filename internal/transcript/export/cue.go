package export

import (
	"bufio"
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"

	"griot/internal/errs"
	"griot/internal/transcript"
	"griot/internal/transcript/label"
)

// VTT writes WebVTT: a cue with a voice for every segment that has a start, in
// the order of the starts. Segments without one join the cue before them. A
// missing end is the next start.
func VTT(w io.Writer, segments []transcript.Segment) error {
	cues, err := cuesOf(segments, "WebVTT")
	if err != nil {
		return err
	}
	if first := &cues[0].parts[0]; first.speaker == "" && namesOf(segments, label.IsPlain).needed {
		first.speaker = label.Nobody // tells that names stand in tags
	}
	out := bufio.NewWriter(w)
	out.WriteString("WEBVTT\n")
	for _, c := range cues {
		fmt.Fprintf(out, "\n%s --> %s\n", clock(c.start, '.'), clock(c.end, '.'))
		for _, p := range c.parts {
			out.WriteString(voice(p, len(c.parts) > 1) + "\n")
		}
	}
	return out.Flush()
}

// SRT writes SubRip under the same rules, with `Name: ` before the words.
func SRT(w io.Writer, segments []transcript.Segment) error {
	cues, err := cuesOf(segments, "SRT")
	if err != nil {
		return err
	}
	out, names := bufio.NewWriter(w), namesOf(segments, label.IsPlain)
	for i, c := range cues {
		if i > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(out, "%d\n%s --> %s\n", i+1, clock(c.start, ','), clock(c.end, ','))
		for _, p := range c.parts {
			out.WriteString(subtitle(names.write(p.speaker), p.words) + "\n")
		}
	}
	return out.Flush()
}

// A cue is shown from start to end, in milliseconds.
type cue struct {
	start, end int64 // end 0 until it is known
	parts      []part
}

// A part is the words of one segment, in lines.
type part struct {
	speaker string
	words   []string
}

// cuesOf groups segments under the times that there are.
func cuesOf(segments []transcript.Segment, format string) ([]cue, error) {
	var cues []cue
	var early []part // before any time
	for _, s := range segments {
		p := part{speaker(s), lines(s.Text)}
		if len(p.words) == 0 {
			continue
		}
		switch {
		case s.StartMS != nil:
			cues = append(cues, cue{start: *s.StartMS, parts: append(early, p)})
			early = nil
		case len(cues) == 0:
			early = append(early, p)
			continue
		default:
			last := &cues[len(cues)-1]
			last.parts = append(last.parts, p)
		}
		if last := &cues[len(cues)-1]; s.EndMS != nil && *s.EndMS > last.start {
			last.end = max(last.end, *s.EndMS)
		}
	}
	if len(cues) == 0 {
		return nil, errs.New(errs.FailedPrecondition, "no segment has a start time, so the transcript cannot be written as %s", format)
	}
	slices.SortStableFunc(cues, func(a, b cue) int { return cmp.Compare(a.start, b.start) })
	closeCues(cues)
	return cues, nil
}

// closeCues gives ends to the cues that have none: the next later start, or
// the time that the words take to read.
func closeCues(cues []cue) {
	next := int64(0)
	for i := len(cues) - 1; i >= 0; i-- {
		c := &cues[i]
		if i+1 < len(cues) && cues[i+1].start > c.start {
			next = cues[i+1].start
		}
		switch {
		case c.end > c.start:
		case next > c.start:
			c.end = next
		default:
			c.end = c.start + c.readingTime()
		}
	}
}

const (
	readingPerByte = 60   // ms
	readingAtLeast = 1000 // ms
)

func (c *cue) readingTime() int64 {
	n := 0
	for _, p := range c.parts {
		for _, w := range p.words {
			n += len(w)
		}
	}
	return max(readingAtLeast, int64(n)*readingPerByte)
}

// voice writes the words of a part inside its speaker's voice tag, which is
// closed where other words follow.
func voice(p part, closed bool) string {
	words := vttEscape(strings.Join(p.words, "\n"))
	if p.speaker == "" {
		return words
	}
	name := vttEscape(p.speaker)
	if strings.HasSuffix(name, "-") { // --> is an arrow, wherever it stands
		name += " "
	}
	words = "<v " + name + ">" + words
	if closed {
		words += "</v>"
	}
	return words
}

var vttEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

// subtitle writes the words of a part, after a name if there is one.
// Lines that could be taken for another name and its words are joined.
func subtitle(name string, lines []string) string {
	sep := "\n"
	if name == "" || slices.ContainsFunc(lines[1:], func(s string) bool { return !label.IsPlain(s) }) {
		sep = " "
	}
	words := subtitleEscape(strings.Join(lines, sep))
	if name == "" {
		return words
	}
	return subtitleEscape(name) + ": " + label.Words(words)
}

// subtitleEscape hides what SRT's readers take for a tag, a position, the
// arrow of times or a character reference, and nothing else.
func subtitleEscape(s string) string {
	if !strings.ContainsAny(s, "&<{-") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		rest := s[i:]
		switch {
		case rest[0] == '&' && html.UnescapeString(rest[:min(len(rest), 40)]) != rest[:min(len(rest), 40)]:
			b.WriteString("&amp;")
		case rest[0] == '<' && len(rest) > 1 && (rest[1] == '/' || isLetter(rest[1]) || isDigit(rest[1])):
			b.WriteString("&lt;")
		case strings.HasPrefix(rest, `{\`):
			b.WriteString("&#123;")
		case rest[0] == '>' && (strings.HasSuffix(s[:i], "-")):
			b.WriteString("&gt;")
		default:
			b.WriteByte(rest[0])
		}
	}
	return b.String()
}

// clock writes hh:mm:ss, a separator and milliseconds.
func clock(ms int64, sep byte) string {
	return fmt.Sprintf("%02d:%02d:%02d%c%03d", ms/3600_000, ms/60_000%60, ms/1000%60, sep, ms%1000)
}
