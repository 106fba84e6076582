package media

import (
	"bytes"

	"griot/internal/media/stream"
)

// Kind names the container of a recording. The names are those that Amazon
// Transcribe uses, where it has one. The zero Kind is no recording.
type Kind string

// Recordings.
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
	CAF  Kind = "caf"
)

// contentTypes are those that browsers play them by.
var contentTypes = map[Kind]string{
	WAV: "audio/wav", MP3: "audio/mpeg", AAC: "audio/aac", M4A: "audio/mp4", MP4: "video/mp4", FLAC: "audio/flac",
	OGG: "audio/ogg", WebM: "video/webm", MKV: "video/x-matroska", AIFF: "audio/aiff", AMR: "audio/amr",
}

// ContentType is the MIME type of a recording, or that of any bytes.
func (k Kind) ContentType() string {
	if t := contentTypes[k]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// Sniff recognises sound and film by the magic numbers of the containers.
func Sniff(head []byte) Kind {
	at := func(off int, magic string) bool {
		return len(head) > off && bytes.HasPrefix(head[off:], []byte(magic))
	}
	switch {
	case (at(0, "RIFF") || at(0, "RF64") || at(0, "BW64")) && at(8, "WAVE"):
		return WAV
	case at(0, "FORM") && (at(8, "AIFF") || at(8, "AIFC")):
		return AIFF
	case at(0, "caff\x00"):
		return CAF
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
		return matroskaKind(head)
	case at(0, "ID3") && len(head) > 3 && head[3] < 0x10:
		return MP3
	}
	return sniffFrames(head)
}

// matroskaKind tells WebM from its parent format by the DocType near the front.
func matroskaKind(head []byte) Kind {
	if bytes.Contains(head[:min(len(head), 256)], []byte("webm")) {
		return WebM
	}
	return MKV
}

// sniffFrames recognises MPEG audio without a container, also after zeros,
// with which some recorders and cutters begin.
func sniffFrames(head []byte) Kind {
	if rest := bytes.TrimLeft(head, "\x00"); len(head)-len(rest) >= minZeros {
		if head = rest; bytes.HasPrefix(head, []byte("ID3")) {
			return MP3
		}
	}
	switch {
	case stream.IsADTS(head):
		return AAC
	case stream.IsMPEG(head, stream.LayerIII):
		return MP3
	}
	return ""
}

// minZeros are more than those of any text.
const minZeros = 16
