package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
)

// service has all jobs in memory.
type service struct {
	ctx    context.Context // of the work on jobs
	region string
	speech string // URL of the engine
	bucket *s3.Client
	queue  *sqs.Client
	api    http.Handler

	mu     sync.Mutex
	jobs   map[string]*job
	faults faults
}

// A job is what Amazon shows of it, and the request that it does. Its fields
// change under the service's mutex.
type job struct {
	request *transcribe.StartTranscriptionJobInput
	status  types.TranscriptionJobStatus
	reason  string // why it failed
	// language and score are those found out, where that was asked for.
	language                    types.LanguageCode
	score                       float64
	created, started, completed time.Time
}

// faults are what goes wrong, set by PUT /faults with all of them, and read by
// GET.
type faults struct {
	// Media are faults of single recordings: the first whose Match is a part of
	// MediaFileUri or of the job's name counts.
	Media []struct {
		Match string
		Fail  string // the job fails with this FailureReason
		// Stay keeps the job QUEUED or IN_PROGRESS until the faults are set anew.
		Stay types.TranscriptionJobStatus
	}
	Throttle int    // so many calls from now on get ThrottlingException
	Break    int    // so many calls from now on get InternalFailureException, after they have done their work
	Limit    int    // as many jobs may be unfinished, then LimitExceededException; 0: 250
	Events   string // URL of the queue for events; "": none are sent, as now and then on AWS
	Twice    bool   // every event is sent twice
}

func newService(ctx context.Context, config aws.Config, speech string) *service {
	s := &service{
		ctx:    ctx,
		region: config.Region,
		speech: strings.TrimSuffix(speech, "/"),
		bucket: s3.NewFromConfig(config, func(o *s3.Options) { o.UsePathStyle = true }),
		queue:  sqs.NewFromConfig(config),
		jobs:   map[string]*job{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", s.call)
	mux.HandleFunc("PUT /faults", s.setFaults)
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, s.currentFaults()) })
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	s.api = mux
	return s
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.api.ServeHTTP(w, r) }

func (s *service) setFaults(w http.ResponseWriter, r *http.Request) {
	var f faults
	if err := strict(r.Body, &f); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.faults = f
	s.mu.Unlock()
}

