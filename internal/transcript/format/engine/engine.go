// Package engine reads transcripts that are JSON: the results of transcription
// engines, the exports of meeting tools and chats, and griot's own.
//
// There is one reader for all of them, which walks over the file once. Keys mean
// what the table of aliases says, wherever they stand; every list of objects that
// have words is a candidate, and [contents.choose] takes the one that says most.
// Only then are the unit of its numbers and the identity of its voices judged, by
// the list as a whole. Files of this package that are named after an engine have
// what only that engine does.
package engine

import (
	"fmt"
	"html"
	"math"
	"strings"

	"griot/internal/transcript"
	"griot/internal/transcript/format/layout"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// Is recognises JSON by its first two characters, since plain text may begin with a
// bracket, too.
func Is(head string) bool {
	head = strings.TrimLeft(head, " \t\r\n")
	if head == "" {
		return false
	}
	next := strings.TrimLeft(head[1:], " \t\r\n")
	switch head[0] {
	case '{':
		return next == "" || strings.IndexByte(`"'}`, next[0]) >= 0
	case '[':
		return next == "" || strings.IndexByte(`{["]`, next[0]) >= 0
	}
	return false
}

// Parse makes a turn of each utterance, segment or message of the file, cut where
// the voice changes. Words that the file does not group are grouped by speaker,
// pause and sentence.
func Parse(src *source.Source, out *turn.Collector) error {
	r := newReader(src, src.Limit*4, turn.MaxPieces) // the same words in up to four places
	if err := r.read(); err != nil {
		return err
	}
	c := r.contents
	l := c.choose()
	if l == nil {
		return c.nothing()
	}
	out.SetLanguage(c.language)
	if out.Language == "" {
		out.SetLanguage(c.spokenLanguage)
	}
	if export := c.exportName(); export != "" {
		out.Reading.Engine = &export
	}
	if c.keys[otrKey] {
		return readOTR(l, out)
	}
	if l.whole && len(l.pieces) == 1 && strings.Contains(l.pieces[0].text, "\n") {
		readLines(l.pieces[0].text, out)
		return nil
	}
	turns, layout := c.turns(l)
	turns = c.withoutEcho(c.withoutRepeats(turns, out), out)
	out.Reading.Layout = layout
	out.Reading.PassedOver = l.passed
	c.emit(l, turns, out)
	out.DurationMS = c.duration(turns)
	c.warn(out)
	return nil
}

// contents are what the walk has found in a file, yet to be judged.
type contents struct {
	lists   []*list
	voices  *voices
	keys    map[string]bool // that were seen, of those that tell exports apart
	known   bool            // something was where words are
	trouble bool            // the file reports an error

	language, spokenLanguage string
	length                   moment

	spoiltTimes, spoiltLine int // times that cannot be read, and the line of the first
	reversed                int // ends that were before their beginning
	startsFilled, dated     bool
}

// nothing is the error of a file without a transcript, nil if it merely has no words.
func (c *contents) nothing() error {
	switch {
	case c.trouble:
		return source.NewError(source.UnsupportedFormat, 0, "The file is JSON that reports an error instead of a transcript: "+
			"ask for the transcript again, and upload that.")
	case c.known:
		return nil // the file has no words
	}
	return source.NewError(source.UnsupportedFormat, 0, "The file is JSON, but not that of a transcript: its objects have none of "+
		"the keys that engines, meeting tools and chats use for words. Read are objects with a text (text, transcript, content, words, …), "+
		"best with who speaks (speaker, …) and when (start, end, …), in lists or one on each line.")
}

// choose returns the list that says most: preferably one whose name means a
// transcript, then one that says who speaks, then one with times, then one of
// utterances rather than of words.
func (c *contents) choose() *list {
	var best *list
	most := 0
	for _, l := range c.lists {
		if s := c.score(l); s > most {
			best, most = l, s
		}
	}
	return best
}

func (c *contents) score(l *list) int {
	texts, bytes, timed, voices := 0, 0, 0, 0
	for _, p := range l.pieces {
		if turn.IsBlank(p.text) {
			continue
		}
		texts++
		bytes += len(p.text)
		if p.fromKind != none || p.toKind != none {
			timed++
		}
		if c.voices.known[p.voice].marked() {
			voices++
		}
	}
	if texts == 0 || !l.spoken && (!l.strong || l.rank == unnamed && !l.whole) {
		return 0
	}
	if l.whole {
		return 1
	}
	score := 2 + l.rank
	if l.rank == utterances && l.isWords() {
		score = 2 + wordList
	}
	if voices*10 >= texts {
		score += 100
	} else if l.tracks() || c.voices.channelsIn(l.pieces) > 1 {
		score += 90
	}
	if timed*2 >= texts {
		score += 40
	}
	if l.rank != unnamed {
		score += 1000
	}
	return score
}

// readLines hands a text without times to the layouts, since names may stand in
// it.
func readLines(text string, out *turn.Collector) {
	layout.Read(layout.File{Lines: func(yield func(layout.Line) bool) {
		para := true
		for line := range strings.SplitSeq(text, "\n") {
			if turn.IsBlank(line) {
				para = true
				continue
			}
			if !yield(layout.Line{Text: line, Para: para}) {
				return
			}
			para = false
		}
	}, Known: out.Hint.Speakers}, out)
	if out.Reading.Layout == "prose" {
		out.Reading.Layout = "text"
	}
}

// turns makes turns of the pieces of a list, and names the layout of the list.
func (c *contents) turns(l *list) (turns []piece, layout string) {
	c.takeTracks(l)
	words := l.isWords()
	spans := c.spans(l)
	unit := c.settleTimes(l, 0)
	if len(spans) > 0 {
		c.settleTimes(&list{pieces: spans}, unit)
	}
	switch {
	case len(spans) > 0:
		turns = c.giveVoices(l, spans, words)
	case words:
		if l.unpunctuated() {
			spell(c.wholeText(), l.pieces)
		}
		turns = c.cutWords(l)
	default:
		turns = c.cutLong(l, unit)
		if l.tracks() || l.backwards() {
			sortByStart(turns)
		}
	}
	switch {
	case words:
		return turns, "words"
	case l.whole:
		return turns, "text"
	case l.isChat():
		return turns, "messages"
	}
	return turns, "segments"
}

// takeTracks gives pieces the channel of the track that they come from.
func (c *contents) takeTracks(l *list) {
	if !l.tracks() {
		return
	}
	for i, g := range l.groups {
		end := len(l.pieces)
		if i+1 < len(l.groups) {
			end = l.groups[i+1].start
		}
		for k := g.start; k < end && g.track != nil; k++ {
			p := &l.pieces[k]
			if v := c.voices.known[p.voice].voice; v.channel == "" {
				v.channel = g.track.channel
				if id, err := c.voices.number(v); err == nil {
					p.voice = id
				}
			}
		}
	}
}

// spans returns who speaks when, if a list does not say it and another one does.
func (c *contents) spans(l *list) []piece {
	if c.voices.channelsIn(l.pieces) > 1 {
		return nil
	}
	for _, p := range l.pieces {
		if c.voices.known[p.voice].marked() {
			return nil
		}
	}
	var spans []piece
	for _, other := range c.lists {
		if other != l && len(other.pieces) > len(spans) && other.onlySpans() {
			spans = other.pieces
		}
	}
	return spans
}

// wholeText is the text that the file has besides its words.
func (c *contents) wholeText() string {
	for _, l := range c.lists {
		if l.whole && len(l.pieces) == 1 {
			return l.pieces[0].text
		}
	}
	return ""
}

// emit hands the turns over.
func (c *contents) emit(l *list, turns []piece, out *turn.Collector) {
	who := c.voices.namesOf(turns)
	escaped := l.three > 0 && l.three*10 >= len(l.pieces)*9
	holds := c.keys["startTime"] && c.keys["body"] // Podcasting 2.0 names who speaks when that changes
	last := transcript.Turn{}
	for _, p := range turns {
		t := transcript.Turn{Speaker: who.name[p.voice], Role: who.role[p.voice], Text: p.text, StartMS: p.startMS(), EndMS: p.endMS()}
		switch {
		case l.slack:
			t.Text = c.voices.slackText(t.Text)
		case escaped:
			t.Text = html.UnescapeString(html.UnescapeString(t.Text)) // some do it twice
		}
		if holds && t.Speaker == "" {
			t.Speaker, t.Role = last.Speaker, last.Role
		}
		last = t
		if !l.whole {
			out.Add(t)
			continue
		}
		for part := range strings.SplitSeq(t.Text, "\n\n") {
			t.Text = part
			out.Add(t)
		}
	}
}

func (p piece) startMS() *int64 { return milliseconds(p.from, p.fromKind) }

func (p piece) endMS() *int64 { return milliseconds(p.to, p.toKind) }

// milliseconds rounds a time, within bounds beyond which the collector drops it.
func milliseconds(at float64, kind momentKind) *int64 {
	if kind == none {
		return nil
	}
	v := int64(math.Round(max(-1, min(at, float64(turn.MaxMS)+1))))
	return &v
}

// duration is the length that the file states, in the unit in which it fits the
// turns.
func (c *contents) duration(turns []piece) *int64 {
	end := 0.0
	for _, p := range turns {
		if p.toKind != none {
			end = max(end, p.to)
		}
	}
	if c.length.kind == offset && c.length.at > 0 {
		return milliseconds(c.length.at, offset)
	}
	if c.length.kind != bare || c.length.at <= 0 {
		return nil
	}
	for _, unit := range [...]float64{seconds, 1, 60 * seconds, ticks} {
		if d := c.length.at * unit; d > 0 && d >= end*0.95-1000 && (end == 0 || d < end*20+3600e3) {
			return milliseconds(d, offset)
		}
	}
	return nil
}

// warn says what was guessed and left out.
func (c *contents) warn(out *turn.Collector) {
	if c.dated {
		out.Warn(transcript.TimesOfDay, 0, "The file has dates and times of day; the times of the transcript count from the first of them.")
	}
	var repaired []string
	if c.startsFilled {
		repaired = append(repaired, "The file only has the ends of its turns; each begins where the one before ended.")
	}
	if c.reversed > 0 {
		repaired = append(repaired, fmt.Sprintf("%d ends before their beginning were left out.", c.reversed))
	}
	if c.spoiltTimes > 0 {
		repaired = append(repaired, fmt.Sprintf("%d times cannot be read and were left out.", c.spoiltTimes))
	}
	if len(repaired) > 0 {
		out.Warn(transcript.TimesRepaired, c.spoiltLine, strings.Join(repaired, " "))
	}
}
