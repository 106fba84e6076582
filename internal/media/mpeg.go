package media

import (
	"bytes"
	"encoding/binary"

	"griot/internal/media/stream"
)

// mpeg reads frames without a container: MP3 or AAC, behind tags and zeros.
// The kind is told by what comes after them, since ID3 is put before all sorts.
func (f *Facts) mpeg(s *stream.Source) error {
	from := stream.SkipTags(s)
	to := stream.SkipTrailer(s)
	head := s.At(from, 64<<10)
	if bytes.HasPrefix(head, []byte("fLaC")) {
		f.Kind = FLAC
		return f.flac(s, from)
	}
	if off, first, ok := stream.Sync(head, stream.ADTS); ok && (off == 0 || f.Kind == AAC) {
		f.Kind, f.Codec = AAC, "aac"
		f.Channels, f.SampleRate = first.Channels, first.Rate
		f.survey(s, from+int64(off), to, stream.ADTS)
		return nil
	}
	f.Kind, f.Codec = MP3, "mp3"
	off, first, ok := stream.Sync(head, stream.MPEG)
	switch {
	case ok:
	case stream.IsFreeFormat(head):
		return unsupported("The recording is an MP3 of a free bit rate, which hardly any player reads; save it at a constant or variable bit rate and upload that.")
	case len(head) == 0 || s.Size <= from+64<<10:
		return f.cutOff(s, "an MP3 file")
	default:
		return nil
	}
	f.Channels, f.SampleRate = first.Channels, first.Rate
	from += int64(off)
	samples, short := vbrSamples(head[off:], first, to-from)
	f.CutOff = short
	f.survey(s, from, to, stream.MPEG)
	if seen := f.DurationMS; samples > 0 {
		f.last(float64(samples), float64(first.Rate))
		if f.Estimated = seen > credible*f.DurationMS; f.Estimated {
			f.DurationMS = seen
		}
	}
	return nil
}

// credible is how many times as long as its header says a file may look by its
// frames: more than that is no matter of a varying bit rate. Minutes of a day
// go by the length, which a header that lies would make short.
const credible = 2

// vbrSamples reads the header that encoders put into a first, silent frame:
// Xing's (Info where the bit rate is constant) or Fraunhofer's. It counts for
// nothing where the file has rather another length than it says: it was cut,
// which short says, or joined to another, since.
func vbrSamples(b []byte, first stream.Frame, rest int64) (samples int64, short bool) {
	b = b[:min(len(b), first.Size)]
	off, length := stream.SideInfo(b, first)
	var frames, size int64
	if x := after(b, off+length, "Xing", "Info"); len(x) >= 12 && x[3]&1 != 0 {
		flags := x[3]
		frames, x = int64(binary.BigEndian.Uint32(x[4:])), x[8:]
		if flags&2 != 0 {
			size, x = int64(binary.BigEndian.Uint32(x)), x[4:]
		}
		samples = frames * int64(first.Samples)
		for _, table := range []struct {
			flag byte
			size int
		}{{4, 100}, {8, 4}} {
			if flags&table.flag != 0 {
				x = x[min(table.size, len(x)):]
			}
		}
		if len(x) >= 24 { // what LAME adds: samples that the encoder put before and behind
			samples -= int64(x[21])<<4 | int64(x[22])>>4
			samples -= int64(x[22]&0xF)<<8 | int64(x[23])
		}
		return trusted(samples, size, rest)
	}
	if x := after(b, 36, "VBRI"); len(x) >= 14 {
		return trusted(int64(binary.BigEndian.Uint32(x[10:]))*int64(first.Samples), int64(binary.BigEndian.Uint32(x[6:])), rest)
	}
	return 0, false
}

// after returns what follows one of these marks at off.
func after(b []byte, off int, marks ...string) []byte {
	for _, mark := range marks {
		if len(b) > off && bytes.HasPrefix(b[off:], []byte(mark)) {
			return b[off+len(mark):]
		}
	}
	return nil
}

func trusted(samples, size, rest int64) (trusted int64, short bool) {
	short = size > 0 && rest < size-size/50-4096
	if short || size > 0 && rest > size+size/50+64<<10 {
		return 0, short
	}
	return samples, false
}

