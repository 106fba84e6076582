package openai

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"griot/internal/blob"
	"griot/internal/media/cut"
	"griot/internal/timestamp"
	"griot/internal/transcriber"
)

const (
	// maxAnswer is the most bytes of an answer: four hours of words with their
	// times are about 8 MB.
	maxAnswer = 64 << 20
	// maxRefusal is how much of a refusal is looked at.
	maxRefusal = 64 << 10
)

// ask has one part written down and stores the answer. Until it is known what
// the server takes it is asked once for each way that it refuses.
func (e *Engine) ask(ctx context.Context, r transcriber.Recording, p cut.Part, object string) error {
	for d := *e.dialect.Load(); ; {
		resp, err := e.post(ctx, r, p, d)
		if err != nil {
			return err
		}
		refused, err := e.take(ctx, resp, object)
		if err != nil {
			return err
		}
		if refused == nil {
			e.dialect.Store(&d)
			return nil
		}
		next, ok := d.without(*refused, language(r))
		if !ok {
			return e.failure(*refused)
		}
		d = next
	}
}

// take stores the answer, or returns why there is none.
func (e *Engine) take(ctx context.Context, resp *http.Response, object string) (*refusal, error) {
	defer resp.Body.Close()
	body := bufio.NewReader(resp.Body)
	head, _ := body.Peek(512) // what is shorter ends there
	if resp.StatusCode != http.StatusOK || !isAnswer(head) {
		data, _ := io.ReadAll(io.LimitReader(body, maxRefusal)) // as far as it came
		return newRefusal(resp, data), nil
	}
	answer := &limited{r: body, left: maxAnswer}
	_, err := e.blobs.Put(ctx, object, answer, -1, blob.Put{ContentType: "application/json"})
	switch {
	case answer.err != nil:
		return nil, e.unreached(ctx, answer.err)
	case err != nil:
		return nil, fmt.Errorf("storing an answer: %w", err)
	}
	return nil, nil
}

// isAnswer is true for the beginning of JSON that is no error: some servers
// say 200 whatever happens.
func isAnswer(head []byte) bool {
	text := strings.TrimLeft(string(head), " \t\r\n\uFEFF")
	if !strings.HasPrefix(text, "{") {
		return strings.HasPrefix(text, "[")
	}
	first := strings.TrimLeft(text[1:], " \t\r\n")
	return !strings.HasPrefix(first, `"error"`) && !strings.HasPrefix(first, `"detail"`)
}

var errAnswerTooLong = errors.New("the answer is longer than any transcript")

// limited fails where an answer is too long, and remembers why reading ended.
type limited struct {
	r    io.Reader
	left int64
	err  error
}

func (l *limited) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		err = errAnswerTooLong
	}
	if err != nil && err != io.EOF {
		l.err = err
	}
	return n, err
}

// unreached makes an Error of a request that did not get to its answer.
func (e *Engine) unreached(ctx context.Context, err error) error {
	var name *net.DNSError
	var op *net.OpError
	switch {
	case errors.Is(err, errAnswerTooLong):
		return transcriber.Fail(transcriber.Failed, fmt.Sprintf("The transcription engine at %s answered with more than any transcript has.", e.host), err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return transcriber.Fail(transcriber.Failed, fmt.Sprintf("The transcription engine at %s did not answer in the time that a call to it may take here. Smaller parts of the recording take less: whoever runs griot sets how large one is.", e.host), err)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &name):
		return transcriber.Fail(transcriber.Unavailable, fmt.Sprintf("The transcription engine could not be reached: there is no host %s. Its address may be wrong.", e.host), err)
	case errors.As(err, &op) && op.Op == "dial":
		return transcriber.Fail(transcriber.Unavailable, fmt.Sprintf("No transcription engine answers at %s. Start it, or correct its address.", e.host), err)
	}
	return transcriber.Fail(transcriber.Unavailable, fmt.Sprintf("The connection to the transcription engine at %s broke off before its answer was there.", e.host), err)
}

// refusal is what a server says that has no answer. It may quote the request:
// it is looked at, and shown to nobody.
type refusal struct {
	status      int
	code, param string
	message     string // in lower case
	isJSON      bool
	after       time.Duration
}

