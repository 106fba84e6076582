package media

import (
	"bytes"
	"encoding/binary"
	"math"

	"griot/internal/media/stream"
)

// box is one of the boxes that MP4, QuickTime and 3GP are made of.
type box struct {
	kind      string
	head      int64 // where it begins
	from, end int64 // of what is in it
}

// boxes calls yield for each box between two offsets until it returns false.
// A box that says that it ends behind the one around it ends with that.
func boxes(s *stream.Source, from, end int64, yield func(box) bool) {
	for from < end {
		b := s.At(from, 16)
		if len(b) < 8 {
			return
		}
		x := box{string(b[4:8]), from, from + 8, 0}
		size := int64(binary.BigEndian.Uint32(b))
		switch {
		case size == 1 && len(b) == 16:
			size, x.from = int64(min(binary.BigEndian.Uint64(b[8:]), math.MaxInt64)), from+16
		case size == 0: // to the end
			size = end - from
		}
		if size < x.from-from {
			return
		}
		x.end = from + min(size, end-from)
		if !yield(x) {
			return
		}
		from = x.end
	}
}

// inside finds a box by the kinds of those that it lies in.
func inside(s *stream.Source, x box, path ...string) (found box, ok bool) {
	for _, kind := range path {
		ok = false
		boxes(s, x.from, x.end, func(in box) bool {
			if in.kind == kind {
				found, ok = in, true
			}
			return !ok
		})
		if !ok {
			return box{}, false
		}
		x = found
	}
	return x, ok
}

// track is one of sound.
type track struct {
	id         uint32
	scale      float64 // units of its times in a second
	duration   float64 // seconds; 0: not said, as in files that are written as fragments
	codec      string
	channels   int
	sampleRate int
	protected  bool
	step       uint32 // units of a sample, where fragments do not say
}

func (f *Facts) mp4(s *stream.Source) error {
	var moov, moof, sidx box
	sound := false // boxes of samples were seen
	boxes(s, 0, s.Size, func(x box) bool {
		switch x.kind {
		case "moov":
			moov = x
		case "sidx":
			if sidx.kind == "" {
				sidx = x
			}
		case "moof":
			moof = x
		case "mdat":
			sound = true
		}
		return moof.kind == "" && (moov.kind == "" || fragmented(s, moov))
	})
	if moov.kind == "" {
		if s.Spent() || s.Err() != nil {
			return nil
		}
		if moof.kind != "" {
			return unsupported("The file is a fragment of an MP4 recording without the beginning of it; join the fragments and upload that.")
		}
		if !sound {
			return f.cutOff(s, "an MP4 file")
		}
		return unsupported("The file is cut off: it is an MP4 file without its index (moov), which is written when a recording ends; repair it, or upload another copy.")
	}
	tracks := f.tracks(s, moov)
	if len(tracks) == 0 {
		_, packed := inside(s, moov, "cmov")
		switch {
		case packed || s.Spent():
			return nil
		case f.Video:
			return silentFilm()
		}
		return noSound()
	}
	if tracks[0].protected {
		return unsupported("The recording is encrypted (DRM), so that nothing but the player of its shop opens it; upload one that is not.")
	}
	f.Codec, f.Channels, f.SampleRate = tracks[0].codec, tracks[0].channels, tracks[0].sampleRate
	longest := 0.0
	for _, t := range tracks {
		longest = max(longest, t.duration)
	}
	switch {
	case longest > 0:
		f.last(longest, 1)
	case fragmented(s, moov):
		f.fragments(s, moov, moof, sidx, tracks[0])
	}
	return nil
}

func fragmented(s *stream.Source, moov box) bool {
	_, ok := inside(s, moov, "mvex")
	return ok
}

// tracks reads those of sound, and sets Video if there are others of film.
func (f *Facts) tracks(s *stream.Source, moov box) (tracks []track) {
	movieScale := 0.0
	boxes(s, moov.from, moov.end, func(x box) bool {
		switch x.kind {
		case "mvhd":
			movieScale, _ = scaleAndDuration(s, x)
		case "trak":
			handler, _ := inside(s, x, "mdia", "hdlr")
			switch string(s.At(handler.from+8, 4)) {
			case "vide":
				f.Video = true
			case "soun":
				tracks = append(tracks, readTrack(s, x, movieScale))
			}
		}
		return len(tracks) < 32
	})
	return tracks
}

