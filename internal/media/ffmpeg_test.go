package media

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What ffmpeg, lame, flac and sox write is read as ffprobe reads it: the
// length, the channels and the rate of the sound, of every container and
// coding, also as they are written into a pipe.
func TestAgainstFFmpeg(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil || testing.Short() {
		t.Skip("ffmpeg is not installed, or not wanted")
	}
	const seconds = 7.3
	sound := func(rate, channels int) string {
		return fmt.Sprintf("ffmpeg -nostdin -v error -f lavfi -i anoisesrc=r=%d:d=%g:a=0.1,aformat=channel_layouts=%s", rate, seconds, map[int]string{1: "mono", 2: "stereo"}[channels])
	}
	mono, stereo, phone := sound(16000, 1), sound(44100, 2), sound(8000, 1)
	film := stereo + " -f lavfi -i testsrc2=s=320x240:r=25:d=7.3 -c:v mpeg4"
	for _, r := range []struct {
		name, command string
		kind          Kind
		codec         string
	}{
		{"wav", mono + " OUT.wav", WAV, "pcm"},
		{"wav 24 bit", stereo + " -c:a pcm_s24le OUT.wav", WAV, "pcm"},
		{"wav float", stereo + " -c:a pcm_f32le OUT.wav", WAV, "float"},
		{"wav 8 bit", phone + " -c:a pcm_u8 OUT.wav", WAV, "pcm"},
		{"wav a-law", phone + " -c:a pcm_alaw OUT.wav", WAV, "alaw"},
		{"wav µ-law", phone + " -c:a pcm_mulaw OUT.wav", WAV, "mulaw"},
		{"wav ima", mono + " -c:a adpcm_ima_wav OUT.wav", WAV, "adpcm"},
		{"wav ms", mono + " -c:a adpcm_ms OUT.wav", WAV, "adpcm"},
		{"wav mp3", stereo + " -c:a libmp3lame OUT.wav", WAV, "mp3"},
		{"wav rf64", stereo + " -rf64 always OUT.wav", WAV, "pcm"},
		{"wav to a pipe", mono + " -f wav - > OUT.wav", WAV, "pcm"},
		{"mp3", stereo + " OUT.mp3", MP3, "mp3"},
		{"mp3 vbr", stereo + " -q:a 4 OUT.mp3", MP3, "mp3"},
		{"mp3 mono of mpeg 2", mono + " -b:a 24k OUT.mp3", MP3, "mp3"},
		{"mp3 of mpeg 2.5", phone + " OUT.mp3", MP3, "mp3"},
		{"mp3 cbr without xing", stereo + " -write_xing 0 -id3v2_version 0 OUT.mp3", MP3, "mp3"},
		{"mp3 vbr without xing", stereo + " -q:a 5 -write_xing 0 OUT.mp3", MP3, "mp3"},
		{"mp4", film + " OUT.mp4", MP4, "aac"},
		{"mp4 faststart", film + " -movflags faststart OUT.mp4", MP4, "aac"},
		{"mp4 fragmented", film + " -movflags frag_keyframe+empty_moov OUT.mp4", MP4, "aac"},
		{"mp4 cmaf", stereo + " -movflags cmaf OUT.mp4", MP4, "aac"},
		{"mp4 dash", film + " -movflags dash -frag_duration 1000000 OUT.mp4", MP4, "aac"},
		{"mp4 to a pipe", film + " -movflags frag_keyframe+empty_moov+default_base_moof -f mp4 - > OUT.mp4", MP4, "aac"},
		{"mp4 global sidx", film + " -movflags frag_keyframe+empty_moov+global_sidx OUT.mp4", MP4, "aac"},
		{"mp4 opus", stereo + " -ar 48000 -c:a libopus -strict -2 OUT.mp4", MP4, "opus"},
		{"mp4 flac", stereo + " -c:a flac -strict -2 OUT.mp4", MP4, "flac"},
		{"mp4 mp3", stereo + " -c:a libmp3lame OUT.mp4", MP4, "mp3"},
		{"m4a", mono + " OUT.m4a", M4A, "aac"},
		{"m4a alac", stereo + " -c:a alac OUT.m4a", M4A, "alac"},
		{"mov", film + " OUT.mov", MP4, "aac"},
		{"mov pcm", film + " -c:a pcm_s16be OUT.mov", MP4, "pcm"},
		{"3gp", phone + " -c:a aac OUT.3gp", MP4, "aac"},
		{"flac", stereo + " OUT.flac", FLAC, "flac"},
		{"flac to a pipe", stereo + " -f flac - > OUT.flac", FLAC, "flac"},
		{"flac of flac, to a pipe", stereo + " -f wav - | flac -s -c - > OUT.flac", FLAC, "flac"},
		{"ogg vorbis", stereo + " -c:a libvorbis OUT.ogg", OGG, "vorbis"},
		{"ogg opus", mono + " -c:a libopus OUT.ogg", OGG, "opus"},
		{"ogg flac", stereo + " -c:a flac OUT.oga", OGG, "flac"},
		{"ogg speex", mono + " -c:a libspeex OUT.spx", OGG, "speex"},
		{"ogg of opusenc", mono + " -f wav - | opusenc --quiet - OUT.opus", OGG, "opus"},
		{"webm", stereo + " -c:a libopus OUT.webm", WebM, "opus"},
		{"webm live", mono + " -c:a libopus -f webm -live 1 - > OUT.webm", WebM, "opus"},
		{"webm vorbis", stereo + " -c:a libvorbis OUT.webm", WebM, "vorbis"},
		{"mkv", film + " -c:a aac OUT.mkv", MKV, "aac"},
		{"mkv live", film + " -c:a aac -f matroska -live 1 - > OUT.mkv", MKV, "aac"},
		{"mkv to a pipe", film + " -c:a aac -f matroska - > OUT.mkv", MKV, "aac"},
		{"mkv pcm", stereo + " -c:a pcm_s16le OUT.mka", MKV, "pcm"},
		{"aac", stereo + " OUT.aac", AAC, "aac"},
		{"aiff", stereo + " OUT.aiff", AIFF, "pcm"},
		{"aifc of sox", stereo + " -f wav - | sox -t wav - OUT.aifc", AIFF, "pcm"},
		{"caf", stereo + " OUT.caf", CAF, "pcm"},
		{"caf alac", stereo + " -c:a alac OUT.caf", CAF, "alac"},
		{"amr of sox", phone + " -f wav - | sox -t wav - OUT.amr-nb", AMR, "amr"},
		{"amr wide of sox", mono + " -f wav - | sox -t wav - OUT.amr-wb", AMR, "amr_wb"},
		{"wav of sox to a pipe", stereo + " -f wav - | sox -t wav - -t wav - > OUT.wav", WAV, "pcm"},
		{"mp3 of lame", stereo + " -f wav - | lame --quiet -V 3 - OUT.mp3", MP3, "mp3"},
		{"mp3 of lame abr", mono + " -f wav - | lame --quiet --abr 48 - - > OUT.mp3", MP3, "mp3"},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			out := filepath.Join(t.TempDir(), "out")
			run := exec.Command("sh", "-c", strings.ReplaceAll(r.command, "OUT", out))
			if text, err := run.CombinedOutput(); err != nil {
				if strings.Contains(string(text), "not found") || strings.Contains(string(text), "Unknown encoder") || strings.Contains(string(text), "no handler") || strings.Contains(string(text), "without AMR") {
					t.Skipf("not here: %s", text)
				}
				t.Fatalf("%v: %s", err, text)
			}
			files, _ := filepath.Glob(out + ".*")
			b, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			f, err := Read(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", f)
			rate, channels := probe(t, files[0])
			if f.Kind != r.kind || f.Codec != r.codec || f.SampleRate != rate || f.Channels != channels {
				t.Errorf("%s, %s, %d Hz, %d channels, want %s, %s, %d, %d", f.Kind, f.Codec, f.SampleRate, f.Channels, r.kind, r.codec, rate, channels)
			}
			if math.Abs(float64(f.DurationMS)-1000*seconds) > 150 {
				t.Errorf("%d ms, want %g", f.DurationMS, 1000*seconds)
			}
			if f.Video != strings.Contains(r.command, "testsrc2") {
				t.Errorf("Video is %v", f.Video)
			}
		})
	}
}

func probe(t *testing.T, file string) (rate, channels int) {
	t.Helper()
	b, err := exec.Command("ffprobe", "-v", "error", "-select_streams", "a:0", "-show_streams", "-of", "json", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var found struct {
		Streams []struct {
			SampleRate string `json:"sample_rate"`
			Channels   int
		}
	}
	if err := json.Unmarshal(b, &found); err != nil || len(found.Streams) != 1 {
		t.Fatalf("%v: %s", err, b)
	}
	rate, err = strconv.Atoi(found.Streams[0].SampleRate)
	if err != nil {
		t.Fatal(err)
	}
	return rate, found.Streams[0].Channels
}
