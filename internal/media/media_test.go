package media

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"griot/internal/media/stream"
)

// heads are those of files of all kinds, and of some that are none.
var heads = []struct {
	head string
	want Kind
}{
	{"RIFF\x24\x08\x00\x00WAVEfmt ", WAV},
	{"RF64\xff\xff\xff\xffWAVEds64", WAV},
	{"BW64\xff\xff\xff\xffWAVEds64", WAV},
	{"RIFF\x24\x08\x00\x00AVI LIST", ""},
	{"ID3\x04\x00\x00\x00\x00\x00\x21TSSE", MP3},
	{"\xff\xfb\x90\x64\x00\x00", MP3},
	{"\xff\xf3\x18\xc4\x00\x00", MP3},
	{"\xff\xfb\xf0\x64\x00\x00", ""},
	{"\xff\xf1\x50\x80\x00\x1f", AAC},
	{"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", MP4},
	{"\x00\x00\x00\x1cftypM4A \x00\x00\x00\x00", M4A},
	{"fLaC\x00\x00\x00\x22", FLAC},
	{"OggS\x00\x02\x00\x00", OGG},
	{"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\x82\x84webmB\x87", WebM},
	{"\x1a\x45\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroskaB\x87", MKV},
	{"FORM\x00\x00\x10\x00AIFFCOMM", AIFF},
	{"#!AMR-WB\n\x04", AMR},
	{"caff\x00\x01\x00\x00desc", CAF},
}

func TestSniff(t *testing.T) {
	for _, r := range heads {
		if got := Sniff([]byte(r.head)); got != r.want {
			t.Errorf("%q: %q, want %q", r.head, got, r.want)
		}
	}
}

