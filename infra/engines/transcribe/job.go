package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"

	"griot/internal/id"
)

// Amazon's words in FailureReason, as the documentation of the API has them.
const (
	unsupportedFormat = "Unsupported media format."
	otherFormat       = "The media format provided does not match the detected media format."
	badRate           = "Invalid sample rate for audio file."
	otherRate         = "The sample rate provided does not match the detected sample rate."
	tooLarge          = "Invalid file size: file size too large."
	tooManyChannels   = "Invalid number of channels: number of channels too large."
)

const (
	mostBytes   = 2 << 30
	mostSeconds = 4 * 60 * 60
)

// failure is why a job ends as FAILED.
type failure string

func (f failure) Error() string { return string(f) }

func (j *job) ended() bool {
	return j.status == types.TranscriptionJobStatusCompleted || j.status == types.TranscriptionJobStatusFailed
}

// seconds is a time in AWS JSON.
func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (j *job) summary() map[string]any {
	in := j.request
	out := map[string]any{
		"TranscriptionJobName":   *in.TranscriptionJobName,
		"TranscriptionJobStatus": j.status,
		"CreationTime":           seconds(j.created),
	}
	for name, t := range map[string]time.Time{"StartTime": j.started, "CompletionTime": j.completed} {
		if !t.IsZero() {
			out[name] = seconds(t)
		}
	}
	for name, flag := range map[string]*bool{"IdentifyLanguage": in.IdentifyLanguage, "IdentifyMultipleLanguages": in.IdentifyMultipleLanguages} {
		if flag != nil {
			out[name] = *flag
		}
	}
	if code := j.languageCode(); code != "" {
		out["LanguageCode"] = code
	}
	if j.score > 0 {
		out["IdentifiedLanguageScore"] = j.score
	}
	if j.reason != "" {
		out["FailureReason"] = j.reason
	}
	return out
}

func (j *job) languageCode() types.LanguageCode {
	if j.request.LanguageCode != "" {
		return j.request.LanguageCode
	}
	return j.language
}

// shown is the TranscriptionJob of an answer.
func (j *job) shown() map[string]any {
	in, out := j.request, j.summary()
	out["Media"] = map[string]any{"MediaFileUri": *in.Media.MediaFileUri}
	settings := map[string]any{"ChannelIdentification": false, "ShowAlternatives": false}
	if in.Settings != nil {
		settings["ChannelIdentification"] = aws.ToBool(in.Settings.ChannelIdentification)
		if aws.ToBool(in.Settings.ShowSpeakerLabels) {
			settings["ShowSpeakerLabels"], settings["MaxSpeakerLabels"] = true, *in.Settings.MaxSpeakerLabels
		}
	}
	out["Settings"] = settings
	if in.MediaFormat != "" {
		out["MediaFormat"] = in.MediaFormat
	}
	if in.MediaSampleRateHertz != nil {
		out["MediaSampleRateHertz"] = *in.MediaSampleRateHertz
	}
	if len(in.Tags) > 0 {
		tags := []any{}
		for _, tag := range in.Tags {
			tags = append(tags, map[string]string{"Key": aws.ToString(tag.Key), "Value": aws.ToString(tag.Value)})
		}
		out["Tags"] = tags
	}
	transcript := map[string]any{}
	if j.status == types.TranscriptionJobStatusCompleted {
		plain, redacted := j.outputs()
		for name, p := range map[string]*place{"TranscriptFileUri": plain, "RedactedTranscriptFileUri": redacted} {
			if p != nil {
				transcript[name] = fmt.Sprintf("https://s3.us-east-1.amazonaws.com/%s/%s", p.bucket, p.key)
			}
		}
	}
	out["Transcript"] = transcript
	return out
}

// outputs are the objects of the result; one of them may be nil.
func (j *job) outputs() (plain, redacted *place) {
	to := output(j.request)
	if j.request.ContentRedaction == nil {
		return &to, nil
	}
	hidden := place{to.bucket, path.Join(path.Dir(to.key), "redacted-"+path.Base(to.key))}
	if j.request.ContentRedaction.RedactionOutput == types.RedactionOutputRedacted {
		return nil, &hidden
	}
	return &to, &hidden
}