func readTrack(s *stream.Source, trak box, movieScale float64) (t track) {
	if x, ok := inside(s, trak, "tkhd"); ok {
		at := int64(12)
		if b := s.At(x.from, 1); len(b) == 1 && b[0] == 1 {
			at = 20
		}
		if b, ok := s.Full(x.from+at, 4); ok {
			t.id = binary.BigEndian.Uint32(b)
		}
	}
	if x, ok := inside(s, trak, "mdia", "mdhd"); ok {
		var units float64
		if t.scale, units = scaleAndDuration(s, x); t.scale > 0 {
			t.duration = units / t.scale
		}
	}
	if x, ok := inside(s, trak, "edts", "elst"); ok && movieScale > 0 {
		if edited := edits(s, x) / movieScale; edited > 0 {
			t.duration = edited
		}
	}
	if x, ok := inside(s, trak, "mdia", "minf", "stbl", "stsd"); ok {
		t.sampleEntry(s, box{from: x.from + 8, end: x.end})
	}
	return t
}

// scaleAndDuration reads what mvhd and mdhd have in common. A duration of all
// ones is not known.
func scaleAndDuration(s *stream.Source, x box) (scale, units float64) {
	b := s.At(x.from, 32)
	switch {
	case len(b) >= 20 && b[0] == 0:
		scale = float64(binary.BigEndian.Uint32(b[12:]))
		if d := binary.BigEndian.Uint32(b[16:]); d != math.MaxUint32 {
			units = float64(d)
		}
	case len(b) == 32 && b[0] == 1:
		scale = float64(binary.BigEndian.Uint32(b[20:]))
		if d := binary.BigEndian.Uint64(b[24:]); d != math.MaxUint64 {
			units = float64(d)
		}
	}
	return scale, units
}

// edits adds up how long those of an edit list are, in units of the movie.
func edits(s *stream.Source, x box) (units float64) {
	head, ok := s.Full(x.from, 8)
	if !ok {
		return 0
	}
	size := int64(12)
	if head[0] == 1 {
		size = 20
	}
	count := min(int64(binary.BigEndian.Uint32(head[4:])), (x.end-x.from-8)/size, 1000)
	for i := range count {
		b, ok := s.Full(x.from+8+i*size, 8)
		switch {
		case !ok:
			return units
		case head[0] == 1:
			units += float64(binary.BigEndian.Uint64(b))
		default:
			units += float64(binary.BigEndian.Uint32(b))
		}
	}
	return units
}

// mp4Codecs are codings by the names of their sample entries.
var mp4Codecs = map[string]string{
	"mp4a": "aac", "alac": "alac", "Opus": "opus", "fLaC": "flac", "samr": "amr", "sawb": "amr_wb",
	"ac-3": "ac3", "ec-3": "eac3", ".mp3": "mp3", "sowt": "pcm", "twos": "pcm", "lpcm": "pcm", "ipcm": "pcm",
	"in24": "pcm", "in32": "pcm", "raw ": "pcm", "fl32": "float", "fl64": "float", "alaw": "alaw", "ulaw": "mulaw",
	"ima4": "adpcm", "ms\x00\x11": "adpcm", "ms\x00\x55": "mp3",
}

// sampleEntry reads how sound is coded: the first entry of stsd.
func (t *track) sampleEntry(s *stream.Source, stsd box) {
	boxes(s, stsd.from, stsd.end, func(x box) bool {
		t.codec = mp4Codecs[x.kind]
		t.protected = x.kind == "enca" || x.kind == "drms"
		b := s.At(x.from, 64)
		if len(b) < 28 {
			return false
		}
		t.channels = int(binary.BigEndian.Uint16(b[16:]))
		t.sampleRate = int(binary.BigEndian.Uint16(b[24:]))
		from := x.from + 28
		switch version := binary.BigEndian.Uint16(b[8:]); {
		case version == 1:
			from += 16
		case version == 2 && len(b) == 64:
			t.sampleRate = int(max(0, min(math.Float64frombits(binary.BigEndian.Uint64(b[32:])), math.MaxInt32)))
			t.channels = int(binary.BigEndian.Uint32(b[40:]))
			from += 36
		}
		switch t.codec {
		case "amr", "amr_wb":
			t.channels = 1
		case "aac":
			in := box{from: from, end: x.end}
			esds, ok := inside(s, in, "esds")
			if !ok {
				esds, ok = inside(s, in, "wave", "esds")
			}
			if ok {
				t.elementary(s.At(esds.from+4, int(min(esds.end-esds.from-4, 512))))
			}
		case "opus":
			if x, ok := inside(s, box{from: from, end: x.end}, "dOps"); ok {
				if b, ok := s.Full(x.from, 2); ok {
					t.channels = int(b[1])
				}
			}
		}
		return false
	})
}

