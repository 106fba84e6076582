package media

import (
	"griot/internal/media/stream"
)

// waveCodecs are codings in WAV by their tags.
var waveCodecs = map[uint16]string{
	stream.TagPCM: "pcm", stream.TagFloat: "float", stream.TagALaw: "alaw", stream.TagMuLaw: "mulaw",
	stream.TagMSADPCM: "adpcm", stream.TagIMAADPCM: "adpcm", stream.TagGSM: "gsm", stream.TagMP3: "mp3",
}

func (f *Facts) wave(s *stream.Source) error {
	w, ok := stream.ReadWave(s)
	if !ok {
		return f.cutOff(s, "a WAV file")
	}
	f.Codec, f.Channels, f.SampleRate, f.CutOff = waveCodecs[w.Tag], w.Channels, w.Rate, w.CutOff
	switch {
	case w.Linear():
		f.last(float64(w.DataLen/int64(w.BlockAlign)), float64(w.Rate))
	case w.Samples > 0 && w.Rate > 0:
		f.last(float64(w.Samples), float64(w.Rate))
	case w.ByteRate > 0:
		f.last(float64(w.DataLen), float64(w.ByteRate))
		f.Estimated = true
	}
	return nil
}
