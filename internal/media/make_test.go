package media

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"strings"
	"testing"
)

// What files are made of.

var le, be = binary.LittleEndian, binary.BigEndian

func le16(v int) string { return string(le.AppendUint16(nil, uint16(v))) }
func le32(v int) string { return string(le.AppendUint32(nil, uint32(v))) }
func be16(v int) string { return string(be.AppendUint16(nil, uint16(v))) }
func be32(v int) string { return string(be.AppendUint32(nil, uint32(v))) }
func be64(v int) string { return string(be.AppendUint64(nil, uint64(v))) }

func zeros(n int) string { return strings.Repeat("\x00", n) }

func chunk(name, body string) string { return name + le32(len(body)) + body + zeros(len(body)&1) }

func waveFormat(tag, channels, rate, bits int) string {
	align := channels * bits / 8
	return chunk("fmt ", le16(tag)+le16(channels)+le32(rate)+le32(rate*align)+le16(align)+le16(bits))
}

// wave ends with the head of samples of which it says that they have size bytes.
func wave(format string, size int) string {
	return "RIFF" + le32(4+len(format)+8+size) + "WAVE" + format + "data" + le32(size)
}

func mpegFrames(head string, n int) string {
	f, _ := mpegFrame(head)
	return strings.Repeat(head+zeros(f-len(head)), n)
}

func mpegFrame(head string) (size, samples int) {
	return map[string]int{cbr128: 417, mono2: 144, vbr192: 626}[head], map[string]int{cbr128: 1152, mono2: 576, vbr192: 1152}[head]
}

const (
	cbr128 = "\xff\xfb\x90\x00" // 44.1 kHz, stereo
	vbr192 = "\xff\xfb\xb0\x00"
	mono2  = "\xff\xf3\x48\xc4" // MPEG 2: 32 kbit/s at 16 kHz
)

// xing is a first frame that counts the others.
func xing(frames, size int) string {
	b := cbr128 + zeros(32) + "Xing" + be32(3) + be32(frames) + be32(size)
	return b + zeros(417-len(b))
}

func id3(size int) string {
	return "ID3\x04\x00\x00" + string([]byte{byte(size >> 21 & 0x7F), byte(size >> 14 & 0x7F), byte(size >> 7 & 0x7F), byte(size & 0x7F)}) + zeros(size)
}

func adtsFrames(n, size int) string {
	head := []byte{0xFF, 0xF1, 0x58, 0x80, 0, 0x1F, 0xFC} // 24 kHz, two channels
	head[3] |= byte(size >> 11)
	head[4], head[5] = byte(size>>3), byte(size<<5)|0x1F
	return strings.Repeat(string(head)+zeros(size-7), n)
}

func mp4Box(kind string, in ...string) string {
	body := strings.Join(in, "")
	return be32(8+len(body)) + kind + body
}

// mp4Track is one of AAC at 44.1 kHz with two channels where it is soun.
func mp4Track(handler string, id, scale, duration int, edits ...string) string {
	config := "\x12\x10" // AAC LC, 44.1 kHz, two channels
	esds := mp4Box("esds", zeros(4), "\x03\x19\x00\x00\x00\x04\x11\x40\x15", zeros(11), "\x05\x02"+config, "\x06\x01\x02")
	entry := mp4Box("mp4a", zeros(6), be16(1), zeros(8), be16(2), be16(16), zeros(4), be32(48000<<16), esds)
	return mp4Box("trak", mp4Box("tkhd", zeros(12), be32(id), zeros(68)), strings.Join(edits, ""),
		mp4Box("mdia", mp4Box("mdhd", zeros(12), be32(scale), be32(duration), zeros(4)),
			mp4Box("hdlr", zeros(8), handler, zeros(13)),
			mp4Box("minf", mp4Box("stbl", mp4Box("stsd", zeros(4), be32(1), entry)))))
}

func movie(in ...string) string {
	return mp4Box("moov", mp4Box("mvhd", zeros(12), be32(1000), be32(0), zeros(80)), strings.Join(in, ""))
}

const ftyp = "\x00\x00\x00\x14ftypisom\x00\x00\x02\x00mp42"

