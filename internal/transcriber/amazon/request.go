package amazon

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"

	"griot/internal/media"
	"griot/internal/transcriber"
)

// What Amazon takes (Amazon Transcribe, "Guidelines and quotas", 2026).
var limits = media.Limits{
	Kinds:    []media.Kind{media.AMR, media.FLAC, media.M4A, media.MP3, media.MP4, media.OGG, media.WebM, media.WAV},
	Bytes:    2 << 30,
	Shortest: time.Second / 2,
	Longest:  4 * time.Hour,
}

const (
	mostChannels = 2
	lowestRate   = 8_000 // Hz
	highestRate  = 48_000
	mostSpeakers = 30
	// someSpeakers is how many voices are told apart where nobody has said how
	// many there are.
	someSpeakers = 10
)

// Tags of a job: by them an event finds its session, and an account its costs.
const (
	workspaceTag = "workspace"
	sessionTag   = "session"
)

func check(r transcriber.Recording) error {
	err := limits.Check(media.Facts{Kind: media.Kind(r.Kind), DurationMS: r.DurationMS, Size: r.Size})
	if refused, ok := errors.AsType[*media.Error](err); ok {
		kind := transcriber.Unsupported
		if refused.Code == media.TooLarge {
			kind = transcriber.TooLarge
		}
		return transcriber.Fail(kind, refused.Message, nil)
	}
	switch {
	case err != nil:
		return err
	case r.Channels > mostChannels:
		return transcriber.Fail(transcriber.Unsupported, fmt.Sprintf("The recording has %d channels; Amazon Transcribe takes one or two. Mix it down and upload that.", r.Channels), nil)
	case r.SampleRate > 0 && (r.SampleRate < lowestRate || r.SampleRate > highestRate):
		return transcriber.Fail(transcriber.Unsupported, fmt.Sprintf("The recording has %d samples a second; Amazon Transcribe takes %d to %d. Convert it (16,000 are plenty for speech) and upload that.", r.SampleRate, lowestRate, highestRate), nil)
	}
	return nil
}

// request is what Amazon is asked for a recording, or why it is not asked.
func (e *Engine) request(r transcriber.Recording) (*transcribe.StartTranscriptionJobInput, error) {
	if err := check(r); err != nil {
		return nil, err
	}
	in := &transcribe.StartTranscriptionJobInput{
		TranscriptionJobName: aws.String(r.Name()),
		Media:                &types.Media{MediaFileUri: aws.String(e.uri(r.Object))},
		MediaFormat:          formatOf(media.Kind(r.Kind)),
		OutputBucketName:     &e.bucket,
		OutputKey:            aws.String(r.Kept + e.fileName(r)),
		Settings:             speakers(r),
		Tags: []types.Tag{
			{Key: aws.String(workspaceTag), Value: &r.Workspace},
			{Key: aws.String(sessionTag), Value: &r.Session},
		},
	}
	return in, e.setLanguage(in, r.Language)
}

// uri is the address of an object: its key as it is.
func (e *Engine) uri(key string) string { return "s3://" + e.bucket + "/" + key }

// formatOf leaves MP4 and M4A to Amazon: a job whose format is not the one
// that it finds fails, and that pair is told apart in more ways than one.
func formatOf(kind media.Kind) types.MediaFormat {
	if kind == media.MP4 || kind == media.M4A {
		return ""
	}
	return types.MediaFormat(kind)
}

// speakers has them told apart: by channel where there are two, which is
// certain, unless more people than that speak; else by their voices.
func speakers(r transcriber.Recording) *types.Settings {
	switch {
	case r.Speakers == 1:
		return nil
	case r.Channels == 2 && r.Speakers <= 2:
		return &types.Settings{ChannelIdentification: aws.Bool(true)}
	}
	most := someSpeakers
	if r.Speakers > 0 {
		most = min(r.Speakers, mostSpeakers)
	}
	return &types.Settings{ShowSpeakerLabels: aws.Bool(true), MaxSpeakerLabels: aws.Int32(int32(most))}
}

// setLanguage says what is spoken, or has it found out, and adds what depends
// on that.
func (e *Engine) setLanguage(in *transcribe.StartTranscriptionJobInput, said string) error {
	code, known := e.spoken(said)
	switch {
	case !known:
		return transcriber.Fail(transcriber.Unsupported, fmt.Sprintf("Amazon Transcribe does not know the language %q of the recording. If that is what is spoken, have it written down elsewhere and upload the transcript.", said), nil)
	case code == "" && e.redact:
		return transcriber.Fail(transcriber.Denied, "What identifies a person is removed from transcripts here, for which Amazon Transcribe needs to know the language. Create the session with its language, or set the stack's parameter TranscribeLanguage.", nil)
	case code == "" && strings.EqualFold(said, severalLanguages):
		in.IdentifyMultipleLanguages = aws.Bool(true)
	case code == "":
		in.IdentifyLanguage = aws.Bool(true)
	}
	in.LanguageCode = code
	if e.redact {
		in.ContentRedaction = &types.ContentRedaction{RedactionType: types.RedactionTypePii, RedactionOutput: types.RedactionOutputRedacted}
	}
	if e.vocabulary != "" && code == e.language {
		if in.Settings == nil {
			in.Settings = &types.Settings{}
		}
		in.Settings.VocabularyName = &e.vocabulary
	}
	return nil
}
