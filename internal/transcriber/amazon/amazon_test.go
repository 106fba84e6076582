package amazon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/blob"
	"griot/internal/transcriber"
	"griot/internal/transcriber/amazon"
	"griot/internal/transcriber/transcribertest"
)

const (
	answers = "sessions/ws_7/ses_k3/transcription/kept/"
	notes   = "sessions/ws_7/ses_k3/transcription/2/"
)

// call is a recording of a telephone call.
func call(change ...func(*transcriber.Recording)) transcriber.Recording {
	r := transcriber.Recording{
		Job:    transcriber.Job{Workspace: "ws_7", Session: "ses_k3", Attempt: 2},
		Object: "inbox/ws_7/Kiln call 50% done?.mp3", Size: 9 << 20, Kind: "mp3", DurationMS: 600_000, Channels: 1, SampleRate: 16_000,
		Title: "Kiln call", Names: []string{"Ottoline"}, Answer: notes, Kept: answers,
	}
	for _, c := range change {
		c(&r)
	}
	return r
}

func speaks(language string) func(*transcriber.Recording) {
	return func(r *transcriber.Recording) { r.Language = language }
}

func sounds(channels, speakers int) func(*transcriber.Recording) {
	return func(r *transcriber.Recording) { r.Channels, r.Speakers = channels, speakers }
}

// started is what a service with one job was asked.
func (s *service) started(t *testing.T, name string) asked {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[name] == nil || len(s.jobs) != 1 {
		t.Fatalf("the jobs are %v", s.jobs)
	}
	return s.jobs[name].asked
}

func open(t *testing.T, replies ...transcribertest.Reply) *service {
	t.Helper()
	return serve(t, transcribertest.Plays(replies...))
}

func TestRequest(t *testing.T) {
	s := open(t, transcribertest.Reply{})
	if err := s.engine(t, s.blobs, amazon.Config{}).Start(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	want := asked{
		TranscriptionJobName: "griot-ses_k3-2", MediaFormat: "mp3", IdentifyLanguage: true,
		OutputBucketName: bucket,
		Tags:             []struct{ Key, Value string }{{"workspace", "ws_7"}, {"session", "ses_k3"}},
	}
	want.Media.MediaFileUri = "s3://recordings/inbox/ws_7/Kiln call 50% done?.mp3"
	got := s.started(t, "griot-ses_k3-2")
	got.Settings = nil
	if strings.HasPrefix(got.OutputKey, answers+"amazon-") && strings.HasSuffix(got.OutputKey, ".json") {
		want.OutputKey = got.OutputKey
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSpeakersAndChannels(t *testing.T) {
	tests := []struct {
		name               string
		channels, speakers int
		want               string
	}{
		{"a voice memo, nothing said", 1, 0, "labels of 10"},
		{"unknown, nothing said", 0, 0, "labels of 10"},
		{"one voice", 1, 1, "nothing"},
		{"one voice in stereo", 2, 1, "nothing"},
		{"two", 1, 2, "labels of 2"},
		{"a round table", 1, 90, "labels of 30"},
		{"both ends of a line", 2, 0, "channels"},
		{"both ends of a line, as said", 2, 2, "channels"},
		{"three at two microphones", 2, 3, "labels of 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, transcribertest.Reply{})
			if err := s.engine(t, s.blobs, amazon.Config{}).Start(t.Context(), call(sounds(test.channels, test.speakers))); err != nil {
				t.Fatal(err)
			}
			got, set := "nothing", s.started(t, "griot-ses_k3-2").Settings
			switch {
			case set == nil:
			case set.ChannelIdentification && !set.ShowSpeakerLabels && set.MaxSpeakerLabels == 0:
				got = "channels"
			case set.ShowSpeakerLabels && !set.ChannelIdentification:
				got = fmt.Sprintf("labels of %d", set.MaxSpeakerLabels)
			}
			if got != test.want {
				t.Errorf("asked for %s, want %s", got, test.want)
			}
		})
	}
}

func TestLanguageOfTheRequest(t *testing.T) {
	vocabulary := amazon.Config{Language: "en-GB", Vocabulary: "kilns"}
	tests := []struct {
		name   string
		config amazon.Config
		said   string
		want   string // language code, what is identified, vocabulary, redaction
	}{
		{"nothing said", amazon.Config{}, "", "identified"},
		{"none", amazon.Config{}, "und", "identified"},
		{"several", amazon.Config{}, "Mul", "all identified"},
		{"said", amazon.Config{}, "sv-FI", "sv-SE"},
		{"configured", amazon.Config{Language: "fr-CA"}, "", "fr-CA"},
		{"the configured one, without its region", amazon.Config{Language: "en-AU"}, "en", "en-AU"},
		{"another than configured", amazon.Config{Language: "en-AU"}, "de", "de-DE"},
		{"a vocabulary", vocabulary, "", "en-GB kilns"},
		{"a vocabulary of what is said", vocabulary, "en-gb", "en-GB kilns"},
		{"a vocabulary of another language", vocabulary, "it", "it-IT"},
		{"redacted", amazon.Config{Redact: true}, "es-MX", "es-US redacted"},
		{"redacted, configured", amazon.Config{Redact: true, Language: "en-US"}, "", "en-US redacted"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, transcribertest.Reply{})
			if err := s.engine(t, s.blobs, test.config).Start(t.Context(), call(speaks(test.said), sounds(1, 1))); err != nil {
				t.Fatal(err)
			}
			in := s.started(t, "griot-ses_k3-2")
			got := in.LanguageCode
			if in.IdentifyLanguage {
				got += "identified"
			}
			if in.IdentifyMultipleLanguages {
				got += "all identified"
			}
			if in.Settings != nil {
				got += " " + in.Settings.VocabularyName
			}
			if r := in.ContentRedaction; r != nil && r.RedactionType == "PII" {
				got += " " + r.RedactionOutput
			}
			if got != test.want {
				t.Errorf("asked for %q, want %q", got, test.want)
			}
		})
	}
}

