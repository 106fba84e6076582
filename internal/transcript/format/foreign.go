package format

import (
	"bytes"
	"strings"

	"griot/internal/media/stream"
)

// foreign is a file of another trade: what it is, and what to do instead.
type foreign struct {
	at     int // offset of the magic number
	magic  string
	is, do string // "a PDF", "Save its text as …"
}

const (
	unpackIt  = "Unpack it and upload the transcript that is in it."
	convertIt = "Convert it to MP3, M4A, MP4, WAV, FLAC or Ogg and upload that, or upload its transcript."
	saveIt    = "Open it and save it as a Word document (.docx), OpenDocument (.odt), web page or plain text, and upload that."
	writeIt   = "Upload the transcript as text: WebVTT, SRT, .docx, Markdown or plain text."
)

// strangers are files that people have and that are not read. Those that have
// words or sound in them could be made into one that is.
var strangers = []foreign{
	{0, "%PDF-", "a PDF", "Export the transcript from where it was made as .docx, text, WebVTT or SRT, or save the PDF's text as a text file, and upload that."},
	{0, "%!PS", "PostScript", "Export the transcript as text and upload that."},
	{0, `{\rtf`, "rich text (RTF)", saveIt},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (Word .doc, Excel .xls and the like) or one with a password", saveIt},
	{0, "\xdb\xa5-\x00", "an old Word document (.doc)", saveIt},
	{0, "\xffWPC", "a WordPerfect document", saveIt},
	{0, "bplist", "a property list or web archive of macOS", saveIt},
	{0, "From: <Saved by Blink>", "a web archive (MHTML)", "Save the page as HTML or text and upload that."},
	{0, "MIME-Version: 1.0\r\n", "an e-mail or a web archive (MHTML)", "Save its text as a text file and upload that."},

	{0, "Rar!\x1a\x07", "a RAR archive", unpackIt},
	{0, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive", unpackIt},
	{257, "ustar\x00", "a tar archive", unpackIt},
	{257, "ustar ", "a tar archive", unpackIt},
	{0, "BZh", "compressed with bzip2", unpackIt},
	{0, "\xfd7zXZ\x00", "compressed with xz", unpackIt},
	{0, "\x28\xb5\x2f\xfd", "compressed with Zstandard", unpackIt},
	{0, "\x04\x22\x4d\x18", "compressed with LZ4", unpackIt},
	{0, "\x1f\x9d", "compressed with compress (.Z)", unpackIt},
	{0, "PK\x07\x08", "a zip archive in several parts", unpackIt},

	{0, "\x89PNG\r\n\x1a\n", "an image (PNG)", writeIt},
	{0, "\xff\xd8\xff", "an image (JPEG)", writeIt},
	{0, "GIF8", "an image (GIF)", writeIt},
	{0, "II*\x00", "an image (TIFF)", writeIt},
	{0, "MM\x00*", "an image (TIFF)", writeIt},
	{0, "8BPS", "an image (Photoshop)", writeIt},
	{8, "WEBP", "an image (WebP)", writeIt},
	{4, "ftyphei", "an image (HEIC)", writeIt},
	{4, "ftypmif1", "an image (HEIC)", writeIt},
	{4, "ftypavi", "an image (AVIF)", writeIt},

	{8, "AVI ", "a recording in a format that is not taken (AVI)", convertIt},
	{0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a recording in a format that is not taken (Windows Media: WMA, WMV, ASF)", convertIt},
	{0, ".snd", "a recording in a format that is not taken (Sun audio, AU)", convertIt},
	{0, "FLV\x01", "a recording in a format that is not taken (Flash video, FLV)", convertIt},
	{0, "\x00\x00\x01\xba", "a recording in a format that is not taken (MPEG-PS: MPG, VOB)", convertIt},
	{0, "\x00\x00\x01\xb3", "a recording in a format that is not taken (MPEG video)", convertIt},
	{0, "\x02dss", "a dictation in a format that is not taken (DSS)", convertIt},
	{0, "\x03dss", "a dictation in a format that is not taken (DSS)", convertIt},
	{0, "\x03ds2", "a dictation in a format that is not taken (DS2)", convertIt},
	{0, "\x07ds2", "a dictation in a format that is not taken (DS2)", convertIt},
	{0, ".RMF", "a recording in a format that is not taken (RealMedia)", convertIt},
	{0, ".ra\xfd", "a recording in a format that is not taken (RealAudio)", convertIt},
	{0, "MAC ", "a recording in a format that is not taken (Monkey's Audio, APE)", convertIt},
	{0, "wvpk", "a recording in a format that is not taken (WavPack)", convertIt},
	{0, "TTA1", "a recording in a format that is not taken (True Audio)", convertIt},
	{0, "MPCK", "a recording in a format that is not taken (Musepack)", convertIt},
	{0, "MP+", "a recording in a format that is not taken (Musepack)", convertIt},
	{0, "riff\x2e\x91\xcf\x11", "a recording in a format that is not taken (Wave64)", convertIt},
	{0, "Creative Voice File", "a recording in a format that is not taken (VOC)", convertIt},
	{0, "\x0b\x77", "a recording in a format that is not taken (AC-3)", convertIt},
	{8, "QLCM", "a recording in a format that is not taken (QCP)", convertIt},
	{0, "MThd", "music notes (MIDI)", "Upload a recording or its transcript."},

	{0, "SQLite format 3\x00", "a database (SQLite)", writeIt},
	{0, "\x7fELF", "a program", writeIt},
	{0, "MZ\x90\x00", "a program", writeIt},
	{0, "wOFF", "a font", writeIt},
}

// foreignOf recognises a file of another trade by its first bytes, but for
// those of which recordings are known; nil for any other file.
func foreignOf(head []byte) *foreign {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	for i, f := range strangers {
		b := head
		if f.at == 0 && len(text) > 0 && f.magic[0] > ' ' && f.magic[0] < 0x7F {
			b = text
		}
		if len(b) <= f.at || !bytes.HasPrefix(b[f.at:], []byte(f.magic)) || isProse(b, f) || f.at == 8 && !bytes.HasPrefix(b, []byte("RIFF")) {
			continue
		}
		return &strangers[i]
	}
	switch {
	case isTransportStream(head):
		return &foreign{is: "a recording in a format that is not taken (MPEG-TS: TS, MTS, M2TS)", do: convertIt}
	case stream.IsMPEG(head, stream.LayerII):
		return &foreign{is: "a recording in a format that is not taken (MPEG layer II, MP2)", do: convertIt}
	case mayBePDF(head):
		return &strangers[0]
	}
	return nil
}

// isProse reports whether a magic number of letters, such as BZh or MThd, is the
// beginning of a text: nothing near it is binary.
func isProse(b []byte, f foreign) bool {
	if strings.IndexFunc(f.magic, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 || len(f.magic) > 4 {
		return false
	}
	b = b[:min(len(b), 256)]
	return bytes.IndexFunc(b, func(r rune) bool { return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == '\uFFFD' }) < 0
}

// mayBePDF looks for the beginning of a PDF below something else, as its
// readers do.
func mayBePDF(head []byte) bool {
	i := bytes.Index(head[:min(len(head), 1024)], []byte("%PDF-1."))
	return i >= 0 && bytes.Contains(head[i:], []byte(" obj"))
}

// isTransportStream finds the byte that each of its packets begins with; M2TS
// has four bytes of time before each.
func isTransportStream(b []byte) bool {
	for _, packet := range []struct{ at, size int }{{0, 188}, {4, 192}} {
		n := 0
		for i := packet.at; i < len(b) && b[i] == 0x47; i += packet.size {
			n++
		}
		if n >= 4 && n >= (len(b)-packet.at)/packet.size {
			return true
		}
	}
	return false
}
