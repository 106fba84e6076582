package openai_test

import (
	"context"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/transcriber"
	"griot/internal/transcriber/openai"
)

// field is one part of a request's body.
type field struct{ name, value string }

// asked reads a request part by part, so that the order is seen.
func asked(t *testing.T, r *http.Request) (fields []field) {
	t.Helper()
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Error(err)
		return nil
	}
	body := multipart.NewReader(r.Body, params["boundary"])
	for {
		p, err := body.NextPart()
		if err == io.EOF {
			return fields
		}
		if err != nil {
			t.Error(err)
			return fields
		}
		data, err := io.ReadAll(p)
		if err != nil {
			t.Error(err)
		}
		name := p.FormName()
		if p.FileName() != "" {
			name += "=" + p.FileName()
		}
		fields = append(fields, field{name, string(data)})
	}
}

func has(fields []field, name string) (value string, ok bool) {
	for _, f := range fields {
		if f.name == name {
			return f.value, true
		}
	}
	return "", false
}

// call has one recording written down by a server.
func call(t *testing.T, c openai.Config, r transcriber.Recording, serve http.HandlerFunc) (transcriber.Result, place, error) {
	t.Helper()
	if serve != nil {
		server := httptest.NewServer(serve)
		t.Cleanup(server.Close)
		c.URL = server.URL + c.URL
	}
	p := newPlace(t)
	c.Now = time.Now
	e, err := openai.New(&http.Client{}, p.blobs, p.jobs, c)
	if err != nil {
		t.Fatal(err)
	}
	if r.Object != "" {
		if _, err := p.blobs.Put(t.Context(), r.Object, strings.NewReader(sound), int64(len(sound)), blob.Put{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Start(t.Context(), r); err != nil {
		return transcriber.Result{}, p, err
	}
	p.carryOut(t.Context(), t, e, r, func() bool { return true })
	res, err := e.Result(t.Context(), r)
	return res, p, err
}

const sound = "fLaC and so on"

var recording = transcriber.Recording{
	Job: transcriber.Job{Workspace: "ws_1", Session: "ses_1", Attempt: 1}, Object: "uploads/a", Size: int64(len(sound)), Kind: "flac",
	Language: "en-GB", Title: "handover_call.flac", Names: []string{"Ines", "Tidewater"}, Answer: "sessions/a/transcription/1/", Kept: "sessions/a/transcription/kept/",
}

func TestRequest(t *testing.T) {
	for name, test := range map[string]struct {
		config openai.Config
		want   []field
	}{
		"segments and words": {openai.Config{Model: "m", Key: "k"}, []field{
			{"model", "m"}, {"response_format", "verbose_json"}, {"timestamp_granularities[]", "segment"}, {"timestamp_granularities[]", "word"},
			{"language", "en"}, {"prompt", "handover call. Ines, Tidewater"}, {"file=recording.flac", sound}}},
		"who speaks": {openai.Config{Model: "m", Key: "k", Diarize: true, URL: "/v1/"}, []field{
			{"model", "m"}, {"response_format", "diarized_json"}, {"chunking_strategy", "auto"}, {"language", "en"}, {"file=recording.flac", sound}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []field
			res, _, err := call(t, test.config, recording, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/audio/transcriptions" || r.Header.Get("Authorization") != "Bearer k" || r.ContentLength <= int64(len(sound)) {
					t.Errorf("asked %s as %q with %d bytes", r.URL, r.Header.Get("Authorization"), r.ContentLength)
				}
				got = asked(t, r)
				fmt.Fprint(w, `{"text":""}`)
			})
			if err != nil || res.State != transcriber.Done {
				t.Fatalf("%v, %v", res, err)
			}
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("asked\n%q\nwant\n%q", got, test.want)
			}
		})
	}
}

// A server is asked for what it takes.
func TestDialects(t *testing.T) {
	for name, test := range map[string]struct {
		refuses func(f []field) string // "" or the body of a 400
		tries   int
		format  string
	}{
		"all of it": {func([]field) string { return "" }, 1, "verbose_json"},
		"no words": {func(f []field) string {
			if strings.Contains(fmt.Sprint(f), "{timestamp_granularities[] word}") {
				return `{"error":{"message":"Unsupported value","param":"timestamp_granularities"}}`
			}
			return ""
		}, 2, "verbose_json"},
		"no times": {func(f []field) string {
			if format, _ := has(f, "response_format"); format != "json" {
				return `{"error":{"message":"response_format 'verbose_json' is not compatible with model 'm'. Use 'json' or 'text' instead."}}`
			}
			return ""
		}, 2, "json"},
		"no prompt": {func(f []field) string {
			if _, ok := has(f, "prompt"); ok {
				return `{"detail":"prompt is not supported"}`
			}
			return ""
		}, 2, "verbose_json"},
	} {
		t.Run(name, func(t *testing.T) {
			tries, format := 0, ""
			res, _, err := call(t, openai.Config{Model: "m"}, recording, func(w http.ResponseWriter, r *http.Request) {
				tries++
				f := asked(t, r)
				format, _ = has(f, "response_format")
				if body := test.refuses(f); body != "" {
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(w, body)
					return
				}
				fmt.Fprint(w, `{"text":"a"}`)
			})
			if err != nil || res.State != transcriber.Done || tries != test.tries || format != test.format {
				t.Errorf("%d tries, the last for %s: %v, %v", tries, format, res, err)
			}
		})
	}
}

