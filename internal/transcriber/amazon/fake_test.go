package amazon_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/setup"
	"griot/internal/transcriber"
	"griot/internal/transcriber/amazon"
	"griot/internal/transcriber/transcribertest"
)

const bucket = "recordings"

// service is as much of Amazon Transcribe as an engine calls, before a service
// of the suite.
type service struct {
	*httptest.Server
	blobs blob.Store // its bucket

	mu      sync.Mutex
	jobs    map[string]*job
	refuses map[string]refusal // the next call of an operation
	says    *transcribertest.Service
	calls   map[string]int
}

type refusal struct {
	status        int
	code, message string
}

type job struct {
	asked
	reply  transcribertest.Reply
	status string
	reason string
}

// asked is a request of StartTranscriptionJob, as the wire has it.
type asked struct {
	TranscriptionJobName                        string
	Media                                       struct{ MediaFileUri string }
	MediaFormat, LanguageCode                   string
	IdentifyLanguage, IdentifyMultipleLanguages bool
	OutputBucketName, OutputKey                 string
	Settings                                    *struct {
		ShowSpeakerLabels, ChannelIdentification bool
		MaxSpeakerLabels                         int
		VocabularyName                           string
	}
	ContentRedaction *struct{ RedactionType, RedactionOutput string }
	Tags             []struct{ Key, Value string }
}

