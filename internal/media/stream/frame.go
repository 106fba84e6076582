package stream

// Frame is the header of one frame of coded sound.
type Frame struct {
	Size     int // bytes, with the header
	Samples  int // of each channel
	Rate     int // Hz
	Channels int // 0: the header does not say
	BitRate  int // bit/s; 0: the header does not say
	codec    int // frames of one stream have the same
}

// Parser reads the header of a frame at the beginning of b.
type Parser func(b []byte) (f Frame, ok bool)

// alike recognises frames that may be of one stream.
func (f Frame) alike(g Frame) bool { return f.codec == g.codec && f.Rate == g.Rate }

// Sync finds the first frame in b that two others follow, or at least the end
// of b: bytes that look like a header by chance do not.
func Sync(b []byte, parse Parser) (off int, f Frame, ok bool) {
	for off := range b {
		if f, ok := parse(b[off:]); ok && follows(b[off:], f, parse) {
			return off, f, true
		}
	}
	return 0, Frame{}, false
}

func follows(b []byte, f Frame, parse Parser) bool {
	for range 2 {
		if f.Size >= len(b) {
			return true
		}
		b = b[f.Size:]
		next, ok := parse(b)
		if !ok && len(b) >= 16 || ok && !next.alike(f) {
			return false
		}
		if !ok {
			return true
		}
		f = next
	}
	return true
}

// MPEG reads the header of a frame of MPEG 1, 2 or 2.5, layer III.
func MPEG(b []byte) (Frame, bool) {
	if !IsMPEG(b, LayerIII) {
		return Frame{}, false
	}
	version, padding := b[1]>>3&3, int(b[2]>>1&1)
	f := Frame{
		Rate: mpegRates[b[2]>>2&3], BitRate: 1000 * bitRates1[b[2]>>4],
		Samples: 1152, Channels: 2, codec: int(version),
	}
	if version != mpeg1 {
		f.Rate, f.BitRate, f.Samples = f.Rate/2, 1000*bitRates2[b[2]>>4], 576
	}
	if version == mpeg25 {
		f.Rate /= 2
	}
	if b[3]>>6 == 3 {
		f.Channels = 1
	}
	f.Size = f.Samples/8*f.BitRate/f.Rate + padding
	return f, true
}

// Layers of MPEG audio, as headers have them.
const (
	LayerII  = 2
	LayerIII = 1
)

const (
	mpeg25 = 0
	mpeg1  = 3
)

var (
	mpegRates = [4]int{44100, 48000, 32000, 0}
	bitRates1 = [16]int{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}
	bitRates2 = [16]int{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}
)

// IsMPEG finds the header of a frame of MPEG audio: eleven set bits, then
// fields none of which has a forbidden value. A free bit rate is one: nothing
// says then how long the frames are.
func IsMPEG(b []byte, layer byte) bool { return isMPEG(b, layer) && b[2]>>4 != 0 }

// IsFreeFormat finds the header of a frame of a free bit rate.
func IsFreeFormat(b []byte) bool { return isMPEG(b, LayerIII) && b[2]>>4 == 0 }

func isMPEG(b []byte, layer byte) bool {
	return len(b) >= 4 && b[0] == 0xFF && b[1]&0xE0 == 0xE0 && b[1]>>3&3 != 1 && b[1]>>1&3 == layer &&
		b[2]>>4 != 0xF && b[2]>>2&3 != 3
}

// SideInfo returns where the side information of a frame of MPEG audio begins
// and how long it is. Sound, or a header such as Xing's, follows.
func SideInfo(b []byte, f Frame) (off, length int) {
	off = 4
	if b[1]&1 == 0 { // a checksum
		off += 2
	}
	switch {
	case f.codec == mpeg1 && f.Channels == 2:
		length = 32
	case f.codec != mpeg1 && f.Channels == 1:
		length = 9
	default:
		length = 17
	}
	return off, length
}

// ADTS reads the header of a frame of AAC.
func ADTS(b []byte) (Frame, bool) {
	if len(b) < 7 || !IsADTS(b) {
		return Frame{}, false
	}
	f := Frame{
		Size:     int(b[3]&3)<<11 | int(b[4])<<3 | int(b[5])>>5,
		Samples:  1024 * (int(b[6]&3) + 1),
		Rate:     AACRates[b[2]>>2&0xF],
		Channels: AACChannels[b[2]&1<<2|b[3]>>6],
	}
	return f, f.Size >= 7
}

// IsADTS finds the header of a frame of AAC.
func IsADTS(b []byte) bool {
	return len(b) >= 4 && b[0] == 0xFF && b[1]&0xF6 == 0xF0 && b[2]>>2&0xF < 13
}

var (
	// AACRates are the sample rates that AAC has indices for; 0: none.
	AACRates = [16]int{96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350}
	// AACChannels are the channels of AAC's configurations; 0: said elsewhere.
	AACChannels = [8]int{0, 1, 2, 3, 4, 5, 6, 8}
)

// AMR reads the header of a frame of narrow-band AMR.
func AMR(b []byte) (Frame, bool) { return amr(b, &amrSizes, 8000, 160) }

// AMRWB reads the header of a frame of wide-band AMR.
func AMRWB(b []byte) (Frame, bool) { return amr(b, &amrWBSizes, 16000, 320) }

// Frames by their type, without the header; -1: there is none of that type.
var (
	amrSizes   = [16]int{12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, -1, -1, -1, 0}
	amrWBSizes = [16]int{17, 23, 32, 36, 40, 46, 50, 58, 60, 5, -1, -1, -1, -1, 0, 0}
)

func amr(b []byte, sizes *[16]int, rate, samples int) (Frame, bool) {
	if len(b) == 0 || b[0]&0x83 != 0 {
		return Frame{}, false
	}
	size := sizes[b[0]>>3&0xF]
	return Frame{Size: 1 + size, Samples: samples, Rate: rate, Channels: 1}, size >= 0
}

// Loudness says how loud a frame of MPEG audio is, as the gains of its side
// information have it, and whether it needs none of the frames before.
func Loudness(b []byte, f Frame) (loud float64, clean bool) {
	off, length := SideInfo(b, f)
	if len(b) < off+length {
		return 0, false
	}
	b = b[off : off+length]
	at := 0
	bits := func(n int) (v int) {
		for range n {
			v = v<<1 | int(b[at/8]>>(7-at%8)&1)
			at++
		}
		return v
	}
	granules, rest := 2, 59-29 // bits of a granule behind what is read
	if f.codec == mpeg1 {
		clean = bits(9) == 0
		at += map[int]int{1: 5 + 4, 2: 3 + 2*4}[f.Channels]
	} else {
		clean = bits(8) == 0
		at += f.Channels
		granules, rest = 1, 63-29
	}
	for range granules * f.Channels {
		size, pairs, gain := bits(12), bits(9), bits(8)
		if size > 0 && pairs > 0 {
			loud += float64(gain)
		}
		at += rest
	}
	return loud / float64(granules*f.Channels), clean
}
