package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
	"github.com/aws/smithy-go"

	"griot/infra/speech"
	"griot/internal/setup"
)

// stand is a stand-in with a bucket and a queue of its own.
type stand struct {
	t      *testing.T
	url    string
	client *transcribe.Client
	bucket string
	queue  string
	files  *s3.Client
	events *sqs.Client
}

func configuration(t *testing.T, url string) aws.Config {
	t.Helper()
	config, err := setup.AWSConfig(func(name string) string {
		return map[string]string{
			"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": url,
		}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// open starts a stand-in in front of the engines at these addresses; "" for
// what the test does not reach.
func open(t *testing.T, localstack, speech string) *stand {
	t.Helper()
	config := configuration(t, localstack)
	server := httptest.NewServer(newService(t.Context(), config, speech))
	t.Cleanup(server.Close)
	s := &stand{t: t, url: server.URL, files: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }), events: sqs.NewFromConfig(config)}
	s.client = transcribe.NewFromConfig(configuration(t, server.URL), func(o *transcribe.Options) { o.Retryer = retry.AddWithMaxAttempts(aws.NopRetryer{}, 1) })
	return s
}

// engines are those that infra/engines/engines started.
func engines(t *testing.T) *stand {
	t.Helper()
	localstack, engine := os.Getenv("GRIOT_TEST_LOCALSTACK"), os.Getenv("GRIOT_TEST_SPEECH")
	if localstack == "" || engine == "" {
		t.Skip(`GRIOT_TEST_LOCALSTACK and GRIOT_TEST_SPEECH are not both set: infra/engines/engines start and speech, then eval "$(infra/engines/engines env)"`)
	}
	s := open(t, localstack, engine)
	s.bucket = "transcribe-" + strings.ToLower(rand.Text())
	if _, err := s.files.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &s.bucket}); err != nil {
		t.Fatal(err)
	}
	queue, err := s.events.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &s.bucket})
	if err != nil {
		t.Fatal(err)
	}
	s.queue = *queue.QueueUrl
	t.Cleanup(func() { s.events.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: queue.QueueUrl}) })
	return s
}

func (s *stand) put(key string, data []byte) {
	s.t.Helper()
	if _, err := s.files.PutObject(s.t.Context(), &s3.PutObjectInput{Bucket: &s.bucket, Key: &key, Body: bytes.NewReader(data)}); err != nil {
		s.t.Fatal(err)
	}
}

// read returns an object, or nil.
func (s *stand) read(key string) []byte {
	s.t.Helper()
	object, err := s.files.GetObject(s.t.Context(), &s3.GetObjectInput{Bucket: &s.bucket, Key: &key})
	if missing := new(smithy.GenericAPIError); err != nil && (strings.Contains(err.Error(), "NoSuchKey") || errors.As(err, &missing)) {
		return nil
	}
	if err != nil {
		s.t.Fatal(err)
	}
	defer object.Body.Close()
	data, err := io.ReadAll(object.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return data
}

func (s *stand) fault(f string) {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPut, s.url+"/faults", strings.NewReader(f))
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		s.t.Fatalf("faults %s: %s", f, res.Status)
	}
}

// ask is a request that is in order; change makes another of it.
func (s *stand) ask(name, key string, change func(*transcribe.StartTranscriptionJobInput)) *transcribe.StartTranscriptionJobInput {
	in := &transcribe.StartTranscriptionJobInput{
		TranscriptionJobName: &name,
		Media:                &types.Media{MediaFileUri: aws.String("s3://" + s.bucket + "/" + key)},
		IdentifyLanguage:     aws.Bool(true),
		OutputBucketName:     &s.bucket,
		OutputKey:            aws.String("out/" + name + "/answer.json"),
	}
	if change != nil {
		change(in)
	}
	return in
}

func (s *stand) start(in *transcribe.StartTranscriptionJobInput) {
	s.t.Helper()
	out, err := s.client.StartTranscriptionJob(s.t.Context(), in)
	if err != nil {
		s.t.Fatal(err)
	}
	if job := out.TranscriptionJob; *job.TranscriptionJobName != *in.TranscriptionJobName || job.CreationTime == nil {
		s.t.Errorf("%+v", job)
	}
}

