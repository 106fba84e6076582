// Package amazon has recordings written down by Amazon Transcribe, which reads
// them from a bucket and writes its answers there. It keeps a list of jobs by
// name: starting one twice is starting it once, and how it stands is asked of
// the list. A job cannot be stopped while Amazon works on it.
package amazon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"

	"griot/internal/blob"
	"griot/internal/transcriber"
)

// Config says how recordings are written down.
type Config struct {
	// Language is the BCP 47 tag of what is spoken where a session does not
	// say; "" is found out by Amazon, which wants half a minute of speech for
	// it.
	Language string
	// Vocabulary is the name of a custom vocabulary of the account, whose
	// language is Language; it is used where that is spoken. It is all that
	// Amazon can be told of words to expect: the names of one recording are
	// not, since a vocabulary takes minutes to be made, and an account has a
	// hundred.
	Vocabulary string
	// Redact has Amazon put [PII] for what identifies a person. It needs to
	// know the language.
	Redact bool
}

// Engine is Amazon Transcribe in one region, for the recordings of one bucket.
type Engine struct {
	client     *transcribe.Client
	bucket     string
	blobs      blob.Store // the bucket
	region     string
	language   types.LanguageCode // "" is found out
	vocabulary string
	redact     bool
}

var _ transcriber.Engine = (*Engine)(nil)

// New returns an engine. bucket is the bucket of blobs, in the configuration's
// region; Amazon reads and writes it with the configuration's credentials.
func New(config aws.Config, bucket string, blobs blob.Store, c Config) (*Engine, error) {
	e := &Engine{
		client: transcribe.NewFromConfig(config), bucket: bucket, blobs: blobs, region: config.Region,
		vocabulary: c.Vocabulary, redact: c.Redact,
	}
	if c.Language != "" {
		code, ok := codeOf(c.Language)
		if !ok {
			return nil, fmt.Errorf("the language %q is none that Amazon Transcribe knows", c.Language)
		}
		e.language = code
	}
	if c.Vocabulary != "" && e.language == "" {
		return nil, fmt.Errorf("the custom vocabulary %q needs a language", c.Vocabulary)
	}
	return e, nil
}

// Name returns "amazon".
func (e *Engine) Name() string { return "amazon" }

// Start implements [transcriber.Engine]. Amazon's list knows of a job for 90
// days, and the answer is looked for besides.
func (e *Engine) Start(ctx context.Context, r transcriber.Recording) error {
	in, err := e.request(r)
	if err != nil {
		return err
	}
	if _, found, err := e.answer(ctx, r); err != nil || found {
		return err
	}
	err = e.start(ctx, in)
	if !is[*types.ConflictException](err) {
		return err
	}
	job, found, err := e.get(ctx, r.Name())
	if err != nil || !found || !mayPass(job) {
		return err // nil: it is queued, at work or done, or Result says how it failed
	}
	if err := e.remove(ctx, r.Name()); err != nil {
		return err
	}
	if err = e.start(ctx, in); is[*types.ConflictException](err) {
		return nil // a twin was here
	}
	return err
}

// start returns Amazon's own error where the job is there already.
func (e *Engine) start(ctx context.Context, in *transcribe.StartTranscriptionJobInput) error {
	_, err := e.client.StartTranscriptionJob(ctx, in)
	if err == nil || is[*types.ConflictException](err) {
		return err
	}
	return e.refusal(ctx, in, err)
}

// Result implements [transcriber.Engine].
func (e *Engine) Result(ctx context.Context, r transcriber.Recording) (transcriber.Result, error) {
	job, found, err := e.get(ctx, r.Name())
	if err != nil {
		return transcriber.Result{}, err
	}
	if found && !ended(job) {
		if job.TranscriptionJobStatus == types.TranscriptionJobStatusQueued {
			return transcriber.Result{State: transcriber.Queued}, nil
		}
		return transcriber.Result{State: transcriber.Running}, nil
	}
	key, stored, err := e.answer(ctx, r)
	switch {
	case err != nil:
		return transcriber.Result{}, err
	case stored:
		return transcriber.Result{State: transcriber.Done, Answers: []transcriber.Answer{{Object: key}}}, nil
	case found && job.TranscriptionJobStatus == types.TranscriptionJobStatusFailed:
		return transcriber.Result{}, failed(ctx, r.Session, job)
	case found:
		return transcriber.Result{}, transcriber.Fail(transcriber.Failed,
			"Amazon Transcribe has written the recording down, and its answer is not where it belongs any more. A retry of the session asks it again.", nil)
	}
	return transcriber.Result{}, nil
}