func TestFacts(t *testing.T) {
	pcm := waveFormat(1, 1, 16000, 16)
	behind := func(tracks int) string { // what comes before the tracks
		return ebml(idSeekHead, ebml(idSeek, ebml(idSeekID, "\x16\x54\xae\x6b"), ebmlUint(idSeekPosition, tracks))) +
			ebml(idInfo, ebmlFloat(idDuration, 500)) + ebml(idCluster, ebmlUint(idTime, 0), webmBlock(1, 0))
	}
	opusTrack := ebml(idTracks, webmSound(1))
	for _, r := range []struct {
		name string
		file string
		want Facts // without Size
	}{
		{"wav", wave(pcm, 32000) + zeros(32000), Facts{Kind: WAV, Codec: "pcm", DurationMS: 1000, Channels: 1, SampleRate: 16000}},
		{"wav with a list behind", wave(pcm, 32000) + zeros(32000) + chunk("LIST", zeros(64)), Facts{Kind: WAV, Codec: "pcm", DurationMS: 1000, Channels: 1, SampleRate: 16000}},
		{"wav, streamed", wave(pcm, math.MaxUint32) + zeros(48000), Facts{Kind: WAV, Codec: "pcm", DurationMS: 1500, Channels: 1, SampleRate: 16000}},
		{"wav, never ended", wave(pcm, 0) + zeros(48000), Facts{Kind: WAV, Codec: "pcm", DurationMS: 1500, Channels: 1, SampleRate: 16000}},
		{"wav, empty", wave(pcm, 0), Facts{Kind: WAV, Codec: "pcm", DurationMS: 0, Channels: 1, SampleRate: 16000}},
		{"wav, empty with a list behind", wave(pcm, 0) + chunk("LIST", zeros(64)), Facts{Kind: WAV, Codec: "pcm", DurationMS: 0, Channels: 1, SampleRate: 16000}},
		{"wav, cut", wave(pcm, 320000) + zeros(32000), Facts{Kind: WAV, Codec: "pcm", DurationMS: 1000, Channels: 1, SampleRate: 16000, CutOff: true}},
		{"wav, not counted", wave(pcm, math.MaxInt32-36) + zeros(32000), Facts{Kind: WAV, Codec: "pcm", DurationMS: 1000, Channels: 1, SampleRate: 16000}},
		{"wav, a-law in two channels", wave(waveFormat(6, 2, 8000, 8), 8000) + zeros(8000), Facts{Kind: WAV, Codec: "alaw", DurationMS: 500, Channels: 2, SampleRate: 8000}},
		{"wav, extensible float", wave(chunk("fmt ", le16(0xFFFE)+le16(6)+le32(48000)+le32(48000*24)+le16(24)+le16(32)+le16(22)+le16(32)+le32(0x3F)+le16(3)+zeros(14)), 24*48000) + zeros(24*48000),
			Facts{Kind: WAV, Codec: "float", DurationMS: 1000, Channels: 6, SampleRate: 48000}},
		{"wav of no rate", wave(waveFormat(1, 1, 0, 16), 32000) + zeros(32000), Facts{Kind: WAV, Codec: "pcm", DurationMS: -1, Channels: 1}},
		{"rf64", "RF64\xff\xff\xff\xffWAVE" + chunk("ds64", zeros(8)+string(le.AppendUint64(nil, 16000))+zeros(12)) + pcm + "data\xff\xff\xff\xff" + zeros(16000) + chunk("LIST", zeros(100)),
			Facts{Kind: WAV, Codec: "pcm", DurationMS: 500, Channels: 1, SampleRate: 16000}},
		{"rf64, cut", "RF64\xff\xff\xff\xffWAVE" + chunk("ds64", zeros(8)+string(le.AppendUint64(nil, 1<<33))+zeros(12)) + pcm + "data\xff\xff\xff\xff" + zeros(16000),
			Facts{Kind: WAV, Codec: "pcm", DurationMS: 500, Channels: 1, SampleRate: 16000, CutOff: true}},
		{"mp3", mpegFrames(cbr128, 100), Facts{Kind: MP3, Codec: "mp3", DurationMS: 2612, Channels: 2, SampleRate: 44100}},
		{"mp3 behind tags", id3(70_000) + id3(9) + zeros(500) + mpegFrames(mono2, 100) + "TAG" + zeros(125), Facts{Kind: MP3, Codec: "mp3", DurationMS: 3600, Channels: 1, SampleRate: 16000}},
		{"mp3 behind many zeros", zeros(9000) + mpegFrames(mono2, 100), Facts{Kind: MP3, Codec: "mp3", DurationMS: 3600, Channels: 1, SampleRate: 16000}},
		{"mp3 that counts", xing(1000, 418_000) + mpegFrames(cbr128, 1000), Facts{Kind: MP3, Codec: "mp3", DurationMS: 26122, Channels: 2, SampleRate: 44100}},
		{"mp3 that counts far less than it has", xing(50, 418_000) + mpegFrames(cbr128, 1000), Facts{Kind: MP3, Codec: "mp3", DurationMS: 26149, Channels: 2, SampleRate: 44100, Estimated: true}},
		{"mp3 that counts more than it has", xing(9000, 3_700_000) + mpegFrames(cbr128, 100), Facts{Kind: MP3, Codec: "mp3", DurationMS: 2638, Channels: 2, SampleRate: 44100, CutOff: true}},
		{"mp3 of two bit rates, long", strings.Repeat(mpegFrames(cbr128, 50)+mpegFrames(vbr192, 50), 40), Facts{Kind: MP3, Codec: "mp3", DurationMS: 105075, Estimated: true, Channels: 2, SampleRate: 44100}},
		{"aac", adtsFrames(100, 200), Facts{Kind: AAC, Codec: "aac", DurationMS: 4267, Channels: 2, SampleRate: 24000}},
		{"aac behind a tag", id3(100) + adtsFrames(100, 200), Facts{Kind: AAC, Codec: "aac", DurationMS: 4267, Channels: 2, SampleRate: 24000}},
		{"amr", "#!AMR\n" + strings.Repeat("\x3c"+zeros(31), 50), Facts{Kind: AMR, Codec: "amr", DurationMS: 1000, Channels: 1, SampleRate: 8000}},
		{"amr, wide", "#!AMR-WB\n" + strings.Repeat("\x44"+zeros(60)+"\x4c"+zeros(5), 50), Facts{Kind: AMR, Codec: "amr_wb", DurationMS: 2000, Channels: 1, SampleRate: 16000}},
		{"aiff", "FORM" + be32(46) + "AIFF" + "COMM" + be32(18) + be16(2) + be32(22050) + be16(16) + "\x40\x0e\xac\x44" + zeros(6), Facts{Kind: AIFF, Codec: "pcm", DurationMS: 500, Channels: 2, SampleRate: 44100}},
		{"caf", "caff\x00\x01\x00\x00desc" + be64(32) + be64(int(math.Float64bits(8000))) + "lpcm" + be32(0) + be32(2) + be32(1) + be32(1) + be32(16) + "data" + be64(-1) + zeros(16004), Facts{Kind: CAF, Codec: "pcm", DurationMS: 1000, Channels: 1, SampleRate: 8000}},
		{"flac", flacStream(16000, 0, 4), Facts{Kind: FLAC, Codec: "flac", DurationMS: 1024, Channels: 1, SampleRate: 16000}},
		{"flac that does not count", flacStream(0, 0, 5), Facts{Kind: FLAC, Codec: "flac", DurationMS: 1280, Channels: 1, SampleRate: 16000}},
		{"flac of which no frame is known", flacStream(16000, 0, 0) + zeros(900), Facts{Kind: FLAC, Codec: "flac", DurationMS: 1000, Channels: 1, SampleRate: 16000}},
		{"flac behind a tag", id3(300) + flacStream(16000, 0, 4), Facts{Kind: FLAC, Codec: "flac", DurationMS: 1024, Channels: 1, SampleRate: 16000}},
		{"ogg", opus(7, 10), Facts{Kind: OGG, Codec: "opus", DurationMS: 9994, Channels: 1, SampleRate: 48000}},
		{"ogg, three in a chain", opus(7, 10) + opus(8, 400) + opus(9, 31), Facts{Kind: OGG, Codec: "opus", DurationMS: 440980, Channels: 1, SampleRate: 48000}},
		{"ogg cut from a broadcast", oggPage(2, 7, 0, opusHead) + oggPage(0, 7, 0, "OpusTags") + oggPage(0, 7, 480_000_000, "\x08x", "\x08x") + oggPage(0, 7, 480_046_080, "\x08x", "\x08x"), Facts{Kind: OGG, Codec: "opus", DurationMS: 994, Channels: 1, SampleRate: 48000}},
		{"mp4", ftyp + movie(mp4Track("vide", 1, 90000, 900000), mp4Track("soun", 2, 44100, 441000)) + mp4Box("mdat", zeros(99)), Facts{Kind: MP4, Codec: "aac", DurationMS: 10000, Channels: 2, SampleRate: 44100, Video: true}},
		{"mp4, index behind", ftyp + "\x00\x00\x00\x01mdat" + be64(200_016) + zeros(200_000) + movie(mp4Track("soun", 1, 44100, 441000)), Facts{Kind: MP4, Codec: "aac", DurationMS: 10000, Channels: 2, SampleRate: 44100}},
		{"mp4, edited", ftyp + movie(mp4Track("soun", 1, 44100, 441000, mp4Box("edts", mp4Box("elst", zeros(4), be32(1), be32(4000), be32(1024), be32(1<<16))))), Facts{Kind: MP4, Codec: "aac", DurationMS: 4000, Channels: 2, SampleRate: 44100}},
		{"mp4 that does not say how long", ftyp + movie(mp4Track("soun", 1, 44100, 0)), Facts{Kind: MP4, Codec: "aac", DurationMS: -1, Channels: 2, SampleRate: 44100}},
		{"mp4 in fragments", ftyp + movie(mp4Track("soun", 1, 48000, 0), mp4Box("mvex", mp4Box("trex", zeros(4), be32(1), be32(1), be32(1024), zeros(8)))) +
			mp4Fragment(4_800_000, 47) + mp4Box("mdat", zeros(500)) + mp4Fragment(4_800_000+47*1024, 47) + mp4Box("mdat", zeros(500)),
			Facts{Kind: MP4, Codec: "aac", DurationMS: 2005, Channels: 2, SampleRate: 44100}},
		{"mp4 in fragments that says how long", ftyp + movie(mp4Track("soun", 1, 48000, 0), mp4Box("mvex", mp4Box("mehd", zeros(4), be32(77_000)))), Facts{Kind: MP4, Codec: "aac", DurationMS: 77000, Channels: 2, SampleRate: 44100}},
		{"webm", webmHead("webm") + ebml(idSegment, ebml(idInfo, ebmlUint(idScale, 1_000_000), ebmlFloat(idDuration, 2500)), opusTrack), Facts{Kind: WebM, Codec: "opus", DurationMS: 2500, Channels: 2, SampleRate: 48000}},
		{"webm, live", webmHead("webm") + endless(idSegment, ebml(idInfo), opusTrack,
			endless(idCluster, ebmlUint(idTime, 1000), webmBlock(1, 0), webmBlock(1, 20)), endless(idCluster, ebmlUint(idTime, 4000), webmBlock(2, 900), webmBlock(1, 300))), Facts{Kind: WebM, Codec: "opus", DurationMS: 3300, Channels: 2, SampleRate: 48000}},
		{"mkv with its tracks behind", webmHead("matroska") + ebml(idSegment, behind(len(behind(0))), opusTrack), Facts{Kind: MKV, Codec: "opus", DurationMS: 500, Channels: 2, SampleRate: 48000}},
	} {
		t.Run(r.name, func(t *testing.T) {
			f, err := readFacts(t, r.file)
			if f.Size = 0; err != nil || f != r.want {
				t.Errorf("%+v, %v, want %+v", f, err, r.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	for _, r := range []struct{ name, file, says string }{
		{"film without sound", ftyp + movie(mp4Track("vide", 1, 90000, 900000)), "a video without a sound track"},
		{"webm without sound", webmHead("webm") + ebml(idSegment, ebml(idTracks, ebml(idTrack, ebmlUint(idType, 1)))), "a video without a sound track"},
		{"ogg without sound", oggPage(2, 1, 0, "\x80theora") + oggPage(0, 1, 0, "x"), "a video without a sound track"},
		{"ogg of nothing known", oggPage(2, 1, 0, "PCM     ") + oggPage(0, 1, 0, "x"), "none of Opus, Vorbis"},
		{"subtitles alone", ftyp + movie(mp4Track("text", 1, 1000, 1000)), "has no sound track"},
		{"mp4 that was never ended", ftyp + "\x00\x00\xff\xffmdat" + zeros(900), "without its index (moov)"},
		{"mp4 that ends at once", ftyp, "cut off"},
		{"a fragment", ftyp + mp4Fragment(0, 1), "without the beginning"},
		{"bought", ftyp + movie(strings.Replace(mp4Track("soun", 1, 44100, 441000), "mp4a", "drms", 1)), "encrypted (DRM)"},
		{"wav that ends at once", "RIFF\x24\x08\x00\x00WAVEfmt ", "cut off: it is a WAV"},
		{"mp3 of nothing", id3(30), "cut off: it is an MP3"},
		{"mp3 of a free bit rate", id3(30) + "\xff\xfb\x00\x00" + zeros(900), "free bit rate"},
		{"flac that ends at once", "fLaC\x00\x00\x00\x22\x10", "cut off: it is a FLAC"},
		{"amr of nothing", "#!AMR\n", "cut off: it is an AMR"},
		{"aiff of nothing", "FORM\x00\x00\x00\x04AIFF", "cut off: it is an AIFF"},
		{"text", "Ines: Hello.", "no recording"},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := readFacts(t, r.file)
			var e *Error
			if !errors.As(err, &e) || e.Code != UnsupportedFormat || !strings.Contains(e.Message, r.says) {
				t.Errorf("%v, want one that says %q", err, r.says)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	hour := int64(3_600_000)
	small := Limits{Kinds: []Kind{WAV, MP3}, Bytes: 25 << 20, Shortest: time.Second, Longest: time.Hour}
	for _, r := range []struct {
		facts      Facts
		limits     Limits
		code, says string
	}{
		{Facts{Kind: MKV, DurationMS: 4 * hour, Size: 2 << 30}, Any, "", ""},
		{Facts{Kind: MKV, DurationMS: -1}, Any, "", ""},
		{Facts{Kind: MKV, DurationMS: 500}, Any, "", ""},
		{Facts{Kind: MP3, DurationMS: 5*hour + 12*60_000}, Any, TooLarge, "The recording is 5 h 12 min long; at most 4 h are taken."},
		{Facts{Kind: MP3, DurationMS: 4*hour + 1}, Any, TooLarge, "The recording is 4 h 0.001 s long; at most 4 h are taken."},
		{Facts{Kind: MP3, DurationMS: hour, Size: 2<<30 + 1}, Any, TooLarge, "The recording has 2.000000001 GB; at most 2 GB are taken."},
		{Facts{Kind: MP3, DurationMS: hour, Size: 2_500_000_000}, Any, TooLarge, "The recording has 2.3 GB; at most 2 GB are taken."},
		{Facts{Kind: MP3, DurationMS: 499}, Any, UnsupportedFormat, "The recording is 0.499 s long, too short for anything to be said in it; at least 0.5 s are needed."},
		{Facts{Kind: MP3, DurationMS: 300, Estimated: true}, Any, "", ""},
		{Facts{Kind: WAV, DurationMS: 0}, Any, UnsupportedFormat, "has no sound in it"},
		{Facts{Kind: MP3, DurationMS: hour + 61_000}, small, TooLarge, "1 h 1 min long; at most 1 h are taken"},
		{Facts{Kind: MP3, DurationMS: hour, Size: 30 << 20}, small, TooLarge, "30 MB; at most 25 MB"},
		{Facts{Kind: AIFF, DurationMS: -1}, small, UnsupportedFormat, "The recording is aiff, which the transcription engine does not take; convert it to one of wav, mp3 and upload that."},
	} {
		err := r.limits.Check(r.facts)
		var e *Error
		if errors.As(err, &e); (err == nil) != (r.code == "") || e != nil && (e.Code != r.code || !strings.Contains(e.Message, r.says)) {
			t.Errorf("%+v: %v, want %s: %q", r.facts, err, r.code, r.says)
		}
	}
}

// Of a file of two gigabytes a few stretches are read, wherever it says what
// is asked.
func TestLargeFilesAreHardlyRead(t *testing.T) {
	const size = 2 << 30
	mp4 := ftyp + movie(mp4Track("soun", 1, 48000, 0), mp4Box("mvex", mp4Box("trex", zeros(4), be32(1), be32(1), be32(1024), zeros(8))))
	fragments := map[int64]string{0: mp4}
	step := int64(1 << 20)
	for at, n := int64(len(mp4)), 0; at < size; at, n = at+step, n+1 {
		fragment := mp4Fragment(n*47*1024, 47)
		fragments[at] = fragment + be32(int(min(step, size-at))-len(fragment)) + "mdat"
	}
	frame := mpegFrames(cbr128, 500)
	frames := map[int64]string{}
	for at := int64(0); at < size; at += int64(len(frame)) {
		frames[at] = frame
	}
	chain := sparse{0, map[int64]string{}}
	for link := range 3 { // as two broadcasts of 20 minutes and the next
		head := oggPage(2, link, 0, opusHead) + oggPage(0, link, 0, "OpusTags")
		chain.parts[chain.size] = head
		chain.size += int64(len(head))
		for n := range 1200 {
			page := oggPage(0, link, int64(n+1)*48000, zeros(65_024))
			chain.parts[chain.size] = page[:300]
			chain.size += int64(len(page))
		}
	}
	moov := movie(mp4Track("soun", 1, 44100, 44100*7200))
	rest := int64(size - len(ftyp))
	live := webmHead("webm") + endless(idSegment, ebml(idInfo), ebml(idTracks, webmSound(1)), ebml(idCluster, ebmlUint(idTime, 0), webmBlock(1, 0)))
	tail := endless(idCluster, ebmlUint(idTime, 9_000_000), webmBlock(1, 300))
	for _, r := range []struct {
		name     string
		file     sparse
		duration int64
		requests int
		bytes    int64
	}{
		{"wav", sparse{size, map[int64]string{0: wave(waveFormat(1, 2, 48000, 16), 0)}}, 11184810, 2, 1 << 16},
		{"mp4, index behind", sparse{size, map[int64]string{0: ftyp + "\x00\x00\x00\x01mdat" + be64(int(rest)-len(moov)), size - int64(len(moov)): moov}}, 7200_000, 4, 1 << 17},
		{"mp4 in fragments", sparse{size, fragments}, 2053461, 16, 2 << 20},
		{"mp3", sparse{size, frames}, 134_217_728, 20, 1 << 20},
		{"webm, live", sparse{size, map[int64]string{0: live, size - int64(len(tail)): tail}}, 9_000_300, 8, 2 << 20},
		{"ogg, a chain", chain, 3_597_000, 64, 4 << 20},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := &counted{ReaderAt: r.file}
			f, err := Read(c, r.file.size)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v: %d bytes in %d requests", f, c.bytes, c.requests)
			if d := f.DurationMS - r.duration; d < -60 || d > 60 {
				t.Errorf("%d ms, want %d", f.DurationMS, r.duration)
			}
			if c.requests > r.requests || c.bytes > r.bytes {
				t.Errorf("%d bytes in %d requests", c.bytes, c.requests)
			}
		})
	}
}

// Headers that say monstrous things, or go in circles, cost no more than
// others, and end.
func TestHostileHeaders(t *testing.T) {
	const size = 1 << 40
	for _, r := range []struct{ name, repeated string }{
		{"a million boxes", ftyp + strings.Repeat("\x00\x00\x00\x08free", 1<<16)},
		{"boxes of 2^63", ftyp + "\x00\x00\x00\x01mdat\x7f\xff\xff\xff\xff\xff\xff\xff"},
		{"boxes of 2^64", ftyp + "\x00\x00\x00\x01mdat\xff\xff\xff\xff\xff\xff\xff\xff"},
		{"many tracks", ftyp + movie(strings.Repeat(mp4Track("soun", 1, 1, math.MaxUint32), 2000))},
		{"runs of 2^32", ftyp + movie(mp4Track("soun", 1, 1, 0), mp4Box("mvex")) + strings.Repeat(mp4Box("moof", mp4Box("traf", mp4Box("tfhd", zeros(4), be32(1)), mp4Box("trun", be32(0x100), be32(-1)))), 9000)},
		{"edits of 2^32", ftyp + movie(mp4Track("soun", 1, 1, 0, mp4Box("edts", mp4Box("elst", zeros(4), be32(-1), strings.Repeat("\xff", 9999)))))},
		{"chunks of nothing", "RIFF\x00\x00\x00\x00WAVE" + strings.Repeat("JUNK\x00\x00\x00\x00", 1<<16)},
		{"chunks of 2^32", "RIFF\x00\x00\x00\x00WAVE" + strings.Repeat("JUNK\xff\xff\xff\xff", 1<<10)},
		{"caf of 2^63", "caff\x00\x01\x00\x00desc\x7f\xff\xff\xff\xff\xff\xff\xff"},
		{"tags", strings.Repeat(id3(0), 1<<16)},
		{"pages of nothing", strings.Repeat(oggPage(2, 1, 0), 1<<15)},
		{"links of nothing", opus(1, 1) + strings.Repeat(oggPage(2, 1, 0, opusHead)+oggPage(2, 3, -1, opusHead), 1<<14)},
		{"clusters of nothing", webmHead("webm") + endless(idSegment, ebml(idTracks, webmSound(1)), strings.Repeat(ebml(idCluster), 1<<15))},
		{"segments in segments", webmHead("webm") + strings.Repeat(endless(idSegment), 1<<15)},
		{"voids", webmHead("webm") + endless(idSegment, strings.Repeat("\xec\x80", 1<<17))},
		{"seeks to themselves", webmHead("webm") + endless(idSegment, strings.Repeat(ebml(idSeekHead, ebml(idSeek, ebml(idSeekID, "\x16\x54\xae\x6b"), ebmlUint(idSeekPosition, 0))), 9000))},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := &counted{ReaderAt: looped{r.repeated, size}}
			f, err := Read(c, size)
			var e *Error
			if err != nil && !errors.As(err, &e) {
				t.Fatal(err)
			}
			if c.requests > stream.MaxRequests || c.bytes > stream.MaxBytes || f.DurationMS > maxDurationMS || f.DurationMS < -1 {
				t.Errorf("%+v: %d bytes in %d requests", f, c.bytes, c.requests)
			}
		})
	}
}

// looped is a file that has the same again and again.
type looped struct {
	what string
	size int64
}

func (l looped) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) && off < l.size {
		k := copy(p[n:min(int64(len(p)), int64(n)+l.size-off)], l.what[off%int64(len(l.what)):])
		n, off = n+k, off+int64(k)
	}
	if n < len(p) {
		err = io.EOF
	}
	return n, err
}

// An error of the object store is no fault of the recording.
func TestReadersErrorComesThrough(t *testing.T) {
	broken := errors.New("broken")
	for _, good := range []int64{0, 1, 60_000} {
		r := io.NewSectionReader(failing{whole(opus(7, 400)), good, broken}, 0, 1<<40)
		_, err := Read(r, 1<<30)
		var e *Error
		if !errors.Is(err, broken) || errors.As(err, &e) {
			t.Errorf("behind %d bytes: %v", good, err)
		}
	}
	if _, err := Read(readerAt{iotest.ErrReader(broken)}, 9); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type readerAt struct{ io.Reader }

func (r readerAt) ReadAt(p []byte, _ int64) (int, error) { return r.Read(p) }

// failing fails behind some bytes.
type failing struct {
	io.ReaderAt
	good int64
	err  error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > f.good {
		return 0, f.err
	}
	return f.ReaderAt.ReadAt(p, off)
}
