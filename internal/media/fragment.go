package media

import (
	"bytes"
	"encoding/binary"
	"math"

	"griot/internal/media/stream"
)

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
