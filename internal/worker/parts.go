package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"griot/internal/session"
	"griot/internal/session/recording"
	"griot/internal/session/upload"
	"griot/internal/transcriber"
	"griot/internal/transcript"
	"griot/internal/transcript/format"
	"griot/internal/transcript/seam"
)

// readAnswers reads what an engine has written, part by part.
func (f Files) readAnswers(ctx context.Context, r upload.Reading, answers []transcriber.Answer) (format.Parsed, error) {
	hint := transcript.Hint{Format: transcript.Container(format.JSON), Language: r.SpokenLanguage}
	heard := parts{expected: recording.Of(r).Speakers}
	for _, a := range answers {
		part, err := f.readAnswer(ctx, a, hint)
		var broken *format.Error
		switch {
		case errors.As(err, &broken) && broken.Code == format.EmptyTranscript:
			continue
		case errors.As(err, &broken):
			slog.ErrorContext(ctx, "an engine's answer cannot be read", "session", r.ID, "object", a.Object, "error", err)
			return part, &Failed{session.Failure{
				Code: session.TranscriberFailed, Message: "The answer of the transcription engine cannot be read as a transcript, and is kept. A retry of the session reads it again, or asks the engine if another one, or another model, is configured by then.",
			}}
		case err != nil:
			return part, err
		}
		heard.add(part, a)
	}
	if len(heard.turns) == 0 {
		return format.Parsed{}, &Failed{session.Failure{
			Code: session.EmptyTranscript, Message: "The transcription engine heard no words in the recording. If people can be heard in it, name the language that they speak (language), or upload it louder.",
		}}
	}
	whole := heard.whole()
	if w, short := cutOff(r.Facts(), whole.DurationMS); short {
		whole.Reading.Warnings = append(whole.Reading.Warnings, w)
	}
	return spoken(whole), nil
}

// cutOff warns of a recording that ends before its header says so, or was not
// heard to its end: engines write down what they get, and say nothing. heardMS is
// how long the engine says that it is; nil where it does not.
func cutOff(f session.Facts, heardMS *int64) (w transcript.Warning, short bool) {
	w.Code = transcript.CutOff
	said := func(ms int64) time.Duration { return (time.Duration(ms) * time.Millisecond).Round(time.Second) }
	switch {
	case heardMS != nil && !f.Estimated && *heardMS < f.DurationMS-max(2000, f.DurationMS/50):
		w.Message = fmt.Sprintf("By its header the recording is %v long, and the engine has heard %v of it: the file is cut off or damaged, or the engine ended early.", said(f.DurationMS), said(*heardMS))
	case f.CutOff:
		w.Message = "The recording is cut off: its header counts more sound than there is in the file. What was said behind that is missing."
	default:
		return w, false
	}
	return w, true
}

// spoken says of a recording what a reader says of a file.
func spoken(p format.Parsed) format.Parsed {
	for i, w := range p.Reading.Warnings {
		switch w.Code {
		case transcript.NoSpeakers:
			p.Reading.Warnings[i].Message = "The transcription engine does not say who speaks."
		case transcript.NoTimes:
			p.Reading.Warnings[i].Message = "The transcription engine gives no times."
		}
	}
	return p
}

func (f Files) readAnswer(ctx context.Context, a transcriber.Answer, hint transcript.Hint) (format.Parsed, error) {
	body, _, err := f.Blobs.Get(ctx, a.Object)
	if err != nil {
		return format.Parsed{}, fmt.Errorf("opening an engine's answer: %w", err)
	}
	defer body.Close()
	return format.Parse(body, format.MaxText, hint)
}

// parts is what was written down of a recording, part by part.
type parts struct {
	expected  int // speakers; 0: unknown
	read      []format.Parsed
	turns     []transcript.Turn
	strangers int // labels of later parts that may be somebody's of an earlier one
}

// add puts a part behind what came before it, with the times of the recording
// and the speakers of the parts before.
func (p *parts) add(part format.Parsed, a transcriber.Answer) {
	for i, t := range part.Turns {
		part.Turns[i].StartMS, part.Turns[i].EndMS = later(t.StartMS, a.StartMS), later(t.EndMS, a.StartMS)
	}
	part.DurationMS = later(part.DurationMS, a.StartMS)
	if len(p.read) == 0 {
		p.turns = part.Turns
	} else {
		named, strangers := seam.Voices(p.turns, part.Turns, p.expected)
		p.strangers += strangers
		p.turns = seam.Join(p.turns, named, a.FromMS)
	}
	p.read = append(p.read, part)
}

// whole is the transcript of the recording.
func (p *parts) whole() format.Parsed {
	if len(p.read) == 1 {
		return p.read[0]
	}
	whole := format.Joined(p.read, p.turns)
	if p.strangers > 0 {
		whole.Reading.Warnings = append(whole.Reading.Warnings, transcript.Warning{Code: transcript.SpeakersByPart, Message: fmt.Sprintf(
			"The engine has heard the recording in %d parts and counts speakers anew in each. %d of its labels could not be matched with those before: somebody may have more than one.", len(p.read), p.strangers)})
	}
	return whole
}

func later(at *int64, by int64) *int64 {
	if at == nil || by == 0 {
		return at
	}
	sum := *at + by
	return &sum
}
