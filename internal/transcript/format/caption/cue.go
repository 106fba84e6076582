package caption

import (
	"html"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/clock"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/turn"
	"griot/internal/transcript/label"
)

// A cue is what is shown from start to end, in milliseconds.
type cue struct {
	start, end int64
	id         string
	voices     []voice // at least one
}

// A voice is what one person says in a cue.
type voice struct {
	name   string
	voiced bool   // a tag says whose it is
	text   string // in lines, without markup
}

// newCue reads the markup of a cue's text.
func newCue(start, end int64, id, text string) cue {
	return cue{start, end, id, voices(text)}
}

// voices reduces the markup of a cue to plain text: tags go, character
// references are read, and each voice tag begins what another person says. A <
// that begins no tag stays a character, since not every tool escapes it.
func voices(s string) []voice {
	if strings.IndexByte(s, '<') < 0 {
		return []voice{{text: html.UnescapeString(s)}}
	}
	var all []voice
	var now voice
	var b strings.Builder
	next := func(v voice) {
		now.text = html.UnescapeString(b.String())
		b.Reset()
		if strings.TrimSpace(now.text) != "" {
			all = append(all, now)
		}
		now = v
	}
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			break
		}
		b.WriteString(s[:i])
		tag, rest, ok := cutTag(s[i:])
		if !ok {
			b.WriteByte('<')
			s = s[i+1:]
			continue
		}
		if who, ok := voiceTag(tag); ok {
			next(voice{name: who, voiced: true})
		} else if tag == "/v" {
			next(voice{voiced: true})
		}
		s = rest
	}
	b.WriteString(s)
	next(voice{})
	if all == nil {
		return []voice{{}}
	}
	return all
}

// cutTag cuts <i>, </i>, <c.loud>, <v Name> or <00:19.000> from the front.
func cutTag(s string) (tag, rest string, ok bool) {
	if len(s) < 3 || !isTagStart(s[1]) {
		return "", s, false
	}
	i := strings.IndexAny(s[1:], "<>")
	if i < 0 || s[1+i] != '>' {
		return "", s, false
	}
	tag, rest = s[1:1+i], s[2+i:]
	if _, n := clock.Read(tag); clock.IsDigit(tag[0]) && n != len(tag) {
		return "", s, false
	}
	return tag, rest, true
}

func isTagStart(c byte) bool {
	return c == '/' || c|0x20 >= 'a' && c|0x20 <= 'z' || clock.IsDigit(c)
}

// voiceTag reads the annotation of `v Name` and `v.class Name`.
func voiceTag(tag string) (name string, ok bool) {
	i := strings.IndexAny(tag, " \t\n")
	if i < 0 || tag[0] != 'v' || i > 1 && tag[1] != '.' {
		return "", false
	}
	return html.UnescapeString(strings.TrimSpace(tag[i:])), true
}

// addCues makes a turn of every voice in every cue. Where no tag names one, it
// may stand in the identifier, or it is for the layouts to find.
func addCues(cues []cue, out *turn.Collector) {
	voiced := false
	for _, c := range cues {
		for _, v := range c.voices {
			voiced = voiced || v.voiced
		}
	}
	if !voiced && rolls(cues) {
		cues = unroll(cues)
		out.Warn(transcript.RepeatedLines, 0, "The captions roll: lines that were shown again are counted once.")
	}
	if !voiced && !nameByID(cues) {
		readLayout(cues, out)
		return
	}
	out.Reading.Layout = "voice"
	for _, c := range cues {
		for _, v := range c.voices {
			if v.name == label.Nobody {
				v.name = ""
			}
			out.Add(transcript.Turn{Speaker: label.Collapse(v.name), StartMS: &c.start, EndMS: &c.end, Text: v.text})
		}
	}
}

// readLayout hands the lines of the cues to the layouts.
func readLayout(cues []cue, out *turn.Collector) {
	layout.Read(layout.File{Cues: true, Paragraphs: true, Known: out.Hint.Speakers, Lines: func(yield func(layout.Line) bool) {
		for _, c := range cues {
			para := true
			for line := range strings.SplitSeq(c.voices[0].text, "\n") {
				if turn.IsBlank(line) {
					continue
				}
				l := layout.Line{Text: line, Para: para, Time: &clock.Mark{Start: c.start, End: &c.end}}
				if !yield(l) {
					return
				}
				para = false
			}
		}
	}}, out)
}

