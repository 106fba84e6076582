package cut

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"griot/internal/media"
	"griot/internal/media/stream"
)

// speech is 16-bit sound of one channel: noise with a pause of half a second
// in every seventh, from its third tenth on.
func speech(rate, seconds int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 0, 2*rate*seconds)
	for i := range rate * seconds {
		v := int16(random.IntN(20_000) - 10_000)
		if in := i % (7 * rate); in >= 3*rate/10 && in < 8*rate/10 {
			v /= 1000
		}
		b = binary.LittleEndian.AppendUint16(b, uint16(v))
	}
	return b
}

func paused(ms int64) bool { return ms%7000 >= 400 && ms%7000 <= 700 }

func wave(rate int, sound []byte) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+len(sound)))
	b = le.AppendUint32(append(b, "WAVEfmt "...), 16)
	b = le.AppendUint16(le.AppendUint16(b, 1), 1)
	b = le.AppendUint32(le.AppendUint32(b, uint32(rate)), uint32(2*rate))
	b = le.AppendUint16(le.AppendUint16(b, 2), 16)
	return append(le.AppendUint32(append(b, "data"...), uint32(len(sound))), sound...)
}

// little is what parts have in common where nobody asks for more.
const little = overlap * time.Second

func plan(t *testing.T, file []byte, max int64) (media.Facts, []Part) {
	t.Helper()
	f, err := media.Read(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	parts, ok, err := Plan(bytes.NewReader(file), f, max, little)
	if !ok || err != nil {
		t.Fatalf("%v, %v", ok, err)
	}
	checkPlan(t, parts, f.Size, max)
	return f, parts
}

// checkPlan holds a plan against what it promises: its parts fit, what counts
// of them is the whole recording once, and lies within each.
func checkPlan(t *testing.T, parts []Part, size, max int64) {
	t.Helper()
	for i, p := range parts {
		if p.Size() > max || p.Length <= 0 || p.Offset < 0 || p.Offset+p.Length > size {
			t.Errorf("part %d has %d bytes from %d, of %d", i, p.Size(), p.Offset, size)
		}
		last := i == len(parts)-1
		if last != (p.ToMS == 0) || p.StartMS > p.FromMS || i == 0 && p.FromMS != 0 {
			t.Errorf("part %d: %d, %d to %d", i, p.StartMS, p.FromMS, p.ToMS)
		}
		if i > 0 && (parts[i-1].ToMS != p.FromMS || p.Offset >= parts[i-1].Offset+parts[i-1].Length || p.Offset <= parts[i-1].Offset || p.FromMS <= parts[i-1].FromMS) {
			t.Errorf("parts %d and %d: %+v, %+v", i-1, i, place(parts[i-1]), place(p))
		}
		if i > 0 && (p.FromMS-p.StartMS < 1000*overlap/2-1 || p.FromMS-p.StartMS > 1000*(overlap/2+lead)+300) {
			t.Errorf("part %d begins %d ms before its seam", i, p.FromMS-p.StartMS)
		}
	}
}

func place(p Part) Part { p.Head = nil; return p }

func content(file []byte, p Part) []byte {
	return append(bytes.Clone(p.Head), file[p.Offset:p.Offset+p.Length]...)
}

// Who asks for more in common gets it where parts are long enough, half of it on
// either side of a silence.
func TestMoreIsInCommon(t *testing.T) {
	for name, file := range map[string][]byte{"wav": wave(8000, speech(8000, 900)), "mp3": mp3(40_000)} {
		for _, r := range []struct {
			share       int64 // of the file that a part has
			least, most int64 // ms in common
		}{{2, 29_000, 31_100}, {8, 11_000, 17_100}, {30, 3_900, 5_100}} {
			f, err := media.Read(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			parts, ok, err := Plan(bytes.NewReader(file), f, f.Size/r.share, Longest)
			if !ok || err != nil {
				t.Fatalf("%s: %v, %v", name, ok, err)
			}
			if n := int64(len(parts)); n < r.share || n > r.share*2 {
				t.Errorf("%s, a part of %d: %d parts", name, r.share, n)
			}
			perMS := float64(f.Size) / float64(f.DurationMS)
			for i, p := range parts[1:] {
				before := parts[i]
				common := int64(float64(before.Offset+before.Length-p.Offset) / perMS)
				if common < r.least || common > r.most || !paused(p.FromMS) || p.FromMS-p.StartMS < common/2-100 {
					t.Errorf("%s: part %d from %d ms, counted from %d, has %d ms in common", name, i+1, p.StartMS, p.FromMS, common)
				}
			}
		}
	}
}

func TestWaveIsCutAtSilences(t *testing.T) {
	const rate = 8000
	sound := speech(rate, 300)
	file := wave(rate, sound)
	_, parts := plan(t, file, 1_000_000)
	if len(parts) < 5 || len(parts) > 8 {
		t.Errorf("%d parts", len(parts))
	}
	for i, p := range parts {
		b := content(file, p)
		f, err := media.Read(bytes.NewReader(b), int64(len(b)))
		if err != nil || f.Kind != media.WAV || f.DurationMS != p.Length/16 || f.SampleRate != rate {
			t.Errorf("part %d: %+v, %v", i, f, err)
		}
		if at := p.StartMS * rate / 1000 * 2; !bytes.Equal(b[44:], sound[at:at+p.Length]) {
			t.Errorf("part %d is not the sound from %d ms", i, p.StartMS)
		}
		if i > 0 && !paused(p.FromMS) {
			t.Errorf("part %d begins to count at %d ms, in the middle of a word", i, p.FromMS)
		}
	}
}

// The places at which sound is quiet are found in every coding of samples.
func TestLevels(t *testing.T) {
	for _, r := range []struct {
		tag         uint16
		bits        int
		quiet, loud string
	}{
		{stream.TagPCM, 8, "\x80\x81", "\x10\xf0"},
		{stream.TagPCM, 16, "\x01\x00\xff\xff", "\x00\x40\x00\xc0"},
		{stream.TagPCM, 24, "\xff\x01\x00", "\x00\x00\x40"},
		{stream.TagPCM, 32, "\x00\x00\x01\x00", "\x00\x00\x00\xc0"},
		{stream.TagFloat, 32, "\x00\x00\xc0\x7f\x00\x00\x00\x00", "\x00\x00\x00\x3f\x00\x00\x00\x00"}, // no number, and a half
		{stream.TagFloat, 64, "\x00\x00\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x00\x00\x00\xe0\x3f"},
		{stream.TagALaw, 8, "\xd5\x55", "\x2a\xaa"},
		{stream.TagMuLaw, 8, "\xff\x7f", "\x00\x80"},
	} {
		level := levelOf(stream.Wave{Tag: r.tag, Bits: r.bits, Channels: 1, BlockAlign: r.bits / 8})
		if quiet, loud := level([]byte(r.quiet)), level([]byte(r.loud)); !(quiet < loud) {
			t.Errorf("%d of %d bits: %g and %g", r.tag, r.bits, quiet, loud)
		}
	}
	if levelOf(stream.Wave{Tag: stream.TagPCM, Bits: 12, Channels: 1, BlockAlign: 2}) != nil {
		t.Error("samples of 12 bits are known")
	}
}

// mp3 has frames of which those of pauses are quiet; bytes that are none of
// them lie in between. Frames borrow of those before, but for some.
func mp3(frames int) []byte {
	var b []byte
	for i := range frames {
		f := make([]byte, 417)
		copy(f, "\xff\xfb\x90\xc0") // 44.1 kHz, 128 kbit/s, mono
		if i%20 != 0 {
			f[4] = 0x10
		}
		if !paused(int64(i) * 1152 * 1000 / 44100) {
			for _, off := range []int{0, 59} { // lengths and gains of both granules
				setBits(f[4:], 18+off, 12, 500)
				setBits(f[4:], 18+off+12, 9, 100)
				setBits(f[4:], 18+off+21, 8, 180)
			}
		}
		b = append(b, f...)
		if i == frames/2 {
			b = append(b, "lost bytes"...)
		}
	}
	return b
}

func setBits(b []byte, at, n, v int) {
	for i := range n {
		if v>>(n-1-i)&1 == 1 {
			b[(at+i)/8] |= 0x80 >> ((at + i) % 8)
		}
	}
}

func TestMP3IsCutBetweenFrames(t *testing.T) {
	xing := append([]byte("\xff\xfb\x90\xc0"+strings.Repeat("\x00", 17)+"Xing\x00\x00\x00\x01\x00\x00\x1f\x40"), make([]byte, 417-33)...)
	for name, front := range map[string]string{"bare": "", "tag and count": "ID3\x04\x00\x00\x00\x00\x03\x74" + strings.Repeat("\x00", 500) + string(xing)} {
		file := append([]byte(front), mp3(8000)...)
		_, parts := plan(t, file, 1_200_000)
		if len(parts) < 3 || len(parts) > 5 {
			t.Errorf("%s: %d parts", name, len(parts))
		}
		for i, p := range parts {
			b := content(file, p)
			if f, ok := stream.MPEG(b); !ok || bytes.Contains(b[:f.Size], []byte("Xing")) {
				t.Errorf("%s: part %d does not begin with a frame of sound", name, i)
			}
			frame := (p.Offset - int64(len(front))) / 417 // the bytes in between are fewer
			if got := frame * 1152 * 1000 / 44100; got != p.StartMS {
				t.Errorf("%s: part %d begins at %d ms, and says %d", name, i, got, p.StartMS)
			}
			if i > 0 && (!paused(p.FromMS) || frame%20 != 0) {
				t.Errorf("%s: part %d begins with frame %d and counts from %d ms", name, i, frame, p.FromMS)
			}
		}
	}
}

// frames are those of AAC or FLAC of 16 kHz, which have fewer bytes in pauses.
func frames(n, samples int, frame func(i, size int) string) []byte {
	var b []byte
	for i := range n {
		size := 400
		if paused(int64(i) * int64(samples) / 16) {
			size = 100
		}
		b = append(b, frame(i, size)...)
	}
	return b
}

func adtsFrame(_, size int) string {
	return "\xff\xf1\x60\x40" + string([]byte{byte(size >> 3), byte(size<<5) | 0x1F, 0xFC}) + strings.Repeat("\x00", size-7)
}

func flacFrame(i, size int) string {
	head := "\xff\xf8\xa0\x08" + string(rune(i)) // 1024 samples
	var crc byte
	for k := range len(head) {
		crc ^= head[k]
		for range 8 {
			crc = crc<<1 ^ crc>>7*7
		}
	}
	return head + string([]byte{crc}) + strings.Repeat("\x55", size)
}

func TestFramesAreCutWhereTheyAreSmall(t *testing.T) {
	info := "fLaC\x80\x00\x00\x22\x04\x00\x04\x00\x00\x00\x00\x00\x00\x00\x03\xe8\x00\xf0\x00\x00\x00\x00" + strings.Repeat("\x07", 16)
	for _, r := range []struct {
		name, head string
		file       []byte
		frame      func(i, size int) string
	}{
		{"aac", "", frames(2000, 1024, adtsFrame), adtsFrame},
		{"flac", info, frames(2000, 1024, flacFrame), flacFrame},
	} {
		file := append([]byte(r.head), r.file...)
		_, parts := plan(t, file, 300_000)
		if len(parts) < 3 {
			t.Errorf("%s: %d parts", r.name, len(parts))
		}
		for i, p := range parts {
			first := int(p.StartMS*16+1023) / 1024 // its first frame
			if want := r.frame(first, 100); !bytes.HasPrefix(file[p.Offset:], []byte(want[:4])) || len(p.Head) > 0 && !bytes.HasPrefix(file[p.Offset:], []byte(want[:8])) {
				t.Errorf("%s: part %d does not begin with frame %d", r.name, i, first)
			}
			if i > 0 && !paused(p.FromMS) {
				t.Errorf("%s: part %d begins to count at %d ms", r.name, i, p.FromMS)
			}
			if b := content(file, p); r.head != "" {
				f, err := media.Read(bytes.NewReader(b), int64(len(b)))
				if err != nil || f.Kind != media.FLAC || f.SampleRate != 16000 || !bytes.Equal(b[26:42], make([]byte, 16)) {
					t.Errorf("%s: part %d: %+v, %v", r.name, i, f, err)
				}
			}
		}
	}
}

func TestWhatIsNotCut(t *testing.T) {
	for name, file := range map[string]string{
		"ogg":      "OggS\x00\x02" + strings.Repeat("\x00", 900),
		"of adpcm": strings.Replace(string(wave(8000, make([]byte, 900))), "\x10\x00\x00\x00\x01", "\x10\x00\x00\x00\x11", 1),
		"little":   string(wave(8000, make([]byte, 90_000))), // no room for what overlaps
	} {
		f, _ := media.Read(strings.NewReader(file), int64(len(file)))
		parts, ok, err := Plan(strings.NewReader(file), f, int64(len(file))/2, little)
		if parts != nil || ok || err != nil {
			t.Errorf("%s: %d parts, %v, %v", name, len(parts), ok, err)
		}
	}
	small := wave(8000, make([]byte, 900))
	f, _ := media.Read(bytes.NewReader(small), int64(len(small)))
	parts, ok, err := Plan(bytes.NewReader(small), f, f.Size, little)
	if len(parts) != 1 || parts[0].Size() != f.Size || parts[0].ToMS != 0 || !ok || err != nil {
		t.Errorf("one that fits: %+v, %v, %v", parts, ok, err)
	}
}

func TestReadersErrorComesThrough(t *testing.T) {
	broken := errors.New("broken")
	for name, file := range map[string][]byte{"wav": wave(8000, speech(8000, 120)), "mp3": mp3(4000)} {
		for _, good := range []int64{0, 40_000} {
			f, err := media.Read(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := Plan(failing{bytes.NewReader(file), good, broken}, f, 800_000, Longest); !errors.Is(err, broken) {
				t.Errorf("%s behind %d bytes: %v", name, good, err)
			}
		}
	}
}

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

// Each part that real encoders' files are cut into is decoded to the sound that
// the whole has there.
func TestPartsAreDecodedAsTheWhole(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil || testing.Short() {
		t.Skip("ffmpeg is not installed, or not wanted")
	}
	const rate = 16000
	for _, r := range []struct {
		name, encode string
		max          int64
		exact        bool
	}{
		{"out.wav", "", 800_000, true},
		{"out.flac", "", 500_000, true},
		{"long.flac", "-compression_level 12", 500_000, true},
		{"out.mp3", "-b:a 64k", 250_000, false},
		{"vbr.mp3", "-q:a 3", 250_000, false},
		{"out.aac", "-b:a 64k", 250_000, false},
	} {
		t.Run(r.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "in.wav"), wave(rate, speech(rate, 100)))
			name := filepath.Join(dir, r.name)
			ffmpeg(t, fmt.Sprintf("-i %s/in.wav %s %s", dir, r.encode, name))
			file, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			whole := decode(t, name)
			_, parts := plan(t, file, r.max)
			if len(parts) < 3 {
				t.Errorf("%d parts", len(parts))
			}
			for i, p := range parts {
				name := filepath.Join(dir, fmt.Sprint("part", i, filepath.Ext(r.name)))
				write(t, name, content(file, p))
				sound := decode(t, name)
				from := int((p.FromMS + 50) * rate / 1000) // of the whole
				best, lag := 0.0, 0
				for l := -1600; l <= 1600; l++ { // decoders put a delay before
					at := from - int(p.StartMS*rate/1000) + l
					if c := alike(whole, from, sound, at); c > best {
						best, lag = c, l
					}
				}
				t.Logf("part %d from %d ms: %.3f alike, %d samples late", i, p.StartMS, best, lag)
				if r.exact && (best < 0.999 || lag < -16 || lag > 16) || best < 0.9 {
					t.Errorf("part %d is another sound: %.3f alike, %d samples late", i, best, lag)
				}
				if p.ToMS > 0 && !paused(p.ToMS) && r.exact {
					t.Errorf("part %d ends to count at %d ms", i, p.ToMS)
				}
			}
		})
	}
}