func TestConfigurationThatCannotWork(t *testing.T) {
	for _, c := range []amazon.Config{{Language: "tlh"}, {Vocabulary: "kilns"}} {
		if _, err := amazon.New(configuration(t, "http://127.0.0.1:1"), bucket, nil, c); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// What Amazon cannot take is refused before it is asked.
func TestRefusedBeforeItIsPaid(t *testing.T) {
	tests := []struct {
		name   string
		change func(*transcriber.Recording)
		config amazon.Config
		kind   transcriber.Kind
		says   string
	}{
		{"an AAC stream", func(r *transcriber.Recording) { r.Kind = "aac" }, amazon.Config{}, transcriber.Unsupported, "convert it to one of"},
		{"Matroska", func(r *transcriber.Recording) { r.Kind = "mkv" }, amazon.Config{}, transcriber.Unsupported, "mkv"},
		{"AIFF", func(r *transcriber.Recording) { r.Kind = "aiff" }, amazon.Config{}, transcriber.Unsupported, "aiff"},
		{"a day", func(r *transcriber.Recording) { r.DurationMS = 24 * 3600 * 1000 }, amazon.Config{}, transcriber.TooLarge, "4 h"},
		{"a click", func(r *transcriber.Recording) { r.DurationMS = 480 }, amazon.Config{}, transcriber.Unsupported, "too short"},
		{"heavy", func(r *transcriber.Recording) { r.Size = 2<<30 + 1 }, amazon.Config{}, transcriber.TooLarge, "2 GB"},
		{"surround", func(r *transcriber.Recording) { r.Channels = 6 }, amazon.Config{}, transcriber.Unsupported, "6 channels"},
		{"coarse", func(r *transcriber.Recording) { r.SampleRate = 6000 }, amazon.Config{}, transcriber.Unsupported, "6000 samples"},
		{"fine", func(r *transcriber.Recording) { r.SampleRate = 96_000 }, amazon.Config{}, transcriber.Unsupported, "96000 samples"},
		{"Klingon", speaks("tlh"), amazon.Config{}, transcriber.Unsupported, `"tlh"`},
		{"redacted in no language", speaks(""), amazon.Config{Redact: true}, transcriber.Denied, "TranscribeLanguage"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, transcribertest.Reply{})
			err := s.engine(t, s.blobs, test.config).Start(t.Context(), call(test.change))
			wantFailure(t, err, test.kind, test.says)
			if n := s.called("StartTranscriptionJob"); n > 0 {
				t.Errorf("Amazon was asked %d times", n)
			}
		})
	}
}

func wantFailure(t *testing.T, err error, kind transcriber.Kind, says string) {
	t.Helper()
	e, ok := transcriber.As(err)
	if !ok || e.Kind != kind || !strings.Contains(e.Message, says) || !strings.HasSuffix(e.Message, ".") {
		t.Errorf("the error is %v (%+v), want one that is %v and says %q", err, e, kind, says)
	}
}

