// Package media reads the facts of a recording from its headers: what it is,
// how long, how many channels. It decodes nothing, and of a large file it reads
// a few stretches.
package media

import (
	"fmt"
	"io"
	"math"

	"griot/internal/media/stream"
)

// Facts are what the headers of a recording say.
type Facts struct {
	Kind       Kind
	Codec      string // of the sound, as "aac"; "" where it is none that is known here
	DurationMS int64  // of the sound; -1: unknown
	Estimated  bool   // the duration is one of a file that does not say it, by its size
	Channels   int    // 0: unknown
	SampleRate int    // Hz; 0: unknown
	Video      bool   // there are pictures beside the sound
	Size       int64  // bytes of the file
	CutOff     bool   // a file that has counted more sound than there is; false: whole, or not known
}

// Codes of an [Error], as sessions fail with them.
const (
	UnsupportedFormat = "unsupported_format"
	TooLarge          = "too_large"
)

// Error is a recording that no engine could write down. Its message is for
// whoever uploaded it.
type Error struct {
	Code, Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func unsupported(format string, args ...any) *Error {
	return &Error{UnsupportedFormat, fmt.Sprintf(format, args...)}
}

// cutOff says that a file ends before its sound begins, unless it is only that
// no more of it may be read.
func (f *Facts) cutOff(s *stream.Source, what string) error {
	if s.Spent() || s.Err() != nil {
		return nil
	}
	return unsupported("The file is cut off: it is %s that ends before its sound begins.", what)
}

// silentFilm is a file with pictures and without a track of sound.
func silentFilm() *Error {
	return unsupported("The recording is a video without a sound track; upload one in which people can be heard.")
}

func noSound() *Error {
	return unsupported("The recording has no sound track; upload one in which people can be heard.")
}

// Read reads the facts of a recording of the given size in bytes. What a file
// does not say, or says in a way that is not understood here, stays unknown;
// an *Error is a file in which there certainly is nothing to be heard. Other
// errors are those of r.
func Read(r io.ReaderAt, size int64) (Facts, error) {
	s := stream.NewSource(r, size)
	f, err := read(s)
	if s.Err() != nil {
		return Facts{}, fmt.Errorf("reading the headers of a recording: %w", s.Err())
	}
	return f, err
}

func read(s *stream.Source) (Facts, error) {
	f := Facts{Kind: Sniff(s.At(0, 32<<10)), DurationMS: -1, Size: s.Size}
	var err error
	switch f.Kind {
	case WAV:
		err = f.wave(s)
	case AIFF:
		err = f.aiff(s)
	case CAF:
		err = f.caf(s)
	case MP4, M4A:
		err = f.mp4(s)
	case FLAC:
		err = f.flac(s, 0)
	case OGG:
		err = f.ogg(s)
	case WebM, MKV:
		err = f.matroska(s)
	case MP3, AAC:
		err = f.mpeg(s)
	case AMR:
		err = f.amr(s)
	default:
		err = unsupported("The file is no recording of a kind that is known here.")
	}
	if err != nil {
		return f, err
	}
	if f.Codec == "opus" {
		f.SampleRate = 48000 // of its decoder, whatever it was made of
	}
	f.Channels, f.SampleRate = plausible(f.Channels, 64), plausible(f.SampleRate, 1<<20)
	if f.DurationMS > maxDurationMS {
		f.DurationMS = -1
	}
	return f, nil
}

// plausible is n, or unknown where no recording has so many.
func plausible(n, most int) int {
	if n < 0 || n > most {
		return 0
	}
	return n
}

// maxDurationMS is a year. What says that it is longer is broken.
const maxDurationMS = 365 * 24 * 3600 * 1000

// last sets the duration: n units, of which there are perSecond.
func (f *Facts) last(n, perSecond float64) {
	f.DurationMS = -1
	if ms := n / perSecond * 1000; ms >= 0 && ms <= math.MaxInt64/2 {
		f.DurationMS = int64(math.Round(ms))
	}
}