// A language that the server does not know is left out of the recordings in it,
// and of no others.
func TestLanguageThatIsRefused(t *testing.T) {
	var languages []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lang, _ := has(asked(t, r), "language")
		if languages = append(languages, lang); lang == "tlh" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"message":"Unsupported language","param":"language"}}`)
			return
		}
		fmt.Fprint(w, `{"text":"a"}`)
	}))
	defer server.Close()
	p := newPlace(t)
	e, err := openai.New(&http.Client{}, p.blobs, p.jobs, openai.Config{URL: server.URL, Model: "m", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.blobs.Put(t.Context(), recording.Object, strings.NewReader(sound), int64(len(sound)), blob.Put{}); err != nil {
		t.Fatal(err)
	}
	for n, lang := range []string{"tlh", "en", "tlh-Latn"} {
		r := recording
		r.Attempt, r.Language, r.Answer = int64(n+1), lang, fmt.Sprintf("sessions/a/transcription/%d/", n+1)
		if err := e.Work(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if res, err := e.Result(t.Context(), r); err != nil || res.State != transcriber.Done {
			t.Errorf("%s: %v, %v", lang, res.State, err)
		}
	}
	if want := []string{"tlh", "", "en", ""}; !slices.Equal(languages, want) {
		t.Errorf("asked for %q, want %q", languages, want)
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		kind   transcriber.Kind
		says   string
	}{
		"a wrong key":              {401, `{"error":{"code":"invalid_api_key"}}`, transcriber.Denied, "GRIOT_TRANSCRIBER_KEY"},
		"no such model":            {404, `{"error":{"message":"The model 'm' does not exist","code":"model_not_found"}}`, transcriber.Denied, `no model "m"`},
		"a model that is not here": {404, `{"detail":"Model 'm' is not installed locally."}`, transcriber.Denied, `no model "m"`},
		"another path":             {404, "404 page not found", transcriber.Denied, "address may be wrong"},
		"another program":          {200, "<!DOCTYPE html><title>Router</title>", transcriber.Denied, "address may be wrong"},
		"somewhere else":           {302, "", transcriber.Denied, "address may be wrong"},
		"money":                    {429, `{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}`, transcriber.Denied, "quota"},
		"a rate":                   {429, `{"error":{"message":"Rate limit reached"}}`, transcriber.Busy, "no room"},
		"large":                    {413, `<html>Request Entity Too Large</html>`, transcriber.TooLarge, "MP3"},
		"long":                     {400, `{"error":{"message":"audio duration 1500 seconds is longer than 1400 seconds"}}`, transcriber.TooLarge, "parts"},
		"no sound":                 {400, `{"error":{"message":"Audio file might be corrupted or unsupported"}}`, transcriber.Unsupported, "Convert"},
		"no sound, and 200":        {200, `{"error":"failed to read audio data"}`, transcriber.Unsupported, "Convert"},
		"a media type":             {415, ``, transcriber.Unsupported, "Convert"},
		"another refusal":          {400, `{"error":{"message":"no"}}`, transcriber.Denied, "log"},
		"a crash":                  {500, `Internal Server Error`, transcriber.Unavailable, "log"},
		"a gateway":                {504, `<html>`, transcriber.Unavailable, "log"},
	} {
		t.Run(name, func(t *testing.T) {
			_, p, err := call(t, openai.Config{Model: "m"}, recording, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if test.status == 302 {
					w.Header().Set("Location", "/elsewhere")
				}
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			e, ok := transcriber.As(err)
			if !ok || e.Kind != test.kind || !strings.Contains(e.Message, test.says) {
				t.Errorf("%v, want %v", err, test.kind)
			}
			if answers, _, err := p.blobs.List(t.Context(), recording.Kept, ""); err != nil || len(answers) > 0 {
				t.Errorf("stored %v, %v", answers, err)
			}
		})
	}
}

func TestNoServer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	for url, says := range map[string]string{"http://" + address: "No transcription engine answers at " + address, "http://engine.invalid": "no host"} {
		_, _, err := call(t, openai.Config{URL: url, Model: "m"}, recording, nil)
		if e, ok := transcriber.As(err); !ok || e.Kind != transcriber.Unavailable || !strings.Contains(e.Message, says) {
			t.Errorf("%s: %v", url, err)
		}
	}
	for _, url := range []string{"", "engine:9000", "ftp://engine", "http://"} {
		if _, err := openai.New(&http.Client{}, nil, nil, openai.Config{URL: url}); err == nil {
			t.Errorf("%q is an address", url)
		}
	}
}

// An answer that breaks off is none, and one that is there is not asked again.
func TestCutOff(t *testing.T) {
	_, p, err := call(t, openai.Config{Model: "m"}, recording, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, `{"text":"half of`)
	})
	if e, ok := transcriber.As(err); !ok || e.Kind != transcriber.Unavailable {
		t.Errorf("half an answer: %v", err)
	}
	answers, _, err := p.blobs.List(t.Context(), recording.Kept, "")
	if err != nil || len(answers) > 0 {
		t.Errorf("stored %v, %v", answers, err)
	}
}

