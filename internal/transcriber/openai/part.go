package openai

import (
	"fmt"

	"griot/internal/transcriber"
)

// part is what one call is made for.
type part struct {
	startMS, fromMS, toMS int64 // as in transcriber.Answer
}

// parts plans the calls for a recording; the same recording gives the same.
func (e *Engine) parts(r transcriber.Recording) ([]part, error) {
	if e.MaxBytes > 0 && r.Size > e.MaxBytes {
		return nil, transcriber.Fail(transcriber.TooLarge, fmt.Sprintf(
			"The recording has %d MB, and the transcription engine at %s takes at most %d MB. Send it in a format that needs less (MP3, or Opus in OGG, 64 kbit/s are plenty for speech), or in parts.",
			(r.Size+1<<20-1)>>20, e.host, e.MaxBytes>>20), nil)
	}
	return []part{{}}, nil
}