// survey finds the duration of frames from one offset to another: all of them
// where they are few, else those of stretches that lie evenly in the file. If
// all have one bit rate, the size says the duration.
func (f *Facts) survey(s *stream.Source, from, to int64, parse stream.Parser) {
	const whole, stretches, stretch = 1 << 20, 16, 16 << 10
	if to <= from {
		f.DurationMS = 0
		return
	}
	var t tally
	if to-from <= whole {
		t.add(s.At(from, int(to-from)), parse)
		f.last(float64(t.samples), float64(t.rate))
		return
	}
	step := (to - from - stretch) / (stretches - 1)
	for i := range int64(stretches) {
		t.add(s.At(from+i*step, stretch), parse)
	}
	switch {
	case t.bytes == 0:
	case t.bitRate > 0:
		f.last(float64(to-from)*8, float64(t.bitRate))
	default:
		f.last(float64(t.samples)/float64(t.bytes)*float64(to-from), float64(t.rate))
		f.Estimated = true
	}
}

// tally adds up frames.
type tally struct {
	bytes, samples int64
	rate           int
	bitRate        int // that of all; -1: they differ
}

func (t *tally) add(b []byte, parse stream.Parser) {
	off, f, ok := stream.Sync(b, parse)
	for ok {
		if t.rate == 0 {
			t.rate, t.bitRate = f.Rate, f.BitRate
		}
		if f.BitRate != t.bitRate {
			t.bitRate = -1
		}
		t.bytes += int64(f.Size)
		t.samples += int64(f.Samples)
		if off += f.Size; off >= len(b) {
			return
		}
		if f, ok = parse(b[off:]); !ok && off+16 < len(b) { // bytes in between
			var skipped int
			skipped, f, ok = stream.Sync(b[off:], parse)
			off += skipped
		}
	}
}

// amr counts the frames of AMR, all or those of the first megabyte.
func (f *Facts) amr(s *stream.Source) error {
	const whole = 1 << 20
	head := s.At(0, whole)
	f.Codec = "amr"
	parse, from := stream.Parser(stream.AMR), bytes.IndexByte(head, '\n')+1
	if bytes.HasPrefix(head, []byte("#!AMR-WB")) {
		parse, f.Codec = stream.AMRWB, "amr_wb"
	}
	if bytes.HasPrefix(head[:max(from, 0)], []byte("#!AMR_MC")) || bytes.HasPrefix(head, []byte("#!AMR-WB_MC")) || from == 0 {
		return nil
	}
	var t tally
	f.Channels = 1
	for b := head[from:]; len(b) > 0; {
		frame, ok := parse(b)
		if !ok {
			break
		}
		t.rate = frame.Rate
		t.samples += int64(frame.Samples)
		t.bytes += int64(frame.Size)
		b = b[min(frame.Size, len(b)):]
	}
	if t.bytes == 0 {
		return f.cutOff(s, "an AMR file")
	}
	f.SampleRate = t.rate
	f.Estimated = s.Size > whole
	if f.Estimated {
		t.samples = int64(float64(t.samples) / float64(t.bytes) * float64(s.Size-int64(from)))
	}
	f.last(float64(t.samples), float64(t.rate))
	return nil
}

// flac reads STREAMINFO. Its number of samples is a guess, or none, where it was
// written before the sound and nobody could go back to it: the last frame knows.
func (f *Facts) flac(s *stream.Source, from int64) error {
	f.Codec = "flac"
	info, ok := stream.ReadFLACInfo(s.At(from+8, stream.FLACInfoLen))
	if !ok {
		return f.cutOff(s, "a FLAC file")
	}
	f.Channels, f.SampleRate = info.Channels, info.Rate
	samples := info.Samples
	tail := int(min(s.Size-from, max(64<<10, int64(4*info.MaxFrame))))
	if end := info.End(s.At(s.Size-int64(tail), tail)); end > 0 {
		samples = end
	}
	if samples > 0 {
		f.last(float64(samples), float64(info.Rate))
	}
	return nil
}
