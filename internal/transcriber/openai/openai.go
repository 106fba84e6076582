// Package openai has recordings written down by servers that do it as OpenAI
// does, by POST /v1/audio/transcriptions: OpenAI itself, Groq, whisper.cpp,
// speaches, LocalAI, vLLM.
//
// Such a call lasts until the words are there. So Start puts a message on a
// queue, and [Engine.Work], which a worker calls with it, makes the calls, one
// for each part of the recording, and keeps each answer as an object: one that
// was cut off is made again, and what was answered is never asked again.
// Beside the answers is a note (job.json) of how the job stands, which is what
// Result reads.
package openai

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"griot/internal/blob"
	"griot/internal/media/cut"
	"griot/internal/queue"
	"griot/internal/transcriber"
)

// Config says where and how a server is asked.
type Config struct {
	URL     string // with or without /v1
	Model   string // as the server knows it
	Key     string // "" for a server that wants none
	Diarize bool   // ask who speaks: response_format diarized_json
	// MaxBytes is the largest request that the server takes; a larger recording
	// is sent in parts. 0: what is known of the service, else anything.
	MaxBytes int64
	// Sole is set where no other process works on this queue: what another has
	// begun has then ended with it.
	Sole bool
	Now  func() time.Time
}

// Engine is one model of one server.
type Engine struct {
	Config
	client  *http.Client
	blobs   blob.Store
	jobs    queue.Queue
	address string
	host    string
	owner   string // this process, in notes
	dialect atomic.Pointer[dialect]
}

var _ transcriber.Engine = (*Engine)(nil)

// New returns an engine. client must not give up by itself while a server
// works; jobs is the queue whose messages come to [Engine.Work].
func New(client *http.Client, blobs blob.Store, jobs queue.Queue, c Config) (*Engine, error) {
	base, err := url.Parse(strings.TrimSuffix(strings.TrimRight(c.URL, "/"), "/v1"))
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("the transcription engine's address %q is not an http or https URL", c.URL)
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = knownLimits[base.Hostname()]
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	e := &Engine{
		Config: c, client: &own, blobs: blobs, jobs: jobs, owner: newOwner(),
		address: base.String() + "/v1/audio/transcriptions", host: base.Host,
	}
	e.dialect.Store(&dialect{diarized: c.Diarize})
	return e, nil
}

// knownLimits are what services say in their documentation, in bytes. Others
// say 413 when it is too much.
var knownLimits = map[string]int64{"api.openai.com": 25 << 20, "api.groq.com": 25 << 20}

// Name returns "openai": the wire, whoever serves it.
func (e *Engine) Name() string { return "openai" }

// Start implements [transcriber.Engine]. The message is sent before the note
// is there, and a worker that was faster has written its own: no crash leaves
// a note without a message.
func (e *Engine) Start(ctx context.Context, r transcriber.Recording) error {
	if err := e.check(r); err != nil {
		return err
	}
	n, found, err := e.readNote(ctx, r)
	if err != nil {
		return err
	}
	if found && !n.begins(e.Now()) {
		return n.failure()
	}
	if found {
		if err := e.blobs.Delete(ctx, noteKey(r)); err != nil {
			return fmt.Errorf("removing the note of a job that begins again: %w", err)
		}
	}
	if err := e.jobs.Send(ctx, queue.Outgoing{Body: r.Job.Encode(), Group: r.Workspace}); err != nil {
		return fmt.Errorf("sending a job to be written down: %w", err)
	}
	return e.putNote(ctx, r, note{State: queued}, blob.Put{IfAbsent: true})
}

// Result implements [transcriber.Engine].
func (e *Engine) Result(ctx context.Context, r transcriber.Recording) (transcriber.Result, error) {
	n, found, err := e.readNote(ctx, r)
	if err != nil {
		return transcriber.Result{}, err
	}
	if !found {
		answers, all, err := e.kept(ctx, r)
		if err != nil || !all {
			return transcriber.Result{}, err
		}
		return transcriber.Result{State: transcriber.Done, Answers: answers}, nil
	}
	if err := n.failure(); err != nil {
		return transcriber.Result{}, err
	}
	return n.result(e.Now()), nil
}

