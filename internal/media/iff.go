package media

import (
	"encoding/binary"
	"math"

	"griot/internal/media/stream"
)

// waveCodecs are codings in WAV by their tags.
var waveCodecs = map[uint16]string{
	stream.TagPCM: "pcm", stream.TagFloat: "float", stream.TagALaw: "alaw", stream.TagMuLaw: "mulaw",
	stream.TagMSADPCM: "adpcm", stream.TagIMAADPCM: "adpcm", stream.TagGSM: "gsm", stream.TagMP3: "mp3",
}

func (f *Facts) wave(s *stream.Source) error {
	w, ok := stream.ReadWave(s)
	if !ok {
		return f.cutOff(s, "a WAV file")
	}
	f.Codec, f.Channels, f.SampleRate, f.CutOff = waveCodecs[w.Tag], w.Channels, w.Rate, w.CutOff
	switch {
	case w.Linear():
		f.last(float64(w.DataLen/int64(w.BlockAlign)), float64(w.Rate))
	case w.Samples > 0 && w.Rate > 0:
		f.last(float64(w.Samples), float64(w.Rate))
	case w.ByteRate > 0:
		f.last(float64(w.DataLen), float64(w.ByteRate))
		f.Estimated = true
	}
	return nil
}

// iffCodecs are codings in AIFF-C and CAF by their names.
var iffCodecs = map[string]string{
	"NONE": "pcm", "sowt": "pcm", "twos": "pcm", "in24": "pcm", "in32": "pcm", "lpcm": "pcm", "raw ": "pcm",
	"fl32": "float", "FL32": "float", "fl64": "float", "FL64": "float",
	"alaw": "alaw", "ALAW": "alaw", "ulaw": "mulaw", "ULAW": "mulaw", "ima4": "adpcm",
	"aac ": "aac", "alac": "alac", "opus": "opus", "flac": "flac", ".mp3": "mp3",
}

// aiff walks the chunks of AIFF and AIFF-C to the one that says all.
func (f *Facts) aiff(s *stream.Source) error {
	for pos := int64(12); ; {
		head, ok := s.Full(pos, 8)
		if !ok {
			return f.cutOff(s, "an AIFF file")
		}
		size, body := int64(binary.BigEndian.Uint32(head[4:])), pos+8
		if string(head[:4]) == "COMM" {
			b := s.At(body, int(min(size, 22)))
			if len(b) < 18 {
				return f.cutOff(s, "an AIFF file")
			}
			f.Codec = "pcm"
			if len(b) == 22 {
				f.Codec = iffCodecs[string(b[18:])]
			}
			frames := float64(binary.BigEndian.Uint32(b[2:]))
			rate := extended(b[8:])
			f.Channels = int(binary.BigEndian.Uint16(b))
			f.SampleRate = int(min(rate, math.MaxInt32))
			if f.Codec == "adpcm" { // these frames are packets
				frames *= 64
			}
			if frames > 0 { // a recorder that could not go back says 0
				f.last(frames, rate)
			}
			return nil
		}
		if size >= s.Size-body {
			return f.cutOff(s, "an AIFF file")
		}
		pos = body + size + size&1
	}
}

// extended reads a number of 80 bits.
func extended(b []byte) float64 {
	exponent := int(binary.BigEndian.Uint16(b) & 0x7FFF)
	return math.Ldexp(float64(binary.BigEndian.Uint64(b[2:])), exponent-16383-63)
}

// caf walks the chunks of a Core Audio file.
func (f *Facts) caf(s *stream.Source) error {
	var rate float64
	var packetBytes, packetFrames uint32
	for pos := int64(8); ; {
		head, ok := s.Full(pos, 12)
		if !ok {
			break
		}
		size, body := int64(binary.BigEndian.Uint64(head[4:])), pos+12
		rest := s.Size - body
		if size < 0 || size > rest { // -1: to the end
			size = rest
		}
		switch string(head[:4]) {
		case "desc":
			if b, ok := s.Full(body, 32); ok {
				rate = math.Float64frombits(binary.BigEndian.Uint64(b))
				f.Codec = iffCodecs[string(b[8:12])]
				packetBytes, packetFrames = binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:])
				f.Channels = int(binary.BigEndian.Uint32(b[24:]))
				f.SampleRate = int(max(0, min(rate, math.MaxInt32)))
			}
		case "data":
			if packetBytes > 0 {
				f.last(float64(max(0, size-4)/int64(packetBytes))*float64(packetFrames), rate)
			}
		case "pakt":
			if b, ok := s.Full(body, 16); ok {
				f.last(float64(binary.BigEndian.Uint64(b[8:])), rate)
			}
		}
		pos = body + size
	}
	if rate == 0 {
		return f.cutOff(s, "a Core Audio file (CAF)")
	}
	return nil
}