// nameByID reads the names that Webex writes into identifiers: 1 "Name" (312).
func nameByID(cues []cue) bool {
	for i := range cues {
		if _, ok := idName(cues[i].id); !ok {
			return false
		}
	}
	for i := range cues {
		cues[i].voices[0].name, _ = idName(cues[i].id)
	}
	return len(cues) > 0
}

func idName(id string) (name string, ok bool) {
	_, n := clock.Digits(id)
	from, to := strings.IndexByte(id, '"'), strings.LastIndexByte(id, '"')
	if n == 0 || from < n || to <= from || strings.TrimSpace(id[n:from]) != "" {
		return "", false
	}
	return id[from+1 : to], true
}

// touchMS is how far apart two cues may be that touch in time.
const touchMS = 150

const minRoll = 3 // words of a cue that can tell whether captions roll

// rolls reports whether most cues of three words or more begin with words of the
// cue before and touch it in time (contract F2): the display keeps a line while
// the next one comes, or a line grows.
func rolls(cues []cue) bool {
	rolling, all := 0, 0
	var before, words []string
	for i := range cues {
		before, words = words, append(before[:0], strings.Fields(cues[i].voices[0].text)...)
		if len(words) < minRoll {
			continue
		}
		all++
		if i > 0 && touches(cues[i-1], cues[i]) {
			if n := overlap(before, words); n >= minRoll || n > 0 && n == len(before) && n < len(words) {
				rolling++
			}
		}
	}
	return all >= minRoll && rolling*2 > all
}

func touches(a, b cue) bool { return b.start >= a.start && b.start-a.end <= touchMS }

// overlap is how many words a ends with and b begins with, at most. It is the
// prefix function of Knuth, Morris and Pratt for b, run over a.
func overlap(a, b []string) int {
	if len(a) > len(b) {
		a = a[len(a)-len(b):]
	}
	fall := make([]int, len(b)) // the longest border of b[:i+1]
	for i, k := 1, 0; i < len(b); i++ {
		for k > 0 && b[i] != b[k] {
			k = fall[k-1]
		}
		if b[i] == b[k] {
			k++
		}
		fall[i] = k
	}
	k := 0
	for _, w := range a {
		for k > 0 && (k == len(b) || w != b[k]) {
			k = fall[k-1]
		}
		if k < len(b) && w == b[k] {
			k++
		}
	}
	return k
}

// unroll keeps of each cue what the one before did not show. A line that grows
// stays one cue, at its first time.
func unroll(cues []cue) []cue {
	var kept []cue
	var before []string
	for i, c := range cues {
		text := c.voices[0].text
		words := strings.Fields(text)
		n := 0
		if i > 0 && touches(cues[i-1], c) {
			n = overlap(before, words)
		}
		grown := n > 0 && n == len(before) && len(kept) > 0 && lines(text) == 1 && lines(cues[i-1].voices[0].text) == 1
		before = words
		switch {
		case n == len(words):
		case grown && strings.HasSuffix(strings.Join(words[:n], " "), kept[len(kept)-1].voices[0].text):
			last := &kept[len(kept)-1]
			last.end = c.end
			last.voices[0].text += " " + strings.Join(words[n:], " ")
			continue
		default:
			c.voices = []voice{{text: strings.Join(words[n:], " ")}}
			kept = append(kept, c)
			continue
		}
		if len(kept) > 0 && n > 0 {
			kept[len(kept)-1].end = max(kept[len(kept)-1].end, c.end)
		}
	}
	return kept
}

// lines counts the lines of s that have something on them.
func lines(s string) int {
	n := 0
	for l := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(l) != "" {
			n++
		}
	}
	return n
}

// addUntimed makes turns of what has the form of captions and no times.
func addUntimed(cues []cue, out *turn.Collector) {
	voiced := false
	for _, c := range cues {
		for _, v := range c.voices {
			voiced = voiced || v.voiced
		}
	}
	if !voiced {
		layout.Read(layout.File{Known: out.Hint.Speakers, Lines: linesOf(cues)}, out)
		return
	}
	out.Reading.Layout = "voice"
	for _, c := range cues {
		for _, v := range c.voices {
			out.Add(transcript.Turn{Speaker: v.name, Text: v.text})
		}
	}
}

func linesOf(cues []cue) func(yield func(layout.Line) bool) {
	return func(yield func(layout.Line) bool) {
		for _, c := range cues {
			para := true
			for line := range strings.SplitSeq(c.voices[0].text, "\n") {
				if turn.IsBlank(line) {
					continue
				}
				if !yield(layout.Line{Text: strings.TrimSpace(line), Para: para}) {
					return
				}
				para = false
			}
		}
	}
}
