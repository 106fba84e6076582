package media

import "griot/internal/media/stream"

// flac reads STREAMINFO. Its number of samples is a guess, or none, where it was
// written before the sound and nobody could go back to it: the last frame knows.
func (f *Facts) flac(s *stream.Source, from int64) error {
	f.Codec = "flac"
	info, ok := stream.ReadFLACInfo(s.At(from+8, stream.FLACInfoLen))
	if !ok {
		return f.cutOff(s, "a FLAC file")
	}
	f.Channels, f.SampleRate = info.Channels, info.Rate
	samples := info.Samples
	tail := int(min(s.Size-from, max(64<<10, int64(4*info.MaxFrame))))
	if end := info.End(s.At(s.Size-int64(tail), tail)); end > 0 {
		samples = end
	}
	if samples > 0 {
		f.last(float64(samples), float64(info.Rate))
	}
	return nil
}