// serve starts a service with an empty bucket.
func serve(t *testing.T, says *transcribertest.Service) *service {
	t.Helper()
	blobs, err := dir.Open(filepath.Join(t.TempDir(), "objects"), dir.Options{Base: "http://127.0.0.1:1", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	s := &service{blobs: blobs, jobs: map[string]*job{}, refuses: map[string]refusal{}, calls: map[string]int{}, says: says}
	s.Server = httptest.NewServer(http.HandlerFunc(s.call))
	t.Cleanup(s.Close)
	return s
}

// configuration is that of a function. Calls are tried once, as if all tries
// had the same answer.
func configuration(t *testing.T, url string) aws.Config {
	t.Helper()
	config, err := setup.AWSConfig(func(name string) string {
		return map[string]string{
			"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL_TRANSCRIBE": url,
		}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	return config
}

func (s *service) engine(t *testing.T, blobs blob.Store, c amazon.Config) *amazon.Engine {
	t.Helper()
	e, err := amazon.New(configuration(t, s.URL), bucket, blobs, c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (s *service) call(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[operation]++
	var in asked
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out, no := map[string]any{}, s.refuses[operation]
	delete(s.refuses, operation)
	if no.status == 0 {
		out, no = s.perform(operation, in)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if no.status > 0 {
		w.Header().Set("X-Amzn-Errortype", no.code)
		w.WriteHeader(no.status)
		out = map[string]any{"Message": no.message}
	}
	_ = json.NewEncoder(w).Encode(out)
}

// refuse makes the next call of an operation fail.
func (s *service) refuse(operation string, no refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuses[operation] = no
}

// set puts a job on the list, nil takes it off.
func (s *service) set(name string, j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[name] = j; j == nil {
		delete(s.jobs, name)
	}
}

// called is how often an operation was called.
func (s *service) called(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

var unknown = refusal{400, "BadRequestException", "The requested job couldn't be found. Check the job name and try your request again."}

func (s *service) perform(operation string, in asked) (map[string]any, refusal) {
	j := s.jobs[in.TranscriptionJobName]
	switch {
	case operation == "StartTranscriptionJob" && j != nil:
		return nil, refusal{400, "ConflictException", "The requested job name already exists."}
	case operation == "StartTranscriptionJob":
		return s.start(in)
	case j == nil:
		return nil, unknown
	case operation == "DeleteTranscriptionJob" && j.status != "COMPLETED" && j.status != "FAILED":
		return nil, refusal{400, "BadRequestException", "The requested job couldn't be deleted."}
	case operation == "DeleteTranscriptionJob":
		delete(s.jobs, in.TranscriptionJobName)
		return map[string]any{}, refusal{}
	}
	return map[string]any{"TranscriptionJob": map[string]any{
		"TranscriptionJobName": in.TranscriptionJobName, "TranscriptionJobStatus": j.status, "FailureReason": j.reason, "Media": j.Media, "Tags": j.Tags,
	}}, refusal{}
}

func (s *service) start(in asked) (map[string]any, refusal) {
	reply := s.says.Next(transcribertest.Asked{Language: in.LanguageCode, Speakers: in.Settings != nil && in.Settings.ShowSpeakerLabels})
	j := &job{asked: in, reply: reply, status: "IN_PROGRESS"}
	if reply.Fails {
		switch reply.Kind {
		case transcriber.Busy:
			return nil, refusal{400, "LimitExceededException", "Too many jobs beside the plum cabinet"}
		case transcriber.Unavailable:
			return nil, refusal{500, "InternalFailureException", "The plum cabinet is on fire"}
		case transcriber.Denied:
			return nil, refusal{400, "AccessDeniedException", "Nobody may open the plum cabinet"}
		}
	}
	s.jobs[in.TranscriptionJobName] = j
	return map[string]any{"TranscriptionJob": map[string]any{"TranscriptionJobName": in.TranscriptionJobName}}, refusal{}
}

// finish does a job to its end, if it is there.
func (s *service) finish(ctx context.Context, t *testing.T, name string) {
	s.mu.Lock()
	j := s.jobs[name]
	todo := j != nil && j.status == "IN_PROGRESS"
	s.mu.Unlock()
	if !todo {
		return
	}
	if j.reply.Hold != nil {
		select {
		case <-j.reply.Hold:
		case <-ctx.Done():
			return
		}
	}
	status, reason := "COMPLETED", ""
	if j.reply.Fails {
		status, reason = "FAILED", map[transcriber.Kind]string{
			transcriber.Failed:      "The plum cabinet did not open.",
			transcriber.Unsupported: "Unsupported media format. The plum cabinet is not one.",
			transcriber.TooLarge:    "Invalid file size: file size too large for the plum cabinet.",
		}[j.reply.Kind]
	} else {
		s.write(ctx, t, j)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[name] == j {
		j.status, j.reason = status, reason
	}
}

func (s *service) write(ctx context.Context, t *testing.T, j *job) {
	key := j.OutputKey
	if j.ContentRedaction != nil {
		i := strings.LastIndexByte(key, '/') + 1
		key = key[:i] + "redacted-" + key[i:]
	}
	data := said(j.TranscriptionJobName, j.reply.Said)
	if _, err := s.blobs.Put(ctx, key, strings.NewReader(data), int64(len(data)), blob.Put{}); err != nil {
		t.Error(err)
	}
}

// said is an answer as Amazon writes it.
func said(name string, all []transcribertest.Said) string {
	var texts []string
	items, segments := []any{}, []any{}
	for i, s := range all {
		texts = append(texts, s.Text)
		start, end := fmt.Sprint(float64(s.StartMS)/1000), fmt.Sprint(float64(s.EndMS)/1000)
		speaker := fmt.Sprintf("spk_%d", s.Speaker)
		items = append(items, map[string]any{"id": i, "type": "pronunciation", "start_time": start, "end_time": end, "speaker_label": speaker, "alternatives": []any{map[string]string{"confidence": "0.9", "content": s.Text}}})
		segments = append(segments, map[string]any{"id": i, "transcript": s.Text, "start_time": start, "end_time": end, "speaker_label": speaker, "items": []int{i}})
	}
	data, err := json.Marshal(map[string]any{"jobName": name, "accountId": "1", "status": "COMPLETED", "results": map[string]any{
		"transcripts": []any{map[string]string{"transcript": strings.Join(texts, " ")}}, "items": items, "audio_segments": segments, "language_code": "pt-BR",
	}})
	if err != nil {
		panic(err) // strings and numbers
	}
	return string(data)
}

func TestConformance(t *testing.T) {
	services := map[*transcribertest.Service]*service{}
	var last *service
	transcribertest.Run(t, transcribertest.Harness{
		Blobs: func(t *testing.T) blob.Store {
			last = serve(t, nil)
			return last.blobs
		},
		New: func(t *testing.T, blobs blob.Store, s *transcribertest.Service) transcriber.Engine {
			if services[s] == nil {
				services[s], last.says = last, s
			}
			return services[s].engine(t, blobs, amazon.Config{})
		},
		Work: func(ctx context.Context, t *testing.T, _ transcriber.Engine, r transcriber.Recording, _ func() bool) {
			last.finish(ctx, t, r.Name())
		},
		Speakers: true,
	})
}
