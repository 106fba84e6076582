// Package stream reads what sound is made of inside of its containers, without
// decoding it: samples of WAV, and frames of MPEG audio, AAC, FLAC and AMR. It
// reads sparsely: a few stretches of a file that lies elsewhere.
package stream

import (
	"errors"
	"io"
)

// What a Source reads at most, whatever a file says of itself.
const (
	MaxBytes    = 8 << 20
	MaxRequests = 96
)

const (
	block = 32 << 10 // the least that is read at once
	kept  = 4        // blocks, so that a walk to and fro reads nothing twice
)

// Source is a file of which stretches are read, in [MaxRequests] requests of
// [MaxBytes] altogether. Past these it has no more bytes, as past its end.
type Source struct {
	Size     int64
	r        io.ReaderAt
	blocks   [kept]stretch
	next     int
	bytes    int64
	requests int
	err      error
}

type stretch struct {
	off int64
	b   []byte
}

// NewSource reads a file of the given size.
func NewSource(r io.ReaderAt, size int64) *Source { return &Source{r: r, Size: size} }

// At returns n bytes from off: fewer at the end of the file and when nothing
// more may be read, none when reading failed. They stay as they are.
func (s *Source) At(off int64, n int) []byte {
	if off < 0 || off >= s.Size || n <= 0 {
		return nil
	}
	n = int(min(int64(n), s.Size-off))
	for _, k := range s.blocks {
		if i := off - k.off; i >= 0 && i+int64(n) <= int64(len(k.b)) {
			return k.b[i : i+int64(n) : i+int64(n)]
		}
	}
	b := s.read(off, max(n, block))
	return b[:min(n, len(b)):min(n, len(b))]
}

func (s *Source) read(off int64, n int) []byte {
	n = int(min(int64(n), s.Size-off, MaxBytes-s.bytes))
	if s.err != nil || n <= 0 || s.requests == MaxRequests {
		return nil
	}
	b := make([]byte, n)
	got, err := s.r.ReadAt(b, off)
	s.requests++
	s.bytes += int64(got)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
		return nil
	}
	s.blocks[s.next] = stretch{off, b[:got]}
	s.next = (s.next + 1) % kept
	return b[:got]
}

// Full returns exactly n bytes from off.
func (s *Source) Full(off int64, n int) (b []byte, ok bool) {
	b = s.At(off, n)
	return b, len(b) == n
}

// Err is the first error of the file's reader.
func (s *Source) Err() error { return s.err }

// Spent is true when nothing more may be read.
func (s *Source) Spent() bool { return s.requests >= MaxRequests || s.bytes >= MaxBytes }
