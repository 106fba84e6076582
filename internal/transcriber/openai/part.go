package openai

import (
	"context"
	"errors"
	"fmt"
	"slices"
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

// answersTo begins the keys of the answers to calls for this recording, of the
// version that info is of.
func (e *Engine) answersTo(r transcriber.Recording, info blob.Info) string {
	return r.Kept + "openai-" + transcriber.Plan(e.address, e.Model, fmt.Sprint(e.Diarize), r.Language, r.Object, info.ETag) + "-"
}

// call is one part of a recording, and where its answer is kept: named by the
// bytes that it answers, so that where another limit makes other parts, the
// answers to these do not count.
type call struct {
	cut.Part
	transcriber.Answer
}

// calls are those that a recording takes.
func (e *Engine) calls(ctx context.Context, r transcriber.Recording, info blob.Info) ([]call, error) {
	parts, err := e.parts(ctx, r, info)
	if err != nil {
		return nil, err
	}
	calls := make([]call, len(parts))
	for i, p := range parts {
		calls[i] = call{p, transcriber.Answer{
			Object:  fmt.Sprintf("%s%d-%d.json", e.answersTo(r, info), p.Offset, p.Length),
			StartMS: p.StartMS, FromMS: p.FromMS, ToMS: p.ToMS,
		}}
	}
	return calls, nil
}

// kept returns the answers to all calls for a recording, if another attempt has
// them all.
func (e *Engine) kept(ctx context.Context, r transcriber.Recording) (answers []transcriber.Answer, all bool, err error) {
	info, err := e.blobs.Stat(ctx, r.Object)
	if errors.Is(err, blob.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("looking at the recording: %w", err)
	}
	some, _, err := e.blobs.List(ctx, e.answersTo(r, info), "")
	if err != nil || len(some) == 0 {
		return nil, false, err
	}
	calls, err := e.calls(ctx, r, info)
	if err != nil {
		return nil, false, err
	}
	for _, c := range calls {
		if !slices.ContainsFunc(some, func(o blob.Info) bool { return o.Key == c.Object }) {
			return nil, false, nil
		}
		answers = append(answers, c.Answer)
	}
	return answers, true, nil
}
