package stream

import (
	"encoding/binary"
	"math"
)

// Wave is the header of a WAV file.
type Wave struct {
	Format     []byte // the chunk "fmt ", without its head
	Tag        uint16 // of the coding; that of an extensible format is resolved
	Channels   int
	Rate       int
	ByteRate   int
	BlockAlign int   // bytes of one sample of all channels
	Bits       int   // of a sample
	Samples    int64 // as the chunk "fact" counts them; 0: not said
	Data       int64 // offset of the first sample
	DataLen    int64
	CutOff     bool // the header has counted more samples than there are
}

// Codings of samples in WAV.
const (
	TagPCM        = 1
	TagMSADPCM    = 2
	TagFloat      = 3
	TagALaw       = 6
	TagMuLaw      = 7
	TagIMAADPCM   = 0x11
	TagGSM        = 0x31
	TagMP3        = 0x55
	tagExtensible = 0xFFFE
)

// Linear reports whether each sample has its own bytes.
func (w Wave) Linear() bool {
	switch w.Tag {
	case TagPCM, TagFloat, TagALaw, TagMuLaw:
		return w.Channels > 0 && w.BlockAlign > 0 && w.Rate > 0
	}
	return false
}

// uncounted is less than any length that recorders write before they have
// counted.
const uncounted = math.MaxInt32 - 1<<16

// maxFormat is more than any "fmt " has.
const maxFormat = 4 << 10

// ReadWave reads the header of RIFF, RF64 or BW64. Recorders that could not
// go back to it leave the length of the samples wrong: then these are the rest
// of the file.
func ReadWave(s *Source) (w Wave, ok bool) {
	long := int64(-1) // the length that ds64 has
	for pos := int64(12); ; {
		head, ok := s.Full(pos, 8)
		if !ok {
			return w, w.Data > 0
		}
		size, body := int64(binary.LittleEndian.Uint32(head[4:])), pos+8
		switch string(head[:4]) {
		case "ds64":
			if b, ok := s.Full(body, 16); ok {
				long = int64(min(binary.LittleEndian.Uint64(b[8:]), math.MaxInt64))
			}
		case "fmt ":
			w.format(s.At(body, int(min(size, maxFormat))))
		case "fact":
			if b, ok := s.Full(body, 4); ok && size >= 4 {
				w.Samples = int64(binary.LittleEndian.Uint32(b))
			}
		case "data":
			rest := s.Size - body
			if size == math.MaxUint32 && long >= 0 {
				size = long
			}
			w.CutOff = size > rest && (size == long || size < uncounted)
			if size > rest || size == 0 && !isChunk(s, body) {
				size = rest
			}
			w.Data, w.DataLen = body, size
			return w, true
		}
		if size >= s.Size-body {
			return w, false
		}
		pos = body + size + size&1
	}
}

// isChunk reports whether a chunk that ends within the file seems to begin, or
// where the file ends.
func isChunk(s *Source, pos int64) bool {
	head, ok := s.Full(pos, 8)
	if !ok {
		return s.Size <= pos
	}
	for _, c := range head[:4] {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return int64(binary.LittleEndian.Uint32(head[4:])) <= s.Size-pos-8
}

func (w *Wave) format(b []byte) {
	if len(b) < 16 {
		return
	}
	w.Format = b
	w.Tag = binary.LittleEndian.Uint16(b)
	w.Channels = int(binary.LittleEndian.Uint16(b[2:]))
	w.Rate = int(binary.LittleEndian.Uint32(b[4:]))
	w.ByteRate = int(binary.LittleEndian.Uint32(b[8:]))
	w.BlockAlign = int(binary.LittleEndian.Uint16(b[12:]))
	w.Bits = int(binary.LittleEndian.Uint16(b[14:]))
	if w.Tag == tagExtensible && len(b) >= 26 {
		w.Tag = binary.LittleEndian.Uint16(b[24:])
	}
	if w.BlockAlign == 0 {
		w.BlockAlign = w.Channels * ((w.Bits + 7) / 8)
	}
}