func (s *service) currentFaults() faults {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

// exception is an error in Amazon's words. Its text is for people, and no
// client may tell errors apart by it.
type exception struct {
	Type    string `json:"__type"`
	Message string
}

func (e *exception) Error() string { return e.Type + ": " + e.Message }

func badRequest(format string, args ...any) *exception {
	return &exception{"BadRequestException", fmt.Sprintf(format, args...)}
}

// notFound is what Amazon says of an unknown job; the model of the API has a
// NotFoundException, which it does not use here.
func notFound() *exception {
	return badRequest("The requested job couldn't be found. Check the job name and try your request again.")
}

const bodyLimit = 1 << 20 // bytes of a request

// call is a request in AWS JSON 1.1.
func (s *service) call(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return // the client is gone
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	answer, err := s.perform(r, operation, body)
	if err == nil && s.takes(&s.faults.Break) {
		err = &exception{"InternalFailureException", "There was an internal error. Check the error message, correct the issue, and try your request again."}
	}
	if e, ok := err.(*exception); ok {
		status := http.StatusBadRequest
		if e.Type == "InternalFailureException" {
			status = http.StatusInternalServerError
		}
		w.Header().Set("X-Amzn-Errortype", e.Type)
		reply(w, status, e)
		return
	}
	reply(w, http.StatusOK, answer)
}

func (s *service) perform(r *http.Request, operation string, body []byte) (any, error) {
	switch {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") || !strings.Contains(r.Header.Get("Authorization"), "/transcribe/aws4_request"):
		return nil, &exception{"MissingAuthenticationTokenException", "The request is not signed for transcribe."}
	case !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-amz-json-1.1"):
		return nil, &exception{"UnknownOperationException", "The content type is application/x-amz-json-1.1."}
	case s.takes(&s.faults.Throttle):
		return nil, &exception{"ThrottlingException", "Rate exceeded"}
	}
	switch operation {
	case "StartTranscriptionJob":
		return answer(body, s.start)
	case "GetTranscriptionJob":
		return answer(body, s.get)
	case "DeleteTranscriptionJob":
		return answer(body, s.remove)
	case "ListTranscriptionJobs":
		return answer(body, s.list)
	}
	return nil, &exception{"UnknownOperationException", "There is no " + operation + " here."}
}

// answer decodes a request as the SDK encodes it: a member that the API does
// not have is an error.
func answer[In any](body []byte, do func(*In) (any, error)) (any, error) {
	in := new(In)
	if err := strict(bytes.NewReader(body), in); err != nil {
		return nil, &exception{"SerializationException", err.Error()}
	}
	return do(in)
}

func strict(r io.Reader, v any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // a client that is gone needs no answer
}

// takes says whether there is one left of a fault that is counted.
func (s *service) takes(count *int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *count <= 0 {
		return false
	}
	*count--
	return true
}

const usualLimit = 250 // unfinished jobs

func (s *service) start(in *transcribe.StartTranscriptionJobInput) (any, error) {
	if err := check(in); err != nil {
		return nil, err
	}
	name := *in.TranscriptionJobName
	if err := s.vacant(name); err != nil {
		return nil, err
	}
	if err := s.accessible(in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[name] != nil { // a twin was faster
		return nil, conflict()
	}
	unfinished := 0
	for _, j := range s.jobs {
		if !j.ended() {
			unfinished++
		}
	}
	if unfinished >= cmp.Or(s.faults.Limit, usualLimit) {
		return nil, &exception{"LimitExceededException", "You have reached the limit of jobs that run at a time."}
	}
	j := &job{request: in, status: types.TranscriptionJobStatusInProgress, created: time.Now()}
	j.started = j.created
	if in.JobExecutionSettings != nil && aws.ToBool(in.JobExecutionSettings.AllowDeferredExecution) {
		j.status, j.started = types.TranscriptionJobStatusQueued, time.Time{}
	}
	s.jobs[name] = j
	go s.work(j)
	return map[string]any{"TranscriptionJob": j.shown()}, nil
}

func conflict() *exception {
	return &exception{"ConflictException", "The requested job name already exists. Provide a unique job name and try your request again."}
}

func (s *service) vacant(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[name] != nil {
		return conflict()
	}
	return nil
}

func (s *service) get(in *transcribe.GetTranscriptionJobInput) (any, error) {
	if err := checkName(in.TranscriptionJobName); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[*in.TranscriptionJobName]
	if j == nil {
		return nil, notFound()
	}
	return map[string]any{"TranscriptionJob": j.shown()}, nil
}

// remove deletes the record of a job that has ended; what it wrote stays.
func (s *service) remove(in *transcribe.DeleteTranscriptionJobInput) (any, error) {
	if err := checkName(in.TranscriptionJobName); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[*in.TranscriptionJobName]
	if j == nil {
		return nil, notFound()
	}
	if !j.ended() {
		return nil, badRequest("The requested job couldn't be deleted because it is still in progress.")
	}
	delete(s.jobs, *in.TranscriptionJobName)
	return struct{}{}, nil
}

// list shows the newest jobs first.
func (s *service) list(in *transcribe.ListTranscriptionJobsInput) (any, error) {
	limit := int(aws.ToInt32(in.MaxResults))
	if in.MaxResults != nil && (limit < 1 || limit > 100) {
		return nil, constraint(limit, "maxResults", "Member must have value between 1 and 100")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []*job{}
	for name, j := range s.jobs {
		if strings.Contains(name, aws.ToString(in.JobNameContains)) && (in.Status == "" || in.Status == j.status) {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b *job) int {
		return cmp.Or(b.created.Compare(a.created), strings.Compare(*a.request.TranscriptionJobName, *b.request.TranscriptionJobName))
	})
	if in.NextToken != nil {
		i := slices.IndexFunc(found, func(j *job) bool { return *j.request.TranscriptionJobName == *in.NextToken })
		if i < 0 {
			return nil, badRequest("The provided next token is not valid.")
		}
		found = found[i:]
	}
	out := map[string]any{}
	if limit = cmp.Or(limit, 5); len(found) > limit {
		out["NextToken"] = *found[limit].request.TranscriptionJobName
		found = found[:limit]
	}
	summaries := []any{}
	for _, j := range found {
		summaries = append(summaries, j.summary())
	}
	out["TranscriptionJobSummaries"] = summaries
	return out, nil
}