// Stop implements [transcriber.Engine]. There is nothing to tell the server: a
// call ends with its connection, which [Engine.Work] closes when nobody wants
// the answer any more, and it takes away what it has stored since.
func (e *Engine) Stop(context.Context, transcriber.Recording) error { return nil }

// dialect is what a server takes. The zero dialect asks for the most.
type dialect struct {
	diarized bool // diarized_json
	noWords  bool // verbose_json without the times of words
	plain    bool // json, which has no times
	noPrompt bool
	noLang   string // the language that it refused last
}

// fit is true for a prompt that the server takes.
func (d dialect) fit(prompt string) bool { return prompt != "" && !d.diarized && !d.noPrompt }

// fields are the parameters of a call, in order.
func (d dialect) fields(e *Engine, r transcriber.Recording) [][2]string {
	f := [][2]string{{"model", e.Model}}
	switch {
	case d.diarized:
		f = append(f, [2]string{"response_format", "diarized_json"}, [2]string{"chunking_strategy", "auto"})
	case d.plain:
		f = append(f, [2]string{"response_format", "json"})
	default:
		f = append(f, [2]string{"response_format", "verbose_json"}, [2]string{"timestamp_granularities[]", "segment"})
		if !d.noWords {
			f = append(f, [2]string{"timestamp_granularities[]", "word"})
		}
	}
	if lang := language(r); lang != "" && lang != d.noLang {
		f = append(f, [2]string{"language", lang})
	}
	if words := prompt(r); d.fit(words) {
		f = append(f, [2]string{"prompt", words})
	}
	return f
}

// language is what is spoken, as servers know it: without a region.
func language(r transcriber.Recording) string {
	lang, _, _ := strings.Cut(strings.ToLower(r.Language), "-")
	return lang
}

// post sends a part of the recording as it streams out of the store, with its
// length: not every server takes a body without.
func (e *Engine) post(ctx context.Context, r transcriber.Recording, p cut.Part, d dialect) (*http.Response, error) {
	file, _, err := e.blobs.GetRange(ctx, r.Object, p.Offset, p.Length)
	if err != nil {
		return nil, fmt.Errorf("opening the recording: %w", err)
	}
	sound := &watched{Reader: file}
	head, tail, contentType := form(d.fields(e, r), "recording."+r.Kind)
	body := struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), bytes.NewReader(p.Head), sound, bytes.NewReader(tail)), file}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, body)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("making the request: %w", err)
	}
	req.ContentLength = int64(len(head)) + p.Size() + int64(len(tail))
	req.Header.Set("Content-Type", contentType)
	req.Close = true // minutes pass between two of them
	if e.Key != "" {
		req.Header.Set("Authorization", "Bearer "+e.Key)
	}
	resp, err := e.client.Do(req)
	if broken := sound.failed(); err != nil && broken != nil {
		return nil, fmt.Errorf("reading the recording: %w", broken)
	}
	if err != nil {
		return nil, e.unreached(ctx, err)
	}
	return resp, nil
}

// form returns what stands before and behind the file in the body.
func form(fields [][2]string, filename string) (head, tail []byte, contentType string) {
	var b bytes.Buffer // whose writes do not fail
	w := multipart.NewWriter(&b)
	for _, f := range fields {
		_ = w.WriteField(f[0], f[1])
	}
	_, _ = w.CreateFormFile("file", filename)
	n := b.Len()
	_ = w.Close()
	return b.Bytes()[:n], b.Bytes()[n:], w.FormDataContentType()
}

// watched remembers why reading ended: an error of the store is not one of the
// server, and the client tells only that sending failed.
type watched struct {
	io.Reader
	err atomic.Pointer[error]
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if err != nil && err != io.EOF {
		w.err.Store(&err)
	}
	return n, err
}

func (w *watched) failed() error {
	if err := w.err.Load(); err != nil {
		return *err
	}
	return nil
}
