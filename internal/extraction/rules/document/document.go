// Package document presents a transcript to the rules sentence by sentence, and
// judges how much each is worth telling. Segments that break off in the middle of
// a sentence, as the cues of captions do, are read together; what is found is
// cited in the segment where it stands.
package document

import (
	"context"
	"strings"

	"griot/internal/extraction"
	"griot/internal/extraction/rules/english"
	"griot/internal/transcript"
)

// MaxQuote is the most bytes of a citation.
const MaxQuote = 400

// maxBlock is the most bytes that are read together.
const maxBlock = 2_000

// maxWork is the most work on one transcript, in tokens and sentences of so many
// tokens' work: some seconds. Ten megabytes of speech, which is all that a
// transcript has, are half of it; as many of a word a line are five times as
// much. It is counted and not timed, so that the same transcript gives the same
// findings anywhere.
const (
	maxWork      = 6_000_000
	sentenceWork = 8
)

// Document is a transcript after a first reading, which has learnt how it
// capitalises words and which words matter.
type Document struct {
	Title    string
	Finder   english.NameFinder
	Topics   *Topics
	Segments []transcript.Segment // those that are read
	loose    bool                 // segments seldom end where sentences do
	unmarked bool                 // there are hardly any marks that end sentences
	asker    string
}

// Read makes the first reading: of all segments, or of as many as the work on one
// transcript allows.
func Read(ctx context.Context, title string, segs []transcript.Segment) (*Document, error) {
	return read(ctx, title, segs, maxWork)
}

func read(ctx context.Context, title string, segs []transcript.Segment, work int) (*Document, error) {
	d := &Document{Title: title, Segments: segs, Topics: NewTopics(), Finder: english.NameFinder{Casing: english.NewCasing()}}
	open, marked := 0, 0
	for _, s := range segs {
		if strings.ContainsAny(s.Text, ".?!") {
			marked++
		}
		if !endsSentence(s.Text) {
			open++
		}
	}
	d.loose, d.unmarked = open*5 > len(segs)*2, marked*10 < len(segs)
	talk, done := map[string]*share{}, 0
	for b := range d.blocks() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		sentences := english.Sentences(b.text)
		for _, s := range sentences {
			work -= len(s.Tokens) + sentenceWork
		}
		if work < 0 && done > 0 {
			d.Segments = segs[:done]
			break
		}
		done += len(b.segs)
		for _, s := range sentences {
			d.Finder.Casing.Learn(s)
			d.Topics.Learn(s, b.segs[0].SpeakerName())
			count(talk, b.segs[0].SpeakerName(), s.Question)
		}
	}
	d.asker = asker(talk)
	return d, nil
}

// Line is a sentence and who says it.
type Line struct {
	english.Sentence
	N       int     // counts the document's sentences from 0
	Turn    int     // counts the changes of speaker
	Speaker string  // as the transcript has it, "" when it has none
	Asks    bool    // the speaker's role is to ask
	Worth   float64 // the chance that it is worth telling
	Names   []english.Name
	block   block
}

// Lines visits every sentence in order.
func (d *Document) Lines(ctx context.Context, visit func(Line)) error {
	var waiting []Line // for the judgement, which takes those after them into account
	judge := newJudge(d.Topics, func(_ int, chance float64) {
		l := waiting[0]
		waiting = waiting[:copy(waiting, waiting[1:])]
		l.Worth = chance
		visit(l)
	})
	n, turn, speaker := 0, 0, ""
	for b := range d.blocks() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s := b.segs[0].SpeakerName(); s != speaker {
			turn++
			speaker = s
		}
		for _, s := range english.Sentences(b.text) {
			waiting = append(waiting, Line{Sentence: s, N: n, Turn: turn, Speaker: speaker, Asks: d.asks(b.segs[0]), Names: d.Finder.Find(s), block: b})
			judge.read(s, speaker)
			n++
		}
	}
	judge.end()
	return nil
}

func (d *Document) asks(s transcript.Segment) bool {
	if d.asker != "" && s.SpeakerName() == d.asker {
		return true
	}
	role := ""
	if s.Role != nil {
		role = strings.ToLower(*s.Role)
	}
	label := strings.ToLower(s.SpeakerName())
	for word := range askingRoles() {
		if strings.Contains(role, word) || label == word {
			return true
		}
	}
	return label == "q"
}

var askingRoles = english.Words("asking-roles")

// Cite returns evidence for the tokens from up to to: their sentence, or the
// part around them when it is long, inside the segment of the first of them.
func (l Line) Cite(from, to int) extraction.Evidence {
	first, last := 0, len(l.Tokens)
	start, end := l.block.segment(l.Tokens[from].Start)
	for l.Tokens[first].Start < start {
		first++
	}
	for last > from+1 && l.Tokens[last-1].End > end {
		last--
	}
	for l.Tokens[last-1].End-l.Tokens[first].Start > MaxQuote && last-first > 1 {
		if from-first > last-to && first < from || last <= from+1 {
			first++
		} else {
			last--
		}
	}
	return l.evidence(first, last)
}

// Whole returns evidence of the whole sentence: a part for each segment in
// which it stands.
func (l Line) Whole() []extraction.Evidence {
	var all []extraction.Evidence
	for from := 0; from < len(l.Tokens); {
		_, end := l.block.segment(l.Tokens[from].Start)
		to := from + 1
		for to < len(l.Tokens) && l.Tokens[to].End <= end && l.Tokens[to].End-l.Tokens[from].Start <= MaxQuote {
			to++
		}
		all = append(all, l.evidence(from, to))
		from = to
	}
	return all
}

// Exact returns evidence of just the tokens from up to to, cut where their
// segment ends.
func (l Line) Exact(from, to int) extraction.Evidence {
	_, end := l.block.segment(l.Tokens[from].Start)
	for to > from+1 && (l.Tokens[to-1].End > end || l.Tokens[to-1].End-l.Tokens[from].Start > MaxQuote) {
		to--
	}
	return l.evidence(from, to)
}

func (l Line) evidence(from, to int) extraction.Evidence {
	quote, at := l.Quote(from, to)
	seq, start := l.block.locate(at)
	return extraction.Evidence{Seq: seq, At: at - start, Quote: quote}
}

// Phrase returns the tokens from up to to as text with single spaces between
// lines and words.
func (l Line) Phrase(from, to int) string {
	text, _ := l.Quote(from, to)
	return strings.Join(strings.Fields(text), " ")
}
