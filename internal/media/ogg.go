package media

import (
	"bytes"
	"encoding/binary"

	"griot/internal/media/stream"
)

// page is one of Ogg's.
type page struct {
	head     int64 // where it begins
	next     int64
	first    bool // of its stream
	serial   uint32
	granule  int64 // the time at its end, in units of its stream; -1: no packet ends in it
	segments []byte
	body     []byte
}

// maxPage is the most bytes of a page.
const maxPage = 27 + 255 + 255*255

func parsePage(b []byte, at int64) (p page, ok bool) {
	if len(b) < 27 || string(b[:5]) != "OggS\x00" || len(b) < 27+int(b[26]) {
		return p, false
	}
	p = page{
		head: at, first: b[5]&2 != 0,
		granule:  int64(binary.LittleEndian.Uint64(b[6:])),
		serial:   binary.LittleEndian.Uint32(b[14:]),
		segments: b[27 : 27+int(b[26])],
	}
	size := 0
	for _, n := range p.segments {
		size += int(n)
	}
	body := b[27+len(p.segments):]
	p.body = body[:min(size, len(body))]
	p.next = at + int64(27+len(p.segments)+size)
	return p, true
}

func readPage(s *stream.Source, at int64) (page, bool) {
	p, ok := parsePage(s.At(at, 27+255), at)
	if !ok {
		return p, false
	}
	return parsePage(s.At(at, int(p.next-at)), at)
}

// voice is a stream of sound in Ogg.
type voice struct {
	serial         uint32
	codec          string
	rate, channels int
	skip           int64 // samples before the first that is heard
	samples        func(packet []byte) int64
}

// link is one of the chain that an Ogg file may be: several recordings, one
// after the other.
type link struct {
	serials map[uint32]bool
	voice   *voice
	film    bool
	begin   int64 // the time in samples before the first page of sound
	data    int64 // where its headers end
}

// ogg adds up the links of the chain. A link ends where the next begins, with
// other streams; it is looked for by halves.
func (f *Facts) ogg(s *stream.Source) error {
	total, at, heard := 0.0, int64(0), false
	last, _ := lastPage(s, s.Size, nil)
	for n := 0; at < s.Size && n < maxLinks; n++ {
		l, ok := readLink(s, at)
		if !ok {
			break
		}
		f.Video = f.Video || l.film
		end := s.Size
		if !l.serials[last.serial] {
			end = nextLink(s, l)
		}
		if v := l.voice; v != nil {
			if !heard {
				f.Codec, f.Channels, f.SampleRate = v.codec, v.channels, v.rate
			}
			heard = true
			p, ok := lastPage(s, end, func(p page) bool { return p.serial == v.serial && p.granule >= 0 })
			if !ok || v.rate == 0 {
				return nil
			}
			total += float64(max(0, p.granule-l.begin-v.skip)) / float64(v.rate)
		}
		at = end
	}
	switch {
	case heard && at >= s.Size:
		f.last(total, 1)
	case heard && at > 0:
		f.Estimated = true
		f.last(total*float64(s.Size)/float64(at), 1)
	case heard || s.Spent():
	case f.Video:
		return silentFilm()
	case at == 0:
		return f.cutOff(s, "an Ogg file")
	default:
		return unsupported("The recording is an Ogg file whose sound is none of Opus, Vorbis, Speex and FLAC; save it as one of these and upload that.")
	}
	return nil
}

// maxLinks is how many links are looked for; the rest is estimated.
const maxLinks = 16

// readLink reads the headers of a link's streams, and the first page of sound.
func readLink(s *stream.Source, at int64) (l link, ok bool) {
	l = link{serials: map[uint32]bool{}}
	for range 64 {
		p, ok := readPage(s, at)
		if !ok {
			break
		}
		l.data = at
		if p.first {
			l.serials[p.serial] = true
			v, film := identify(p.body)
			l.film = l.film || film
			if v != nil && l.voice == nil {
				v.serial = p.serial
				l.voice = v
			}
		} else if v := l.voice; v == nil {
			break
		} else if p.serial == v.serial && p.granule > 0 {
			l.begin = p.granule - p.length(v)
			break
		}
		at = p.next
	}
	return l, len(l.serials) > 0
}

// length is how many samples there are in the packets of a page, at most
// where it is not known of the coding; no less than the page says, unless its
// stream begins in the middle of another.
func (p page) length(v *voice) (samples int64) {
	body, size := p.body, 0
	for _, n := range p.segments {
		if size += int(n); n < 255 {
			size = min(size, len(body))
			samples += v.samples(body[:size])
			body, size = body[size:], 0
		}
	}
	return min(samples, p.granule)
}

