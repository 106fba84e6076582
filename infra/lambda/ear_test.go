package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"

	"griot/infra/lambda/build"
	"griot/internal/setup"
	"griot/internal/transcriber/transcribertest"
)

// Silence of plain seconds has the words of ledger; that of held has no answer
// until somebody gives one. What is spoken in anything else the engine of the
// environment finds out.
const (
	plain = 5
	held  = 7
)

// ledger is what the ear hears where nothing is said, as infra/engines' own
// engine writes it.
const ledger = `{"task":"transcribe","language":"english","duration":5.0,
	"media":{"format":"wav","sample_rate":8000,"channels":1},
	"text":" First I export the ledger from NetSuite. Then I reconcile the Stripe payouts.",
	"segments":[{"id":0,"start":0.0,"end":2.0,"text":" First I export the ledger from NetSuite."},{"id":1,"start":2.2,"end":4.5,"text":" Then I reconcile the Stripe payouts."}],
	"words":[{"word":"First","start":0.0,"end":0.3},{"word":"I","start":0.3,"end":0.4},{"word":"export","start":0.4,"end":0.9},{"word":"the","start":0.9,"end":1.0},
	{"word":"ledger","start":1.0,"end":1.3},{"word":"from","start":1.3,"end":1.5},{"word":"NetSuite.","start":1.5,"end":2.0},
	{"word":"Then","start":2.2,"end":2.5},{"word":"I","start":2.5,"end":2.6},{"word":"reconcile","start":2.6,"end":3.0},{"word":"the","start":3.0,"end":3.2},{"word":"Stripe","start":3.2,"end":3.8},{"word":"payouts.","start":3.8,"end":4.5}]}`

// ear is a server that writes recordings down.
type ear struct {
	url    string
	answer chan string // to calls about what is held

	mu    sync.Mutex
	calls int // that are held
}

func listen(t *testing.T) *ear {
	t.Helper()
	e := &ear{answer: make(chan string)}
	var engine http.Handler = http.NotFoundHandler()
	if address := os.Getenv("GRIOT_TEST_SPEECH"); address != "" {
		target, err := url.Parse(address)
		ok(t, err)
		engine = once(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // whoever called is gone
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		switch {
		case bytes.Contains(body, []byte(transcribertest.Silence(plain))):
			fmt.Fprint(w, ledger)
		case bytes.Contains(body, []byte(transcribertest.Silence(held))):
			e.hold(w, r)
		default:
			engine.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	e.url = server.URL
	return e
}

// listened are the answers of the environment's engine, by what was asked.
var listened sync.Map // [sha256.Size]byte to []byte

// once asks an engine that takes a minute for an interview, and answers the
// same every time, for the same but once in all tests.
func once(engine http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // whoever called is gone
		}
		_, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		asked := sha256.Sum256(bytes.ReplaceAll(body, []byte(params["boundary"]), nil)) // a boundary is random
		if answer, known := listened.Load(asked); known {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(answer.([]byte)) // a caller that left needs no error
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		said := httptest.NewRecorder()
		engine.ServeHTTP(said, r)
		if said.Code == http.StatusOK {
			listened.Store(asked, said.Body.Bytes())
		}
		maps.Copy(w.Header(), said.Header())
		w.WriteHeader(said.Code)
		_, _ = w.Write(said.Body.Bytes())
	})
}

func (e *ear) hold(w http.ResponseWriter, r *http.Request) {
	e.count(1)
	defer e.count(-1)
	select {
	case text := <-e.answer:
		fmt.Fprint(w, text)
	case <-r.Context().Done():
	}
}

func (e *ear) count(n int) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls += n
	return e.calls
}

// amazon is what stands for Amazon Transcribe, for this test alone: what it
// does wrong it does for everybody.
type amazon struct {
	t    *testing.T
	url  string
	list *transcribe.Client
}

// faults are those of infra/engines/transcribe.
type faults struct {
	Events string // the queue that is told
	Twice  bool
	Media  []fault
}

type fault struct{ Match, Stay string }

// transcribeEndpoint is the variable that names it to functions.
const transcribeEndpoint = "AWS_ENDPOINT_URL_TRANSCRIBE"

// transcribes starts it.
func transcribes(t *testing.T, speech string) *amazon {
	t.Helper()
	root, err := build.Root(".")
	ok(t, err)
	binary := filepath.Join(t.TempDir(), "transcribe")
	compile := exec.Command("go", "build", "-o", binary, "./infra/engines/transcribe")
	compile.Dir = root
	if out, err := compile.CombinedOutput(); err != nil {
		t.Fatalf("building what stands for Amazon Transcribe: %v\n%s", err, out)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	address := free.Addr().String()
	ok(t, free.Close())
	ctx, end := context.WithCancel(context.Background())
	run := exec.CommandContext(ctx, binary, "-addr", address, "-speech", speech)
	run.Stderr = os.Stderr
	ok(t, run.Start())
	t.Cleanup(func() { end(); _ = run.Wait() })
	a := &amazon{t: t, url: "http://" + address}
	config, err := setup.AWSConfig(os.Getenv)
	ok(t, err)
	a.list = transcribe.NewFromConfig(config, func(o *transcribe.Options) { o.BaseEndpoint = &a.url })
	awaitFor(t, time.Minute, func() bool {
		resp, err := http.Get(a.url + "/faults")
		if err == nil {
			resp.Body.Close()
		}
		return err == nil
	})
	return a
}

func (a *amazon) do(f faults) {
	a.t.Helper()
	body, err := json.Marshal(f)
	ok(a.t, err)
	req, err := http.NewRequest(http.MethodPut, a.url+"/faults", bytes.NewReader(body))
	ok(a.t, err)
	resp, err := http.DefaultClient.Do(req)
	ok(a.t, err)
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		a.t.Fatalf("faults are answered with %s", resp.Status)
	}
}

// status is how the job of a session stands; "" is none.
func (a *amazon) status(session string) string {
	a.t.Helper()
	out, err := a.list.ListTranscriptionJobs(a.t.Context(), &transcribe.ListTranscriptionJobsInput{JobNameContains: aws.String(session)})
	ok(a.t, err)
	for _, job := range out.TranscriptionJobSummaries {
		return string(job.TranscriptionJobStatus)
	}
	return ""
}
