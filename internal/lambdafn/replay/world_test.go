package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/internal/access"
	"griot/internal/blob"
	"griot/internal/extraction"
	"griot/internal/fetch"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/capture"
	"griot/internal/session/lifecycle"
	"griot/internal/session/result"
	"griot/internal/session/upload"
	"griot/internal/system"
	"griot/internal/system/systemtest"
	"griot/internal/table"
	"griot/internal/task"
	"griot/internal/transcript"
	"griot/internal/worker"
)

// vtt is the file of every upload.
const vtt = "WEBVTT\n\n00:00.000 --> 00:04.000\n<v Aria>First I export the ledger from NetSuite.\n\n" +
	"00:04.000 --> 00:09.000\n<v Aria>Then I reconcile the Stripe payouts.\n"

// world is what the events of events/ are about: a seeded store, and the
// names by which events speak of what is in it.
type world struct {
	t      *testing.T
	now    time.Time
	table  table.Store
	blobs  blob.Store
	jobs   *outbox
	names  map[string]string // KEY, LIVE, … of events
	caller access.Principal
	speech string // URL of a server that writes recordings down
	amazon *list
}

func (w *world) clock() time.Time { return w.now }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC), names: map[string]string{}, jobs: &outbox{}}
	ports, _ := systemtest.Embed(t, "https://objects.example", w.clock)
	w.table, w.blobs = ports.Table, ports.Blobs
	w.seed()
	w.jobs.reset()
	return w
}

// ports are what services work on.
func (w *world) ports() system.Ports {
	return system.Ports{Table: w.table, Blobs: w.blobs, Queues: w.jobs.queues(), Now: w.clock}
}

// system is the world's own, or one on other ports.
func (w *world) system(on system.Ports) *system.System {
	c := system.Config{
		LoopbackURLs: true, MinutesPerDay: 60, Fetch: &fetch.Client{AllowLoopback: true}, FetchesAtOnce: 3, Engine: w.engine(on),
	}
	if w.speech != "" {
		c.Transcribe = w.server(on).Work
	}
	return system.New(on, c)
}

// worker is the world's own of a queue.
func (w *world) worker(of queue.Name) worker.Worker { return w.system(w.ports()).Workers[of] }

func (w *world) seed() {
	w.tenants()
	svc := w.system(w.ports()).Sessions
	w.live(svc, "LIVE")
	w.live(svc, "CAPTURED")
	w.did(svc.Complete(w.t.Context(), w.caller, w.names["CAPTURED"], nil))
	w.upload(svc, "ARRIVED")
	w.upload(svc, "DONE")
	w.run(w.worker(queue.Ingest), "DONE")
	w.run(w.worker(queue.Extract), "DONE")
	w.live(svc, "DELETED")
	deletion, err := svc.Delete(w.t.Context(), w.caller, w.names["DELETED"])
	ok(w.t, err)
	w.names["DELETION"] = deletion.ID
	waiting, err := svc.Uploads.CreateUpload(w.t.Context(), w.caller, upload.UploadInput{SizeBytes: new(int64(len(vtt)))}, nil)
	ok(w.t, err)
	w.names["UPLOAD"], w.names["UPLOAD_URL"] = waiting.ID, waiting.Request.URL
	w.names["DROPPED"] = fmt.Sprintf("inbox/%s/%s/open_exploration/", w.caller.Workspace, w.names["PROJECT"])
	w.put(w.names["DROPPED"] + "a b+c.vtt")
	w.names["STRAY"] = fmt.Sprintf("inbox/%s/prj_unknown/open_exploration/ode.vtt", w.caller.Workspace)
	w.put(w.names["STRAY"])
	w.elsewhere(svc)
	w.seedConversations()
}

// extractAgain makes a session that is to be extracted again, for the function
// that does it, or was, for the one by which its conversation follows.
func (w *world) extractAgain(function string) {
	svc := w.system(w.ports()).Sessions
	w.upload(svc, "AGAIN")
	w.run(w.worker(queue.Ingest), "AGAIN")
	w.run(w.worker(queue.Extract), "AGAIN")
	w.run(w.worker(queue.Bridge), "AGAIN")
	_, err := svc.Results.ExtractAgain(w.t.Context(), w.caller, w.names["AGAIN"], result.ExtractInput{Extractor: session.ByRules}, nil)
	ok(w.t, err)
	var job task.Message
	ok(w.t, json.Unmarshal(w.jobs.last, &job))
	if w.names["WISH"] = job.Wish; function == "worker-bridge" {
		found := extraction.Extractor{Name: "another", Extract: func(context.Context, extraction.Input) (extraction.Findings, error) {
			return extraction.Findings{}, nil
		}}
		ok(w.t, worker.Extract(svc.Results, found, nil)(w.t.Context(), w.jobs.last))
	}
	w.jobs.reset()
}

// failedRecording is a session with a recording that no engine wrote down.
func (w *world) failedRecording() {
	svc := w.system(w.ports()).Sessions
	w.upload(svc, "FAILED")
	// AIFF of one channel, a minute of 44.1 kHz by its header.
	const sound = "FORM\x00\x00\x00\x1eAIFFCOMM\x00\x00\x00\x12\x00\x01\x00\x28\x60\x20\x00\x10\x40\x0e\xac\x44\x00\x00\x00\x00\x00\x00"
	key := "uploads/" + w.caller.Workspace + "/" + w.names["FAILED_UPLOAD"]
	_, err := w.blobs.Put(w.t.Context(), key, strings.NewReader(sound), int64(len(sound)), blob.Put{})
	ok(w.t, err)
	w.run(w.worker(queue.Ingest), "FAILED")
	w.jobs.reset()
}

