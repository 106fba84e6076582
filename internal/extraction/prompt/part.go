package prompt

import (
	"griot/internal/extraction"
	"griot/internal/transcript"
)

// part is a run of segments that a model reads at once.
type part struct {
	segs   []transcript.Segment
	no, of int
}

const (
	// partSize is how many bytes of transcript, about 6,000 tokens, are read at
	// once. An answer has up to twice as many bytes (1.3 to 1.9 on interviews
	// about work), and has to be written in minutes.
	partSize = 24_000
	// partOverlap is how many bytes of the part before a part begins with, so
	// that a thing that is told across the cut is whole in one of the two.
	partOverlap = 2_000
	// smallest is the part, in bytes, that is not halved any more.
	smallest = 2_000
)

// Parts is the number of parts in which a transcript is read.
func Parts(in extraction.Input) int { return len(cut(in.Segments, partSize, partOverlap)) }

// cut cuts a transcript into parts of about equal size, most bytes each, where
// somebody else begins to speak if that is near, and between segments
// elsewhere. Each begins with overlap bytes of the one before.
func cut(segs []transcript.Segment, most, overlap int) []part {
	total := size(segs)
	n := (total + most - 1) / most
	var parts []part
	for from, done := 0, 0; from < len(segs); {
		end, length := from, 0
		want := (total - done) / max(1, n-len(parts))
		for end < len(segs) && (end == from || length+len(segs[end].Text)/2 <= want) {
			length += len(segs[end].Text)
			end++
		}
		end = turn(segs, from, end)
		done += size(segs[from:end])
		parts = append(parts, part{segs: segs[back(segs, from, overlap):end]})
		from = end
	}
	for i := range parts {
		parts[i].no, parts[i].of = i+1, len(parts)
	}
	return parts
}

// halves are those of a part that is too long.
func halves(p part) []part {
	parts := cut(p.segs, (size(p.segs)+1)/2, 0)
	for i := range parts {
		parts[i].no, parts[i].of = p.no, p.of
	}
	return parts
}

// turn moves an end back to where the speaker changes, by a quarter of the part
// at most.
func turn(segs []transcript.Segment, from, end int) int {
	if end == len(segs) {
		return end
	}
	for i := end; i > from+(end-from)*3/4; i-- {
		if segs[i].SpeakerName() != segs[i-1].SpeakerName() {
			return i
		}
	}
	return end
}

// back moves a beginning back by whole segments of so many bytes.
func back(segs []transcript.Segment, from, bytes int) int {
	for from > 0 && len(segs[from-1].Text) <= bytes {
		from--
		bytes -= len(segs[from].Text)
	}
	return from
}

func size(segs []transcript.Segment) (n int) {
	for _, seg := range segs {
		n += len(seg.Text)
	}
	return n
}
