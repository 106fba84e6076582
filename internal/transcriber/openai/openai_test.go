package openai_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/transcriber"
	"griot/internal/transcriber/openai"
	"griot/internal/transcriber/transcribertest"
)

// wire answers as a server of OpenAI's kind.
func wire(s *transcribertest.Service) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		reply := s.Next(transcribertest.Asked{
			Language: r.FormValue("language"), Words: r.FormValue("prompt"), Speakers: r.FormValue("response_format") == "diarized_json",
		})
		if reply.Hold != nil {
			select {
			case <-reply.Hold:
			case <-r.Context().Done():
				return
			}
		}
		if !reply.Fails {
			_ = json.NewEncoder(w).Encode(verbose(reply.Said))
			return
		}
		refusal := map[transcriber.Kind]struct {
			status int
			body   string
		}{
			transcriber.Busy:        {429, `{"error":{"message":"Rate limit reached near plum cabinet","type":"requests","code":"rate_limit_exceeded"}}`},
			transcriber.Unavailable: {502, `<html>plum cabinet</html>`},
			transcriber.Denied:      {401, `{"error":{"message":"Incorrect API key provided: plum cabinet","type":"invalid_request_error","code":"invalid_api_key"}}`},
			transcriber.Unsupported: {400, `{"error":{"message":"Invalid file format. plum cabinet","type":"invalid_request_error","param":"file"}}`},
			transcriber.TooLarge:    {413, `{"error":{"message":"plum cabinet: Maximum content size limit exceeded"}}`},
		}[reply.Kind]
		if reply.After > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(reply.After.Seconds()))
		}
		if reply.Kind == transcriber.Failed { // an answer that no transcript is
			fmt.Fprint(w, `{"text":"`, strings.Repeat("plum cabinet ", 6<<20), `"}`)
			return
		}
		w.WriteHeader(refusal.status)
		fmt.Fprint(w, refusal.body)
	}
}

func verbose(said []transcribertest.Said) map[string]any {
	segments, text := []any{}, ""
	for i, s := range said {
		segments = append(segments, map[string]any{"id": i, "start": float64(s.StartMS) / 1000, "end": float64(s.EndMS) / 1000, "text": " " + s.Text})
		text += " " + s.Text
	}
	return map[string]any{"task": "transcribe", "language": "english", "duration": 5.0, "text": text, "segments": segments}
}

// place is where an engine keeps its things.
type place struct {
	blobs blob.Store
	jobs  queue.Queue
}

func newPlace(t *testing.T) place {
	t.Helper()
	blobs, err := dir.Open(filepath.Join(t.TempDir(), "objects"), dir.Options{Base: "http://127.0.0.1:1", NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { blobs.Close() })
	db, err := disk.Open(filepath.Join(t.TempDir(), "db"), disk.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	jobs, err := queuebolt.New(db, queue.Transcribe, queuebolt.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return place{blobs, jobs}
}

// carryOut works off the queue as the worker does: a job that is not wanted
// any more is told so.
func (p place) carryOut(ctx context.Context, t *testing.T, e *openai.Engine, r transcriber.Recording, wanted func() bool) {
	for {
		messages, err := p.jobs.Receive(ctx, 1, 0)
		if err != nil || len(messages) == 0 {
			return
		}
		work, end := context.WithCancelCause(ctx)
		stop := make(chan struct{})
		go func() {
			for wanted() {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
				}
			}
			end(transcriber.ErrUnwanted)
		}()
		job, err := transcriber.DecodeJob(messages[0].Body)
		if err != nil || job != r.Job {
			t.Errorf("the job is %v, %v", job, err)
		}
		if !wanted() {
			end(transcriber.ErrUnwanted)
		}
		err = e.Work(work, r)
		close(stop)
		end(nil)
		if err != nil { // it comes back
			_ = p.jobs.Retry(ctx, messages[0], 0)
			return
		}
		_ = p.jobs.Ack(ctx, messages[0])
	}
}

func TestConformance(t *testing.T) {
	places := map[blob.Store]place{}
	var last place
	urls := map[*transcribertest.Service]string{}
	transcribertest.Run(t, transcribertest.Harness{
		Blobs: func(t *testing.T) blob.Store {
			last = newPlace(t)
			places[last.blobs] = last
			return last.blobs
		},
		New: func(t *testing.T, blobs blob.Store, s *transcribertest.Service) transcriber.Engine {
			if urls[s] == "" {
				server := httptest.NewServer(wire(s))
				t.Cleanup(server.Close)
				urls[s] = server.URL
			}
			e, err := openai.New(&http.Client{}, blobs, last.jobs, openai.Config{URL: urls[s], Model: "m", Key: "k", Now: time.Now, Sole: true})
			if err != nil {
				t.Fatal(err)
			}
			return e
		},
		Work: func(ctx context.Context, t *testing.T, e transcriber.Engine, r transcriber.Recording, wanted func() bool) {
			last.carryOut(ctx, t, e.(*openai.Engine), r, wanted)
		},
		Names: true,
	})
}
