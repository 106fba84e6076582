package main

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"griot/infra/speech"
	"griot/internal/api/apitest"
	"griot/internal/blob"
	"griot/internal/blob/s3"
	"griot/internal/queue"
	"griot/internal/setup"
	"griot/internal/transcriber/transcribertest"
)

// listening is a stack of its own that has recordings written down.
func listening(t *testing.T, transcriber string, engines map[string]string) *server {
	t.Helper()
	s, end, err := launch(engines, "5s", "-transcriber", transcriber)
	ok(t, err)
	t.Cleanup(func() { ok(t, end()) })
	return s
}

func needEngines(t *testing.T) {
	t.Helper()
	if os.Getenv("GRIOT_TEST_DYNAMODB") == "" || os.Getenv("GRIOT_TEST_LOCALSTACK") == "" {
		t.Skip("the environment names no engines")
	}
}

func (s *server) bucket(t *testing.T) blob.Store {
	t.Helper()
	config, err := setup.AWSConfig(os.Getenv)
	ok(t, err)
	store, err := s3.New(config, s.h.options.stack+"-000000000000-"+config.Region)
	ok(t, err)
	return store
}

// drop puts a file into the inbox, and returns the session that it starts.
func (s *server) drop(t *testing.T, name, content string) (id string) {
	t.Helper()
	project := s.Call(t, "GET", "/v1/projects", nil, 200)["data"].([]any)[0].(map[string]any)
	key := "inbox/" + project["workspace_id"].(string) + "/" + project["id"].(string) + "/open_exploration/" + name
	_, err := s.bucket(t).Put(t.Context(), key, strings.NewReader(content), int64(len(content)), blob.Put{})
	ok(t, err)
	awaitFor(t, sweeps, func() bool {
		for _, sess := range s.Call(t, "GET", "/v1/sessions?limit=100", nil, 200)["data"].([]any) {
			if sess := sess.(map[string]any); sess["title"] == name {
				id = sess["id"].(string)
			}
		}
		return id != ""
	})
	return id
}

// transcription is how the recording of a session stands.
func (s *server) transcription(t *testing.T, id string) map[string]any {
	t.Helper()
	known, _ := s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["transcription"].(map[string]any)
	return known
}

// kept are the objects of a session that its engine has left.
func (s *server) kept(t *testing.T, id string) (keys []string) {
	t.Helper()
	sess := s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)
	return s.below(t, "sessions/"+sess["workspace_id"].(string)+"/"+id+"/transcription/")
}

func (s *server) below(t *testing.T, prefix string) (keys []string) {
	t.Helper()
	infos, _, err := s.bucket(t).List(t.Context(), prefix, "")
	ok(t, err)
	for _, info := range infos {
		keys = append(keys, info.Key)
	}
	return keys
}

// heard waits until the words of the ear are those of a session, with times,
// and something in them was found and is cited.
func (s *server) heard(t *testing.T, id, engine string) {
	t.Helper()
	s.result(t, id)
	tr := s.transcription(t, id)
	if tr["engine"] != engine || tr["status"] != "done" || tr["media"].(map[string]any)["duration_ms"] != 5000.0 {
		t.Errorf("the transcription is %v", tr)
	}
	doc := s.Call(t, "GET", "/v1/sessions/"+id+"/transcript?format=json", nil, 200)
	if !strings.Contains(doc["text"].(string), "First I export the ledger from NetSuite.") {
		t.Errorf("the document is %v", doc)
	}
	for _, seg := range doc["segments"].([]any) {
		if seg := seg.(map[string]any); seg["start_ms"] == nil || seg["end_ms"] == nil {
			t.Errorf("a segment has no time: %v", seg)
		}
	}
	s.cited(t, id, "NetSuite")
}

// cited looks for a citation with times whose quote has a word.
func (s *server) cited(t *testing.T, id, word string) {
	t.Helper()
	found := s.Call(t, "GET", "/v1/sessions/"+id+"/extraction", nil, 200)
	for _, kind := range []string{"sop_candidates", "entity_candidates", "risk_signals"} {
		for _, c := range found[kind].([]any) {
			for _, citation := range c.(map[string]any)["citations"].([]any) {
				cite := citation.(map[string]any)
				if strings.Contains(cite["quote"].(string), word) && cite["start_ms"] != nil && cite["end_ms"] != nil {
					return
				}
			}
		}
	}
	t.Errorf("nothing that was found cites %q with its times: %v", word, found)
}

// cancelled checks that nothing comes of a session that was cancelled.
func (s *server) cancelled(t *testing.T, id string) {
	t.Helper()
	awaitFor(t, sweeps, func() bool { return len(s.kept(t, id)) == 0 })
	sess := s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)
	if sess["status"] != "cancelled" || sess["extraction"] != nil || sess["conversation_id"] != nil || len(s.Document(t, id)) != 0 {
		t.Errorf("of the cancelled session came %v", sess)
	}
}

