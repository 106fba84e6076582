package media

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"

	"griot/internal/media/stream"
)

// Elements of Matroska and WebM.
const (
	idEBML          = 0x1A45DFA3
	idSegment       = 0x18538067
	idSeekHead      = 0x114D9B74
	idSeek          = 0x4DBB
	idSeekID        = 0x53AB
	idSeekPosition  = 0x53AC
	idInfo          = 0x1549A966
	idScale         = 0x2AD7B1
	idDuration      = 0x4489
	idTracks        = 0x1654AE6B
	idTrack         = 0xAE
	idNumber        = 0xD7
	idType          = 0x83
	idCodec         = 0x86
	idFrameDuration = 0x23E383
	idAudio         = 0xE1
	idRate          = 0xB5
	idOutputRate    = 0x78B5
	idChannels      = 0x9F
	idChecksum      = 0xBF
	idCluster       = 0x1F43B675
	idTime          = 0xE7
	idBlockGroup    = 0xA0
	idBlock         = 0xA1
	idSimpleBlock   = 0xA3
)

// element is one of EBML's.
type element struct {
	id        uint32
	head      int64 // where it begins
	from, end int64 // of what is in it
	open      bool  // its size is not known: end is that of what is around it
}

// elements calls yield for each element between two offsets until it returns
// false. What has no size is the last.
func elements(s *stream.Source, from, end int64, yield func(element) bool) {
	for from < end {
		e, ok := readElement(s, from, end)
		if !ok || !yield(e) {
			return
		}
		from = e.end
	}
}

func readElement(s *stream.Source, at, end int64) (e element, ok bool) {
	b := s.At(at, int(min(12, end-at)))
	if len(b) == 0 || b[0] < 0x10 {
		return e, false
	}
	n := bits.LeadingZeros8(b[0]) + 1
	if len(b) <= n || b[n] == 0 {
		return e, false
	}
	for _, c := range b[:n] {
		e.id = e.id<<8 | uint32(c)
	}
	m := bits.LeadingZeros8(b[n]) + 1
	if len(b) < n+m {
		return e, false
	}
	size, mask := int64(b[n])&(1<<(8-m)-1), int64(1)<<(8-m)-1
	e.open = size == mask
	for _, c := range b[n+1 : n+m] {
		size = size<<8 | int64(c)
		e.open = e.open && c == 0xFF
	}
	e.head, e.from, e.end = at, at+int64(n+m), end
	if !e.open {
		e.end = e.from + min(size, max(0, end-e.from))
	}
	return e, true
}

func (e element) uint(s *stream.Source) (v uint64) {
	for _, c := range s.At(e.from, int(min(8, e.end-e.from))) {
		v = v<<8 | uint64(c)
	}
	return v
}

func (e element) float(s *stream.Source) float64 {
	b := s.At(e.from, int(min(8, e.end-e.from)))
	switch len(b) {
	case 4:
		return float64(math.Float32frombits(binary.BigEndian.Uint32(b)))
	case 8:
		return math.Float64frombits(binary.BigEndian.Uint64(b))
	}
	return 0
}

// film is what the front of a Matroska file says.
type film struct {
	scale    float64 // ns of a unit of time
	duration float64 // units; 0: not said
	tracks   bool    // they were found
	sound    *matroskaTrack
	cluster  element // the first
}

type matroskaTrack struct {
	number, kind   uint64
	codec          string
	rate           float64
	channels       uint64
	framesDuration float64 // ns
}

// matroskaCodecs are codings by the beginning of their names.
var matroskaCodecs = []struct{ begin, codec string }{
	{"A_OPUS", "opus"}, {"A_VORBIS", "vorbis"}, {"A_AAC", "aac"}, {"A_MPEG/L3", "mp3"}, {"A_FLAC", "flac"},
	{"A_PCM/FLOAT", "float"}, {"A_PCM", "pcm"}, {"A_AC3", "ac3"}, {"A_EAC3", "eac3"}, {"A_ALAC", "alac"},
}

func (f *Facts) matroska(s *stream.Source) error {
	var segment element
	elements(s, 0, s.Size, func(e element) bool {
		if e.id == idSegment {
			segment = e
		}
		return segment.id == 0
	})
	if segment.id == 0 {
		return f.cutOff(s, "a Matroska or WebM file")
	}
	m := film{scale: 1e6}
	f.front(s, segment, &m)
	switch {
	case m.sound != nil:
	case !m.tracks && (m.cluster.id != 0 || s.Spent()):
		return nil
	case !m.tracks:
		return f.cutOff(s, "a Matroska or WebM file")
	case f.Video:
		return silentFilm()
	default:
		return noSound()
	}
	for _, c := range matroskaCodecs {
		if bytes.HasPrefix([]byte(m.sound.codec), []byte(c.begin)) {
			f.Codec = c.codec
			break
		}
	}
	f.Channels = int(min(m.sound.channels, math.MaxInt32))
	f.SampleRate = int(max(0, min(m.sound.rate, math.MaxInt32)))
	if m.duration > 0 {
		f.last(m.duration*m.scale, 1e9)
		return nil
	}
	if m.cluster.id == 0 {
		return nil
	}
	if begin, ok := blockTime(s, m.cluster, m.sound.number, false); ok {
		if end, ok := lastCluster(s, m); ok && end >= begin {
			f.Estimated = s.Spent()
			f.last((end-begin)*m.scale+m.sound.framesDuration, 1e9)
		}
	}
	return nil
}

