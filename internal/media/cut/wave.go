package cut

import (
	"encoding/binary"
	"errors"
	"io"
	"math"

	"griot/internal/media/stream"
)

// most is how many bytes are read at once to find a silence.
const most = 8 << 20

// waveLayout may be divided between any two samples; there is a mark every 20
// ms.
func waveLayout(r io.ReaderAt, s *stream.Source) *layout {
	w, ok := stream.ReadWave(s)
	level := levelOf(w)
	if !ok || !w.Linear() || level == nil {
		return nil
	}
	align := int64(w.BlockAlign)
	step := max(1, int64(w.Rate)/50)
	fixed := 12 + 8 + len(w.Format) + 8
	return &layout{
		rate: int64(w.Rate), begin: w.Data, end: w.Data + w.DataLen/align*align, headLen: int64(fixed),
		head: func(length, _ int64) []byte {
			b := make([]byte, 0, fixed)
			b = append(b, "RIFF"...)
			b = binary.LittleEndian.AppendUint32(b, uint32(int64(fixed)-8+length))
			b = append(b, "WAVEfmt "...)
			b = binary.LittleEndian.AppendUint32(b, uint32(len(w.Format)))
			b = append(b, w.Format...)
			b = append(b, "data"...)
			return binary.LittleEndian.AppendUint32(b, uint32(length))
		},
		marks: func(upTo int64) ([]mark, error) {
			last := (upTo - w.Data) / align / step // steps before it
			span := min((window+lead+longest)*50, most/(step*align), last)
			if span <= 0 {
				return nil, nil
			}
			b, err := readAt(r, w.Data+(last-span)*step*align, int(span*step*align))
			if err != nil {
				return nil, err
			}
			marks := make([]mark, span)
			for i := range marks {
				n := last - span + int64(i)
				marks[i] = mark{pos: w.Data + n*step*align, at: n * step, loud: level(b[int64(i)*step*align : int64(i+1)*step*align]), clean: true}
			}
			return marks, nil
		},
	}
}

// readAt reads exactly n bytes.
func readAt(r io.ReaderAt, off int64, n int) ([]byte, error) {
	b := make([]byte, n)
	got, err := r.ReadAt(b, off)
	if got == n {
		return b, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return nil, err
}

// levelOf returns how loud samples are, all channels together, or nil for a
// coding that is not known.
func levelOf(w stream.Wave) func([]byte) float64 {
	var size int
	var sample func([]byte) float64
	le := binary.LittleEndian
	switch {
	case w.Tag == stream.TagPCM && w.Bits == 8:
		size, sample = 1, func(b []byte) float64 { return float64(b[0]) - 128 }
	case w.Tag == stream.TagPCM && w.Bits == 16:
		size, sample = 2, func(b []byte) float64 { return float64(int16(le.Uint16(b))) }
	case w.Tag == stream.TagPCM && w.Bits == 24:
		size, sample = 3, func(b []byte) float64 { return float64(int16(le.Uint16(b[1:]))) }
	case w.Tag == stream.TagPCM && w.Bits == 32:
		size, sample = 4, func(b []byte) float64 { return float64(int32(le.Uint32(b))) }
	case w.Tag == stream.TagFloat && w.Bits == 32:
		size, sample = 4, func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case w.Tag == stream.TagFloat && w.Bits == 64:
		size, sample = 8, func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	case w.Tag == stream.TagALaw && w.Bits == 8: // what is louder has the larger number
		size, sample = 1, func(b []byte) float64 { return float64(b[0] ^ 0x55&0x7F) }
	case w.Tag == stream.TagMuLaw && w.Bits == 8:
		size, sample = 1, func(b []byte) float64 { return float64(^b[0] & 0x7F) }
	}
	if size == 0 || w.BlockAlign != size*w.Channels {
		return nil
	}
	return func(b []byte) (sum float64) {
		for ; len(b) >= size; b = b[size:] {
			if v := math.Abs(sample(b)); v <= math.MaxFloat32 { // no NaN
				sum += v
			}
		}
		return sum
	}
}