// alike is how well a second of two sounds correlates.
func alike(a []int16, i int, b []int16, j int) float64 {
	const n = 4000
	if i < 0 || j < 0 || i+n > len(a) || j+n > len(b) {
		return 0
	}
	var ab, aa, bb float64
	for k := range n {
		x, y := float64(a[i+k]), float64(b[j+k])
		ab, aa, bb = ab+x*y, aa+x*x, bb+y*y
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / (aa + bb) * 2
}

func write(t *testing.T, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(name, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func ffmpeg(t *testing.T, args string) []byte {
	t.Helper()
	var out, text bytes.Buffer
	cmd := exec.Command("ffmpeg", strings.Fields("-nostdin -v error "+args)...)
	cmd.Stdout, cmd.Stderr = &out, &text
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %s", err, text.String())
	}
	if text.Len() > 0 {
		t.Logf("ffmpeg says: %.300s", text.String())
	}
	return out.Bytes()
}

func decode(t *testing.T, name string) []int16 {
	t.Helper()
	b := ffmpeg(t, "-i "+name+" -f s16le -ac 1 -ar 16000 -")
	samples := make([]int16, len(b)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return samples
}

func FuzzPlan(f *testing.F) {
	f.Add(wave(8000, make([]byte, 400)), uint16(100))
	f.Add(mp3(12), uint16(2000))
	f.Add([]byte("\xff\xf1\x60\x80\x02\x9f\xfc"+strings.Repeat("\x00", 13)), uint16(9))
	f.Add([]byte("fLaC\x80\x00\x00\x22\x10\x00\x10\x00\x00\x00\x00\x00\x00\x00\x03\xe8\x00\xf0\x00\x00\x00\x00"+strings.Repeat("\x00", 16)+"\xff\xf8\xc0\x08\x00\x00"), uint16(50))
	f.Fuzz(func(t *testing.T, file []byte, max uint16) {
		facts, err := media.Read(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		parts, ok, err := Plan(bytes.NewReader(file), facts, int64(max), little)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		if ok && len(parts) > 1 {
			checkPlan(t, parts, facts.Size, int64(max))
		}
	})
}