func TestErrorsOfCalls(t *testing.T) {
	tests := []struct {
		name   string
		no     refusal
		config amazon.Config
		kind   transcriber.Kind
		says   string
	}{
		{"throttled", refusal{400, "ThrottlingException", "Rate exceeded"}, amazon.Config{}, transcriber.Busy, "as it takes"},
		{"jobs", refusal{400, "LimitExceededException", ""}, amazon.Config{}, transcriber.Busy, "as it takes"},
		{"no right", refusal{400, "AccessDeniedException", "User: arn is not authorized"}, amazon.Config{}, transcriber.Denied, "TagResource"},
		{"no account", refusal{400, "SubscriptionRequiredException", ""}, amazon.Config{}, transcriber.Denied, "has to have the service"},
		{"broken", refusal{500, "InternalFailureException", ""}, amazon.Config{}, transcriber.Unavailable, "not available"},
		{"down", refusal{503, "ServiceUnavailable", ""}, amazon.Config{}, transcriber.Unavailable, "not available"},
		{"the recording", refusal{400, "BadRequestException", "The S3 URI that you provided can't be accessed."}, amazon.Config{}, transcriber.Denied, "read it"},
		{"the vocabulary", refusal{400, "BadRequestException", "The specified vocabulary doesn't exist."}, amazon.Config{Language: "en-US", Vocabulary: "kilns"}, transcriber.Denied, `"kilns"`},
		{"the redaction", refusal{400, "BadRequestException", "Content redaction isn't supported for this language."}, amazon.Config{Language: "mt-MT", Redact: true}, transcriber.Denied, "TranscribeRedact"},
		{"the language", refusal{400, "BadRequestException", "The language code isn't supported here."}, amazon.Config{Language: "mt-MT"}, transcriber.Denied, "eu-west-1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := open(t, transcribertest.Reply{})
			s.refuse("StartTranscriptionJob", test.no)
			wantFailure(t, s.engine(t, s.blobs, test.config).Start(t.Context(), call()), test.kind, test.says)
		})
	}
}

// Of what looks at jobs and removes them the same errors come.
func TestErrorsOfOtherCalls(t *testing.T) {
	s := open(t, transcribertest.Reply{})
	e := s.engine(t, s.blobs, amazon.Config{})
	if err := e.Start(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	throttled := refusal{400, "ThrottlingException", "Rate exceeded"}
	s.refuse("GetTranscriptionJob", throttled)
	_, err := e.Result(t.Context(), call())
	wantFailure(t, err, transcriber.Busy, "as it takes")
	s.refuse("GetTranscriptionJob", throttled)
	wantFailure(t, e.Stop(t.Context(), call()), transcriber.Busy, "as it takes")
	s.finish(t.Context(), t, call().Name())
	s.refuse("DeleteTranscriptionJob", throttled)
	wantFailure(t, e.Stop(t.Context(), call()), transcriber.Busy, "as it takes")
	s.refuse("DeleteTranscriptionJob", unknown) // a twin was faster
	if err := e.Stop(t.Context(), call()); err != nil {
		t.Error(err)
	}
	s.refuse("GetTranscriptionJob", refusal{400, "NotFoundException", ""})
	if err := e.Stop(t.Context(), call()); err != nil {
		t.Error(err)
	}
}

func TestUnreached(t *testing.T) {
	s := open(t, transcribertest.Reply{})
	e := s.engine(t, s.blobs, amazon.Config{})
	s.Close()
	wantFailure(t, e.Start(t.Context(), call()), transcriber.Unavailable, "could not be reached")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Result(ctx, call())
	if _, ok := transcriber.As(err); ok || !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that goes: %v", err)
	}
}

// nowhere is the network of a region that has no host for Amazon Transcribe.
type nowhere struct{}

func (nowhere) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &net.DNSError{Err: "no such host", Name: r.URL.Hostname(), IsNotFound: true}
}

