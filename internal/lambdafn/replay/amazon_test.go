package replay_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"griot/infra/stack/event"
	"griot/internal/blob"
	"griot/internal/setup"
	"griot/internal/system"
	"griot/internal/transcriber/amazon"
)

// transcribed is Amazon's answer about the recording of HEARD.
const transcribed = `{"jobName":"j","status":"COMPLETED","results":{"language_code":"en-US","transcripts":[{"transcript":"First I weigh the parcel."}],"items":[
	{"id":0,"type":"pronunciation","alternatives":[{"confidence":"0.99","content":"First"}],"start_time":"0.0","end_time":"0.4"},
	{"id":1,"type":"pronunciation","alternatives":[{"confidence":"0.99","content":"I"}],"start_time":"0.4","end_time":"0.5"},
	{"id":2,"type":"pronunciation","alternatives":[{"confidence":"0.99","content":"weigh"}],"start_time":"0.5","end_time":"0.9"},
	{"id":3,"type":"pronunciation","alternatives":[{"confidence":"0.99","content":"it"}],"start_time":"0.9","end_time":"1.2"},
	{"id":4,"type":"punctuation","alternatives":[{"confidence":"0.0","content":"."}]}]}}`

// list is as much of Amazon Transcribe as functions call: each job has ended
// as soon as it is started.
type list struct {
	w     *world
	guard guard // of the function that calls; none while the world is made
	jobs  map[string]json.RawMessage
	url   string
}

func (w *world) list() *list {
	l := &list{w: w, jobs: map[string]json.RawMessage{}}
	server := httptest.NewServer(http.HandlerFunc(l.call))
	w.t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

func (l *list) call(out http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in struct {
		TranscriptionJobName, OutputKey string
		Media, Tags                     json.RawMessage
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		l.w.t.Error(err)
	}
	name := in.TranscriptionJobName
	if l.guard.t != nil && operation != "StartTranscriptionJob" { // which has a condition of its own
		l.guard.want("transcribe:"+operation, "arn:aws:transcribe:eu-west-1:000000000000:transcription-job/"+name)
	}
	out.Header().Set("Content-Type", "application/x-amz-json-1.1")
	job, known := l.jobs[name]
	switch {
	case operation == "StartTranscriptionJob":
		job = fmt.Appendf(nil, `{"TranscriptionJobName":%q,"TranscriptionJobStatus":"COMPLETED","Media":%s,"Tags":%s}`, name, in.Media, in.Tags)
		l.jobs[name] = job
		_, err := l.w.blobs.Put(r.Context(), in.OutputKey, strings.NewReader(transcribed), int64(len(transcribed)), blob.Put{})
		if err != nil {
			l.w.t.Error(err)
		}
	case !known:
		out.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(out, `{"__type":"BadRequestException","Message":"The requested job couldn't be found."}`)
		return
	case operation == "DeleteTranscriptionJob":
		delete(l.jobs, name)
	}
	fmt.Fprintf(out, `{"TranscriptionJob":%s}`, job)
}

func (l *list) engine(s system.Ports) *amazon.Engine {
	config, err := setup.AWSConfig(func(name string) string {
		return map[string]string{
			"AWS_REGION": event.Place.Region, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL_TRANSCRIBE": l.url,
		}[name]
	})
	ok(l.w.t, err)
	e, err := amazon.New(config, event.Place.Bucket(), s.Blobs, amazon.Config{})
	ok(l.w.t, err)
	return e
}
