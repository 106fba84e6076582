package format

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"griot/internal/transcript/format/caption"
	"griot/internal/transcript/format/source"
)

// Kind names what a file is. The zero Kind is neither a transcript nor a
// recording.
type Kind string

// Transcripts, which [Parse] reads.
const (
	VTT      Kind = "vtt"
	SRT      Kind = "srt"
	JSON     Kind = "json"
	Markdown Kind = "markdown"
	Text     Kind = "text"
)

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

// Transcript reports whether [Parse] reads files of this kind.
func (k Kind) Transcript() bool {
	return k == VTT || k == SRT || k == JSON || k == Markdown || k == Text
}

// Recording reports whether the file is sound or film.
func (k Kind) Recording() bool { return k != "" && !k.Transcript() }

// String returns the name of a transcript format as people write it.
func (k Kind) String() string {
	switch k {
	case VTT:
		return "WebVTT"
	case SRT, JSON:
		return strings.ToUpper(string(k))
	case Markdown:
		return "Markdown"
	case Text:
		return "plain text"
	}
	return string(k)
}

// SniffLen is how much of a file [Sniff] wants to see; it never needs more.
const SniffLen = 32 << 10

// Sniff tells what a file is from its first bytes, [SniffLen] of them or all.
func Sniff(head []byte) Kind {
	head = head[:min(len(head), SniffLen)]
	if k := recording(head); k != "" {
		return k
	}
	text := source.DecodeHead(head)
	if caption.IsVTT(text) { // the one format that allows NUL
		return VTT
	}
	if isForeign(text) || isBinary(text) {
		return ""
	}
	for _, f := range readers {
		if f.sniff(text) {
			return f.kind
		}
	}
	return ""
}

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
	case at(4, "ftyp"):
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

// frames recognises MPEG audio without a container: eleven set bits, then a
// header whose fields have no forbidden value.
func frames(b []byte) Kind {
	if len(b) < 4 || b[0] != 0xFF {
		return ""
	}
	version, layer := b[1]>>3&3, b[1]>>1&3
	switch {
	case b[1]&0xF6 == 0xF0 && b[2]>>2&0xF < 13:
		return AAC
	case b[1]&0xE0 == 0xE0 && version != 1 && layer == 1 && b[2]>>4 != 0xF && b[2]>>4 != 0 && b[2]>>2&3 != 3:
		return MP3
	}
	return ""
}

// isForeign recognises text files of other trades, whose words are not speech.
func isForeign(text string) bool {
	text = strings.TrimSpace(text)
	for _, magic := range []string{"%PDF-", `{\rtf`, "PK\x03\x04", "<?xml", "<!doctype html", "<html", "<tt "} {
		if len(text) >= len(magic) && strings.EqualFold(text[:len(magic)], magic) {
			return true
		}
	}
	return false
}

// isBinary finds NUL, many control characters, or more broken UTF-8 than a
// text in an old 8-bit encoding of a Latin script would show.
func isBinary(text string) bool {
	control, broken, runes := 0, 0, 0
	for _, r := range text {
		runes++
		switch {
		case r == 0:
			return true
		case r == utf8.RuneError:
			broken++
		case unicode.IsControl(r) && !unicode.IsSpace(r):
			control++
		}
	}
	return control*50 > runes || broken*4 > runes
}