// elementary reads the descriptors of MPEG-4: what the coding is, and for AAC
// the channels and the rate, of which the sample entry may have others.
func (t *track) elementary(b []byte) {
	for len(b) >= 2 {
		tag, size, n := b[0], 0, 1
		for n < min(5, len(b)) {
			size = size<<7 | int(b[n]&0x7F)
			n++
			if b[n-1]&0x80 == 0 {
				break
			}
		}
		b = b[n:]
		switch {
		case tag == 3 && len(b) >= 3: // the stream, and what is in it
			skip := 3
			if b[2]&0x80 != 0 {
				skip += 2
			}
			if b[2]&0x40 != 0 && len(b) > skip {
				skip += 1 + int(b[skip])
			}
			if b[2]&0x20 != 0 {
				skip += 2
			}
			b = b[min(skip, len(b)):]
		case tag == 4 && len(b) >= 13: // the decoder, and what is in it
			switch b[0] {
			case 0x69, 0x6B:
				t.codec = "mp3"
			}
			b = b[13:]
		case tag == 5:
			t.audioSpecific(b[:min(size, len(b))])
			return
		default:
			b = b[min(size, len(b)):]
		}
	}
}

// audioSpecific reads AAC's configuration.
func (t *track) audioSpecific(b []byte) {
	at := 0
	bits := func(n int) (v int) {
		for range n {
			v <<= 1
			if i := at / 8; i < len(b) {
				v |= int(b[i] >> (7 - at%8) & 1)
			}
			at++
		}
		return v
	}
	object := func() int {
		if v := bits(5); v != 31 {
			return v
		}
		return 32 + bits(6)
	}
	rate := func() int {
		if i := bits(4); i != 15 {
			return stream.AACRates[i]
		}
		return bits(24)
	}
	kind := object()
	r, channels := rate(), bits(4)
	const sbr, ps = 5, 29
	if kind == sbr || kind == ps { // a rate above that of the core
		r = rate()
	}
	if r > 0 {
		t.sampleRate = r
	}
	if channels > 0 && channels < len(stream.AACChannels) {
		t.channels = stream.AACChannels[channels]
	}
	if kind == ps {
		t.channels = 2
	}
}

// fragments finds how long a recording is that was written as fragments, each
// with an index of its own (moof). Its beginning may say it; else an index of
// all (sidx) does, else where the last fragment ends, and if that is not found,
// the first ones and the size.
func (f *Facts) fragments(s *stream.Source, moov, moof, sidx box, t track) {
	movieScale := 0.0
	if x, ok := inside(s, moov, "mvhd"); ok {
		movieScale, _ = scaleAndDuration(s, x)
	}
	if x, ok := inside(s, moov, "mvex", "mehd"); ok {
		if units := wide(s, x, 4); units > 0 {
			f.last(units, movieScale)
			return
		}
	}
	t.step = sampleStep(s, moov, t.id)
	if units, scale := indexed(s, sidx); units > 0 {
		f.last(units, scale)
		return
	}
	if moof.kind == "" {
		if !s.Spent() {
			f.DurationMS = 0
		}
		return
	}
	start, _, _ := fragment(s, moof, t)
	if end, ok := lastFragment(s, moof, t); ok && end >= start {
		f.last(end-start, t.scale)
		return
	}
	f.sumOf(s, moof, t)
}

// wide reads a number of 32 bits, or 64 in version 1, behind a box's version
// and flags.
func wide(s *stream.Source, x box, at int64) float64 {
	b := s.At(x.from, 1)
	if len(b) == 1 && b[0] == 1 {
		if b, ok := s.Full(x.from+at, 8); ok {
			return float64(binary.BigEndian.Uint64(b))
		}
	} else if b, ok := s.Full(x.from+at, 4); ok {
		return float64(binary.BigEndian.Uint32(b))
	}
	return 0
}

// sampleStep is how long a sample of a track is where fragments do not say.
func sampleStep(s *stream.Source, moov box, id uint32) (step uint32) {
	mvex, _ := inside(s, moov, "mvex")
	boxes(s, mvex.from, mvex.end, func(x box) bool {
		if b, ok := s.Full(x.from, 16); ok && x.kind == "trex" && binary.BigEndian.Uint32(b[4:]) == id {
			step = binary.BigEndian.Uint32(b[12:])
		}
		return true
	})
	return step
}

