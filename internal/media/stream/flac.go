package stream

import "encoding/binary"

// FLACInfo is the STREAMINFO of a FLAC stream.
type FLACInfo struct {
	MinBlock, MaxBlock int // samples of a frame
	MaxFrame           int // bytes of a frame; 0: not said
	Rate, Channels     int
	Bits               int
	Samples            int64 // 0: not said
}

// FLACInfoLen is how long a STREAMINFO is.
const FLACInfoLen = 34

// ReadFLACInfo reads a STREAMINFO.
func ReadFLACInfo(b []byte) (i FLACInfo, ok bool) {
	if len(b) < FLACInfoLen {
		return i, false
	}
	packed := binary.BigEndian.Uint64(b[10:])
	i = FLACInfo{
		MinBlock: int(binary.BigEndian.Uint16(b)),
		MaxBlock: int(binary.BigEndian.Uint16(b[2:])),
		MaxFrame: int(b[7])<<16 | int(b[8])<<8 | int(b[9]),
		Rate:     int(packed >> 44),
		Channels: int(packed>>41&7) + 1,
		Bits:     int(packed>>36&31) + 1,
		Samples:  int64(packed & (1<<36 - 1)),
	}
	return i, i.Rate > 0
}

// FLACFrame is the header of a frame.
type FLACFrame struct {
	First   int64 // the number of its first sample in the stream
	Samples int
}

// FLACFrame reads the header of a frame at the beginning of b; its checksum
// and the stream's properties tell it from sound that looks like one.
func (i FLACInfo) FLACFrame(b []byte) (f FLACFrame, ok bool) {
	if len(b) < 6 || b[0] != 0xFF || b[1]&^1 != 0xF8 || b[3]&1 != 0 || b[3]>>4 > 10 {
		return f, false
	}
	number, n := codedNumber(b[4:])
	if n == 0 {
		return f, false
	}
	end := 4 + n
	size, rate := b[2]>>4, b[2]&0xF
	switch {
	case size == 0 || rate == 15:
		return f, false
	case size == 1:
		f.Samples = 192
	case size < 6:
		f.Samples = 576 << (size - 2)
	case size == 6 && len(b) > end:
		f.Samples = int(b[end]) + 1
		end++
	case size == 7 && len(b) > end+1:
		f.Samples = int(binary.BigEndian.Uint16(b[end:])) + 1
		end += 2
	case size >= 8:
		f.Samples = 256 << (size - 8)
	}
	switch rate {
	case 12:
		end++
	case 13, 14:
		end += 2
	}
	if len(b) <= end || crc8(b[:end]) != b[end] || i.MaxBlock > 0 && f.Samples > i.MaxBlock {
		return f, false
	}
	if channels := b[3] >> 4; channels < 8 && int(channels)+1 != i.Channels || channels >= 8 && i.Channels != 2 {
		return f, false
	}
	f.First = number
	if b[1]&1 == 0 { // frames are numbered, all but the last of one length
		f.First = number * int64(i.MaxBlock)
	}
	return f, true
}

// End returns the number of samples up to the end of the last frame in b, 0
// where none is found. Of what looks like frames, those count of which one
// begins where another ends.
func (i FLACInfo) End(b []byte) (samples int64) {
	ends := map[int64]bool{0: true}
	for off := range b {
		if f, ok := i.FLACFrame(b[off:]); ok {
			end := f.First + int64(f.Samples)
			if ends[end] = true; ends[f.First] {
				samples = max(samples, end)
			}
		}
	}
	return samples
}

// codedNumber reads a number in the manner of UTF-8, up to 36 bits; n is 0
// where there is none.
func codedNumber(b []byte) (v int64, n int) {
	lead := b[0]
	if lead < 0x80 {
		return int64(lead), 1
	}
	for n = 1; n < 8 && lead<<n&0x80 != 0; n++ {
	}
	if n == 1 || n == 8 || len(b) < n {
		return 0, 0
	}
	v = int64(lead & (0x7F >> n))
	for _, c := range b[1:n] {
		if c&0xC0 != 0x80 {
			return 0, 0
		}
		v = v<<6 | int64(c&0x3F)
	}
	return v, n
}

// crc8 is FLAC's checksum of a header: x^8 + x^2 + x + 1.
func crc8(b []byte) (c byte) {
	for _, x := range b {
		c ^= x
		for range 8 {
			if c&0x80 != 0 {
				c = c<<1 ^ 0x07
			} else {
				c <<= 1
			}
		}
	}
	return c
}