// identify reads the first packet of a stream.
func identify(b []byte) (v *voice, film bool) {
	has := func(magic string, n int) bool { return len(b) >= n && bytes.HasPrefix(b, []byte(magic)) }
	switch {
	case has("OpusHead", 19):
		return &voice{
			codec: "opus", channels: int(b[9]), rate: 48000,
			skip: int64(binary.LittleEndian.Uint16(b[10:])), samples: opusSamples,
		}, false
	case has("\x01vorbis", 29):
		long := int64(1) << (b[28] >> 4)
		return &voice{
			codec: "vorbis", channels: int(b[11]), rate: int(binary.LittleEndian.Uint32(b[12:])),
			samples: func([]byte) int64 { return long },
		}, false
	case has("Speex   ", 68):
		packet := int64(binary.LittleEndian.Uint32(b[56:])) * max(1, int64(binary.LittleEndian.Uint32(b[64:])))
		return &voice{
			codec: "speex", rate: int(binary.LittleEndian.Uint32(b[36:])), channels: int(binary.LittleEndian.Uint32(b[48:])),
			samples: func([]byte) int64 { return packet },
		}, false
	case has("\x7fFLAC", 17+stream.FLACInfoLen):
		if info, ok := stream.ReadFLACInfo(b[17:]); ok {
			return &voice{
				codec: "flac", rate: info.Rate, channels: info.Channels,
				samples: func([]byte) int64 { return int64(info.MaxBlock) },
			}, false
		}
	case has("\x80theora", 7), has("BBCD\x00", 5), has("OVP80", 5), has("\x01video\x00", 7):
		return nil, true
	}
	return nil, false
}

// opusSamples is how many samples of 48 kHz there are in a packet.
func opusSamples(packet []byte) int64 {
	if len(packet) == 0 {
		return 0
	}
	config, frames := packet[0]>>3, int64(1)
	switch packet[0] & 3 {
	case 1, 2:
		frames = 2
	case 3:
		if len(packet) > 1 {
			frames = int64(packet[1] & 0x3F)
		}
	}
	switch {
	case config < 12:
		return frames * []int64{480, 960, 1920, 2880}[config&3]
	case config < 16:
		return frames * []int64{480, 960}[config&1]
	}
	return frames * []int64{120, 240, 480, 960}[config&3]
}

// lastPage finds the last page before an offset that is wanted; nil wants any.
func lastPage(s *stream.Source, end int64, wanted func(page) bool) (p page, ok bool) {
	const window = 128 << 10
	for range 8 {
		from := max(0, end-window)
		b := s.At(from, int(end-from))
		for i := bytes.LastIndex(b, []byte("OggS\x00")); i >= 0; i = bytes.LastIndex(b[:i], []byte("OggS\x00")) {
			if p, ok := parsePage(b[i:], from+int64(i)); ok && (wanted == nil || wanted(p)) {
				return p, true
			}
		}
		if from == 0 || len(b) == 0 {
			break
		}
		end = min(end-1, from+32) // a head that lies across
	}
	return page{}, false
}

// nextLink finds where streams begin that are not of this link: they are all
// behind those that are.
func nextLink(s *stream.Source, l link) int64 {
	low, high := l.data, s.Size // of this link; of others
	for low < high && !s.Spent() {
		mid := low + (high-low)/2
		p, ok := pageFrom(s, mid, high)
		switch {
		case !ok:
			high = mid
		case l.serials[p.serial]:
			low = p.next
		default:
			high = mid
		}
		if high-low <= maxPage { // the pages between them, one by one
			for p, ok := readPage(s, low); ok; p, ok = readPage(s, p.next) {
				if !l.serials[p.serial] {
					return p.head
				}
			}
			return s.Size
		}
	}
	return high
}

// pageFrom finds the first page that begins between two offsets.
func pageFrom(s *stream.Source, from, to int64) (p page, ok bool) {
	b := s.At(from, 2*maxPage)
	for i := 0; i < len(b); i++ {
		j := bytes.Index(b[i:], []byte("OggS\x00"))
		if j < 0 {
			break
		}
		if i += j; from+int64(i) >= to {
			break
		}
		if p, ok = parsePage(b[i:], from+int64(i)); ok {
			return p, true
		}
	}
	return page{}, false
}
