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
	"slices"
	"strings"
	"time"
	"unicode/utf8"

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

// A prompt makes an engine spell names as they are, and now and then makes it
// pass over half a minute of speech without a word (measured with Whisper's
// tiny.en: 52 words of 187, all that was missing in the first minute: the prompt
// stands before the first window of 30 s, and its influence fades). So where a
// stretch early in a part has no words, the part is asked for once more without
// one, and that answer counts if it has words there and says no less on the whole.
const (
	// hole is how long nobody speaks where speech may be missing, and window
	// what a prompt makes an engine pass over at most, and where.
	hole   = 8.0  // seconds
	window = 60.0 // seconds
	// longestWord is what a word takes at most. Engines may stretch the last one
	// before a hole: none is spoken for as long as stretched.
	longestWord = 2.0 // seconds
	stretched   = 5.0 // seconds
	// enough words are speech, and not what engines hear in silence.
	enough = 4
	// maxHeard is the longest answer that is looked at, in bytes: what an engine
	// sends takes twenty times as much memory.
	maxHeard = 8 << 20
)

// answer has the words of a part stored, and returns how many calls that took.
// The answers of two calls are beside that object until one is chosen: whatever
// dies meanwhile, none of them is asked for again.
func (e *Engine) answer(ctx context.Context, r transcriber.Recording, c call) (calls int, err error) {
	bare := r
	bare.Title, bare.Names = "", nil
	ask := func(r transcriber.Recording, object string) error {
		kept, err := e.has(ctx, object)
		if err == nil && !kept {
			calls++
			err = e.ask(ctx, r, c.Part, object)
		}
		return err
	}
	if !e.dialect.Load().fit(prompt(r)) {
		return calls, ask(bare, c.Object)
	}
	if kept, err := e.has(ctx, c.Object); err != nil || kept {
		return 0, err
	}
	prompted, plain := c.Object+".prompted", c.Object+".plain"
	if err := ask(r, prompted); err != nil {
		return calls, err
	}
	first, err := e.hear(ctx, prompted)
	if err != nil {
		return calls, err
	}
	silent, found := first.hole()
	if !found {
		return calls, e.choose(ctx, prompted, c.Object)
	}
	if err := ask(bare, plain); err != nil {
		return calls, err
	}
	second, err := e.hear(ctx, plain)
	if err != nil {
		return calls, err
	}
	if second.words(silent) < enough || second.length() < first.length() {
		return calls, e.choose(ctx, prompted, c.Object, plain)
	}
	return calls, e.choose(ctx, plain, c.Object, prompted)
}

// choose stores an answer where that to a part is looked for, and removes it and
// the other where they were.
func (e *Engine) choose(ctx context.Context, answer, object string, other ...string) error {
	body, info, err := e.blobs.Get(ctx, answer)
	if err != nil {
		return fmt.Errorf("opening an answer: %w", err)
	}
	defer body.Close()
	if _, err := e.blobs.Put(ctx, object, body, info.Size, blob.Put{ContentType: "application/json"}); err != nil {
		return fmt.Errorf("storing the chosen answer: %w", err)
	}
	for _, key := range append(other, answer) {
		if err := e.blobs.Delete(ctx, key); err != nil {
			return fmt.Errorf("removing what was chosen from: %w", err)
		}
	}
	return nil
}

func (e *Engine) has(ctx context.Context, object string) (bool, error) {
	found, err := blob.Exists(ctx, e.blobs, object)
	if err != nil {
		return false, fmt.Errorf("looking for an answer: %w", err)
	}
	return found, nil
}

// hearing is what is looked at of an answer.
type hearing struct {
	Text     string
	Duration float64
	Segments []struct {
		span
		Text  string
		Words []span
	}
	Words []span
}

// span is from when to when something is said, in seconds.
type span struct{ Start, End float64 }

// hear reads an answer. One that has another form, or is too long, has no holes.
func (e *Engine) hear(ctx context.Context, object string) (h hearing, err error) {
	body, _, err := e.blobs.Get(ctx, object)
	if err != nil {
		return h, fmt.Errorf("opening an answer: %w", err)
	}
	defer body.Close()
	source := &watched{Reader: io.LimitReader(body, maxHeard)}
	if json.NewDecoder(source).Decode(&h) != nil {
		h = hearing{}
	}
	if broken := source.failed(); broken != nil {
		return h, fmt.Errorf("reading an answer: %w", broken)
	}
	return h, nil
}

func (h hearing) length() int { return utf8.RuneCountInString(strings.TrimSpace(h.Text)) }

// words counts those that begin in a while; where they have no times, those of
// the segments that do.
func (h hearing) words(while span) (n int) {
	in := func(s span) bool { return s.Start >= while.Start && s.Start < while.End }
	said := h.said()
	for _, w := range said {
		if in(w) {
			n++
		}
	}
	for _, s := range h.Segments {
		if len(said) == 0 && in(s.span) {
			n += len(strings.Fields(s.Text))
		}
	}
	return n
}

// said are the words that have times.
func (h hearing) said() []span {
	words := slices.Clone(h.Words)
	for _, s := range h.Segments {
		words = append(words, s.Words...)
	}
	return words
}

// hole finds a while in the beginning in which nothing is said, as far as words
// or segments have times.
func (h hearing) hole() (silent span, found bool) {
	spans, longest := h.said(), longestWord
	if len(spans) == 0 {
		for _, s := range h.Segments {
			spans = append(spans, s.span)
		}
		longest = 30
	}
	if len(spans) == 0 {
		return silent, false
	}
	last := 0.0
	for _, s := range append(spans, span{h.Duration, h.Duration}) {
		if last > window {
			break
		}
		if long := s.Start - last; long >= hole && long <= window {
			return span{last, s.Start}, true
		}
		if long := s.End - s.Start; longest == longestWord && long >= stretched && long <= window {
			return span{s.Start + longest, s.End}, true
		}
		last = max(last, min(s.End, s.Start+longest))
	}
	return silent, false
}
