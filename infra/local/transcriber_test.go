package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"griot/internal/api/hosttest"
	"griot/internal/transcriber/transcribertest"
)

// wave is five seconds of silence.
var wave = transcribertest.Silence(5)

// speechServer has /v1/audio/transcriptions. Each call waits for answer, or
// for its client to go.
func speechServer(t *testing.T, answer <-chan string) (url string, asked <-chan string) {
	t.Helper()
	requests := make(chan string, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			t.Error(err)
			return
		}
		f, _, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		sound, _ := io.ReadAll(f)
		requests <- string(sound)
		select {
		case text := <-answer:
			fmt.Fprint(w, text)
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(s.Close)
	return s.URL, requests
}

const call = `{"task":"transcribe","language":"english","duration":7.5,"text":" First I weigh the parcel. Then I call Oluwaseun.","segments":[
	{"id":0,"start":0.0,"end":3.0,"text":" First I weigh the parcel.","words":[{"word":" First","start":0.0,"end":0.4,"probability":0.9}]},
	{"id":1,"start":3.2,"end":7.5,"text":" Then I call Oluwaseun."}]}`

func answers(texts ...string) chan string {
	c := make(chan string, len(texts))
	for _, text := range texts {
		c <- text
	}
	return c
}

func TestRecordingIsWrittenDown(t *testing.T) {
	url, asked := speechServer(t, answers(call))
	s := start(t, t.TempDir(), "-transcriber", url)
	id := s.Upload(t, wave)
	if status := s.Ended(t, id); status != "completed" {
		t.Fatal(s.Call(t, "GET", "/v1/sessions/"+id, nil, 200))
	}
	if sound := <-asked; sound != wave {
		t.Errorf("the engine heard %q", sound)
	}
	sess := s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)
	tr := sess["transcription"].(map[string]any)
	if tr["engine"] != "openai" || tr["status"] != "done" || tr["media"].(map[string]any)["kind"] != "wav" || sess["duration_seconds"] != 5.0 {
		t.Errorf("the session is %v", sess)
	}
	doc := s.Call(t, "GET", "/v1/sessions/"+id+"/transcript?format=json", nil, 200)
	if doc["text"] != "First I weigh the parcel.\nThen I call Oluwaseun." || doc["language"] != "en" {
		t.Errorf("the document is %v", doc)
	}
}

// A server that is told to end does not wait for a call; the next one makes it
// again, and a cancelled session's is ended and leaves nothing.
func TestEndWhileAnEngineListens(t *testing.T) {
	answer := make(chan string, 1)
	url, asked := speechServer(t, answer)
	data := t.TempDir()
	s := start(t, data, "-transcriber", url)
	id := s.Upload(t, wave)
	<-asked
	ok(t, s.stop())
	next := start(t, data, "-transcriber", url)
	<-asked
	answer <- call
	if status := next.Ended(t, id); status != "completed" {
		t.Fatal(next.Call(t, "GET", "/v1/sessions/"+id, nil, 200))
	}
	other := next.Upload(t, wave)
	<-asked
	kept := func() (n int) {
		ok(t, filepath.WalkDir(filepath.Join(data, "objects"), func(path string, _ fs.DirEntry, err error) error {
			if strings.Contains(path, "transcription,") && strings.HasSuffix(path, "job.json@") {
				n++
			}
			if errors.Is(err, fs.ErrNotExist) { // it is being removed
				return nil
			}
			return err
		}))
		return n
	}
	if kept() != 2 { // that of the first stays
		t.Error("there is no note of the job")
	}
	next.Call(t, "POST", "/v1/sessions/"+other+"/cancel", nil, 200)
	hosttest.Await(t, func() bool { return kept() == 1 })
	if n := len(asked); n > 0 {
		t.Errorf("asked %d times more", n)
	}
}

func TestIngestOfARecording(t *testing.T) {
	url, _ := speechServer(t, answers(call))
	file := filepath.Join(t.TempDir(), "parcel.wav")
	ok(t, os.WriteFile(file, []byte(wave), 0o600))
	var out, progress bytes.Buffer
	ok(t, run(t.Context(), []string{"-data", nowhere, "-transcriber", url, "ingest", file}, &out, &progress))
	for _, want := range []string{"First I weigh the parcel.", "written down by the engine openai in ", "read as json", "The transcription engine does not say who speaks."} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("ingest says nothing of %q:\n%s", want, &out)
		}
	}
	err := run(t.Context(), []string{"-data", nowhere, "ingest", file}, &out, &progress)
	if err == nil || !strings.Contains(err.Error(), "transcriber_unavailable") || !strings.Contains(err.Error(), "-transcriber URL") {
		t.Errorf("without an engine: %v", err)
	}
}

func TestTranscriberOptions(t *testing.T) {
	for _, url := range []string{"engine:9000", "127.0.0.1:8000", "file:///tmp"} {
		if (options{data: "d", transcriber: url}).check() == nil {
			t.Errorf("%s is taken", url)
		}
	}
	if (options{data: "d", minutesPerDay: -1}).check() == nil {
		t.Error("less than nothing is taken")
	}
	t.Setenv("GRIOT_MAX_MINUTES_PER_DAY", "90")
	for want, args := range map[int64][]string{90: nil, 30: {"-transcriber-minutes-a-day", "30"}} {
		if o, _, err := parseOptions(args, io.Discard); err != nil || o.minutesPerDay != want {
			t.Errorf("%v: %d minutes, %v", args, o.minutesPerDay, err)
		}
	}
	t.Setenv("GRIOT_MAX_MINUTES_PER_DAY", "many")
	if _, _, err := parseOptions(nil, io.Discard); err == nil {
		t.Error("many minutes are taken")
	}
}

// While a recording is waited for, what it waits for is said once, and then how
// long.
func TestWaitingIsShown(t *testing.T) {
	now := time.Now()
	for want, tr := range map[string]string{
		"has it in its queue,":         `{"status":"queued","waiting":null}`,
		"writes it down,":              `{"status":"running","waiting":null}`,
		"is being asked again,":        `{"status":"queued","waiting":{"code":"engine_unavailable","message":"It is off.","until":"2020-01-01T00:00:00Z"}}`,
		"is asked again at ":           `{"status":"running","waiting":{"code":"engine_busy","message":"It is off.","until":"` + now.Add(time.Hour).Format(time.RFC3339) + `"}}`,
		"is asked on 2031-02-03 (UTC)": `{"status":"queued","waiting":{"code":"minutes_spent","message":"It is off.","until":"2031-02-03T00:00:00Z"}}`,
	} {
		var progress bytes.Buffer
		var got transcription
		ok(t, json.Unmarshal([]byte(tr), &got))
		ticker := newTicker(io.Discard, &progress, false)
		ticker.wait(got)
		ticker.wait(got)
		said := strings.Count(progress.String(), "It is off.\n")
		if strings.Count(progress.String(), want) != 2 || (said == 1) != (got.Waiting != nil) {
			t.Errorf("%s shows %q", tr, progress.String())
		}
	}
}
