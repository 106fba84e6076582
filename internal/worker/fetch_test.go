package worker_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"griot/internal/blob"
	"griot/internal/fetch"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/table/tabletest"
	"griot/internal/task"
	"griot/internal/worker"
)

// meanwhile is a store in which something happens before or after the next Put,
// at which the process dies.
type meanwhile struct {
	blob.Store
	before, after func()
}

var errDied = errors.New("the process has died")

func (m *meanwhile) Put(ctx context.Context, key string, r io.Reader, size int64, p blob.Put) (blob.Info, error) {
	if m.before == nil && m.after == nil {
		return m.Store.Put(ctx, key, r, size, p)
	}
	before, after := m.before, m.after
	m.before, m.after = nil, nil
	if before != nil {
		before()
		return blob.Info{}, errDied
	}
	if _, err := m.Store.Put(ctx, key, r, size, p); err != nil {
		return blob.Info{}, err
	}
	after()
	return blob.Info{}, errDied
}

// A process that dies while it fetches for a session that is deleted meanwhile
// leaves nothing, wherever the deletion was by then.
func TestFetchedForADeletedSession(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, interview) }))
	defer server.Close()
	for name, arm := range map[string]func(w *world, m *meanwhile, remove func()){
		"deleted before the bytes come":   func(_ *world, m *meanwhile, remove func()) { m.before = remove },
		"deleted when they are there":     func(_ *world, m *meanwhile, remove func()) { m.after = remove },
		"purged when they are there":      func(w *world, m *meanwhile, remove func()) { m.after = func() { remove(); w.settle() } },
		"purged, and then the bytes come": func(w *world, m *meanwhile, remove func()) { m.after = remove },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.sessions.LoopbackURLs = true
			s := createUpload(w, server.URL+"/call.vtt")
			store := &meanwhile{Store: w.blobs}
			files := worker.Files{Sessions: w.sessions, Blobs: store, Fetch: fetch.Client{AllowLoopback: true}}
			key := "sessions/" + w.caller.Workspace + "/" + s.ID + "/fetched"
			arm(w, store, func() { ok(t, w.remove(s.ID)) })
			w.workers[queue.Fetch] = files.FetchURL()
			w.step(queue.Fetch, w.workers[queue.Fetch])
			late := name == "purged, and then the bytes come"
			if late {
				w.settle()
				put(w, key, interview)
			}
			w.settle()
			job := task.Message{Workspace: w.caller.Workspace, Session: s.ID}.Encode()
			for range 2 { // it is delivered again, and twice
				ok(t, files.FetchURL()(t.Context(), job))
			}
			if objects := left(w, s.ID, ""); len(objects) > 0 {
				t.Errorf("left: %v", objects)
			}
			if r := w.receipts(); len(r) != 1 || r[0].Str("status") != "done" {
				t.Errorf("receipts = %v", r)
			}
		})
	}
}

// fetching makes the worker of the fetch queue with three leases a workspace, and
// one session for each of n URLs of a server.
func fetching(w *world, base string, n int) (sessions []string) {
	w.sessions.LoopbackURLs = true
	files := worker.Files{Sessions: w.sessions, Blobs: w.blobs, Fetch: fetch.Client{AllowLoopback: true}, FetchesAtOnce: 3}
	w.workers[queue.Fetch] = files.FetchURL()
	for range n {
		sessions = append(sessions, createUpload(w, base+"/call.vtt").ID)
	}
	return sessions
}

// completed lets time pass until the sessions are completed, for an hour at most.
func (w *world) completed(sessions []string) {
	w.t.Helper()
	for range 60 {
		done := 0
		for _, id := range sessions {
			if w.get(id).Status == session.Completed {
				done++
			}
		}
		if done == len(sessions) {
			return
		}
		w.drain()
		w.advance(time.Minute)
		sweep(w)
	}
	w.t.Errorf("not all of %d sessions are completed", len(sessions))
}

// TestFetchesOfAWorkspace has ten workers fetch twenty URLs of one workspace from
// a server that does not answer. Three wait for it, and seven are free for
// others; when it answers at last, all are fetched.
func TestFetchesOfAWorkspace(t *testing.T) {
	const workers, urls, most = 10, 20, 3
	reached, answer := make(chan struct{}, urls), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reached <- struct{}{}
		<-answer
		_, _ = io.WriteString(w, interview)
	}))
	defer server.Close()
	w := newWorld(t)
	sessions := fetching(w, server.URL, urls)
	jobs := make(chan string, urls)
	for _, id := range sessions {
		jobs <- id
	}
	close(jobs)
	var all sync.WaitGroup
	var put sync.WaitGroup
	put.Add(urls - most)
	for range workers {
		all.Go(func() {
			for id := range jobs {
				ok(t, w.workers[queue.Fetch](t.Context(), task.Message{Workspace: w.caller.Workspace, Session: id}.Encode()))
				select {
				case <-answer:
				default:
					put.Done()
				}
			}
		})
	}
	put.Wait() // while the others wait for their answers
	for range most {
		<-reached
	}
	if n := len(reached); n > 0 {
		t.Errorf("the server was asked %d times more", n)
	}
	for _, id := range sessions {
		if s := w.get(id); s.Status != session.InProgress || s.Attempts != 0 {
			t.Errorf("a session is %s after %d attempts", s.Status, s.Attempts)
		}
	}
	close(answer)
	all.Wait()
	w.completed(sessions)
}

// TestLeasesOfFetchersThatDied has all leases taken by processes that are gone:
// the workspace's URLs wait until they have ended, and no attempt is counted.
func TestLeasesOfFetchersThatDied(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, interview) }))
	defer server.Close()
	w := newWorld(t)
	sessions := fetching(w, server.URL, 1)
	for range 3 {
		lease, err := w.sessions.Uploads.LeaseFetch(t.Context(), w.caller.Workspace, 3, time.Hour/2)
		if err != nil || lease == nil {
			t.Fatal(lease, err)
		}
	}
	if lease, err := w.sessions.Uploads.LeaseFetch(t.Context(), w.caller.Workspace, 3, time.Hour); err != nil || lease != nil {
		t.Fatal("a fourth has a lease", err)
	}
	if lease, err := w.sessions.Uploads.LeaseFetch(t.Context(), "ws_of_others", 3, time.Hour); err != nil || lease == nil {
		t.Fatal("another workspace has none", err)
	}
	for range 29 {
		w.drain()
		if s := w.get(sessions[0]); s.Status != session.InProgress || s.Attempts > 1 {
			t.Fatalf("it is %s after %d attempts", s.Status, s.Attempts)
		}
		w.advance(time.Minute)
		sweep(w)
	}
	w.completed(sessions)
}

// TestFetchSurvivesEveryFailure fails each write that a fetch with a lease makes.
func TestFetchSurvivesEveryFailure(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, interview) }))
	defer server.Close()
	run := func(t *testing.T, arm func(*tabletest.Faulty)) {
		w := newWorld(t)
		w.faults = tabletest.NewFaulty(w.table)
		w.table = w.faults
		w.assemble()
		sessions := fetching(w, server.URL, 1)
		arm(w.faults)
		w.step(queue.Fetch, w.workers[queue.Fetch]) // a failure makes all anew
		w.faults.Heal()
		fetching(w, server.URL, 0)
		w.completed(sessions)
	}
	tabletest.EachWrite(t, run)
	tabletest.EachCrash(t, run)
}