// indexed adds up an index that covers the whole file.
func indexed(s *stream.Source, x box) (units, scale float64) {
	b := s.At(x.from, 32)
	if x.kind == "" || len(b) < 32 {
		return 0, 0
	}
	scale = float64(binary.BigEndian.Uint32(b[8:]))
	at, first := int64(20), uint64(binary.BigEndian.Uint32(b[16:]))
	if b[0] == 1 {
		at, first = 28, binary.BigEndian.Uint64(b[20:])
	}
	count := int64(binary.BigEndian.Uint16(b[at+2:]))
	refs := s.At(x.from+at+4, int(12*count))
	covered := float64(x.end) + float64(first)
	for ; len(refs) >= 12; refs = refs[12:] {
		covered += float64(binary.BigEndian.Uint32(refs) & math.MaxInt32)
		units += float64(binary.BigEndian.Uint32(refs[4:]))
	}
	if covered < float64(s.Size)-float64(s.Size)/50-64<<10 {
		return 0, 0 // it is of the first fragments only
	}
	return units, scale
}

// lastFragment finds where a track ends: in the last fragments that have it.
func lastFragment(s *stream.Source, first box, t track) (end float64, ok bool) {
	const window, windows = 1 << 20, 3
	for i := range int64(windows) {
		from := max(first.head, s.Size-(i+1)*window)
		b := s.At(from, int(min(window, s.Size-from)))
		for j := bytes.LastIndex(b, []byte("moof")); j >= 4; j = bytes.LastIndex(b[:j], []byte("moof")) {
			at := from + int64(j) - 4
			x := box{"moof", at, at + 8, min(s.Size, at+int64(binary.BigEndian.Uint32(b[j-4:])))}
			if in, ok := inside(s, x, "mfhd"); !ok || in.head != x.from {
				continue
			}
			if start, length, ok := fragment(s, x, t); ok {
				return start + length, true
			}
		}
		if from == first.head {
			return 0, false
		}
	}
	return 0, false
}

// fragment reads where a track's part of a fragment begins and how long it is.
// ok is false for one that has none of it, or does not say where it begins.
func fragment(s *stream.Source, moof box, t track) (start, length float64, ok bool) {
	boxes(s, moof.from, moof.end, func(traf box) bool {
		if traf.kind != "traf" {
			return true
		}
		step, mine := t.step, false
		boxes(s, traf.from, traf.end, func(x box) bool {
			switch x.kind {
			case "tfhd":
				b := s.At(x.from, 32)
				mine = len(b) >= 8 && binary.BigEndian.Uint32(b[4:]) == t.id
				if d, set := option(b, 8, 8, [][2]int{{1, 8}, {2, 4}}); set {
					step = d
				}
			case "tfdt":
				if mine {
					start, ok = wide(s, x, 4), true
				}
			case "trun":
				if mine {
					length += run(s, x, step)
				}
			}
			return true
		})
		return true
	})
	return start, length, ok
}

// option reads an optional field of 32 bits: that of flag, behind those of
// other flags, whose sizes are given, from off.
func option(b []byte, flag, off int, before [][2]int) (v uint32, set bool) {
	if len(b) < 4 {
		return 0, false
	}
	flags := int(b[1])<<16 | int(b[2])<<8 | int(b[3])
	for _, o := range before {
		if flags&o[0] != 0 {
			off += o[1]
		}
	}
	if flags&flag == 0 || len(b) < off+4 {
		return 0, false
	}
	return binary.BigEndian.Uint32(b[off:]), true
}

// run adds up how long the samples of a run are.
func run(s *stream.Source, x box, step uint32) (units float64) {
	head, ok := s.Full(x.from, 8)
	if !ok {
		return 0
	}
	count := int64(binary.BigEndian.Uint32(head[4:]))
	const offset, firstFlags, duration = 1, 4, 0x100
	flags := int(head[1])<<16 | int(head[2])<<8 | int(head[3])
	if flags&duration == 0 {
		return float64(count) * float64(step)
	}
	from := x.from + 8
	for _, flag := range []int{offset, firstFlags} {
		if flags&flag != 0 {
			from += 4
		}
	}
	size := int64(0) // of what a sample has
	for flag := duration; flag <= 0x800; flag <<= 1 {
		if flags&flag != 0 {
			size += 4
		}
	}
	count = min(count, (x.end-from)/size)
	for b := s.At(from, int(min(max(0, count*size), 1<<20))); int64(len(b)) >= size; b = b[size:] {
		units += float64(binary.BigEndian.Uint32(b))
	}
	return units
}

// sumOf adds up the fragments from the first as far as they may be read, and
// estimates the others by their size.
func (f *Facts) sumOf(s *stream.Source, first box, t track) {
	units, end := 0.0, first.head
	boxes(s, first.head, s.Size, func(x box) bool {
		if x.kind == "moof" {
			_, length, _ := fragment(s, x, t)
			units += length
		}
		if !s.Spent() {
			end = x.end
		}
		return true
	})
	if end <= first.head || t.scale == 0 {
		return
	}
	f.Estimated = end < s.Size
	f.last(units*float64(s.Size-first.head)/float64(end-first.head), t.scale)
}