// work does a job to its end.
func (s *service) work(j *job) {
	if !s.wait(j) {
		return
	}
	heard, err := s.hear(j)
	var why failure
	switch {
	case s.ctx.Err() != nil:
		return
	case errors.As(err, &why):
	case err != nil:
		log.Printf("%s: %v", *j.request.TranscriptionJobName, err)
		why = "Internal failure."
	}
	s.mu.Lock()
	j.completed = time.Now()
	j.status = types.TranscriptionJobStatusCompleted
	if why != "" {
		j.status, j.reason = types.TranscriptionJobStatusFailed, string(why)
	} else if j.request.LanguageCode == "" {
		j.language, j.score = heard.language, heard.score
	}
	status := j.status
	s.mu.Unlock()
	s.tell(*j.request.TranscriptionJobName, status)
}

// wait keeps a job where a fault says that it stays; false: the service ends.
func (s *service) wait(j *job) bool {
	for {
		s.mu.Lock()
		stay := s.stays(j)
		if stay != "" {
			j.status = stay
		} else if j.status == types.TranscriptionJobStatusQueued {
			j.status = types.TranscriptionJobStatusInProgress
		}
		if j.status == types.TranscriptionJobStatusInProgress && j.started.IsZero() {
			j.started = time.Now()
		}
		s.mu.Unlock()
		if stay == "" {
			return true
		}
		select {
		case <-s.ctx.Done():
			return false
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stays and fails are the faults of a job; the mutex is held.
func (s *service) stays(j *job) types.TranscriptionJobStatus {
	for _, f := range s.faults.Media {
		if j.meant(f.Match) {
			return f.Stay
		}
	}
	return ""
}

func (s *service) fails(j *job) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults.Media {
		if j.meant(f.Match) {
			return f.Fail
		}
	}
	return ""
}

func (j *job) meant(match string) bool {
	return strings.Contains(*j.request.Media.MediaFileUri, match) || strings.Contains(*j.request.TranscriptionJobName, match)
}

// hear fetches the recording, has it written down and writes the result.
func (s *service) hear(j *job) (*heard, error) {
	if reason := s.fails(j); reason != "" {
		return nil, failure(reason)
	}
	file, err := s.fetch(j)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	h, err := s.listen(j.request, file)
	if err != nil {
		return nil, err
	}
	plain, redacted := j.outputs()
	for to, hide := range map[*place]bool{plain: false, redacted: true} {
		if to == nil {
			continue
		}
		data, err := json.Marshal(h.result(j.request, hide))
		if err != nil {
			return nil, err
		}
		if err := s.write(s.ctx, *to, data); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// fetch copies the recording to a file without a name.
func (s *service) fetch(j *job) (*os.File, error) {
	from, _ := placeOf(*j.request.Media.MediaFileUri)
	object, err := s.bucket.GetObject(s.ctx, &s3.GetObjectInput{Bucket: &from.bucket, Key: &from.key})
	if err != nil {
		return nil, failure("The S3 URI that you provided can't be accessed. Make sure that you have read permission and try your request again.")
	}
	defer object.Body.Close()
	if aws.ToInt64(object.ContentLength) > mostBytes {
		return nil, failure(tooLarge)
	}
	file, err := os.CreateTemp("", "transcribe-")
	if err != nil {
		return nil, err
	}
	os.Remove(file.Name())
	if _, err := io.Copy(file, object.Body); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// tell sends the event that EventBridge has of a job's end.
func (s *service) tell(name string, status types.TranscriptionJobStatus) {
	f := s.currentFaults()
	if f.Events == "" {
		return
	}
	event, err := json.Marshal(map[string]any{
		"version": "0", "id": id.NewUUID(), "detail-type": "Transcribe Job State Change", "source": "aws.transcribe",
		"account": "000000000000", "time": time.Now().UTC().Format(time.RFC3339), "region": s.region, "resources": []string{},
		"detail": map[string]any{"TranscriptionJobName": name, "TranscriptionJobStatus": status},
	})
	if err != nil {
		log.Print(err)
		return
	}
	times := 1
	if f.Twice {
		times = 2
	}
	for range times {
		if _, err := s.queue.SendMessage(context.WithoutCancel(s.ctx), &sqs.SendMessageInput{QueueUrl: &f.Events, MessageBody: aws.String(string(event))}); err != nil {
			log.Printf("the event of %s: %v", name, err)
		}
	}
}