// front reads what comes before the first cluster, and what the index of the
// front says is elsewhere.
func (f *Facts) front(s *stream.Source, segment element, m *film) {
	elsewhere := map[uint32]int64{}
	read := func(e element) {
		switch e.id {
		case idInfo:
			delete(elsewhere, idInfo)
			elements(s, e.from, e.end, func(e element) bool {
				switch e.id {
				case idScale:
					m.scale = float64(e.uint(s))
				case idDuration:
					m.duration = e.float(s)
				}
				return true
			})
		case idTracks:
			delete(elsewhere, idTracks)
			m.tracks = true
			elements(s, e.from, e.end, func(e element) bool {
				if e.id == idTrack {
					f.track(s, e, m)
				}
				return true
			})
		}
	}
	elements(s, segment.from, segment.end, func(e element) bool {
		switch e.id {
		case idSeekHead:
			seeks(s, e, func(id uint32, at int64) {
				if id == idInfo || id == idTracks {
					elsewhere[id] = segment.from + at
				}
			})
		case idCluster:
			m.cluster = e
		default:
			read(e)
		}
		return m.cluster.id == 0
	})
	for _, id := range []uint32{idInfo, idTracks} {
		if at := elsewhere[id]; at > segment.from && at < segment.end {
			if e, ok := readElement(s, at, segment.end); ok && e.id == id {
				read(e)
			}
		}
	}
}

func seeks(s *stream.Source, head element, yield func(id uint32, at int64)) {
	elements(s, head.from, head.end, func(e element) bool {
		if e.id != idSeek {
			return true
		}
		var id uint32
		at := int64(-1)
		elements(s, e.from, e.end, func(e element) bool {
			switch e.id {
			case idSeekID:
				id = uint32(e.uint(s))
			case idSeekPosition:
				at = int64(min(e.uint(s), math.MaxInt64/2))
			}
			return true
		})
		yield(id, at)
		return true
	})
}

// track reads one track; the first of sound is the one whose facts count.
func (f *Facts) track(s *stream.Source, e element, m *film) {
	t := matroskaTrack{rate: 8000, channels: 1}
	elements(s, e.from, e.end, func(e element) bool {
		switch e.id {
		case idNumber:
			t.number = e.uint(s)
		case idType:
			t.kind = e.uint(s)
		case idCodec:
			t.codec = string(s.At(e.from, int(min(32, e.end-e.from))))
		case idFrameDuration:
			t.framesDuration = float64(e.uint(s))
		case idAudio:
			output := 0.0
			elements(s, e.from, e.end, func(e element) bool {
				switch e.id {
				case idRate:
					t.rate = e.float(s)
				case idOutputRate:
					output = e.float(s)
				case idChannels:
					t.channels = e.uint(s)
				}
				return true
			})
			if output > 0 {
				t.rate = output
			}
		}
		return true
	})
	const video, audio = 1, 2
	switch {
	case t.kind == video:
		f.Video = true
	case t.kind == audio && m.sound == nil:
		m.sound = &t
	}
}

// blockTime reads when the first block of a track in a cluster begins, or the
// last, in units of the file. A cluster without a size ends before the next.
func blockTime(s *stream.Source, cluster element, track uint64, last bool) (time float64, ok bool) {
	base := 0.0
	block := func(e element) {
		b := s.At(e.from, 12)
		number, n := vint(b)
		if n == 0 || number != track || len(b) < n+2 {
			return
		}
		at := base + float64(int16(binary.BigEndian.Uint16(b[n:])))
		if !ok || last && at > time {
			time, ok = at, true
		}
	}
	elements(s, cluster.from, cluster.end, func(e element) bool {
		switch e.id {
		case idTime:
			base = float64(e.uint(s))
		case idSimpleBlock:
			block(e)
		case idBlockGroup:
			elements(s, e.from, e.end, func(e element) bool {
				if e.id == idBlock {
					block(e)
				}
				return true
			})
		case idCluster:
			return false
		}
		return !s.Spent() && (last || !ok)
	})
	return time, ok
}

// vint reads a number whose first byte says how many it has; n is 0 where
// there is none.
func vint(b []byte) (v uint64, n int) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0
	}
	n = bits.LeadingZeros8(b[0]) + 1
	if len(b) < n {
		return 0, 0
	}
	v = uint64(b[0]) & (1<<(8-n) - 1)
	for _, c := range b[1:n] {
		v = v<<8 | uint64(c)
	}
	return v, n
}

// startsWithTime recognises what is a cluster and no bytes like one.
func startsWithTime(s *stream.Source, cluster element) (yes bool) {
	elements(s, cluster.from, cluster.end, func(e element) bool {
		yes = e.id == idTime
		return e.id == idChecksum
	})
	return yes
}

// lastCluster finds when the last block of sound begins, in the last clusters
// that have one: a file that was recorded live does not say how long it is.
func lastCluster(s *stream.Source, m film) (last float64, ok bool) {
	const window, windows = 1 << 20, 4
	mark := []byte{idCluster >> 24, idCluster >> 16 & 0xFF, idCluster >> 8 & 0xFF, idCluster & 0xFF}
	for i := range int64(windows) {
		from := max(m.cluster.head, s.Size-(i+1)*window)
		b := s.At(from, int(min(window, s.Size-from)))
		for j := bytes.LastIndex(b, mark); j >= 0; j = bytes.LastIndex(b[:j], mark) {
			e, ok := readElement(s, from+int64(j), s.Size)
			if !ok {
				continue
			}
			if !startsWithTime(s, e) {
				continue
			}
			if last, ok := blockTime(s, e, m.sound.number, true); ok {
				return last, true
			}
		}
		if from == m.cluster.head {
			break
		}
	}
	return 0, false
}
