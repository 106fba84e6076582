package caption

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// lrcLook is how many lines that are not blank tell whether a file is LRC.
const lrcLook = 30

// IsLRC recognises lines that all begin with [mm:ss.xx] or are tags such as
// [ar:Name]. Texts have times in brackets, too: a tag that is known, several
// times on a line, times of words, or words that follow the bracket of a time
// with hundredths without a space give LRC away.
func IsLRC(head string) bool {
	l := source.NewLines(head)
	lines, tags, tight, sure := 0, 0, 0, false
	for lines+tags < lrcLook {
		line, ok := l.Next()
		if !ok {
			break
		}
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if _, _, ok := lrcTag(line); ok {
			tags++
			continue
		}
		stamps, words := lrcStamps(line)
		lines++
		if len(stamps) == 0 {
			if tags == 0 || lines == 1 {
				return false
			}
			continue // the line before goes on
		}
		if stamp := line[:len(line)-len(words)]; words != "" && words[0] != ' ' && strings.Contains(stamp, ".") {
			tight++
		}
		_, _, timed := lrcWords(words)
		sure = sure || len(stamps) > 1 || timed
	}
	return lines > 0 && (tags > 0 || sure || tight > 1 && tight*2 > lines)
}

// LRC reads the lines of lyrics players, which whisper.cpp and others write,
// too. A line lasts until the next one, or until the time behind its last word;
// one that has several times comes again at each of them.
func LRC(src *source.Source, out *turn.Collector) error {
	text, err := src.Text()
	if err != nil {
		return err
	}
	var cues []cue
	var offset int64
	for l := source.NewLines(text); ; {
		line, ok := l.Next()
		if !ok {
			break
		}
		line = strings.TrimSpace(line)
		stamps, words := lrcStamps(line)
		if len(stamps) > 0 {
			words, end, _ := lrcWords(words)
			if len(stamps) > 1 {
				end = 0
			}
			for _, at := range stamps {
				cues = append(cues, newCue(at, end, "", words))
			}
			continue
		}
		switch key, value, ok := lrcTag(line); {
		case ok && key == "offset":
			offset, _ = strconv.ParseInt(strings.TrimSpace(value), 10, 32)
		case ok && (key == "la" || key == "lang" || key == "language"):
			out.SetLanguage(value)
		case ok, line == "", line[0] == '#':
		case len(cues) > 0: // the line before goes on
			v := &cues[len(cues)-1].voices[0]
			v.text += "\n" + line
		default:
			out.Reading.PassedOver++
		}
	}
	slices.SortStableFunc(cues, func(a, b cue) int { return cmp.Compare(a.start, b.start) })
	for i := range cues {
		c := &cues[i]
		if c.end <= c.start && i+1 < len(cues) {
			c.end = cues[i+1].start
		}
	}
	for i := range cues { // a positive offset shows lines sooner
		cues[i].start = max(0, cues[i].start-offset)
		cues[i].end -= offset
	}
	addCues(cues, out)
	return nil
}

// lrcStamps reads the times that a line begins with, and the words after them.
func lrcStamps(s string) (at []int64, words string) {
	for {
		ms, rest, ok := lrcStamp(s, '[', ']')
		if !ok {
			return at, s
		}
		at = append(at, ms)
		if next := strings.TrimLeft(rest, " \t"); strings.HasPrefix(next, "[") {
			if _, _, ok := lrcStamp(next, '[', ']'); ok {
				rest = next
			}
		}
		s = rest
	}
}

// lrcStamp reads [01:02], [01:02.34] and the like between two brackets.
func lrcStamp(s string, open, closing byte) (ms int64, rest string, ok bool) {
	if len(s) < 5 || s[0] != open {
		return 0, s, false
	}
	i := strings.IndexByte(s[:min(len(s), 20)], closing)
	if i < 0 {
		return 0, s, false
	}
	at := strings.TrimSpace(s[1:i])
	ms, n := clock.Strict(at)
	return ms, s[i+1:], n > 0 && n == len(at)
}

// lrcWords takes the times of words off, <01:02.34>; the one behind the last
// word is the end of the line, else end is 0.
func lrcWords(s string) (words string, end int64, timed bool) {
	if strings.IndexByte(s, '<') < 0 {
		return s, 0, false
	}
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		ms, rest, ok := lrcStamp(s[i:], '<', '>')
		if !ok {
			b.WriteString(s[:i+1])
			s = s[i+1:]
			continue
		}
		timed = true
		b.WriteString(s[:i])
		if s = rest; strings.TrimSpace(s) == "" {
			end = ms
		}
	}
	b.WriteString(s)
	return label.Collapse(b.String()), end, timed
}

// lrcTags are the tags that players know.
const lrcTags = " ar al ti au lr by length offset re tool ve id la lang language encoding artist album title kana total hash sign qq "

// lrcTag reads [ar:Name].
func lrcTag(s string) (key, value string, ok bool) {
	if len(s) < 4 || s[0] != '[' || s[len(s)-1] != ']' {
		return "", "", false
	}
	key, value, ok = strings.Cut(s[1:len(s)-1], ":")
	key = strings.ToLower(strings.TrimSpace(key))
	return key, value, ok && key != "" && !strings.Contains(key, " ") && strings.Contains(lrcTags, " "+key+" ")
}
