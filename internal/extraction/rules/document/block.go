package document

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/extraction/rules/english"
	"griot/internal/transcript"
)

// block is segments that are read together; text is their texts with a
// newline between, and starts tells where each begins in it.
type block struct {
	text   string
	segs   []transcript.Segment
	starts []int
}

// blocks yields the blocks of the transcript in order.
func (d *Document) blocks() iter.Seq[block] {
	return func(yield func(block) bool) {
		segs := d.Segments
		for len(segs) > 0 {
			n, size := 1, len(segs[0].Text)
			for n < len(segs) && d.goesOn(segs[n-1], segs[n]) && size+len(segs[n].Text) < maxBlock {
				size += len(segs[n].Text) + 1
				n++
			}
			if !yield(join(segs[:n])) {
				return
			}
			segs = segs[n:]
		}
	}
}

func join(segs []transcript.Segment) block {
	b := block{segs: segs, starts: make([]int, len(segs)), text: segs[0].Text}
	if len(segs) == 1 {
		return b
	}
	var text strings.Builder
	for i, s := range segs {
		if i > 0 {
			text.WriteByte('\n')
		}
		b.starts[i] = text.Len()
		text.WriteString(s.Text)
	}
	b.text = text.String()
	return b
}

// goesOn reports whether next continues a sentence of s. Where segments are cut
// anywhere, an open end is enough; elsewhere next must begin in lower case.
func (d *Document) goesOn(s, next transcript.Segment) bool {
	if s.SpeakerName() != next.SpeakerName() || endsSentence(s.Text) {
		return false
	}
	if d.unmarked && begins(s.Text, next.Text) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(strings.TrimSpace(next.Text))
	return d.loose || unicode.IsLower(first)
}

var (
	starters = english.Words("utterance-starters")
	dangling = english.Words("dangling-words")
)

// begins reports whether next is a new utterance, by its first word and the last
// one of text.
func begins(text, next string) bool {
	before := strings.ToLower(text[strings.LastIndexByte(text, ' ')+1:])
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(next)), " ")
	return starters()[first] && !dangling()[before]
}

func endsSentence(text string) bool {
	text = strings.TrimRight(text, " \t\r\n\"'”’)]*_")
	last, _ := utf8.DecodeLastRuneInString(text)
	return strings.ContainsRune(".?!…:;。？！", last)
}

// locate returns the segment's seq and start in the text for a byte of it.
func (b block) locate(at int) (seq int64, start int) {
	i := len(b.starts) - 1
	for i > 0 && b.starts[i] > at {
		i--
	}
	return b.segs[i].Seq, b.starts[i]
}

// segment returns where the segment of a byte begins and ends in the text.
func (b block) segment(at int) (start, end int) {
	i := len(b.starts) - 1
	for i > 0 && b.starts[i] > at {
		i--
	}
	return b.starts[i], b.starts[i] + len(b.segs[i].Text)
}
