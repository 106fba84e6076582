// Package caption reads the formats of subtitles: WebVTT, SRT, TTML, ASS, SBV and LRC.
package caption

import (
	"fmt"
	"slices"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// IsVTT looks for the signature wherever white space may have moved it;
// VTT says what is wrong with it.
func IsVTT(head string) bool {
	return strings.HasPrefix(strings.TrimLeft(head, " \t\r\n"), "WEBVTT")
}

// VTT follows "WebVTT file parsing" of the W3C: what is no cue by that
// algorithm is passed over, and NUL is read as U+FFFD. Where that leaves
// nothing, the file is read as leniently as SRT.
func VTT(src *source.Source, out *turn.Collector) error {
	text, err := src.Raw()
	if err != nil {
		return err
	}
	if strings.IndexByte(text, 0) >= 0 {
		text = strings.ReplaceAll(text, "\x00", "\uFFFD")
	}
	v := vttFile{Lines: source.NewLines(text), out: out}
	first, _ := v.Next()
	if after, ok := strings.CutPrefix(first, "WEBVTT"); !ok || after != "" && after[0] != ' ' && after[0] != '\t' {
		return src.Fail(1, "is not WEBVTT, alone or followed by a space")
	}
	v.header()
	for v.block() {
	}
	if v.stray > 0 && !anyWords(v.cues) {
		if cues, bad := srtCues(text); bad == 0 && anyWords(cues) {
			v.cues = cues
			out.Warn(transcript.TimesRepaired, v.stray, "The times are not written as in WebVTT; they were read as in SRT.")
		}
	}
	addCues(v.cues, out)
	if len(out.Turns) == 0 && v.stray > 0 {
		return source.NewError(source.EmptyTranscript, v.stray, fmt.Sprintf(
			"The file has no cue with words in it: line %d is where one should begin, but it has no times as in WebVTT.", v.stray))
	}
	return nil
}

type vttFile struct {
	source.Lines
	out   *turn.Collector
	cues  []cue
	stray int // the first line of the first block that is nothing
}

// header passes over the lines up to the first blank one or the first timing,
// and takes the language that YouTube and others write there.
func (v *vttFile) header() {
	for {
		line, ok := v.Next()
		if !ok || line == "" {
			return
		}
		if strings.Contains(line, "-->") {
			v.Unread()
			return
		}
		if lang, ok := strings.CutPrefix(line, "Language:"); ok {
			v.out.SetLanguage(lang)
		}
	}
}

// block reads one block; false at the end of the file. Only its first line, or
// its second after an identifier, can hold the times of a cue; a later arrow
// begins the next block.
func (v *vttFile) block() bool {
	var (
		body       []string
		id         string
		start, end int64
		isCue      bool
		sawArrow   bool
	)
	line, ok := v.Next()
	for ok && line == "" {
		line, ok = v.Next()
	}
	if !ok {
		return false
	}
	first := v.No()
	for count := 1; ok && line != ""; count++ {
		if !strings.Contains(line, "-->") {
			body = append(body, line)
		} else if count == 1 || count == 2 && !sawArrow {
			sawArrow = true
			if start, end, isCue = vttTimings(line); isCue {
				id = strings.Join(body, "")
				body = body[:0]
			}
		} else {
			v.Unread()
			break
		}
		line, ok = v.Next()
	}
	if isCue {
		v.cues = append(v.cues, newCue(start, end, id, strings.Join(body, "\n")))
	} else if v.stray == 0 && !isAside(body) {
		v.stray = first
	}
	return true
}

func anyWords(cues []cue) bool {
	return slices.ContainsFunc(cues, func(c cue) bool { return !turn.IsBlank(c.voices[0].text) })
}

// isAside recognises comments, styles and regions.
func isAside(block []string) bool {
	if len(block) == 0 {
		return false
	}
	word, _, _ := strings.Cut(strings.ReplaceAll(block[0], "\t", " "), " ")
	return word == "NOTE" || word == "STYLE" || word == "REGION"
}

// vttTimings is "collect WebVTT cue timings and settings"; settings say where
// a cue is drawn and are not read.
func vttTimings(s string) (start, end int64, ok bool) {
	const space = " \t\f\r\n"
	start, s, ok = vttTimestamp(strings.TrimLeft(s, space))
	if !ok {
		return 0, 0, false
	}
	s, ok = strings.CutPrefix(strings.TrimLeft(s, space), "-->")
	if !ok {
		return 0, 0, false
	}
	end, _, ok = vttTimestamp(strings.TrimLeft(s, space))
	return start, end, ok
}

// vttTimestamp is "collect a WebVTT timestamp": two digits everywhere, three
// after the point, any number for the hours, which may be left out.
func vttTimestamp(s string) (ms int64, rest string, ok bool) {
	hours, n := clock.Digits(s)
	isHours := n != 2 || hours > 59
	minutes, rest, ok := vttField(s[n:], ':', 2)
	if n == 0 || !ok {
		return 0, s, false
	}
	seconds := minutes
	if isHours || strings.HasPrefix(rest, ":") {
		seconds, rest, ok = vttField(rest, ':', 2)
	} else {
		hours, minutes = 0, hours
	}
	if !ok {
		return 0, s, false
	}
	fraction, rest, ok := vttField(rest, '.', 3)
	if !ok || minutes > 59 || seconds > 59 {
		return 0, s, false
	}
	if hours > turn.MaxMS { // far beyond any recording, and dropped later
		hours = turn.MaxMS
	}
	return ((hours*60+minutes)*60+seconds)*1000 + fraction, rest, true
}

// vttField reads the separator and exactly width digits.
func vttField(s string, sep byte, width int) (v int64, rest string, ok bool) {
	if s == "" || s[0] != sep {
		return 0, s, false
	}
	v, n := clock.Digits(s[1:])
	return v, s[1+n:], n == width
}