func (s *stand) job(name string) *types.TranscriptionJob {
	s.t.Helper()
	out, err := s.client.GetTranscriptionJob(s.t.Context(), &transcribe.GetTranscriptionJobInput{TranscriptionJobName: &name})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.TranscriptionJob
}

// end waits for the end of a job.
func (s *stand) end(name string) *types.TranscriptionJob {
	s.t.Helper()
	for {
		job := s.job(name)
		if job.TranscriptionJobStatus == types.TranscriptionJobStatusCompleted || job.TranscriptionJobStatus == types.TranscriptionJobStatusFailed {
			return job
		}
		select {
		case <-s.t.Context().Done():
			s.t.Fatal(s.t.Context().Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// event waits for the next event, and returns the name and the status of its job.
func (s *stand) event() (name, status string) {
	s.t.Helper()
	for range 30 {
		out, err := s.events.ReceiveMessage(s.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &s.queue, WaitTimeSeconds: 2})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, m := range out.Messages {
			var event struct {
				Source     string
				DetailType string `json:"detail-type"`
				Detail     struct{ TranscriptionJobName, TranscriptionJobStatus string }
			}
			if err := json.Unmarshal([]byte(*m.Body), &event); err != nil {
				s.t.Fatal(err)
			}
			if event.Source != "aws.transcribe" || event.DetailType != "Transcribe Job State Change" {
				s.t.Errorf("event %s", *m.Body)
			}
			if _, err := s.events.DeleteMessage(s.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &s.queue, ReceiptHandle: m.ReceiptHandle}); err != nil {
				s.t.Fatal(err)
			}
			return event.Detail.TranscriptionJobName, event.Detail.TranscriptionJobStatus
		}
	}
	s.t.Fatal("no event came")
	return "", ""
}

// code is the name of an error in Amazon's model.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

type amazon struct {
	Status  string
	Results struct {
		LanguageCode string `json:"language_code"`
		Transcripts  []struct{ Transcript string }
		Items        []struct {
			Type         string
			Start        string `json:"start_time"`
			Channel      string `json:"channel_label"`
			Speaker      string `json:"speaker_label"`
			Alternatives []struct{ Content string }
		}
		Speakers *struct {
			Speakers int
			Segments []struct {
				Items []struct {
					Speaker string `json:"speaker_label"`
				}
			}
		} `json:"speaker_labels"`
		Channels *struct {
			Number   int `json:"number_of_channels"`
			Channels []struct {
				Items []struct{ Alternatives []struct{ Content string } }
			}
		} `json:"channel_labels"`
		Segments []struct{ Transcript string } `json:"audio_segments"`
	}
}

func (s *stand) result(key string) amazon {
	s.t.Helper()
	var a amazon
	if err := json.Unmarshal(s.read(key), &a); err != nil {
		s.t.Fatalf("%s: %v", key, err)
	}
	return a
}

func interview(t *testing.T, stereo bool) ([]byte, []speech.Turn) {
	t.Helper()
	wav, turns, err := speech.Speak(t.Context(), speech.Interview()[:4], stereo)
	if err != nil {
		t.Fatal(err)
	}
	return wav, turns
}

func TestRecordingBecomesResult(t *testing.T) {
	s := engines(t)
	wav, turns := interview(t, false)
	s.put("in/call.wav", wav)
	s.fault(`{"Events":"` + s.queue + `"}`)
	s.start(s.ask("call-1", "in/call.wav", func(in *transcribe.StartTranscriptionJobInput) {
		in.Settings = &types.Settings{ShowSpeakerLabels: aws.Bool(true), MaxSpeakerLabels: aws.Int32(2)}
		in.Tags = []types.Tag{{Key: aws.String("session"), Value: aws.String("ses_1")}}
	}))
	if s.read("out/call-1/.write_access_check_file.temp") == nil {
		t.Error("nothing was left of the attempt to write")
	}
	if _, err := s.client.StartTranscriptionJob(t.Context(), s.ask("call-1", "in/call.wav", nil)); code(err) != "ConflictException" {
		t.Errorf("a second job of the name: %v", err)
	}
	if name, status := s.event(); name != "call-1" || status != "COMPLETED" {
		t.Errorf("event %s %s", name, status)
	}
	job := s.job("call-1")
	if job.TranscriptionJobStatus != types.TranscriptionJobStatusCompleted || job.LanguageCode != types.LanguageCodeEnUs ||
		aws.ToFloat32(job.IdentifiedLanguageScore) == 0 || job.CompletionTime.Before(*job.StartTime) || len(job.Tags) != 1 ||
		!strings.HasSuffix(*job.Transcript.TranscriptFileUri, s.bucket+"/out/call-1/answer.json") {
		t.Errorf("%+v", job)
	}
	a := s.result("out/call-1/answer.json")
	if wer := speech.WER(speech.Text(turns, ""), a.Results.Transcripts[0].Transcript); wer > 0.5 {
		t.Errorf("word error rate %.2f: %s", wer, a.Results.Transcripts[0].Transcript)
	}
	if a.Status != "COMPLETED" || a.Results.LanguageCode != "en-US" || a.Results.Speakers == nil || a.Results.Speakers.Speakers < 1 || len(a.Results.Segments) == 0 {
		t.Errorf("%+v", a)
	}
	for i, it := range a.Results.Items {
		if it.Speaker == "" || (it.Type == "pronunciation") != (it.Start != "") {
			t.Errorf("item %d: %+v", i, it)
		}
	}
	if _, err := s.client.DeleteTranscriptionJob(t.Context(), &transcribe.DeleteTranscriptionJobInput{TranscriptionJobName: aws.String("call-1")}); err != nil {
		t.Error(err)
	}
	if s.read("out/call-1/answer.json") == nil {
		t.Error("the result went with the job")
	}
	_, err := s.client.GetTranscriptionJob(t.Context(), &transcribe.GetTranscriptionJobInput{TranscriptionJobName: aws.String("call-1")})
	if code(err) != "BadRequestException" {
		t.Errorf("a deleted job: %v", err)
	}
}

func TestChannels(t *testing.T) {
	s := engines(t)
	wav, turns := interview(t, true)
	s.put("in/two.wav", wav)
	s.start(s.ask("two", "in/two.wav", func(in *transcribe.StartTranscriptionJobInput) {
		in.Settings = &types.Settings{ChannelIdentification: aws.Bool(true)}
		in.IdentifyLanguage, in.LanguageCode = nil, types.LanguageCodeEnGb
		in.OutputKey = aws.String("folder")
	}))
	if job := s.end("two"); job.TranscriptionJobStatus != types.TranscriptionJobStatusCompleted || job.LanguageCode != types.LanguageCodeEnGb {
		t.Fatalf("%+v", job)
	}
	a := s.result("folder/two.json") // a key that does not end in .json is a folder
	if a.Results.Channels == nil || a.Results.Channels.Number != 2 {
		t.Fatalf("%+v", a)
	}
	for i, speaker := range []string{"Ruth", "Omar"} {
		var heard []string
		for _, it := range a.Results.Channels.Channels[i].Items {
			heard = append(heard, it.Alternatives[0].Content)
		}
		if wer := speech.WER(speech.Text(turns, speaker), strings.Join(heard, " ")); wer > 0.5 {
			t.Errorf("%s: word error rate %.2f: %q", speaker, wer, heard)
		}
	}
}

func TestRedaction(t *testing.T) {
	s := engines(t)
	wav, _, err := speech.Speak(t.Context(), []speech.Turn{{Speaker: "Ruth", Text: "The number of the account is 4 7 1 1 0 8 1 5 in the second book."}}, false)
	if err != nil {
		t.Fatal(err)
	}
	s.put("in/account.wav", wav)
	s.start(s.ask("account", "in/account.wav", func(in *transcribe.StartTranscriptionJobInput) {
		in.IdentifyLanguage, in.LanguageCode = nil, types.LanguageCodeEnUs
		in.ContentRedaction = &types.ContentRedaction{RedactionType: types.RedactionTypePii, RedactionOutput: types.RedactionOutputRedacted}
	}))
	job := s.end("account")
	if job.Transcript.TranscriptFileUri != nil || !strings.HasSuffix(aws.ToString(job.Transcript.RedactedTranscriptFileUri), "/out/account/redacted-answer.json") {
		t.Fatalf("%+v", job.Transcript)
	}
	text := s.result("out/account/redacted-answer.json").Results.Transcripts[0].Transcript
	if strings.ContainsAny(text, "0123456789") || !strings.Contains(text, "[PII]") {
		t.Errorf("%q", text)
	}
}

func TestRecordingsThatAmazonCannotTake(t *testing.T) {
	s := engines(t)
	s.put("in/clip.mp3", speech.Clip)
	s.put("in/text.mp3", []byte("And so my fellow Americans"))
	s.put("in/empty.mp3", nil)
	for _, test := range []struct {
		name, key string
		change    func(*transcribe.StartTranscriptionJobInput)
		want      string
	}{
		{"text", "in/text.mp3", nil, unsupportedFormat},
		{"empty", "in/empty.mp3", nil, unsupportedFormat},
		{"format", "in/clip.mp3", func(in *transcribe.StartTranscriptionJobInput) { in.MediaFormat = types.MediaFormatFlac }, otherFormat},
		{"rate", "in/clip.mp3", func(in *transcribe.StartTranscriptionJobInput) { in.MediaSampleRateHertz = aws.Int32(8000) }, otherRate},
	} {
		s.start(s.ask(test.name, test.key, test.change))
		if job := s.end(test.name); aws.ToString(job.FailureReason) != test.want {
			t.Errorf("%s: %s %q, want %q", test.name, job.TranscriptionJobStatus, aws.ToString(job.FailureReason), test.want)
		}
		if s.read("out/"+test.name+"/answer.json") != nil {
			t.Errorf("%s: a failed job has a result", test.name)
		}
	}
}

func TestFaults(t *testing.T) {
	s := engines(t)
	s.put("in/clip.mp3", speech.Clip)
	s.put("in/bad.mp3", speech.Clip)
	s.fault(`{"Throttle":1,"Limit":1,"Events":"` + s.queue + `","Twice":true,"Media":[{"Match":"bad.mp3","Fail":"Too many mice."},{"Match":"clip.mp3","Stay":"IN_PROGRESS"}]}`)
	if _, err := s.client.StartTranscriptionJob(t.Context(), s.ask("a", "in/bad.mp3", nil)); code(err) != "ThrottlingException" {
		t.Errorf("throttled: %v", err)
	}
	s.start(s.ask("a", "in/bad.mp3", nil))
	for range 2 {
		if name, status := s.event(); name != "a" || status != "FAILED" {
			t.Errorf("event %s %s", name, status)
		}
	}
	if job := s.job("a"); aws.ToString(job.FailureReason) != "Too many mice." {
		t.Errorf("%+v", job)
	}
	s.start(s.ask("b", "in/clip.mp3", nil))
	if _, err := s.client.StartTranscriptionJob(t.Context(), s.ask("c", "in/clip.mp3", nil)); code(err) != "LimitExceededException" {
		t.Errorf("one too many: %v", err)
	}
	_, err := s.client.DeleteTranscriptionJob(t.Context(), &transcribe.DeleteTranscriptionJobInput{TranscriptionJobName: aws.String("b")})
	if code(err) != "BadRequestException" || !strings.Contains(err.Error(), "couldn't be deleted") {
		t.Errorf("a job that runs was deleted: %v", err)
	}
	out, err := s.client.ListTranscriptionJobs(t.Context(), &transcribe.ListTranscriptionJobsInput{Status: types.TranscriptionJobStatusInProgress, MaxResults: aws.Int32(1)})
	if err != nil || len(out.TranscriptionJobSummaries) != 1 || *out.TranscriptionJobSummaries[0].TranscriptionJobName != "b" {
		t.Errorf("%+v, %v", out, err)
	}
	s.fault(`{"Break":1}`)
	if _, err := s.client.StartTranscriptionJob(t.Context(), s.ask("d", "in/clip.mp3", nil)); code(err) != "InternalFailureException" {
		t.Errorf("broken: %v", err)
	}
	for _, name := range []string{"b", "d"} { // the answer was lost, the job was not
		if job := s.end(name); job.TranscriptionJobStatus != types.TranscriptionJobStatusCompleted {
			t.Errorf("%+v", job)
		}
	}
}

func TestMediaAndOutputMustBeThere(t *testing.T) {
	s := engines(t)
	s.put("in/clip.mp3", speech.Clip)
	for name, change := range map[string]func(*transcribe.StartTranscriptionJobInput){
		"no object": func(in *transcribe.StartTranscriptionJobInput) {
			in.Media.MediaFileUri = aws.String("s3://" + s.bucket + "/in/nothing.mp3")
		},
		"no bucket": func(in *transcribe.StartTranscriptionJobInput) {
			in.OutputBucketName = aws.String(s.bucket + "-other")
		},
	} {
		if _, err := s.client.StartTranscriptionJob(t.Context(), s.ask("x", "in/clip.mp3", change)); code(err) != "BadRequestException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestChecks reaches no engine: all of it is refused before.
func TestChecks(t *testing.T) {
	s := open(t, "http://127.0.0.1:9", "http://127.0.0.1:9")
	s.bucket = "calls"
	settings := func(set types.Settings) func(*transcribe.StartTranscriptionJobInput) {
		return func(in *transcribe.StartTranscriptionJobInput) { in.Settings = &set }
	}
	for _, test := range []struct {
		name   string
		change func(*transcribe.StartTranscriptionJobInput)
		about  string // a part of the message
	}{
		{"name with a slash", func(in *transcribe.StartTranscriptionJobInput) { in.TranscriptionJobName = aws.String("a/b") }, "transcriptionJobName"},
		{"name too long", func(in *transcribe.StartTranscriptionJobInput) {
			in.TranscriptionJobName = aws.String(strings.Repeat("a", 201))
		}, "transcriptionJobName"},
		{"name of dots", func(in *transcribe.StartTranscriptionJobInput) { in.TranscriptionJobName = aws.String("..") }, "transcriptionJobName"},
		{"no recording", func(in *transcribe.StartTranscriptionJobInput) { in.Media = &types.Media{} }, "mediaFileUri"},
		{"another scheme", func(in *transcribe.StartTranscriptionJobInput) { in.Media.MediaFileUri = aws.String("file:///a.mp3") }, "mediaFileUri"},
		{"a format", func(in *transcribe.StartTranscriptionJobInput) { in.MediaFormat = "aac" }, "mediaFormat"},
		{"a rate", func(in *transcribe.StartTranscriptionJobInput) { in.MediaSampleRateHertz = aws.Int32(96000) }, "mediaSampleRateHertz"},
		{"no language", func(in *transcribe.StartTranscriptionJobInput) { in.IdentifyLanguage = nil }, "exactly one"},
		{"language not found out", func(in *transcribe.StartTranscriptionJobInput) { in.IdentifyLanguage = aws.Bool(false) }, "exactly one"},
		{"two ways", func(in *transcribe.StartTranscriptionJobInput) { in.LanguageCode = types.LanguageCodeEnUs }, "exactly one"},
		{"both ways to find out", func(in *transcribe.StartTranscriptionJobInput) { in.IdentifyMultipleLanguages = aws.Bool(true) }, "exactly one"},
		{"a language without region", func(in *transcribe.StartTranscriptionJobInput) { in.IdentifyLanguage, in.LanguageCode = nil, "en" }, "languageCode"},
		{"one option", func(in *transcribe.StartTranscriptionJobInput) {
			in.LanguageOptions = []types.LanguageCode{types.LanguageCodeEnUs}
		}, "at least two"},
		{"options of a known language", func(in *transcribe.StartTranscriptionJobInput) {
			in.IdentifyLanguage, in.LanguageCode = nil, types.LanguageCodeEnUs
			in.LanguageOptions = []types.LanguageCode{types.LanguageCodeEnUs, types.LanguageCodeDeDe}
		}, "LanguageOptions"},
		{"how many speakers", settings(types.Settings{ShowSpeakerLabels: aws.Bool(true)}), "go together"},
		{"speakers not wanted", settings(types.Settings{MaxSpeakerLabels: aws.Int32(2)}), "go together"},
		{"one speaker", settings(types.Settings{ShowSpeakerLabels: aws.Bool(true), MaxSpeakerLabels: aws.Int32(1)}), "maxSpeakerLabels"},
		{"a crowd", settings(types.Settings{ShowSpeakerLabels: aws.Bool(true), MaxSpeakerLabels: aws.Int32(31)}), "maxSpeakerLabels"},
		{"speakers and channels", settings(types.Settings{ShowSpeakerLabels: aws.Bool(true), MaxSpeakerLabels: aws.Int32(2), ChannelIdentification: aws.Bool(true)}), "exclude"},
		{"alternatives", settings(types.Settings{ShowAlternatives: aws.Bool(true)}), "go together"},
		{"vocabulary of an unknown language", settings(types.Settings{VocabularyName: aws.String("names")}), "LanguageIdSettings"},
		{"redaction of an unknown language", func(in *transcribe.StartTranscriptionJobInput) {
			in.ContentRedaction = &types.ContentRedaction{RedactionType: types.RedactionTypePii, RedactionOutput: types.RedactionOutputRedacted}
		}, "LanguageCode"},
		{"redaction of German", func(in *transcribe.StartTranscriptionJobInput) {
			in.IdentifyLanguage, in.LanguageCode = nil, types.LanguageCodeDeDe
			in.ContentRedaction = &types.ContentRedaction{RedactionType: types.RedactionTypePii, RedactionOutput: types.RedactionOutputRedacted}
		}, "ContentRedaction"},
		{"a bucket's name", func(in *transcribe.StartTranscriptionJobInput) { in.OutputBucketName = aws.String("Calls") }, "outputBucketName"},
		{"a key's characters", func(in *transcribe.StartTranscriptionJobInput) { in.OutputKey = aws.String("out/ä.json") }, "outputKey"},
		{"a key without bucket", func(in *transcribe.StartTranscriptionJobInput) { in.OutputBucketName = nil }, "OutputBucketName"},
		{"a queue without role", func(in *transcribe.StartTranscriptionJobInput) {
			in.JobExecutionSettings = &types.JobExecutionSettings{AllowDeferredExecution: aws.Bool(true)}
		}, "DataAccessRoleArn"},
		{"Amazon's tag", func(in *transcribe.StartTranscriptionJobInput) {
			in.Tags = []types.Tag{{Key: aws.String("aws:session"), Value: aws.String("1")}}
		}, "tags"},
		{"in order, but S3 is away", nil, "can't be accessed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			_, err := s.client.StartTranscriptionJob(ctx, s.ask("call-1", "in/call.mp3", test.change))
			if code(err) != "BadRequestException" || !strings.Contains(err.Error(), test.about) {
				t.Errorf("%v, want a BadRequestException about %s", err, test.about)
			}
		})
	}
}

func TestAddressesOfRecordings(t *testing.T) {
	for uri, want := range map[string]place{
		"s3://calls/a/b.mp3":                                 {"calls", "a/b.mp3"},
		"s3://calls/50% of a+b?.mp3#1":                       {"calls", "50% of a+b?.mp3#1"},
		"https://s3.us-east-1.amazonaws.com/calls/a/b.mp3":   {"calls", "a/b.mp3"},
		"https://calls.s3.us-east-1.amazonaws.com/a%20b.ogg": {"calls", "a b.ogg"},
		"http://127.0.0.1:4566/calls/b.mp3":                  {"calls", "b.mp3"},
		"s3://calls":                                         {},
		"s3://calls/":                                        {},
	} {
		got, ok := placeOf(uri)
		if ok != (want != place{}) || ok && got != want {
			t.Errorf("placeOf(%q) = %v, %v, want %v", uri, got, ok, want)
		}
	}
}

func TestItems(t *testing.T) {
	h := &heard{channels: 2, words: []word{
		{Word: "Hello,", Start: 0.5, End: 1}, {Word: "well...", Start: 1.1, End: 1.5}, {Word: "Yes", Start: 1.2, End: 1.6, channel: 1}, {Word: "?", Start: 9, End: 9.1, channel: 1},
	}}
	items, spans := h.items(false)
	var contents []string
	for _, it := range items {
		contents = append(contents, it.Type[:2]+" "+it.Alternatives[0].Content+" "+it.Channel)
	}
	if want := []string{"pr Hello ch_0", "pu , ch_0", "pr well ch_0", "pu ... ch_0", "pr Yes ch_1", "pr ? ch_1"}; !slices.Equal(contents, want) {
		t.Errorf("%q", contents)
	}
	var texts []string
	for _, s := range spans {
		texts = append(texts, s.text)
	}
	if want := []string{"Hello, well...", "Yes", "?"}; !slices.Equal(texts, want) {
		t.Errorf("%q", texts)
	}
}
