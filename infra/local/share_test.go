package main

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"

	"griot/internal/disk"
	"griot/internal/limit"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/task"
	"griot/internal/worker"
)

// TestAHandForOthers has a workspace's jobs not come to their end, more than
// there are hands in each queue: another workspace's are done meanwhile, and no
// more of the first are begun than its share.
func TestAHandForOthers(t *testing.T) {
	data := t.TempDir()
	state := disk.Watch(data)
	db, err := disk.Open(filepath.Join(data, "db"), disk.Options{NoSync: true, State: state})
	ok(t, err)
	defer db.Close()
	ctx, end := context.WithCancel(t.Context())
	release := make(chan struct{})
	queues, workers := map[queue.Name]queue.Queue{}, map[queue.Name]worker.Worker{}
	begun, done := map[queue.Name]*atomic.Int64{}, map[queue.Name]*atomic.Int64{}
	for name, h := range crew {
		if name == queue.Transcribe { // an engine has one call at a time
			continue
		}
		queues[name], err = queuebolt.New(db, name, queuebolt.Options{Share: h.share})
		ok(t, err)
		noisy, quiet := new(atomic.Int64), new(atomic.Int64)
		begun[name], done[name] = noisy, quiet
		workers[name] = func(_ context.Context, body []byte) error {
			if string(body) == string(task.Message{Workspace: "ws_quiet"}.Encode()) {
				quiet.Add(1)
				return nil
			}
			noisy.Add(1)
			<-release
			return nil
		}
		for range h.all + 2 {
			ok(t, queues[name].Send(ctx, queue.Outgoing{Body: task.Message{Workspace: "ws_noisy"}.Encode(), Group: "ws_noisy"}))
		}
	}
	all := work(ctx, state, queues, workers, func(queue.Name) *limit.Turns { return nil })
	for name, h := range crew {
		if q := queues[name]; q != nil {
			await(t, func() bool { return begun[name].Load() == int64(h.share) })
			for i := range int64(3) {
				ok(t, q.Send(ctx, queue.Outgoing{Body: task.Message{Workspace: "ws_quiet"}.Encode(), Group: "ws_quiet"}))
				await(t, func() bool { return done[name].Load() == i+1 })
			}
			if n := begun[name].Load(); n != int64(h.share) {
				t.Errorf("%s: %d of a workspace's jobs are begun, want %d", name, n, h.share)
			}
		}
	}
	close(release)
	for name, h := range crew {
		if queues[name] != nil {
			await(t, func() bool { return begun[name].Load() == int64(h.all)+2 })
		}
	}
	end()
	all.Wait()
}

// TestJobsOfAWorkspaceTakeTurns has one workspace's jobs wait in two queues that
// have turns in common: they are done one after the other, another workspace's is
// done at once, and one whose turn has not come when the host ends goes back.
func TestJobsOfAWorkspaceTakeTurns(t *testing.T) {
	data := t.TempDir()
	db, err := disk.Open(filepath.Join(data, "db"), disk.Options{NoSync: true})
	ok(t, err)
	defer db.Close()
	ctx, end := context.WithCancel(t.Context())
	defer end()
	names := []queue.Name{queue.Ingest, queue.Extract}
	queues, workers := map[queue.Name]queue.Queue{}, map[queue.Name]worker.Worker{}
	var begun, quiet, most, now atomic.Int64
	next := make(chan struct{})
	job := func(_ context.Context, body []byte) error {
		if string(body) == "quiet" {
			quiet.Add(1)
			return nil
		}
		most.Store(max(most.Load(), now.Add(1)))
		begun.Add(1)
		<-next
		now.Add(-1)
		return nil
	}
	for _, name := range names {
		queues[name], err = queuebolt.New(db, name, queuebolt.Options{Share: crew[name].share})
		ok(t, err)
		workers[name] = job
		for range crew[name].share {
			ok(t, queues[name].Send(ctx, queue.Outgoing{Body: []byte("loud"), Group: "ws_loud"}))
		}
	}
	turns := &limit.Turns{}
	all := work(ctx, disk.Watch(data), queues, workers, func(queue.Name) *limit.Turns { return turns })
	await(t, func() bool { return begun.Load() == 1 })
	for i, name := range names {
		ok(t, queues[name].Send(ctx, queue.Outgoing{Body: []byte("quiet"), Group: "ws_quiet"}))
		await(t, func() bool { return quiet.Load() == int64(i)+1 })
	}
	next <- struct{}{}
	await(t, func() bool { return begun.Load() == 2 })
	end()
	close(next)
	all.Wait()
	if begun.Load() != 2 || most.Load() != 1 {
		t.Errorf("%d were begun, %d of them at once: two, one after the other", begun.Load(), most.Load())
	}
	left := 0
	for _, name := range names {
		for {
			messages, err := queues[name].Receive(t.Context(), 1, 0)
			ok(t, err)
			if len(messages) == 0 {
				break
			}
			left++
		}
	}
	if want := crew[queue.Ingest].share + crew[queue.Extract].share - 2; left != want {
		t.Errorf("%d went back, want %d", left, want)
	}
}