func mp4Fragment(start, samples int) string {
	return mp4Box("moof", mp4Box("mfhd", zeros(4), be32(1)), mp4Box("traf",
		mp4Box("tfhd", be32(0x20000), be32(1)), mp4Box("tfdt", be32(1<<24), be64(start)),
		mp4Box("trun", be32(0x200), be32(samples), strings.Repeat(be32(9), samples))))
}

func oggPage(flags, serial int, granule int64, packets ...string) string {
	var lacing, body string
	for _, p := range packets {
		lacing += strings.Repeat("\xff", len(p)/255) + string([]byte{byte(len(p) % 255)})
		body += p
	}
	return "OggS\x00" + string([]byte{byte(flags)}) + string(le.AppendUint64(nil, uint64(granule))) + le32(serial) + zeros(8) +
		string([]byte{byte(len(lacing))}) + lacing + body
}

const opusHead = "OpusHead\x01\x01\x38\x01\x80\x3e\x00\x00\x00\x00\x00" // mono, 312 samples to skip

// opus has a page of 50 packets of 20 ms for each second.
func opus(serial, seconds int) string {
	var b strings.Builder
	b.WriteString(oggPage(2, serial, 0, opusHead) + oggPage(0, serial, 0, "OpusTags"+zeros(8)))
	packets := strings.Split(strings.Repeat("\x08"+strings.Repeat("x", 40)+",", 49)+"\x08"+strings.Repeat("x", 40), ",")
	for i := range seconds {
		b.WriteString(oggPage(0, serial, int64(i+1)*48000, packets...))
	}
	return b.String()
}

func ebml(id int, in ...string) string {
	body := strings.Join(in, "")
	return ebmlID(id) + "\x01" + be64(len(body))[1:] + body
}

func ebmlID(id int) string { return strings.TrimLeft(be32(id), "\x00") }

// endless is an element whose size is not known.
func endless(id int, in ...string) string {
	return ebmlID(id) + "\x01\xff\xff\xff\xff\xff\xff\xff" + strings.Join(in, "")
}

func ebmlUint(id, v int) string { return ebml(id, be64(v)) }

func ebmlFloat(id int, v float64) string { return ebml(id, be64(int(math.Float64bits(v)))) }

func webmHead(doctype string) string { return ebml(idEBML, ebml(0x4282, doctype)) }

func webmSound(number int) string {
	return ebml(idTrack, ebmlUint(idNumber, number), ebmlUint(idType, 2), ebml(idCodec, "A_OPUS"), ebml(idAudio, ebmlFloat(idRate, 16000), ebmlUint(idChannels, 2)))
}

func webmBlock(track, at int) string {
	return ebml(idSimpleBlock, string([]byte{0x80 | byte(track)})+be16(at)+"\x80"+zeros(60))
}

// flacStream has frames of 4096 samples in one channel of 16 kHz, which it
// numbers as flac does.
func flacStream(samples, from, frames int) string {
	info := be16(4096) + be16(4096) + zeros(6) + be64(16000<<44|15<<36|samples) + zeros(16)
	b := "fLaC\x80\x00\x00\x22" + info
	for i := range frames {
		head := "\xff\xf8\xc0\x08" + string(rune(from+i))
		b += head + string([]byte{crc8(head)}) + strings.Repeat("\x55", 200)
	}
	return b
}

func crc8(s string) (c byte) {
	for i := range len(s) {
		c ^= s[i]
		for range 8 {
			c = c<<1 ^ c>>7*7
		}
	}
	return c
}

// sparse is a large file, of which all that is not in its parts is zero.
type sparse struct {
	size  int64
	parts map[int64]string
}

func (s sparse) ReadAt(p []byte, off int64) (int, error) {
	if off >= s.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), s.size-off))
	clear(p[:n])
	for at, part := range s.parts {
		if from, to := max(at, off), min(at+int64(len(part)), off+int64(n)); from < to {
			copy(p[from-off:to-off], part[from-at:])
		}
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func whole(file string) sparse { return sparse{int64(len(file)), map[int64]string{0: file}} }

// counted counts what is read.
type counted struct {
	io.ReaderAt
	requests int
	bytes    int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.requests++
	c.bytes += int64(n)
	return n, err
}

func readFacts(t *testing.T, file string) (Facts, error) {
	t.Helper()
	return Read(bytes.NewReader([]byte(file)), int64(len(file)))
}
