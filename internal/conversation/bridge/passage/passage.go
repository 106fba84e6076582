// Package passage cuts the transcript of a finished session into what becomes
// the memories of its conversation, and sums the session up.
package passage

import (
	"iter"
	"strings"
	"unicode/utf8"

	"griot/internal/conversation/memory"
	"griot/internal/search"
	"griot/internal/transcript"
)

// Passage is consecutive whole segments of a transcript that make one memory.
type Passage struct {
	Segments []transcript.Segment // at least one
	Text     string               // each segment led by its speaker's name
	words    int
}

// Again returns passages as they were cut before: begins says of a segment
// whether one begins there, and with which byte of the transcript it ends.
func Again(segments iter.Seq2[transcript.Segment, error], begins func(transcript.Segment) (last int64, ok bool)) iter.Seq2[Passage, error] {
	return func(yield func(Passage, error) bool) {
		var p Passage
		var last int64
		for seg, err := range segments {
			if err != nil {
				yield(Passage{}, err)
				return
			}
			if end, ok := begins(seg); ok {
				p, last = Passage{}, end
			} else if len(p.Segments) == 0 {
				continue
			}
			p.add(seg)
			if seg.Range[1] < last {
				continue
			}
			if !yield(p, nil) {
				return
			}
			p = Passage{}
		}
	}
}

// Cut cuts a transcript as the search index recommends.
func Cut(segments iter.Seq2[transcript.Segment, error]) iter.Seq2[Passage, error] {
	return func(yield func(Passage, error) bool) {
		var p Passage
		for seg, err := range segments {
			if err != nil {
				yield(Passage{}, err)
				return
			}
			if p.endsBefore(seg) {
				if !yield(p, nil) {
					return
				}
				p = Passage{}
			}
			p.add(seg)
		}
		if len(p.Segments) > 0 {
			yield(p, nil)
		}
	}
}

// endsBefore reports whether a segment belongs to the next passage.
func (p Passage) endsBefore(seg transcript.Segment) bool {
	n := len(p.Segments)
	switch {
	case n == 0:
		return false
	case n == search.PassageSegments, p.words >= search.PassageWords:
		return true
	case p.words >= search.PassageWords/2 && p.Segments[n-1].SpeakerName() != seg.SpeakerName():
		return true
	}
	return utf8.RuneCountInString(p.Text)+1+utf8.RuneCountInString(line(seg)) > memory.MaxContent
}

func (p *Passage) add(seg transcript.Segment) {
	if len(p.Segments) > 0 {
		p.Text += "\n"
	}
	p.Segments = append(p.Segments, seg)
	p.Text += line(seg)
	p.words += len(strings.Fields(seg.Text))
}

func line(seg transcript.Segment) string {
	if speaker := seg.SpeakerName(); speaker != "" {
		return speaker + ": " + seg.Text
	}
	return seg.Text
}

// First and Last are the segments that the passage begins and ends with.
func (p Passage) First() transcript.Segment { return p.Segments[0] }

// Last returns the last segment; see First.
func (p Passage) Last() transcript.Segment { return p.Segments[len(p.Segments)-1] }

// Role tells whoever asks from whoever answers, by the first segment.
func (p Passage) Role() string {
	given := p.First().Role
	if given == nil {
		return "user"
	}
	switch strings.ToLower(*given) {
	case "assistant", "agent", "interviewer", "moderator", "host", "bot":
		return "assistant"
	case "system":
		return "system"
	}
	return "user"
}
