package cut

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"

	"griot/internal/media/stream"
)

// mpegLayout may be divided between the frames of MP3. What a frame says may
// lie in those before it, a quarter of a second at most: where there is one
// that needs none of them, a part begins with it, else the overlap is longer
// than what is lost.
func mpegLayout(r io.ReaderAt, s *stream.Source) *layout {
	l := framesLayout(r, s, stream.MPEG, stream.Loudness)
	if l == nil {
		return nil
	}
	b := s.At(l.begin, 512) // a first frame that counts those of the whole file
	if f, ok := stream.MPEG(b); ok {
		info := b[:min(f.Size, len(b))]
		for _, mark := range []string{"Xing", "Info", "VBRI"} {
			if bytes.Contains(info[:min(len(info), 64)], []byte(mark)) {
				l.begin += int64(f.Size)
				l.marks = walk(r, l.begin, l.end, stream.MPEG, stream.Loudness)
				break
			}
		}
	}
	return l
}

// adtsLayout may be divided between the frames of AAC. The more bytes one
// has, the more is to be heard.
func adtsLayout(r io.ReaderAt, s *stream.Source) *layout {
	return framesLayout(r, s, stream.ADTS, func(_ []byte, f stream.Frame) (float64, bool) { return float64(f.Size), true })
}

type loudness func(b []byte, f stream.Frame) (loud float64, clean bool)

func framesLayout(r io.ReaderAt, s *stream.Source, parse stream.Parser, loud loudness) *layout {
	begin, end := stream.SkipTags(s), stream.SkipTrailer(s)
	off, first, ok := stream.Sync(s.At(begin, 64<<10), parse)
	if !ok {
		return nil
	}
	begin += int64(off)
	return &layout{
		rate: int64(first.Rate), begin: begin, end: end,
		head:  func(int64, int64) []byte { return nil },
		marks: walk(r, begin, end, parse, loud),
	}
}

// walk passes over all frames once, and remembers the last.
func walk(r io.ReaderAt, begin, end int64, parse stream.Parser, loud loudness) func(int64) ([]mark, error) {
	in := bufio.NewReaderSize(io.NewSectionReader(r, begin, end-begin), 1<<20)
	pos, at := begin, int64(0)
	var recent []mark
	var kept stream.Frame
	return func(upTo int64) ([]mark, error) {
		for {
			b, err := in.Peek(64)
			if len(b) == 0 {
				if err != nil && !errors.Is(err, io.EOF) {
					return nil, err
				}
				return recent, nil
			}
			f, ok := parse(b)
			if !ok || kept.Rate != 0 && f.Rate != kept.Rate {
				skipped, err := resync(in, parse)
				if pos += int64(skipped); err != nil {
					return nil, err
				}
				continue
			}
			if pos > upTo {
				return recent, nil
			}
			kept = f
			m := mark{pos: pos, at: at}
			m.loud, m.clean = loud(b, f)
			recent = append(recent, m)
			for drop := 2 * (window + lead + longest) * int64(f.Rate); at-recent[0].at > drop; {
				recent = recent[len(recent)/2:]
			}
			n, err := in.Discard(f.Size)
			if pos, at = pos+int64(n), at+int64(f.Samples); err != nil && !errors.Is(err, io.EOF) {
				return nil, err
			}
		}
	}
}

// resync passes over bytes that are no frame.
func resync(in *bufio.Reader, parse stream.Parser) (skipped int, err error) {
	b, err := in.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	off, _, ok := stream.Sync(b[1:], parse)
	if off++; !ok {
		off = max(1, len(b)-16)
	}
	return in.Discard(min(off, len(b)))
}

// flacLayout may be divided between the frames of FLAC, which say where they
// are. The more bytes one has, the more is to be heard.
func flacLayout(r io.ReaderAt, s *stream.Source) *layout {
	begin := stream.SkipTags(s)
	info, ok := stream.ReadFLACInfo(s.At(begin+8, stream.FLACInfoLen))
	if !ok {
		return nil
	}
	streamInfo := bytes.Clone(s.At(begin+8, stream.FLACInfoLen))
	sound, ok := skipMetadata(s, begin+4)
	if !ok {
		return nil
	}
	return &layout{
		rate: int64(info.Rate), begin: sound, end: stream.SkipTrailer(s), headLen: 8 + stream.FLACInfoLen,
		head: func(_, samples int64) []byte {
			b := append([]byte("fLaC\x80\x00\x00\x22"), streamInfo...)
			clear(b[8+4 : 8+10]) // sizes of frames, and below the checksum of the sound
			clear(b[8+18:])
			packed := binary.BigEndian.Uint64(b[8+10:]) &^ (1<<36 - 1)
			if samples > 0 {
				packed |= uint64(samples) & (1<<36 - 1)
			}
			binary.BigEndian.PutUint64(b[8+10:], packed)
			return b
		},
		marks: func(upTo int64) ([]mark, error) {
			span := min(upTo-sound, most)
			if span <= 0 {
				return nil, nil
			}
			b, err := readAt(r, upTo-span, int(span))
			if err != nil {
				return nil, err
			}
			return flacMarks(b, upTo-span, info), nil
		},
	}
}

// skipMetadata returns where the frames of FLAC begin.
func skipMetadata(s *stream.Source, pos int64) (int64, bool) {
	for range 128 {
		b, ok := s.Full(pos, 4)
		if !ok {
			return 0, false
		}
		pos += 4 + int64(b[1])<<16 + int64(b[2])<<8 + int64(b[3])
		if b[0]&0x80 != 0 {
			return pos, true
		}
	}
	return 0, false
}

// flacMarks finds frames in a stretch of a file: of what looks like one, those
// count of which one begins where another ends.
func flacMarks(b []byte, from int64, info stream.FLACInfo) (marks []mark) {
	follows := map[int64]mark{} // the frame that ends at a sample
	for off := 0; off < len(b); off++ {
		i := bytes.IndexByte(b[off:], 0xFF)
		if i < 0 {
			break
		}
		off += i
		f, ok := info.FLACFrame(b[off:])
		if !ok {
			continue
		}
		m := mark{pos: from + int64(off), at: f.First, clean: true}
		if before, ok := follows[f.First]; ok {
			before.loud = float64(m.pos-before.pos) / float64(m.at-before.at)
			if len(marks) > 0 && marks[len(marks)-1].pos >= before.pos {
				marks = marks[:len(marks)-1]
			}
			marks = append(marks, before, m)
		}
		follows[f.First+int64(f.Samples)] = m
	}
	if len(marks) > 0 { // what is said of the last is not known
		marks[len(marks)-1].loud = marks[max(0, len(marks)-2)].loud
	}
	return marks
}
