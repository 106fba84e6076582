// Package engine reads transcripts that are JSON: the results of transcription
// engines, the exports of meeting tools and chats, and griot's own.
//
// There is one reader for all of them. It walks over the file once. Keys mean
// what the table of aliases says, wherever they stand; every list of objects
// that have words is a candidate, and [reader.choose] takes that which has
// most to say. What the numbers count and who is who is only judged then, by
// the whole of the list. Files of this package that are named after an engine
// have what only that engine does.
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

// Is looks at the first two characters, as plain text may begin with a
// bracket too.
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

// Parse takes what the file itself calls an utterance, segment or message as
// one turn each, cut where another voice has the word; only words without such
// are grouped by speaker, pause and sentence.
func Parse(src *source.Source, out *turn.Collector) error {
	r := newReader(newCursor(src), src.Limit*4, turn.MaxPieces) // the same words in up to four places
	if err := r.read(); err != nil {
		return err
	}
	l := r.choose()
	if l == nil {
		return r.nothing()
	}
	out.SetLanguage(r.language)
	if out.Language == "" {
		out.SetLanguage(r.spokenLanguage)
	}
	if whose := r.whose(); whose != "" {
		out.Reading.Engine = &whose
	}
	if r.keys[otrKey] {
		return readOTR(l, out)
	}
	if l.whole && len(l.pieces) == 1 && strings.Contains(l.pieces[0].text, "\n") {
		readLines(l.pieces[0].text, out)
		return nil
	}
	turns, layout := r.turns(l)
	turns = r.withoutEcho(r.withoutRepeats(turns, out), out)
	out.Reading.Layout = layout
	out.Reading.PassedOver = l.passed
	r.emit(l, turns, out)
	out.DurationMS = r.duration(turns)
	r.warn(out)
	return nil
}

// nothing says why a file has no transcript.
func (r *reader) nothing() error {
	switch {
	case r.trouble:
		return source.NewError(source.UnsupportedFormat, 0, "The file is JSON that reports an error instead of a transcript: "+
			"ask for the transcript again, and upload that.")
	case r.known:
		return nil // the file has no words
	}
	return source.NewError(source.UnsupportedFormat, 0, "The file is JSON, but not that of a transcript: its objects have none of "+
		"the keys that engines, meeting tools and chats use for words. Read are objects with a text (text, transcript, content, words, …), "+
		"best with who speaks (speaker, …) and when (start, end, …), in lists or one on each line.")
}

// readLines gives a text that has no times to the layouts: the names may stand
// in it.
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

// turns makes turns of the pieces of a list, and names how they stood there.
func (r *reader) turns(l *list) (turns []piece, layout string) {
	r.takeTracks(l)
	words := l.isWords()
	spans := r.spans(l)
	unit := r.settleTimes(l, 0)
	if len(spans) > 0 {
		r.settleTimes(&list{pieces: spans}, unit)
	}
	switch {
	case len(spans) > 0:
		turns = r.giveVoices(l, spans, words)
	case words:
		if r.unpunctuated(l) {
			spell(r.wholeText(), l.pieces)
		}
		turns = r.cutWords(l)
	default:
		turns = r.cutLong(l, unit)
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

// emit hands the turns over.
func (r *reader) emit(l *list, turns []piece, out *turn.Collector) {
	who := r.namesOf(turns)
	escaped := l.three > 0 && l.three*10 >= len(l.pieces)*9
	holds := r.keys["startTime"] && r.keys["body"] // Podcasting 2.0 names who speaks when that changes
	last := transcript.Turn{}
	for _, p := range turns {
		t := transcript.Turn{Speaker: who.name[p.voice], Role: who.role[p.voice], Text: p.text, StartMS: p.startMS(), EndMS: p.endMS()}
		switch {
		case l.slack:
			t.Text = r.slackText(t.Text)
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
func (p piece) endMS() *int64   { return milliseconds(p.to, p.toKind) }

// milliseconds rounds; what is beyond all times is dropped later.
func milliseconds(at float64, kind momentKind) *int64 {
	if kind == none {
		return nil
	}
	v := int64(math.Round(max(-1, min(at, float64(turn.MaxMS)+1))))
	return &v
}

// duration is the length that the file states, in the unit in which the turns
// fit into it.
func (r *reader) duration(turns []piece) *int64 {
	end := 0.0
	for _, p := range turns {
		if p.toKind != none {
			end = max(end, p.to)
		}
	}
	if r.length.kind == offset && r.length.at > 0 {
		return milliseconds(r.length.at, offset)
	}
	if r.length.kind != bare || r.length.at <= 0 {
		return nil
	}
	for _, unit := range [...]float64{seconds, 1, 60 * seconds, ticks} {
		if d := r.length.at * unit; d > 0 && d >= end*0.95-1000 && (end == 0 || d < end*20+3600e3) {
			return milliseconds(d, offset)
		}
	}
	return nil
}

// warn tells what was guessed and left out.
func (r *reader) warn(out *turn.Collector) {
	if r.dated {
		out.Warn(transcript.TimesOfDay, 0, "The file has dates and times of day; the times of the transcript count from the first of them.")
	}
	var repaired []string
	if r.startsFilled {
		repaired = append(repaired, "The file only has the ends of its turns; each begins where the one before ended.")
	}
	if r.turned > 0 {
		repaired = append(repaired, fmt.Sprintf("%d ends before their beginning were left out.", r.turned))
	}
	if r.spoiltTimes > 0 {
		repaired = append(repaired, fmt.Sprintf("%d times cannot be read and were left out.", r.spoiltTimes))
	}
	if len(repaired) > 0 {
		out.Warn(transcript.TimesRepaired, r.spoiltLine, strings.Join(repaired, " "))
	}
}
