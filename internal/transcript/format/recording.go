package format

import "bytes"

// Recordings, which a transcriber may take. The names are those that Amazon
// Transcribe uses, where it has one.
const (
	WAV  Kind = "wav"
	MP3  Kind = "mp3"
	AAC  Kind = "aac"
	MP4  Kind = "mp4"
	M4A  Kind = "m4a"
	FLAC Kind = "flac"
	OGG  Kind = "ogg"
	WebM Kind = "webm"
	MKV  Kind = "mkv"
	AIFF Kind = "aiff"
	AMR  Kind = "amr"
)

// recording recognises sound and film by the magic numbers of the containers.
func recording(b []byte) Kind {
	at := func(off int, magic string) bool { return len(b) > off && bytes.HasPrefix(b[off:], []byte(magic)) }
	switch {
	case (at(0, "RIFF") || at(0, "RF64")) && at(8, "WAVE"):
		return WAV
	case at(0, "FORM") && (at(8, "AIFF") || at(8, "AIFC")):
		return AIFF
	case at(4, "ftypM4A") || at(4, "ftypM4B"):
		return M4A
	case at(4, "ftyp") && !at(8, "hei") && !at(8, "mif1") && !at(8, "avi"): // these are images
		return MP4
	case at(0, "\x00") && (at(4, "moov") || at(4, "wide") || at(4, "mdat") || at(4, "skip")): // QuickTime before it had ftyp
		return MP4
	case at(0, "fLaC"):
		return FLAC
	case at(0, "OggS"):
		return OGG
	case at(0, "#!AMR"):
		return AMR
	case at(0, "\x1a\x45\xdf\xa3"):
		return matroska(b)
	case at(0, "ID3") && len(b) > 3 && b[3] < 0x10:
		return MP3
	}
	return frames(b)
}

// matroska tells WebM from its parent format by the DocType near the front.
func matroska(b []byte) Kind {
	if bytes.Contains(b[:min(len(b), 256)], []byte("webm")) {
		return WebM
	}
	return MKV
}

// frames recognises MPEG audio without a container, also after zeros, with
// which some recorders and cutters begin.
func frames(b []byte) Kind {
	if rest := bytes.TrimLeft(b, "\x00"); len(b)-len(rest) >= minZeros {
		if b = rest; bytes.HasPrefix(b, []byte("ID3")) {
			return MP3
		}
	}
	switch {
	case len(b) < 4 || b[0] != 0xFF:
		return ""
	case b[1]&0xF6 == 0xF0 && b[2]>>2&0xF < 13:
		return AAC
	case isMPEG(b, layerIII):
		return MP3
	}
	return ""
}

// minZeros are more than those of any text.
const minZeros = 16

const (
	layerII  = 2
	layerIII = 1
)

// isMPEG finds the header of a frame of MPEG audio: eleven set bits, then
// fields none of which has a forbidden value.
func isMPEG(b []byte, layer byte) bool {
	return len(b) >= 4 && b[0] == 0xFF && b[1]&0xE0 == 0xE0 && b[1]>>3&3 != 1 && b[1]>>1&3 == layer &&
		b[2]>>4 != 0xF && b[2]>>4 != 0 && b[2]>>2&3 != 3
}
