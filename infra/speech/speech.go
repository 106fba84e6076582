// Package speech makes recordings whose words are known, for tests of what
// writes recordings down.
package speech

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// Clip is a part of an inaugural address, in MP3; ClipText is what is said.
// The README tells where it is from.
//
//go:embed jfk.mp3
var Clip []byte

const ClipText = "And so my fellow Americans, ask not what your country can do for you, ask what you can do for your country."

//go:embed interview.txt
var interview string

// Turn is what one speaker says before another does.
type Turn struct {
	Speaker, Text string
	Start, End    time.Duration // in the recording
}

// Interview is the text of an interview with two speakers, before anybody has
// spoken it.
func Interview() []Turn {
	var turns []Turn
	for line := range strings.Lines(interview) {
		speaker, text, _ := strings.Cut(strings.TrimSpace(line), ": ")
		turns = append(turns, Turn{Speaker: speaker, Text: text})
	}
	return turns
}

// Text is all that is said in turns, by speaker or, where it is "", by anybody.
func Text(turns []Turn, speaker string) string {
	var said []string
	for _, t := range turns {
		if speaker == "" || t.Speaker == speaker {
			said = append(said, t.Text)
		}
	}
	return strings.Join(said, " ")
}

// voices are those of espeak-ng that Whisper understands best; a third speaker
// has the voice of the first again.
var voices = []string{"en-gb-x-rp+f4", "en-us+m7"}

// espeak-ng speaks in this form, whatever the voice.
const (
	sampleRate  = 22050 // Hz
	sampleBytes = 2     // of one channel, signed, little endian
	pause       = 400 * time.Millisecond
)

// ErrNoVoice says that there is no espeak-ng on this machine.
var ErrNoVoice = errors.New("espeak-ng is not installed: apt-get install espeak-ng")

// Speak has turns spoken, and returns a WAV file and the turns with their
// times. In a stereo file each speaker has a side.
func Speak(ctx context.Context, turns []Turn, stereo bool) ([]byte, []Turn, error) {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		return nil, nil, ErrNoVoice
	}
	channels := 1
	if stereo {
		channels = 2
	}
	order := map[string]int{}
	samples := silence(pause, channels)
	spoken := make([]Turn, len(turns))
	for i, turn := range turns {
		n, known := order[turn.Speaker]
		if !known {
			n = len(order)
			order[turn.Speaker] = n
		}
		said, err := say(ctx, turn.Text, voices[n%len(voices)])
		if err != nil {
			return nil, nil, fmt.Errorf("turn %d: %w", i+1, err)
		}
		turn.Start = length(samples, channels)
		samples = append(samples, spread(said, channels, n%channels)...)
		turn.End = length(samples, channels)
		samples = append(samples, silence(pause, channels)...)
		spoken[i] = turn
	}
	return wav(samples, channels), spoken, nil
}

// say returns the samples of text in one voice.
func say(ctx context.Context, text, voice string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "espeak-ng", "-v", voice, "-s", "150", "--stdout")
	cmd.Stdin = strings.NewReader(text)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("espeak-ng: %w: %s", err, stderr.String())
	}
	_, samples, found := bytes.Cut(out, []byte("data")) // the length after it is not true of a pipe
	if !found || len(samples) < 4 {
		return nil, errors.New("espeak-ng wrote no sound")
	}
	return samples[4:], nil
}

// spread puts samples of one channel on side n of channels.
func spread(samples []byte, channels, n int) []byte {
	out := make([]byte, len(samples)*channels)
	for i := 0; i+sampleBytes <= len(samples); i += sampleBytes {
		copy(out[i*channels+n*sampleBytes:], samples[i:i+sampleBytes])
	}
	return out
}

func silence(d time.Duration, channels int) []byte {
	return make([]byte, int(d.Seconds()*sampleRate)*sampleBytes*channels)
}

func length(samples []byte, channels int) time.Duration {
	return time.Duration(len(samples)/sampleBytes/channels) * time.Second / sampleRate
}

func wav(samples []byte, channels int) []byte {
	var b bytes.Buffer
	b.WriteString("RIFF")
	frame := channels * sampleBytes
	for _, part := range []any{
		uint32(36 + len(samples)), []byte("WAVEfmt "), uint32(16),
		uint16(1), uint16(channels), uint32(sampleRate), uint32(sampleRate * frame), uint16(frame), uint16(8 * sampleBytes),
		[]byte("data"), uint32(len(samples)), samples,
	} {
		binary.Write(&b, binary.LittleEndian, part) // a bytes.Buffer takes everything
	}
	return b.Bytes()
}
