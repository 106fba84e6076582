package openai

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"

	"griot/internal/media/cut"
	"griot/internal/transcriber"
)

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