// answer looks for what Amazon has written of a recording. It names what it has
// redacted by itself.
func (e *Engine) answer(ctx context.Context, r transcriber.Recording) (key string, found bool, err error) {
	for _, prefix := range []string{"", "redacted-"} {
		key := r.Kept + prefix + e.fileName(r)
		found, err := blob.Exists(ctx, e.blobs, key)
		if err != nil {
			return "", false, fmt.Errorf("looking for an answer of Amazon Transcribe: %w", err)
		}
		if found {
			return key, true, nil
		}
	}
	return "", false, nil
}

// fileName is the answer's, to whatever is asked alike.
func (e *Engine) fileName(r transcriber.Recording) string {
	return "amazon-" + transcriber.Plan(r.Object, r.Language, string(e.language), e.vocabulary, fmt.Sprint(e.redact, r.Speakers, r.Channels)) + ".json"
}

// Stop implements [transcriber.Engine]. What Amazon has begun it does to the
// end, and writes the answer: until then the engine is Busy.
func (e *Engine) Stop(ctx context.Context, r transcriber.Recording) error {
	job, found, err := e.get(ctx, r.Name())
	if host, ok := errors.AsType[*net.DNSError](err); ok && host.IsNotFound {
		return nil // a region without Amazon Transcribe has no jobs
	}
	if err != nil || !found {
		return err
	}
	if !ended(job) {
		return transcriber.Fail(transcriber.Busy, "Amazon Transcribe cannot be stopped before it has ended. Its answer will be removed then.", nil)
	}
	return e.remove(ctx, r.Name())
}

// Job returns the job that has this name in Amazon's list. It is false where
// this engine has started none: others in the account have their own.
func (e *Engine) Job(ctx context.Context, name string) (job transcriber.Job, ours bool, err error) {
	job, ok := transcriber.ParseName(name)
	if !ok {
		return job, false, nil
	}
	listed, found, err := e.get(ctx, name)
	if err != nil || !found {
		return job, false, err
	}
	session := ""
	for _, tag := range listed.Tags {
		switch aws.ToString(tag.Key) {
		case workspaceTag:
			job.Workspace = aws.ToString(tag.Value)
		case sessionTag:
			session = aws.ToString(tag.Value)
		}
	}
	ours = job.Workspace != "" && job.Session == session &&
		listed.Media != nil && strings.HasPrefix(aws.ToString(listed.Media.MediaFileUri), e.uri(""))
	return job, ours, nil
}

// get finds a job in Amazon's list. One that is not there is a bad request;
// nothing else is, of a name that is well formed.
func (e *Engine) get(ctx context.Context, name string) (*types.TranscriptionJob, bool, error) {
	out, err := e.client.GetTranscriptionJob(ctx, &transcribe.GetTranscriptionJobInput{TranscriptionJobName: &name})
	switch {
	case isUnknown(err):
		return nil, false, nil
	case err != nil:
		return nil, false, e.trouble(ctx, err)
	case out.TranscriptionJob == nil:
		return nil, false, nil
	}
	return out.TranscriptionJob, true, nil
}

// remove takes a job that has ended off the list, if it still is there.
func (e *Engine) remove(ctx context.Context, name string) error {
	_, err := e.client.DeleteTranscriptionJob(ctx, &transcribe.DeleteTranscriptionJobInput{TranscriptionJobName: &name})
	if err == nil || isUnknown(err) {
		return nil
	}
	return e.trouble(ctx, err)
}

func isUnknown(err error) bool {
	return is[*types.BadRequestException](err) || is[*types.NotFoundException](err)
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func ended(job *types.TranscriptionJob) bool {
	return job.TranscriptionJobStatus == types.TranscriptionJobStatusCompleted || job.TranscriptionJobStatus == types.TranscriptionJobStatusFailed
}
