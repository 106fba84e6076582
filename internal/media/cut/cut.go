// Package cut divides recordings that are larger than an engine takes, without
// decoding them: into parts that are recordings themselves, and overlap.
package cut

import (
	"fmt"
	"io"
	"time"

	"griot/internal/media"
	"griot/internal/media/stream"
)

// Part is a stretch of a recording that is a recording itself: Head, then
// Length bytes of the file from Offset.
type Part struct {
	Head           []byte
	Offset, Length int64
	// StartMS is where the part begins in the recording. From FromMS to ToMS
	// its words count, and before and behind those of its neighbours. ToMS is 0
	// for the last, which ends with the recording.
	StartMS, FromMS, ToMS int64
}

// Size is how many bytes the part has.
func (p Part) Size() int64 { return int64(len(p.Head)) + p.Length }

const (
	// overlap is what two parts have in common, half of it on either side of
	// the seam: a word or two, so that none is cut in two for both. Who asks for
	// more gets at most an eighth of a part, for that is heard twice.
	overlap = 4 // seconds
	share   = 8
	longest = 30 // seconds
	// window is in what time before a part is full a silence is looked for.
	window = 30 // seconds
	// quiet is how long one has to be to be one, between words and not in them.
	quiet = 0.3 // seconds
	// lead is how much earlier a part may begin, to begin cleanly.
	lead = 1 // second
)

// layouts find out where recordings may be divided; nil where a file cannot be.
var layouts = map[media.Kind]func(io.ReaderAt, *stream.Source) *layout{
	media.WAV: waveLayout, media.MP3: mpegLayout, media.AAC: adtsLayout, media.FLAC: flacLayout,
}

// Longest is the most that parts can have in common.
const Longest = longest * time.Second

// Divides is false for a kind of which Plan divides none.
func Divides(k media.Kind) bool { return layouts[k] != nil }

// Plan divides a recording into parts of at most max bytes, which have about as
// much in common as is wanted, and never less than a word or two. The same file
// and limits give the same plan. ok is false for one that cannot be divided without
// decoding it: of WAV with linear samples, MP3, AAC and FLAC the places between
// samples or frames are known.
func Plan(r io.ReaderAt, f media.Facts, max int64, common time.Duration) (parts []Part, ok bool, err error) {
	if f.Size <= max {
		return []Part{{Length: f.Size}}, true, nil
	}
	find := layouts[f.Kind]
	if find == nil {
		return nil, false, nil
	}
	s := stream.NewSource(r, f.Size)
	l := find(r, s)
	if err := s.Err(); err != nil {
		return nil, false, fmt.Errorf("reading the headers of a recording: %w", err)
	}
	if l == nil {
		return nil, false, nil
	}
	return l.divide(max, int64(common.Seconds()))
}

// layout is where a recording may be divided.
type layout struct {
	rate       int64 // samples a second
	begin, end int64 // offsets of the sound
	headLen    int64
	// head is what a part begins with that has so many bytes, and samples, or
	// -1 where that is not known.
	head func(length, samples int64) []byte
	// marks returns the last marks up to an offset, of at least window, lead
	// and what overlaps together where there are so many. The offsets of its calls
	// grow.
	marks func(upTo int64) ([]mark, error)
}

// mark is a place at which a part may begin or end.
type mark struct {
	pos   int64
	at    int64   // samples before it
	loud  float64 // of what follows it; to be compared with others only
	clean bool    // what follows needs nothing that comes before
}

func (l *layout) divide(max, common int64) (parts []Part, ok bool, err error) {
	room := max - l.headLen
	here, seam := mark{pos: l.begin}, int64(0)
	for l.end-here.pos > room {
		marks, err := l.marks(here.pos + room)
		if err != nil {
			return nil, false, fmt.Errorf("looking for a silence in a recording: %w", err)
		}
		cut, end, next := l.choose(marks, here, seam, common)
		if next.pos <= here.pos {
			return nil, false, nil // there is no room for more than what overlaps
		}
		parts = append(parts, l.part(here, end.pos, end.at-here.at, seam, cut.at))
		here, seam = next, cut.at
	}
	last := l.part(here, l.end, -1, seam, 0)
	return append(parts, last), true, nil
}

func (l *layout) part(from mark, end, samples, seam, next int64) Part {
	ms := func(samples int64) int64 { return samples * 1000 / l.rate }
	return Part{
		Head:   l.head(end-from.pos, samples),
		Offset: from.pos, Length: end - from.pos,
		StartMS: ms(from.at), FromMS: ms(seam), ToMS: ms(next),
	}
}

// half is how much of what overlaps lies on either side of a seam, in samples:
// no more than leaves room for a silence among the marks.
func (l *layout) half(marks []mark, here mark, common int64) int64 {
	last := marks[len(marks)-1].at
	most := min((last-here.at)/share, (last-marks[0].at)/2)
	return max(overlap*l.rate, min(common*l.rate, most)) / 2
}

// choose finds the quietest place late in a part that begins here, behind its
// own seam, and where the part ends and the next begins. They are zero where
// there is none.
func (l *layout) choose(marks []mark, here mark, seam, common int64) (cut, end, next mark) {
	if len(marks) == 0 {
		return
	}
	half := l.half(marks, here, common)
	latest := marks[len(marks)-1].at - half
	earliest := max(latest-window*l.rate, (here.at+latest)/2, seam+half) // short parts advance, too
	least := -1.0
	span := int64(quiet * float64(l.rate))
	sum, from := 0.0, 0
	for i, m := range marks { // the mean loudness of the span that ends with m
		sum += m.loud
		for m.at-marks[from].at > span {
			sum -= marks[from].loud
			from++
		}
		middle := marks[(from+i+1)/2]
		if middle.at < earliest || middle.at > latest {
			continue
		}
		if mean := sum / float64(i-from+1); least < 0 || mean <= least {
			least, cut = mean, middle
		}
	}
	if least < 0 {
		return mark{}, mark{}, mark{}
	}
	for _, m := range marks {
		if m.at <= cut.at-half && (m.clean || !next.clean || m.at <= cut.at-half-lead*l.rate) {
			next = m
		}
		if end.pos == 0 && m.at >= cut.at+half {
			end = m
		}
	}
	return cut, end, next
}
