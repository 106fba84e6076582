package caption

import (
	"math"
	"strconv"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// numberedLook is how many lines that are not blank tell these formats.
const numberedLook = 6

// frameRate is that of a MicroDVD file which states none, as in FFmpeg.
const frameRate = 24000.0 / 1001

// IsMicroDVD looks for {25}{75} at the beginning of each line.
func IsMicroDVD(head string) bool { return numbered(head, "{}", 1) }

// IsMPL2 looks for [25][75] at the beginning of each line.
func IsMPL2(head string) bool { return numbered(head, "[]", 2) }

// numbered reports whether nearly all of the first lines begin with two numbers
// in brackets, and least of them do.
func numbered(head, brackets string, least int) bool {
	l := source.NewLines(head)
	lines, with := 0, 0
	for lines < numberedLook {
		line, ok := l.Next()
		if !ok {
			break
		}
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "{DEFAULT}{}") {
			continue
		}
		_, _, _, ok = cutNumbers(line, brackets)
		if lines++; ok {
			with++
		} else if lines == 1 {
			return false
		}
	}
	return with >= least && with*3 >= lines*2
}

// MicroDVD reads lines that begin with the frames of their start and end. The
// first line may say how many frames a second has.
func MicroDVD(src *source.Source, out *turn.Collector) error {
	return readNumbered(src, out, "{}", 0)
}

// MPL2 reads lines that begin with their start and end in tenths of a second.
func MPL2(src *source.Source, out *turn.Collector) error {
	return readNumbered(src, out, "[]", 10)
}

// readNumbered reads the lines of both formats; rate is 0 where the file may
// state it.
func readNumbered(src *source.Source, out *turn.Collector, brackets string, rate float64) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	var cues []cue
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			break
		}
		from, to, words, ok := cutNumbers(strings.TrimSpace(line), brackets)
		switch {
		case ok && rate == 0:
			if rate = statedRate(from, to, words); rate > 0 {
				continue
			}
			rate = frameRate
			out.Warn(transcript.TimesRepaired, 0, "The file counts frames and does not say how many a second has; 23.976 were taken.")
			fallthrough
		case ok:
			cues = append(cues, newCue(millis(from, rate), millis(to, rate), "", numberedText(words)))
		case turn.IsBlank(line), strings.HasPrefix(line, "{DEFAULT}{}"):
		case len(cues) > 0: // the line before goes on
			cues[len(cues)-1].voices[0].text += "\n" + strings.TrimSpace(line)
		default:
			out.Reading.PassedOver++
		}
	}
	addCues(cues, out)
	return nil
}

func millis(n int64, rate float64) int64 { return int64(math.Round(float64(n) * 1000 / rate)) }

// statedRate reads {1}{1}23.976, 0 without one.
func statedRate(from, to int64, words string) float64 {
	rate, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(words), ",", ".", 1), 64)
	if err != nil || from > 1 || to > 1 || !(rate >= 5 && rate <= 200) {
		return 0
	}
	return rate
}

// cutNumbers reads {25}{75}, the second of which may be missing, from the
// start of s.
func cutNumbers(s, brackets string) (from, to int64, rest string, ok bool) {
	from, n, s, ok := cutNumber(s, brackets)
	if !ok || n == 0 {
		return 0, 0, s, false
	}
	to, n, s, ok = cutNumber(s, brackets)
	return from, to, s, ok && (n == 0 || to >= from)
}

func cutNumber(s, brackets string) (v int64, digits int, rest string, ok bool) {
	if s == "" || s[0] != brackets[0] {
		return 0, 0, s, false
	}
	v, digits = clock.Digits(s[1:])
	if rest = s[1+digits:]; digits > 12 || rest == "" || rest[0] != brackets[1] {
		return 0, 0, s, false
	}
	return v, digits, rest[1:], true
}

// numberedText takes control codes such as {y:i} and the slashes of italics
// off; | ends a line.
func numberedText(s string) string {
	lines := strings.Split(s, "|")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		for len(line) > 3 && line[0] == '{' && line[2] == ':' {
			_, rest, ok := strings.Cut(line, "}")
			if !ok {
				break
			}
			line = strings.TrimSpace(rest)
		}
		lines[i] = strings.TrimPrefix(line, "/")
	}
	return strings.Join(lines, "\n")
}