func newRefusal(resp *http.Response, data []byte) *refusal {
	r := &refusal{status: resp.StatusCode, after: timestamp.Wait(resp.Header.Get("Retry-After")), message: strings.ToLower(string(data))}
	var body struct{ Error json.RawMessage }
	r.isJSON = json.Unmarshal(data, &body) == nil
	var inner struct {
		Param, Type string
		Code        any
	}
	_ = json.Unmarshal(body.Error, &inner) // some have a string there
	r.param = inner.Param
	if r.code, _ = inner.Code.(string); r.code == "" {
		r.code = inner.Type
	}
	return r
}

func (r refusal) says(words ...string) bool {
	for _, w := range words {
		if strings.Contains(r.message, w) {
			return true
		}
	}
	return false
}

func (r refusal) names(param string) bool { return r.param == param || r.says(param) }

// without is the next dialect to try after a refusal: without the parameter
// that it names. A language is refused for what it is: others may be taken.
func (d dialect) without(r refusal, lang string) (dialect, bool) {
	switch {
	case r.status != http.StatusBadRequest && r.status != http.StatusUnprocessableEntity && r.status != http.StatusNotImplemented:
		return d, false
	case r.names("timestamp_granularities") && !d.noWords && !d.diarized && !d.plain:
		d.noWords = true
	case (r.names("response_format") || r.says("verbose_json")) && !d.plain && !d.diarized:
		d.plain = true
	case r.names("prompt") && !d.noPrompt && !d.diarized:
		d.noPrompt = true
	case (r.param == "language" || r.says("unsupported language", "invalid language", "language_code")) && lang != "" && lang != d.noLang:
		d.noLang = lang
	default:
		return d, false
	}
	return d, true
}

// failure is a refusal that no other way of asking changes.
func (e *Engine) failure(r refusal) *transcriber.Error {
	kind, message := e.judge(r)
	f := transcriber.Fail(kind, message, fmt.Errorf("the server answered with status %d, code %.60q", r.status, r.code))
	f.After = r.after
	return f
}

func (e *Engine) judge(r refusal) (transcriber.Kind, string) {
	at := "The transcription engine at " + e.host
	asked := r.status == http.StatusBadRequest || r.status == http.StatusUnprocessableEntity || r.status == http.StatusOK
	switch {
	case r.status == http.StatusUnauthorized || r.status == http.StatusForbidden:
		return transcriber.Denied, at + " does not accept the key. It is set with GRIOT_TRANSCRIBER_KEY."
	case r.status == http.StatusPaymentRequired || r.code == "insufficient_quota" || r.says("insufficient_quota", "billing"):
		return transcriber.Denied, at + " says that its quota is used up. Look at the account's balance."
	case r.status == http.StatusTooManyRequests:
		return transcriber.Busy, at + " has no room for more requests at the moment."
	case (r.status == http.StatusNotFound || asked) && (r.code == "model_not_found" || r.says("model") && r.says("not found", "not exist", "not loaded", "unknown", "not installed locally", "not supported")):
		return transcriber.Denied, fmt.Sprintf("%s has no model %q. The name is set with -transcriber-model.", at, e.Model)
	case r.status == http.StatusNotFound || r.status == http.StatusMethodNotAllowed || r.status >= 300 && r.status < 400:
		return transcriber.Denied, at + " has no /v1/audio/transcriptions. Its address may be wrong."
	case r.status == http.StatusOK && !r.isJSON:
		return transcriber.Denied, at + " answered with something that is no transcript. Its address may be wrong."
	case r.status == http.StatusRequestEntityTooLarge || asked && r.says("too large", "too long", "longer than", "maximum content size", "maximum allowed size"):
		return transcriber.TooLarge, at + " does not take files as large or long as this recording. Send it in a format that needs less (MP3, or Opus in OGG: 32 kbit/s are plenty for speech), or set what the engine takes with -transcriber-max-mb: larger files are then sent in parts."
	case r.status == http.StatusUnsupportedMediaType || asked && r.says("audio", "format", "decode", "corrupt", "codec"):
		return transcriber.Unsupported, at + " cannot read the recording. Convert it to WAV, MP3 or M4A and upload that."
	case asked:
		return transcriber.Denied, fmt.Sprintf("%s does not take the request (status %d). Its log says more.", at, r.status)
	case r.status >= 500 || r.status == http.StatusRequestTimeout:
		return transcriber.Unavailable, fmt.Sprintf("%s failed on the recording (status %d). Its log says more.", at, r.status)
	}
	return transcriber.Denied, fmt.Sprintf("%s answered with status %d. Its log says more.", at, r.status)
}