// tenants are a workspace with a project, and another that must see nothing
// of it.
func (w *world) tenants() {
	directory := w.system(w.ports()).Access
	for _, suffix := range []string{"", "2"} {
		ws, project, err := directory.CreateWorkspace(w.t.Context(), "Acme"+suffix)
		ok(w.t, err)
		credential, key, err := directory.CreateKey(w.t.Context(), ws.ID, access.KeyInput{Scopes: []access.Scope{access.All}})
		ok(w.t, err)
		w.names["WORKSPACE"+suffix], w.names["PROJECT"+suffix], w.names["KEY"+suffix] = ws.ID, project.ID, credential
		if suffix == "" {
			w.caller = access.Principal{Workspace: ws.ID, KeyID: key.ID, Scopes: []access.Scope{access.All}}
		}
	}
}

func (w *world) create(svc *lifecycle.Service, name, url string) {
	in := session.CreateInput{Template: "open_exploration", Title: "Month-end close", UploadURL: url}
	if url == "" {
		in.IntervieweeEmail = "aria@acme.example"
	}
	sess, err := svc.Create(w.t.Context(), w.caller, in, nil)
	ok(w.t, err)
	w.names[name] = sess.ID
}

func (w *world) live(svc *lifecycle.Service, name string) {
	w.create(svc, name, "")
	var in capture.AppendInput
	for i, text := range []string{"How do you close the month?", "First I export the ledger from NetSuite."} {
		in.Segments = append(in.Segments, capture.Incoming{ClientSeq: int64(i), Turn: transcript.Turn{Text: text}})
	}
	_, err := svc.Capture.Append(w.t.Context(), w.caller, w.names[name], in, nil)
	ok(w.t, err)
}

// upload is a session whose file is there but was not read.
func (w *world) upload(svc *lifecycle.Service, name string) {
	up, err := svc.Uploads.CreateUpload(w.t.Context(), w.caller, upload.UploadInput{SizeBytes: new(int64(len(vtt)))}, nil)
	ok(w.t, err)
	w.names[name+"_UPLOAD"] = up.ID
	w.create(svc, name, up.Request.URL)
	w.put("uploads/" + w.caller.Workspace + "/" + up.ID)
}

func (w *world) put(key string) {
	_, err := w.blobs.Put(w.t.Context(), key, strings.NewReader(vtt), int64(len(vtt)), blob.Put{})
	ok(w.t, err)
}

// elsewhere is a session whose file is on somebody else's server.
func (w *world) elsewhere(svc *lifecycle.Service) {
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(out, vtt)
	}))
	w.t.Cleanup(server.Close)
	w.create(svc, "ELSEWHERE", server.URL+"/file.vtt")
}

func (w *world) did(_ session.Session, err error) {
	w.t.Helper()
	ok(w.t, err)
}

func (w *world) run(handle worker.Worker, name string) {
	w.t.Helper()
	ok(w.t, handle(w.t.Context(), task.Message{Workspace: w.caller.Workspace, Session: w.names[name]}.Encode()))
}

// states are the seeded sessions' statuses; "gone" is one that is deleted.
func (w *world) states() map[string]string {
	states := map[string]string{}
	for _, name := range []string{"LIVE", "CAPTURED", "ARRIVED", "DONE", "DELETED", "ELSEWHERE", "AGAIN", "FAILED", "HEARD"} {
		if w.names[name] == "" {
			continue
		}
		states[name] = "gone"
		if sess, err := w.system(w.ports()).Sessions.Sessions.Get(w.t.Context(), w.caller, w.names[name]); err == nil {
			states[name] = string(sess.Status)
			if sess.Asked != "" {
				states[name] += ", to be extracted again by the " + sess.Asked
			}
			if name == "HEARD" {
				states[name] = w.transcription(sess)
			}
		}
	}
	w.conversationStates(states)
	if _, err := w.blobs.Stat(w.t.Context(), w.names["STRAY"]); errors.Is(err, blob.ErrNotFound) {
		refused, _, err := w.blobs.List(w.t.Context(), upload.RefusedPrefix, "")
		ok(w.t, err)
		states["STRAY"] = fmt.Sprintf("moved, %d objects are refused", len(refused))
	}
	return states
}

// outbox stands for the queues and counts what was sent to each.
type outbox struct {
	mu   sync.Mutex
	sent map[string]int
	last []byte // body of the last job to extract
}

func (o *outbox) reset() { o.sent = map[string]int{} }

func (o *outbox) queues() map[queue.Name]queue.Queue {
	all := map[queue.Name]queue.Queue{}
	for _, name := range queue.Names {
		all[name] = outgoing{box: o, name: name}
	}
	return all
}

type outgoing struct {
	queue.Queue // nothing else is called
	box         *outbox
	name        queue.Name
}

func (q outgoing) Send(_ context.Context, messages ...queue.Outgoing) error {
	q.box.mu.Lock()
	defer q.box.mu.Unlock()
	for _, m := range messages {
		if m.Group == "" {
			return fmt.Errorf("a job without a group in %s", q.name)
		}
		if q.box.sent == nil {
			q.box.sent = map[string]int{}
		}
		q.box.sent[string(q.name)]++
		if q.name == queue.Extract {
			q.box.last = m.Body
		}
	}
	return nil
}

func (q outgoing) Retry(context.Context, queue.Message, time.Duration) error { return nil }