// Where another engine writes recordings down there may be no Amazon Transcribe at
// all: it has nothing to stop there.
func TestRegionWithoutTranscribe(t *testing.T) {
	config := configuration(t, "")
	config.HTTPClient = &http.Client{Transport: nowhere{}}
	e, err := amazon.New(config, bucket, nil, amazon.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(t.Context(), call()); err != nil {
		t.Error(err)
	}
	_, err = e.Result(t.Context(), call())
	wantFailure(t, err, transcriber.Unavailable, "the region eu-west-1 has no host for it")
}

// The sentences are those of Amazon's documentation and of its users.
func TestReasonsOfFailedJobs(t *testing.T) {
	for reason, want := range map[string]struct {
		kind transcriber.Kind
		says string
	}{
		"Unsupported media format.": {transcriber.Unsupported, "Convert it"},
		"The media format provided does not match the detected media format.":                                                           {transcriber.Unsupported, "Convert it"},
		"Invalid sample rate for audio file.":                                                                                           {transcriber.Unsupported, "sample rate"},
		"The sample rate provided does not match the detected sample rate.":                                                             {transcriber.Unsupported, "sample rate"},
		"Invalid file size: file size too large.":                                                                                       {transcriber.TooLarge, "larger"},
		"Invalid number of channels: number of channels too large.":                                                                     {transcriber.Unsupported, "channels"},
		"The input media file length is too small. Check the length of the file and try your request again.":                            {transcriber.Unsupported, "too short"},
		"Your audio file must have a speech segment long enough in duration to perform automatic language identification. Provide one.": {transcriber.Unsupported, "its language"},
		"The S3 URI that you provided can't be accessed. Make sure that you have read permission and try your request again.":           {transcriber.Denied, "may not read"},
		"Internal failure.": {transcriber.Unavailable, "of its own"},
		"Too many mice.":    {transcriber.Failed, "gave up"},
		"":                  {transcriber.Failed, "gave up"},
	} {
		s := open(t, transcribertest.Reply{})
		e := s.engine(t, s.blobs, amazon.Config{})
		if err := e.Start(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		s.fail(call().Name(), reason)
		_, err := e.Result(t.Context(), call())
		wantFailure(t, err, want.kind, want.says)
	}
}

// A reason that is not known is for the log, without the names of files.
func TestUnknownReasonIsLogged(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	s := open(t, transcribertest.Reply{})
	e := s.engine(t, s.blobs, amazon.Config{})
	if err := e.Start(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	s.fail(call().Name(), "Too many mice in s3://recordings/inbox/ws_7/Kiln.mp3 today.")
	if _, err := e.Result(t.Context(), call()); err == nil || strings.Contains(err.Error(), "mice") {
		t.Errorf("the error is %v", err)
	}
	if text := log.String(); !strings.Contains(text, "Too many mice in … today.") || !strings.Contains(text, "session=ses_k3") {
		t.Errorf("the log has %s", text)
	}
}

func (s *service) fail(name, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs[name].status, s.jobs[name].reason = "FAILED", reason
}

// Amazon keeps a job that failed under its name. One that may go well now is
// taken off the list, and begins again.
func TestFailedJobBeginsAgain(t *testing.T) {
	s := open(t, transcribertest.Reply{})
	e := s.engine(t, s.blobs, amazon.Config{})
	for _, test := range []struct {
		reason string
		paid   int
	}{{"Internal failure.", 2}, {"Too many mice.", 2}} {
		if err := e.Start(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		s.fail(call().Name(), test.reason)
		if err := e.Start(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		if s.says.Paid() != test.paid {
			t.Errorf("%s: paid %d times, want %d", test.reason, s.says.Paid(), test.paid)
		}
	}
}

// Records of jobs are kept for 90 days, answers as long as their session.
func TestAnswerOutlivesItsJob(t *testing.T) {
	for _, redact := range []bool{false, true} {
		s := open(t, transcribertest.Reply{Said: []transcribertest.Said{{EndMS: 900, Text: "It cracked."}}})
		e := s.engine(t, s.blobs, amazon.Config{Language: "en-US", Redact: redact})
		if err := e.Start(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		s.finish(t.Context(), t, call().Name())
		before, err := e.Result(t.Context(), call())
		if err != nil || before.State != transcriber.Done || len(before.Answers) != 1 || strings.Contains(before.Answers[0].Object, "/redacted-") != redact {
			t.Fatalf("%+v, %v", before, err)
		}
		s.set(call().Name(), nil)
		if err := e.Start(t.Context(), call()); err != nil {
			t.Fatal(err)
		}
		after, err := e.Result(t.Context(), call())
		if diff := cmp.Diff(before, after); diff != "" || err != nil || s.says.Paid() != 1 {
			t.Errorf("paid %d times: %s, %v", s.says.Paid(), diff, err)
		}
	}
}

// Two attempts may be at work at once, and the one that nobody waits for may be
// the one that answers.
func TestAnotherAttemptAnswers(t *testing.T) {
	s := open(t, transcribertest.Reply{Said: []transcribertest.Said{{EndMS: 900, Text: "It cracked."}}})
	e := s.engine(t, s.blobs, amazon.Config{})
	first, second := call(func(r *transcriber.Recording) { r.Attempt = 1 }), call()
	for _, r := range []transcriber.Recording{first, second} {
		if err := e.Start(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	s.fail(second.Name(), "Internal failure.")
	s.finish(t.Context(), t, first.Name())
	if res, err := e.Result(t.Context(), second); err != nil || res.State != transcriber.Done {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestAnswerIsGone(t *testing.T) {
	s := open(t, transcribertest.Reply{})
	e := s.engine(t, s.blobs, amazon.Config{})
	if err := e.Start(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	s.finish(t.Context(), t, call().Name())
	if err := blob.DeleteBelow(t.Context(), s.blobs, answers); err != nil {
		t.Fatal(err)
	}
	_, err := e.Result(t.Context(), call())
	wantFailure(t, err, transcriber.Failed, "A retry")
}

// An answer of another engine, from before the configuration was changed, is
// none of Amazon's.
func TestWhatAnotherEngineLeft(t *testing.T) {
	s := open(t, transcribertest.Reply{})
	for _, name := range []string{"openai-1f-0-99.json", ".write_access_check_file.temp"} {
		if _, err := s.blobs.Put(t.Context(), answers+name, strings.NewReader("{}"), 2, blob.Put{}); err != nil {
			t.Fatal(err)
		}
	}
	e := s.engine(t, s.blobs, amazon.Config{})
	if res, err := e.Result(t.Context(), call()); err != nil || res.State != transcriber.None {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestJobByItsName(t *testing.T) {
	s := open(t, transcribertest.Reply{})
	e := s.engine(t, s.blobs, amazon.Config{})
	if err := e.Start(t.Context(), call()); err != nil {
		t.Fatal(err)
	}
	found, ours, err := e.Job(t.Context(), "griot-ses_k3-2")
	if found != call().Job || !ours || err != nil {
		t.Errorf("%+v, %v, %v", found, ours, err)
	}
	gets := s.called("GetTranscriptionJob")
	for _, name := range []string{"", "griot-", "griot--1", "griot-ses_k3-0", "griot-ses_k3-02", "griot-ses_k3-x", "Monday minutes"} {
		if job, ours, err := e.Job(t.Context(), name); ours || err != nil {
			t.Errorf("%q is %+v, %v", name, job, err)
		}
	}
	if s.called("GetTranscriptionJob") > gets {
		t.Error("names that are none of ours were looked up")
	}
	forgeries := map[string]func(*asked){
		"no tags":          func(j *asked) { j.Tags = nil },
		"another session":  func(j *asked) { j.Tags[1].Value = "ses_zz" },
		"no workspace":     func(j *asked) { j.Tags = j.Tags[1:] },
		"another bucket":   func(j *asked) { j.Media.MediaFileUri = "s3://recordings-of-others/a.mp3" },
		"not on the list":  func(j *asked) { j.TranscriptionJobName = "" },
		"a web address":    func(j *asked) { j.Media.MediaFileUri = "https://s3.amazonaws.com/recordings/a.mp3" },
		"a foreign number": func(j *asked) { j.TranscriptionJobName = "griot-ses_k3-9" },
	}
	for name, forge := range forgeries {
		forged := s.started(t, "griot-ses_k3-2")
		forged.Tags = append([]struct{ Key, Value string }{}, forged.Tags...)
		forge(&forged)
		s2 := open(t, transcribertest.Reply{})
		s2.set(forged.TranscriptionJobName, &job{asked: forged, status: "COMPLETED"})
		if found, ours, err := s2.engine(t, s2.blobs, amazon.Config{}).Job(t.Context(), "griot-ses_k3-2"); ours || err != nil {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	s.refuse("GetTranscriptionJob", refusal{400, "ThrottlingException", ""})
	_, _, err = e.Job(t.Context(), "griot-ses_k3-2")
	wantFailure(t, err, transcriber.Busy, "as it takes")
}
