package openai

import (
	"context"
	"fmt"
	"time"

	"griot/internal/blob"
	"griot/internal/media"
	"griot/internal/media/cut"
	"griot/internal/transcriber"
)

// formRoom is what a call has besides the file, at most: services count the
// whole body.
const formRoom = 4 << 10

// parts plans the calls for a recording; the same recording gives the same.
func (e *Engine) parts(ctx context.Context, r transcriber.Recording, info blob.Info) ([]cut.Part, error) {
	most := info.Size
	if e.MaxBytes > 0 {
		most = e.MaxBytes - formRoom
	}
	facts := media.Facts{Kind: media.Kind(r.Kind), Size: info.Size}
	common := time.Duration(0)
	if e.Diarize { // who speaks in it is known by it in the next part
		common = cut.Longest
	}
	parts, ok, err := cut.Plan(blob.OpenAt(ctx, e.blobs, info), facts, most, common)
	if err != nil {
		return nil, fmt.Errorf("dividing a recording: %w", err)
	}
	if !ok {
		return nil, e.tooLarge(info.Size)
	}
	return parts, nil
}

// check refuses a recording that neither fits nor can be divided, as far as
// its kind tells.
func (e *Engine) check(r transcriber.Recording) error {
	if e.MaxBytes > 0 && r.Size > e.MaxBytes-formRoom && !cut.Divides(media.Kind(r.Kind)) {
		return e.tooLarge(r.Size)
	}
	return nil
}

func (e *Engine) tooLarge(size int64) error {
	return transcriber.Fail(transcriber.TooLarge, fmt.Sprintf(
		"The recording has %d MB, the transcription engine at %s takes at most %d MB, and this file cannot be divided. Send it as MP3, FLAC or WAV (PCM), which are sent in parts, or in a format that needs less (Opus in OGG: 32 kbit/s are plenty for speech).",
		(size+1<<20-1)>>20, e.host, e.MaxBytes>>20), nil)
}

// answerKey names the object of a part's answer by the bytes that it answers:
// where another limit makes other parts, the answers to these do not count.
func answerKey(r transcriber.Recording, p cut.Part) string {
	return fmt.Sprintf("%sanswer-%d-%d.json", r.Answer, p.Offset, p.Length)
}
