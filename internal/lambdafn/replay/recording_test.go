package replay_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/system"
	"griot/internal/transcriber"
	"griot/internal/transcriber/openai"
	"griot/internal/transcriber/transcribertest"
)

// wave is five seconds of silence.
var wave = transcribertest.Silence(5)

const spoken = `{"task":"transcribe","language":"english","duration":5.0,"text":" First I weigh the parcel.",
	"segments":[{"id":0,"start":0.0,"end":3.0,"text":" First I weigh the parcel."}]}`

// How far the session HEARD is, whose file is a recording, when a case begins.
type progress int

const (
	none    progress = iota // there is no such session
	arrived                 // its file is there
	begun                   // its engine has it
	heard                   // its words are there
	refused                 // its engine wants another key
	stopped                 // it was cancelled when its words were there
)

var recordings = map[string]progress{
	"worker-ingest/recording": arrived, "worker-ingest/heard": heard, "worker-ingest/denied": refused,
	"worker-transcribe/ok": begun, "worker-transcribe/twice": begun, "worker-transcribe/tenant": begun,
	"worker-transcribe/invalid": begun, "worker-transcribe/malformed": begun, "worker-transcribe/unwanted": stopped,
	"worker-purge/stop": stopped, "sessions-cancel/recording": begun,
}

// Recordings of Amazon Transcribe, where the words are there as soon as it has
// them.
var recordingsOfAmazon = map[string]progress{
	"worker-ingest/amazon": arrived, "worker-ingest/transcribed": begun, "worker-ingest/transcribed-elsewhere": begun,
	"worker-purge/stop-amazon": stopped,
}

// record makes the session HEARD, and an engine for it.
func (w *world) record(name string) {
	if p := recordings[name]; p != none {
		w.serve(p)
		w.bring(p)
	}
	if p := recordingsOfAmazon[name]; p != none {
		w.amazon = w.list()
		w.bring(p)
	}
}

func (w *world) serve(p progress) {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		_, _ = io.Copy(io.Discard, in.Body) // or the client may find the connection closed while it writes
		if p == refused {
			http.Error(out, `{"error":{"message":"no","code":"invalid_api_key"}}`, http.StatusUnauthorized)
			return
		}
		fmt.Fprint(out, spoken)
	}))
	w.t.Cleanup(server.Close)
	w.speech = server.URL
}

// bring makes the session, and what has become of it.
func (w *world) bring(p progress) {
	s := w.ports()
	svc := w.system(s).Sessions
	w.upload(svc, "HEARD")
	key := "uploads/" + w.caller.Workspace + "/" + w.names["HEARD_UPLOAD"]
	_, err := w.blobs.Put(w.t.Context(), key, strings.NewReader(wave), int64(len(wave)), blob.Put{})
	ok(w.t, err)
	if p >= begun {
		w.run(w.worker(queue.Ingest), "HEARD")
	}
	if p >= heard && w.speech != "" {
		ok(w.t, w.worker(queue.Transcribe)(w.t.Context(), fmt.Appendf(nil, `{"workspace":%q,"session":%q,"attempt":1}`, w.caller.Workspace, w.names["HEARD"])))
	}
	if p == stopped {
		w.did(svc.Cancel(w.t.Context(), w.caller, w.names["HEARD"], nil))
	}
	w.jobs.reset()
}

// engine is the one that the case is about, nil if it is about none.
func (w *world) engine(s system.Ports) transcriber.Engine {
	switch {
	case w.amazon != nil:
		return w.amazon.engine(s)
	case w.speech != "":
		return w.server(s)
	}
	return nil
}

func (w *world) server(s system.Ports) *openai.Engine {
	e, err := openai.New(&http.Client{}, s.Blobs, s.Queues[queue.Transcribe], openai.Config{URL: w.speech, Model: "whisper-1", Now: w.clock})
	ok(w.t, err)
	return e
}

// transcription is how far the session HEARD is.
func (w *world) transcription(sess session.Session) string {
	kept, _, err := w.blobs.List(context.WithoutCancel(w.t.Context()), "sessions/"+w.caller.Workspace+"/"+sess.ID+"/transcription/", "")
	ok(w.t, err)
	status := string(sess.Status)
	if sess.Transcription != nil {
		status += ", its transcription " + sess.Transcription.Status
	}
	status += fmt.Sprintf(", %d objects of its engine", len(kept))
	if w.amazon != nil {
		status += fmt.Sprintf(", %d jobs", len(w.amazon.jobs))
	}
	return status
}