// interview has the engine of the environment hear one that is spoken here,
// dropped into the inbox, and in the scripts of recordings.
func (s *server) interview(t *testing.T) {
	t.Helper()
	if os.Getenv("GRIOT_TEST_SPEECH") == "" {
		t.Log("nothing is listened to: GRIOT_TEST_SPEECH names no engine")
		return
	}
	sound, _, err := speech.Speak(t.Context(), speech.Interview(), false)
	if errors.Is(err, speech.ErrNoVoice) {
		t.Log(err)
		return
	}
	ok(t, err)
	id := s.drop(t, "closing the shop.wav", string(sound))
	s.result(t, id)
	if doc := s.Call(t, "GET", "/v1/sessions/"+id+"/transcript?format=json", nil, 200); !strings.Contains(doc["text"].(string), "manager") {
		t.Errorf("the document is %v", doc)
	}
	s.cited(t, id, "") // which words it hears in the rest is the engine's matter
	apitest.RunRecordings(t, s.Base, map[string]string{"KEY": s.env.First.Key}, sound)
}

func TestServerHearsRecordings(t *testing.T) {
	needEngines(t)
	t.Parallel() // both wait for most of their time
	e := listen(t)
	s := listening(t, e.url, nil)
	s.heard(t, s.drop(t, "ledger.wav", transcribertest.Silence(plain)), "openai")

	// A session that is cancelled in the middle of its call ends the call.
	id := s.drop(t, "cancelled.wav", transcribertest.Silence(held))
	awaitFor(t, sweeps, func() bool { return e.count(0) == 1 })
	s.Call(t, "POST", "/v1/sessions/"+id+"/cancel", nil, 200)
	awaitFor(t, sweeps, func() bool { return e.count(0) == 0 })
	s.cancelled(t, id)

	// A worker that is killed in the middle of one is followed by another.
	id = s.drop(t, "killed.wav", transcribertest.Silence(held))
	awaitFor(t, sweeps, func() bool { return e.count(0) == 1 })
	s.killBusy(t, "worker-transcribe")
	awaitFor(t, sweeps, func() bool { return e.count(0) == 0 })
	e.answer <- ledger
	if s.result(t, id); s.transcription(t, id)["status"] != "done" {
		t.Errorf("the transcription is %v", s.transcription(t, id))
	}
	s.interview(t)
}

func TestAmazonHearsRecordings(t *testing.T) {
	needEngines(t)
	t.Parallel() // both wait for most of their time
	e := listen(t)
	a := transcribes(t, e.url)
	s := listening(t, "amazon", map[string]string{transcribeEndpoint: a.url})
	events := s.url(t, queue.Ingest)

	// Events, of which each comes twice: of one that is heard, and of two whose
	// sessions are cancelled while Amazon has them.
	a.do(faults{Events: events, Twice: true, Media: []fault{{"waiting", "QUEUED"}, {"working", "IN_PROGRESS"}}})
	s.heard(t, s.drop(t, "ledger.wav", transcribertest.Silence(plain)), "amazon")
	early := map[string]string{"waiting": "QUEUED", "working": "IN_PROGRESS"}
	ids := map[string]string{}
	for name, status := range early {
		id := s.drop(t, name+".wav", transcribertest.Silence(plain))
		awaitFor(t, sweeps, func() bool { return a.status(id) == status })
		s.Call(t, "POST", "/v1/sessions/"+id+"/cancel", nil, 200)
		ids[name] = id
	}
	a.do(faults{Events: events, Twice: true})
	for _, id := range ids {
		awaitFor(t, sweeps, func() bool { return a.status(id) == "" })
		s.cancelled(t, id)
	}

	// No events: the session looks by itself, and so do a cancelled and a
	// deleted one, until their jobs are gone.
	a.do(faults{Media: []fault{{"late", "IN_PROGRESS"}}})
	s.heard(t, s.drop(t, "polled.wav", transcribertest.Silence(plain)), "amazon")
	late, deleted := s.drop(t, "late.wav", transcribertest.Silence(plain)), s.drop(t, "late and deleted.wav", transcribertest.Silence(plain))
	for _, id := range []string{late, deleted} {
		awaitFor(t, sweeps, func() bool { return a.status(id) == "IN_PROGRESS" })
	}
	workspace := s.Call(t, "GET", "/v1/sessions/"+late, nil, 200)["workspace_id"].(string)
	s.Call(t, "POST", "/v1/sessions/"+late+"/cancel", nil, 200)
	receipt := s.Call(t, "DELETE", "/v1/sessions/"+deleted, nil, 202)
	a.do(faults{})
	awaitFor(t, sweeps, func() bool { return a.status(late) == "" && a.status(deleted) == "" })
	s.cancelled(t, late)
	awaitFor(t, sweeps, func() bool {
		return s.Call(t, "GET", "/v1/deletions/"+receipt["id"].(string), nil, 200)["status"] == "done"
	})
	if keys := s.below(t, "sessions/"+workspace+"/"+deleted+"/"); len(keys) > 0 {
		t.Errorf("of the deleted session is left %v", keys)
	}
	s.interview(t)
}

// url is where a queue of the stack is told something.
func (s *server) url(t *testing.T, name queue.Name) string {
	t.Helper()
	config, err := setup.AWSConfig(os.Getenv)
	ok(t, err)
	full := s.h.options.stack + "-" + string(name)
	out, err := sqs.NewFromConfig(config).GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: &full})
	ok(t, err)
	return *out.QueueUrl
}

// A flag that is no engine is refused before anything is made.
func TestTranscriberOption(t *testing.T) {
	for _, value := range []string{"openai", "speech:8190", "ftp://speech", ""} {
		if _, err := parseOptions([]string{"-transcriber", value}, os.Stderr); err == nil {
			t.Errorf("-transcriber %q is taken", value)
		}
	}
}
