package media

import (
	"errors"
	"testing"

	"griot/internal/media/stream"
)

// fuzz reads files that are longer than what is known of them, and checks the
// promises of Read.
func fuzz(f *testing.F, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s), uint32(0))
		f.Add([]byte(s[:len(s)/2]), uint32(1<<31))
	}
	f.Fuzz(func(t *testing.T, file []byte, more uint32) {
		size := int64(len(file)) + int64(more)
		c := &counted{ReaderAt: sparse{size, map[int64]string{0: string(file)}}}
		facts, err := Read(c, size)
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Message == "") {
			t.Fatal(err)
		}
		if c.requests > stream.MaxRequests || c.bytes > stream.MaxBytes {
			t.Errorf("%d bytes in %d requests", c.bytes, c.requests)
		}
		if err == nil && (facts.Kind == "" || facts.DurationMS < -1 || facts.DurationMS > maxDurationMS || facts.Channels < 0 || facts.SampleRate < 0) {
			t.Errorf("%+v", facts)
		}
		if err := Any.Check(facts); err != nil && (!errors.As(err, &e) || e.Message == "") {
			t.Error(err)
		}
	})
}

func FuzzWAV(f *testing.F) {
	fuzz(f, wave(waveFormat(1, 2, 8000, 16), 64)+zeros(64), "RF64\xff\xff\xff\xffWAVE"+chunk("ds64", zeros(28))+chunk("fact", le32(9))+waveFormat(0x11, 1, 8000, 4)+"data\xff\xff\xff\xff")
}

func FuzzIFF(f *testing.F) {
	fuzz(f, "FORM"+be32(46)+"AIFC"+"COMM"+be32(22)+be16(2)+be32(22050)+be16(16)+"\x40\x0e\xac\x44"+zeros(6)+"ima4",
		"caff\x00\x01\x00\x00desc"+be64(32)+be64(0x40c0000000000000)+"aac "+be32(0)+be32(0)+be32(1024)+be32(1)+be32(0)+"pakt"+be64(24)+be64(3)+be64(3072)+zeros(8)+"data"+be64(-1))
}

func FuzzMPEG(f *testing.F) {
	fuzz(f, id3(20)+xing(9, 4000)+mpegFrames(cbr128, 3), mpegFrames(mono2, 3), adtsFrames(3, 40), cbr128+zeros(32)+"VBRI"+zeros(40), "#!AMR\n\x3c"+zeros(31)+"\x7c", "#!AMR-WB\n\x44", id3(1)+"fLaC")
}

func FuzzMP4(f *testing.F) {
	fuzz(f, ftyp+movie(mp4Track("vide", 1, 1000, 1000), mp4Track("soun", 2, 44100, 441000, mp4Box("edts", mp4Box("elst", zeros(4), be32(1), be32(4000), be32(0), be32(1<<16)))))+mp4Box("mdat", "x"),
		ftyp+movie(mp4Track("soun", 1, 48000, 0), mp4Box("mvex", mp4Box("mehd", zeros(8)), mp4Box("trex", zeros(4), be32(1), be32(1), be32(1024), zeros(8))))+
			mp4Box("sidx", zeros(4), be32(1), be32(1000), zeros(8), be32(1), be32(9), be32(9), be32(0))+mp4Fragment(9, 2)+mp4Box("mdat")+mp4Fragment(2057, 2),
		"\x00\x00\x00\x01mdat"+be64(20)+"moov"+movie())
}

func FuzzFLAC(f *testing.F) { fuzz(f, flacStream(16000, 0, 3), flacStream(0, 5, 3)) }

func FuzzOGG(f *testing.F) {
	fuzz(f, opus(7, 2)+opus(8, 1), oggPage(2, 1, 0, "\x01vorbis"+zeros(22))+oggPage(0, 1, 9, "x"), oggPage(2, 1, 0, "Speex   "+zeros(72))+oggPage(0, 1, 9, "x"),
		oggPage(2, 1, 0, "\x7fFLAC"+zeros(12)+be16(16)+be16(16)+zeros(6)+be64(8000<<44)+zeros(16))+oggPage(2, 2, 0, "\x80theora"))
}

func FuzzMatroska(f *testing.F) {
	fuzz(f, webmHead("webm")+ebml(idSegment, ebml(idInfo, ebmlUint(idScale, 1_000_000), ebmlFloat(idDuration, 2500)), ebml(idTracks, webmSound(1))),
		webmHead("matroska")+endless(idSegment, ebml(idSeekHead, ebml(idSeek, ebml(idSeekID, "\x16\x54\xae\x6b"), ebmlUint(idSeekPosition, 60))), ebml(idTracks, webmSound(1)), endless(idCluster, ebmlUint(idTime, 9), webmBlock(1, 2), ebml(idBlockGroup, ebml(idBlock, "\x81\x00\x09\x00")))))
}