// Work that its process does not end is done by the next one: what was
// answered stays, and a note of somebody who is at it is respected.
func TestDeadAndLiving(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, `{"text":"a"}`)
	}))
	defer server.Close()
	for name, test := range map[string]struct {
		sole  bool
		age   time.Duration
		state transcriber.State
	}{
		"at work elsewhere": {false, 10 * time.Second, transcriber.Running},
		"dead":              {false, 10 * time.Minute, transcriber.Done},
		"dead for sure":     {true, 10 * time.Second, transcriber.Done},
	} {
		p := newPlace(t)
		if _, err := p.blobs.Put(t.Context(), recording.Object, strings.NewReader(sound), int64(len(sound)), blob.Put{}); err != nil {
			t.Fatal(err)
		}
		note := fmt.Sprintf(`{"state":"running","owner":"another","at_ms":%d}`, time.Now().Add(-test.age).UnixMilli())
		if _, err := p.blobs.Put(t.Context(), recording.Answer+"job.json", strings.NewReader(note), int64(len(note)), blob.Put{}); err != nil {
			t.Fatal(err)
		}
		e, err := openai.New(&http.Client{}, p.blobs, p.jobs, openai.Config{URL: server.URL, Model: "m", Sole: test.sole, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Work(context.Background(), recording); err != nil {
			t.Fatal(err)
		}
		if res, err := e.Result(t.Context(), recording); err != nil || res.State != test.state {
			t.Errorf("%s: %v, %v", name, res.State, err)
		}
	}
}

// together is the store of a process that reads its first note at the same time
// as another does.
type together struct {
	blob.Store
	both *sync.WaitGroup
	once sync.Once
}

func (s *together) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	body, info, err := s.Store.Get(ctx, key)
	if strings.HasSuffix(key, "job.json") {
		s.once.Do(func() {
			s.both.Done()
			s.both.Wait()
		})
	}
	return body, info, err
}

// Where a job has two messages, since it was started twice at once, two processes
// may find that nobody is at it, and one of them asks the server.
func TestTwinsPayOnce(t *testing.T) {
	for name, note := range map[string]string{
		"started":           `{"state":"queued","at_ms":%d}`,
		"before the note":   "",
		"left by a process": `{"state":"running","owner":"another","at_ms":%d}`,
	} {
		t.Run(name, func(t *testing.T) {
			var paid atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				paid.Add(1)
				fmt.Fprint(w, `{"text":"a"}`)
			}))
			defer server.Close()
			p := newPlace(t)
			put := func(key, content string) {
				if _, err := p.blobs.Put(t.Context(), key, strings.NewReader(content), int64(len(content)), blob.Put{}); err != nil {
					t.Fatal(err)
				}
			}
			put(recording.Object, sound)
			if note != "" {
				put(recording.Answer+"job.json", fmt.Sprintf(note, time.Now().Add(-10*time.Minute).UnixMilli()))
			}
			both := new(sync.WaitGroup)
			both.Add(2)
			var twins [2]*openai.Engine
			var errs [2]error
			var ended sync.WaitGroup
			for i := range twins {
				var err error
				if twins[i], err = openai.New(&http.Client{}, &together{Store: p.blobs, both: both}, p.jobs, openai.Config{URL: server.URL, Model: "m", Now: time.Now}); err != nil {
					t.Fatal(err)
				}
				ended.Go(func() { errs[i] = twins[i].Work(t.Context(), recording) })
			}
			ended.Wait()
			res, err := twins[0].Result(t.Context(), recording)
			if errs != [2]error{} || err != nil || res.State != transcriber.Done || paid.Load() != 1 {
				t.Errorf("paid %d times: %v, %v, %v", paid.Load(), res.State, errs, err)
			}
		})
	}
}

func TestTimeIsOver(t *testing.T) {
	hold := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-hold
	}))
	defer server.Close()
	defer close(hold)
	p := newPlace(t)
	if _, err := p.blobs.Put(t.Context(), recording.Object, strings.NewReader(sound), int64(len(sound)), blob.Put{}); err != nil {
		t.Fatal(err)
	}
	e, err := openai.New(&http.Client{}, p.blobs, p.jobs, openai.Config{URL: server.URL, Model: "m", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := e.Work(ctx, recording); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Result(t.Context(), recording); err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Error(err)
	}
}
